"""A network made ready to predict often says what the network says."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import joblib
import numpy as np
import pytest
from scipy.sparse import coo_array, csc_matrix, csr_array, csr_matrix

from rectinet import Predictor, predict, predict_probabilities
from rectinet.engine import CpuEngine
from rectinet.engine.prediction import _AT_ONCE
from rectinet.errors import InputError
from rectinet.kernels import MODES, Kernels, native
from rectinet.kernels.thresholds import BATCH_SIZES, WIDTHS, Thresholds
from rectinet.nn import (
    CrossEntropy,
    Network,
    Rectifier,
    Softplus,
    SquaredError,
    Tanh,
    initialize_network,
)

N_FEATURES, N_CLASSES = 70, 5
# Probabilities of some hundred products in a layer.
ROUNDING = {"float32": 1e-5, "float64": 1e-13}
KINDS: dict[str, Callable[[np.ndarray], Any]] = {
    "dense": np.asarray,
    "csr": csr_array,
    "csr matrix": csr_matrix,
}
# Below, at and above what is done at a time, by csrc/predictor.cpp (384) and by Python.
BATCHES = (1, 5, 31, 32, 100, 383, 384, 385, _AT_ONCE - 1, _AT_ONCE, _AT_ONCE + 1)


def make_network(dtype: str = "float32", activation: Any = None, **settings: Any) -> Network:
    random = np.random.default_rng(1)
    network = initialize_network(
        N_FEATURES, (90, 33), N_CLASSES, activation or Rectifier(), random, dtype=dtype, **settings
    )
    for layer in network.layers:
        layer.bias[...] = 0.1 * random.standard_normal(layer.n_out)
    return network


def make_inputs(n: int, dtype: str = "float32") -> np.ndarray:
    random = np.random.default_rng(n)
    return np.maximum(random.standard_normal((n, N_FEATURES)), 0).astype(dtype)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "native" or native.AVAILABLE])
@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", BATCHES)
def test_it_says_what_the_network_says(n: int, kind: str, dtype: str, mode: str) -> None:
    network, X, engine = make_network(dtype), make_inputs(n, dtype), CpuEngine(Kernels(mode))
    predictor = Predictor(network, engine)
    expected = predict_probabilities(network, X, CpuEngine(Kernels("reference")))
    probabilities = predictor(KINDS[kind](X))
    assert probabilities.dtype == dtype
    np.testing.assert_allclose(probabilities, expected, rtol=ROUNDING[dtype], atol=ROUNDING[dtype])
    np.testing.assert_array_equal(predictor.predict(KINDS[kind](X)), predict(network, X))


@pytest.mark.parametrize("activation", [Rectifier(), Tanh(), Softplus()], ids=lambda a: a.name)
@pytest.mark.parametrize("loss", [None, SquaredError(), SquaredError(Tanh()), CrossEntropy()])
@pytest.mark.parametrize("n", [1, 40])
def test_every_activation_and_loss(n: int, loss: Any, activation: Any) -> None:
    network, X = make_network("float64", activation, loss=loss), make_inputs(n, "float64")
    expected = predict_probabilities(network, X, CpuEngine(Kernels("reference")))
    np.testing.assert_allclose(Predictor(network)(X), expected, rtol=1e-13, atol=1e-13)


def test_a_network_without_hidden_layers() -> None:
    network = initialize_network(N_FEATURES, (), 3, Rectifier(), np.random.default_rng(0))
    X = make_inputs(4)
    np.testing.assert_allclose(
        Predictor(network)(X), predict_probabilities(network, X), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    "convert",
    [
        np.ndarray.tolist,
        np.asfortranarray,
        lambda X: X[::-1].copy()[::-1],
        lambda X: X.astype(np.float64),
        lambda X: X.astype(">f4"),
        lambda X: np.frombuffer(b"\0" + X.tobytes(), X.dtype, offset=1).reshape(X.shape),
        csc_matrix,
        coo_array,
    ],
    ids=["lists", "Fortran", "reversed", "float64", "big-endian", "unaligned", "CSC", "COO"],
)
@pytest.mark.parametrize("n", [5, 40])
def test_whatever_can_be_read_means_the_same(n: int, convert: Any) -> None:
    predictor, X = Predictor(make_network()), make_inputs(n)
    np.testing.assert_allclose(predictor(convert(X)), predictor(X), rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(not native.AVAILABLE, reason="BLAS makes no such promise")
@pytest.mark.parametrize("kind", KINDS)
def test_with_native_kernels_an_answer_does_not_depend_on_the_other_examples(kind: str) -> None:
    predictor, X = Predictor(make_network(), CpuEngine(Kernels("native"))), make_inputs(40)
    X[4:12] += 1  # two groups of four with all inputs active, among others
    together = predictor(KINDS[kind](X))
    alone = [predictor(KINDS[kind](X[i : i + 1])) for i in range(40)]
    np.testing.assert_array_equal(together, np.concatenate(alone))


@pytest.mark.skipif(not native.AVAILABLE, reason="rectinet was installed without a C++ compiler")
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 5, 40])
def test_wherever_blas_takes_over_the_answer_is_the_same(n: int, kind: str, share: float) -> None:
    thresholds = Thresholds({"forward": ((share,) * len(BATCH_SIZES),) * len(WIDTHS)})
    kernels = Kernels("auto", thresholds)
    network, X = make_network("float64"), make_inputs(n, "float64")
    # The first hidden layer is nearly always on, the second about half.
    network.layers[0].bias[...] = 10
    expected = predict_probabilities(network, X, CpuEngine(Kernels("reference")))
    result = Predictor(network, CpuEngine(kernels))(KINDS[kind](X))
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-13)
    # The packed layers do the first one, and all of them where nothing is too active.
    assert ("forward blas" in kernels.chosen()) == (share < 1)


@pytest.mark.parametrize("n", [5, 40])
def test_a_change_of_the_network_afterwards_changes_nothing(n: int) -> None:
    for activation in (Rectifier(), Tanh()):
        network, X = make_network(activation=activation), make_inputs(n)
        predictor = Predictor(network)
        before = predictor(X)
        for layer in network.layers:
            for array in (layer.weight, layer.bias, layer.sign):
                array[...] = 7
        np.testing.assert_array_equal(predictor(X), before)


def test_an_answer_is_the_callers_to_keep() -> None:
    predictor, X = Predictor(make_network()), make_inputs(5)
    first = predictor(X)
    kept = first.copy()
    predictor(X[::-1])
    np.testing.assert_array_equal(first, kept)
    first[...] = 0
    np.testing.assert_array_equal(predictor(X), kept)


def with_entry(value: float, n: int = 3) -> np.ndarray:
    X = make_inputs(n)
    X[1, 2] = value
    return X


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (make_inputs(0), "0 sample"),
        (csr_array((0, N_FEATURES), dtype=np.float32), "0 sample"),
        (make_inputs(1)[0], "2 dimensions"),
        (make_inputs(3)[:, 1:], "69 features; expected 70"),
        (csr_array(make_inputs(3)[:, 1:]), "69 features; expected 70"),
        (np.pad(make_inputs(40), ((0, 0), (0, 1))), "71 features; expected 70"),
        (with_entry(np.nan), "NaN at row 1, column 2"),
        (with_entry(np.nan, 40), "NaN at row 1, column 2"),
        (csr_array(with_entry(np.nan)), "NaN at row 1, column 2"),
        (with_entry(np.inf), "infinite"),
        (csr_array(with_entry(-np.inf)), "infinite"),
        (with_entry(np.nan).astype(object), "NaN at row 1, column 2"),
        # Finite in double precision, but the network computes in single precision.
        (make_inputs(3).astype(np.float64) * 1e300, "infinite"),
        (make_inputs(_AT_ONCE + 1).astype(np.float64) * 1e300, "infinite"),
        ([["a"] * N_FEATURES], "not numeric"),
        (None, "not numeric"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_one_line(
    X: Any, words: str, raises_one_line: Callable[..., Any]
) -> None:
    predictor = Predictor(make_network())
    with raises_one_line(InputError, words):
        predictor(X)
    with raises_one_line(InputError, words):
        predict_probabilities(make_network(), X)


@pytest.mark.parametrize("n", [3, 40])
def test_a_damaged_sparse_matrix_is_one_line(n: int, raises_one_line: Callable[..., Any]) -> None:
    X = csr_array(make_inputs(n))
    X.indices = X.indices.copy()
    X.indices[0] = N_FEATURES
    with raises_one_line(InputError, "damaged sparse matrix"):
        Predictor(make_network())(X)


@pytest.mark.parametrize("network", [None, "network", [make_network()], make_network().layers[0]])
def test_what_is_no_network_is_refused(network: Any, raises_one_line: Callable[..., Any]) -> None:
    with raises_one_line(InputError, "give a Network"):
        Predictor(network)


def test_many_threads_share_one() -> None:
    predictor = Predictor(make_network())
    batches = [make_inputs(n) for n in (1, 2, 7, 20, 31, 32, 50)] * 10
    expected = [predictor(X) for X in batches]
    with ThreadPoolExecutor(4) as pool:
        for result, right in zip(pool.map(predictor, batches), expected, strict=True):
            np.testing.assert_array_equal(result, right)


def test_joblib_workers_predict_the_same() -> None:
    # The last one has all inputs active, which BLAS is for.
    network, batches = make_network(), [make_inputs(3), make_inputs(40), make_inputs(200) + 1]
    jobs = [joblib.delayed(predict_probabilities)(network, X) for X in batches]
    # As with large networks, whose weights come as read-only maps of a file.
    here, there = (joblib.Parallel(n_jobs, max_nbytes=1)(jobs) for n_jobs in (1, 2))
    for left, right in zip(here, there, strict=True):
        # A worker gives BLAS one thread, and with another number of them it rounds otherwise.
        np.testing.assert_allclose(left, right, rtol=1e-5)


def test_a_pickled_predictor_predicts_the_same() -> None:
    predictor, X = Predictor(make_network()), make_inputs(3)
    copy = pickle.loads(pickle.dumps(predictor))
    np.testing.assert_array_equal(copy(X), predictor(X))
