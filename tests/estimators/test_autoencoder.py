"""The stacked denoising auto-encoder: what its codes and reconstructions mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone

from rectinet.errors import InputError, SettingError
from rectinet.estimators import StackedDenoisingAutoencoder, load
from rectinet.nn import ReconstructionSampling, activation, corruption, reconstruction
from rectinet.training import PretrainingSettings, pretrain

Data = tuple[np.ndarray, np.ndarray]

ACTIVATIONS = ("rectifier", "softplus", "tanh")
STRATEGIES = ("softplus", "sigmoid", "linear", "linear-preactivation", "rectifier")


@pytest.fixture(scope="module")
def images(digits: Data) -> np.ndarray:
    """Return 120 images in [0, 1]."""
    return digits[0][:120] / 16


def fit(X: Any, sizes: tuple[int, ...], **settings: Any) -> StackedDenoisingAutoencoder:
    small: dict[str, Any] = {"max_iter": 2, "random_state": 0, "dtype": "float64"}
    return StackedDenoisingAutoencoder(sizes, **small | settings).fit(X)


def outcome_of(model: StackedDenoisingAutoencoder, X: np.ndarray) -> Any:
    """Return the `PretrainingOutcome` that lies behind a model of dense inputs in [0, 1]."""
    settings = PretrainingSettings(
        learning_rate=model._rates((X.shape[1], *model.hidden_layer_sizes[:-1])),
        epochs=model.max_iter,
        corruption=corruption("masking", 0.25),
        reconstruction=model.reconstruction_,
        tied=model.tied,
    )
    seed = int(np.random.RandomState(model.random_state).randint(2**31 - 1))
    unit = activation(model.activation)
    return pretrain(X, model.hidden_layer_sizes, activation=unit, settings=settings, seed=seed)


def encode(layer: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(layer.sign * layer.activation.value(x @ layer.weight + layer.bias))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("unit", ACTIVATIONS)
def test_every_stack_is_undone_with_the_weights_it_was_trained_with(
    unit: str, strategy: str, tied: bool, images: np.ndarray
) -> None:
    """By hand, stage by stage: before a strategy divided the weights of the layer below."""
    model = fit(images, (9, 7), activation=unit, reconstruction=strategy, tied=tied)
    first, second = outcome_of(model, images).stages
    code = encode(second.encoder, encode(second.below[-1], images))
    np.testing.assert_allclose(model.transform(images).toarray(), code, rtol=1e-10, atol=1e-12)
    said = second.reconstruction.loss.prediction(code @ second.decoder.weight + second.decoder.bias)
    said = said * second.target.scale + second.target.shift
    if second.reconstruction.preactivation:
        said = second.below[-1].activation.value(said)
    # The first decoder was trained with the codes of the first encoder, before it was divided.
    before, after = (
        np.linalg.norm(layer.weight, axis=0) for layer in (first.encoder, second.below[-1])
    )
    below = second.below[-1].sign * said * (before / after)
    expected = first.reconstruction.loss.prediction(
        below @ first.decoder.weight + first.decoder.bias
    )
    np.testing.assert_allclose(model.reconstruct(images), expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("unit", ACTIVATIONS)
def test_one_layer_reconstructs_at_the_cost_that_training_measured(
    unit: str, strategy: str, tied: bool, images: np.ndarray
) -> None:
    model = fit(
        images, (9,), activation=unit, reconstruction=strategy, tied=tied, corruption="none"
    )
    said, cost = model.reconstruct(images), model.records_[-1].evaluation.loss
    if strategy == "sigmoid":
        each = -(images * np.log(said) + (1 - images) * np.log(1 - said))
    else:
        each = (said - images) ** 2
    assert each.sum(axis=1).mean() == pytest.approx(cost, rel=1e-9)


def test_scores_of_1_and_0_by_construction(images: np.ndarray) -> None:
    """One unit per input hands it on; a stack that is off says the bias, the mean."""
    X = images[:, 10:30]
    n = X.shape[1]
    model = fit(X, (n,), reconstruction="linear", sign_flip="half", scaling="none")
    (encoder,), (decoder,) = model.layers_, model.decoders_
    encoder.weight[...], encoder.bias[...] = np.eye(n), 0
    decoder.weight[...], decoder.bias[...] = np.diag(encoder.sign), 0
    np.testing.assert_array_equal(model.reconstruct(X), X)
    assert model.score(X) == 1
    encoder.weight[...], decoder.bias[...] = 0, X.mean(axis=0)
    np.testing.assert_allclose(model.reconstruct(X), np.tile(X.mean(axis=0), (len(X), 1)))
    assert model.score(X) == pytest.approx(0, abs=1e-12)
    decoder.bias[...] = 10
    assert model.score(X) < -1


def test_the_score_of_cross_entropy_runs_from_the_mean_to_the_target(images: np.ndarray) -> None:
    X = np.clip(images[:, 10:30], 0.01, 0.99)  # the logistic function reaches neither 0 nor 1
    model = fit(X, (5,), reconstruction="sigmoid")
    (encoder,), (decoder,) = model.layers_, model.decoders_
    encoder.weight[...] = encoder.bias[...] = 0
    mean = X.mean(axis=0)
    decoder.bias[...] = np.log(mean / (1 - mean))
    assert model.score(X) == pytest.approx(0, abs=1e-9)
    # Of one image twice, the bias alone says all: as much as the logistic function can.
    constant = np.tile(X[:1], (2, 1))
    decoder.bias[...] = np.log(constant[0] / (1 - constant[0]))
    assert model.score(constant) == pytest.approx(1, abs=1e-9)


def test_training_raises_the_score(images: np.ndarray) -> None:
    scores = [fit(images, (30,), max_iter=epochs).score(images) for epochs in (0, 2, 20)]
    assert scores[0] < scores[1] < scores[2] < 1
    assert scores[2] > 0.3  # 30 numbers say more of an image than the mean does


def test_a_target_that_the_mean_says_exactly(images: np.ndarray) -> None:
    X = np.tile(images[:1], (3, 1))
    model = fit(X, (3,), reconstruction="linear", scaling="none")
    assert model.score(X) == 0  # not reached, where the mean would have been perfect


@pytest.mark.parametrize(
    ("factor", "shift", "kind"), [(1, 0, "none"), (16, 0, "max"), (1000, -3, "standard")]
)
def test_reconstructions_are_in_the_units_of_the_inputs(
    factor: float, shift: float, kind: str, images: np.ndarray
) -> None:
    X = images * factor + shift
    model = fit(X, (40,), max_iter=30, learning_rate_init=0.01)
    assert model.scaling_.kind == kind
    near = np.square(model.reconstruct(X) - X).mean()
    assert near < 0.6 * X.var(axis=0).mean()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_csr_gives_the_numbers_of_dense(strategy: str, images: np.ndarray) -> None:
    sparse = csr_array(images)
    # Noise is drawn otherwise on CSR.
    same = {"reconstruction": strategy, "corruption": "none"}
    model, from_csr = fit(images, (9, 7), **same), fit(sparse, (9, 7), **same)
    for X in (images, sparse):
        for other in (model, from_csr):
            np.testing.assert_allclose(other.reconstruct(X), model.reconstruct(images), rtol=1e-6)
            assert other.score(X) == pytest.approx(model.score(images), rel=1e-6)
            code = other.transform(X)
            assert (code.data != 0).all()
            np.testing.assert_allclose(
                code.toarray(), model.transform(images).toarray(), rtol=1e-6, atol=1e-9
            )
    np.testing.assert_allclose(from_csr.mean_, images.mean(axis=0), rtol=1e-12)


def test_sampled_outputs_teach_to_reconstruct(images: np.ndarray) -> None:
    sparse = csr_array((images > 0.5).astype(np.float32))
    before, after = (
        fit(sparse, (30,), max_iter=epochs, reconstruction_sampling=0.3).score(sparse)
        for epochs in (0, 20)
    )
    assert before < 0 < after


def test_auto_looks_at_the_inputs(images: np.ndarray) -> None:
    for X, unit, name, scaling in (
        (images, "rectifier", "sigmoid", "unit"),
        (images, "tanh", "sigmoid", "layer"),
        (images - 0.5, "rectifier", "linear", "layer"),
        (csr_array(-images), "rectifier", "linear", "layer"),
        (csr_array(images), "rectifier", "sigmoid", "unit"),
    ):
        taken = fit(X, (5,), max_iter=0, activation=unit).reconstruction_
        assert (taken.name, taken.scaling) == (name, scaling)
    assert fit(images, (5,), max_iter=0, reconstruction="linear").reconstruction_ == (
        reconstruction("linear")
    )


@pytest.mark.parametrize("sizes", [7, [7], np.array([7]), (np.int64(7),)])
def test_one_layer_may_be_given_as_a_number(sizes: Any, images: np.ndarray) -> None:
    model = fit(images, sizes, max_iter=1)
    assert [layer.n_out for layer in model.layers_] == [7]
    names = model.get_feature_names_out().tolist()
    assert names == [f"stackeddenoisingautoencoder{number}" for number in range(7)]


_LEVELS: list[tuple[str, Any]] = [
    ("masking", None),
    ("masking", 0.5),
    ("gaussian", 0.1),
    ("salt-and-pepper", (0.5, 0.1)),
    ("salt-and-pepper", [0.5, 0.1]),
    ("none", None),
]


@pytest.mark.parametrize(("noise", "levels"), _LEVELS)
def test_every_noise_is_undone_a_little(noise: str, levels: Any, images: np.ndarray) -> None:
    model = fit(images, (20,), corruption=noise, corruption_level=levels, max_iter=5)
    losses = [record.training_loss for record in model.records_]
    assert losses[-1] < losses[0]


def test_inputs_out_of_reach_are_refused(images: np.ndarray, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, "inputs run from -0.5 to 0.5, but the reconstruction"):
        fit(images - 0.5, (5,), reconstruction="sigmoid", scaling="none")
    with raises_one_line(SettingError, "hidden_layer_sizes is empty"):
        fit(images, ())


@pytest.mark.parametrize("fitted", [False, True])
def test_ctrl_c_leaves_the_stack_as_it_was(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch, fitted: bool
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    model = StackedDenoisingAutoencoder((20, 10), max_iter=1, random_state=0)
    if fitted:
        before = model.fit(images).transform(images).toarray()
    monkeypatch.setattr("rectinet.training.denoising.Denoising.step", stop)
    with pytest.raises(KeyboardInterrupt):
        model.fit(images[::-1] / 2)
    if fitted:
        np.testing.assert_array_equal(model.transform(images).toarray(), before)
    else:
        assert not vars(model).keys() - model.get_params().keys()


def test_sampling_may_be_given_whole(tmp_path):
    random = np.random.default_rng(0)
    X = csr_array((random.random((40, 30)) < 0.1).astype(np.float32))
    settings = {"max_iter": 2, "random_state": 0}
    sampling = ReconstructionSampling(0.3)
    whole = StackedDenoisingAutoencoder((8,), reconstruction_sampling=sampling, **settings).fit(X)
    share = StackedDenoisingAutoencoder((8,), reconstruction_sampling=0.3, **settings).fit(X)
    np.testing.assert_array_equal(whole.layers_[0].weight, share.layers_[0].weight)
    other = ReconstructionSampling(0.3, weighted=False)
    unweighted = clone(whole).set_params(reconstruction_sampling=other).fit(X)
    assert (unweighted.layers_[0].weight != whole.layers_[0].weight).any()
    again = load(unweighted.save(tmp_path / "stack"))
    assert again.reconstruction_sampling == other
