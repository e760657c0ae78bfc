"""What the tests of several folders share: checks against independent references, small data."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from rectinet.data import describe, locate
from rectinet.errors import RectinetError
from rectinet.nn import (
    CrossEntropy,
    Layer,
    Masking,
    Penalties,
    Rectifier,
    SoftmaxNLL,
    Softplus,
    SquaredError,
    Tanh,
)
from rectinet.studies import ClassifierSpec, PretrainingSpec, Study
from rectinet.training import FinetuningSettings, PretrainingSettings

# The same examples in every run; and a busy machine is no error.
hypothesis.settings.register_profile(
    "rectinet",
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        # A folder that all examples of a test write to is as good as one for each.
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
hypothesis.settings.load_profile("rectinet")

Parameters = Sequence[np.ndarray]

# Read here: some tests hide the variable.
_REAL_FILES = Path(os.environ.get("RECTINET_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


# NumPy's global state, from which estimators without `random_state` draw, is the same before every
# fixture and every test, so that none can come out otherwise by chance.


def pytest_fixture_setup() -> None:
    np.random.seed(0)  # noqa: NPY002


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    np.random.seed(0)  # noqa: NPY002


@pytest.fixture(scope="session")
def real_files() -> Callable[[str], Path]:
    """Return what finds the folder to load a data set from, and skips tests where it is not."""

    def find(dataset: str) -> Path:
        if describe(dataset).needs_files and locate(dataset, _REAL_FILES) is None:
            pytest.skip(f"the files of {dataset} are not in {_REAL_FILES}: set RECTINET_DATA")
        return _REAL_FILES

    return find


@pytest.fixture
def raises_one_line() -> Callable[..., Any]:
    """Return `pytest.raises` for errors that the command line prints on one line."""

    @contextlib.contextmanager
    def check(kind: type[RectinetError], match: str) -> Iterator[None]:
        with pytest.raises(kind, match=match) as caught:
            yield
        assert "\n" not in str(caught.value)

    return check


@pytest.fixture
def assert_slopes() -> Callable[..., None]:
    """Return a check of gradients against central differences, in double precision.

    Along a unit vector u, (f(p + e u) - f(p - e u)) / 2e is off by e^2 f'''/6 (truncation) and by
    1e-16 |f| / e (rounding): with e = 1e-5 both are near 1e-10, and 1e-6 of the gradient's length
    leaves room for a third derivative in the hundreds.
    """
    step, tolerance = 1e-5, 1e-6

    def check(
        cost: Callable[[], float],
        parameters: Parameters,
        gradients: Parameters,
        random: np.random.Generator,
    ) -> None:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            assert gradient.shape == parameter.shape
        length = np.sqrt(sum(np.square(gradient).sum() for gradient in gradients))
        assert length > 0, "a zero gradient would agree with anything"
        dense = [random.standard_normal(parameter.shape) for parameter in parameters]
        directions = [dense]
        for index, parameter in enumerate(parameters):  # one entry of each array
            single = [np.zeros_like(each) for each in parameters]
            single[index].flat[random.integers(parameter.size)] = 1
            directions.append(single)
        for direction in directions:
            norm = np.sqrt(sum(np.square(part).sum() for part in direction))
            unit = [part / norm for part in direction]
            expected = sum(float((g * u).sum()) for g, u in zip(gradients, unit, strict=True))
            slope = _central_difference(cost, parameters, unit, step)
            assert slope == pytest.approx(expected, rel=tolerance, abs=tolerance * length)

    return check


def _central_difference(
    cost: Callable[[], float], parameters: Parameters, unit: Parameters, step: float
) -> float:
    start = [parameter.copy() for parameter in parameters]
    ends = []
    for size in (step, -step):
        for parameter, former, part in zip(parameters, start, unit, strict=True):
            parameter[...] = former + size * part
        ends.append(cost())
    for parameter, former in zip(parameters, start, strict=True):
        parameter[...] = former
    return (ends[0] - ends[1]) / (2 * step)


@pytest.fixture(scope="session")
def autograd() -> Callable[..., tuple[float, list[np.ndarray]]]:
    """Return the cost of a stack and its gradients as torch finds them, in double precision.

    Written from the formulas of PAPER section 1 and 2 with torch's own functions. The gradients
    come as weight, bias, weight, bias, ... With `tied`, two layers share the first one's weight.
    """
    torch = pytest.importorskip(
        "torch", reason="PyTorch, the reference for gradients, is not installed"
    )

    def output(activation: Any, z: Any) -> Any:
        if isinstance(activation, Softplus):
            # Torch goes over to the identity above `threshold`; ours never does.
            return torch.nn.functional.softplus(z, beta=activation.alpha, threshold=1e9)
        functions = {
            "rectifier": torch.relu,
            "tanh": torch.tanh,
            "sigmoid": torch.sigmoid,
            "linear": lambda values: values,
        }
        return functions[activation.name](z)

    def mean_loss(loss: Any, z: Any, target: np.ndarray) -> Any:
        if isinstance(loss, SoftmaxNLL):
            return torch.nn.functional.cross_entropy(z, torch.tensor(target))
        wanted = torch.tensor(target)
        if isinstance(loss, CrossEntropy):
            each = torch.nn.functional.binary_cross_entropy_with_logits(z, wanted, reduction="none")
        else:
            assert isinstance(loss, SquaredError)
            each = (output(loss.activation, z) - wanted) ** 2
        return each.sum(dim=1).mean()

    def run(
        layers: Sequence[Layer],
        loss: Any,
        x: np.ndarray,
        target: np.ndarray,
        penalties: Sequence[Penalties],
        *,
        tied: bool = False,
    ) -> tuple[float, list[np.ndarray]]:
        weights = [torch.tensor(layer.weight, requires_grad=True) for layer in layers]
        biases = [torch.tensor(layer.bias, requires_grad=True) for layer in layers]
        used = [weights[0], weights[0].T] if tied else weights
        total, h = 0, torch.tensor(x)
        for layer, weight, bias, penalty in zip(layers, used, biases, penalties, strict=True):
            z = h @ weight + bias
            h = torch.tensor(layer.sign) * output(layer.activation, z)
            total = total + penalty.activation_l1 * h.abs().sum(dim=1).mean()
            total = total + penalty.weight_l1 * weight.abs().sum()
            total = total + penalty.weight_l2 * (weight**2).sum()
        total = total + mean_loss(loss, h, target)
        total.backward()
        leaves = [leaf for pair in zip(weights, biases, strict=True) for leaf in pair]
        return float(total.detach()), [
            np.zeros(tuple(leaf.shape)) if leaf.grad is None else leaf.grad.numpy()
            for leaf in leaves
        ]

    return run


@pytest.fixture
def two_blobs(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return 60 examples of two overlapping classes: 7 non-negative float64 inputs, half zeros."""
    y = np.arange(60) % 2
    X = np.maximum(random.standard_normal((60, 7)) + 0.7 * (2 * y[:, None] - 1), 0)
    return X, y


@pytest.fixture(scope="session")
def tiny_study() -> Study:
    """Two activations, random and pre-trained, all labels and few: small enough for a test."""
    stack = PretrainingSpec(
        dataset="digits",
        hidden_layer_sizes=(12, 8),
        activation=Rectifier(),
        sign_flip="half",
        settings=PretrainingSettings(epochs=2, corruption=Masking(0.25)),
        seed=0,
    )
    pretrained = ClassifierSpec(
        dataset="digits",
        hidden_layer_sizes=(12, 8),
        activation=Rectifier(),
        sign_flip="half",
        pretraining=stack,
        labels_per_class=None,
        settings=FinetuningSettings(epochs=2, learning_rate=0.05),
        seed=0,
    )
    runs = (
        pretrained,
        replace(pretrained, labels_per_class=3),
        replace(pretrained, pretraining=None),
        replace(pretrained, pretraining=None, activation=Tanh(), sign_flip="none"),
    )
    return Study("image-table", "digits", "quick", runs)


@pytest.fixture(scope="session")
def run_onnx() -> Callable[[Path, np.ndarray], dict[str, np.ndarray]]:
    """Return a function that checks a file in full and runs it: outputs by name."""
    onnx = pytest.importorskip("onnx", reason="onnx, which writes the files, is not installed")
    runtime = pytest.importorskip(
        "onnxruntime", reason="ONNX Runtime, which reads the files, is not installed"
    )

    def run(path: Path, X: np.ndarray) -> dict[str, np.ndarray]:
        onnx.checker.check_model(str(path), full_check=True)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, {"X": X}), strict=True))

    return run
