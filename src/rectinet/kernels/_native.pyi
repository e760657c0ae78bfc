# What csrc/module.cpp binds.
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

def forward(x: Array, weight: Array, bias: Array, sign: Array, rectify: bool) -> Array: ...
def forward_csr(
    indptr: Array,
    indices: Array,
    data: Array,
    weight: Array,
    bias: Array,
    sign: Array,
    rectify: bool,
) -> Array: ...
def backward(
    x: Array,
    delta: Array,
    weight: Array,
    bias: Array,
    rule: int,
    rate: float,
    momentum: float,
    weight_l1: float,
    weight_l2: float,
    first: Array | None,
    first_bias: Array | None,
    second: Array | None,
    second_bias: Array | None,
    below_sign: Array | None,
    below_l1: float,
) -> Array | None: ...
def backward_csr(
    indptr: Array,
    indices: Array,
    data: Array,
    delta: Array,
    weight: Array,
    bias: Array,
    rule: int,
    rate: float,
    momentum: float,
    weight_l1: float,
    weight_l2: float,
    first: Array | None,
    first_bias: Array | None,
    second: Array | None,
    second_bias: Array | None,
) -> None: ...
def decoder_step(
    code: Array,
    output: Array,
    start: Array,
    example: Array,
    target: Array,
    factor: Array,
    weight: Array,
    bias: Array,
    rate: float,
    kind: int,
    alpha: float,
) -> tuple[float, Array]: ...
def softmax_nll(z: Array, target: Array) -> tuple[float, Array]: ...
def available_instructions() -> list[str]: ...
def instructions() -> str: ...
def use_instructions(name: str) -> None: ...
def threads() -> int: ...

class Predictor32:
    def add(self, weight: Array, bias: Array, sign: Array, rectify: bool) -> None: ...
    def predict(self, x: Array, softmax: bool, most_active: float) -> tuple[int, Array] | None: ...
    def predict_csr(
        self,
        indptr: Array,
        indices: Array,
        data: Array,
        softmax: bool,
        most_active: float,
    ) -> tuple[int, Array] | None: ...

class Predictor64(Predictor32): ...
