"""Runs on reviews: what is trained on, what is measured, and what comes back from the folder."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from rectinet.data import Dataset, Split
from rectinet.engine import Predictor
from rectinet.errors import InputError, SettingError
from rectinet.nn import (
    Layer,
    Linear,
    Masking,
    Network,
    ReconstructionSampling,
    Rectifier,
    reconstruction,
)
from rectinet.studies import (
    BaselineSpec,
    ClassifierSpec,
    PretrainingSpec,
    Study,
    baselines,
    execute,
    read_study,
    run_study,
    save_study,
)
from rectinet.studies.baselines import BASELINES, train_baseline
from rectinet.studies.frozen_code import encoded
from rectinet.studies.ratings import expectation_rmse, rating_rmse
from rectinet.training import FinetuningSettings, PretrainingSettings

STARS = np.array([1.0, 2.0, 4.0])
N_WORDS, N_UNLABELED = 20, 30


@pytest.fixture(scope="module")
def reviews():
    """Return reviews of 20 words, of which words 0 to 2 say the stars, and two of ten others."""
    random = np.random.default_rng(0)

    def split(n):
        y = np.arange(n) % len(STARS)
        X = random.random((n, N_WORDS)) < 0.15
        X[:, :3] = np.arange(3) == y[:, None]
        return Split(sparse.csr_array(X.astype(np.float32)), y)

    train, validation, test, more = (split(n) for n in (60, 30, 30, N_UNLABELED))
    return Dataset(
        "reviews", train, validation, test, ("1", "2", "4"), None, "made up",
        unlabeled=more.X, class_values=STARS,
    )  # fmt: skip


@pytest.fixture(scope="module")
def tiny_text():
    network = ("reviews", (6, 5), Rectifier(), "half")
    stack = PretrainingSettings(
        learning_rate=0.05,
        epochs=2,
        corruption=Masking(0.3),
        reconstruction=reconstruction("sigmoid"),
        sampling=ReconstructionSampling(0.5),
    )
    settings = FinetuningSettings(learning_rate=0.1, epochs=8)
    deep = ClassifierSpec(*network, PretrainingSpec(*network, stack, 0), None, settings, 0)
    linear = replace(deep, hidden_layer_sizes=(), pretraining=None, sign_flip="none")
    ridge = BaselineSpec("reviews", "ridge", (0.1, 10.0), 0)
    on_code = BaselineSpec("reviews", "logistic", (10.0,), 0, deep.pretraining, n_labels=12, draw=3)
    return Study("text-table", "reviews", "quick", (deep, linear, ridge, on_code))


@pytest.fixture(scope="module")
def done(reviews, tiny_text, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "_dataset", lambda *_: reviews)
        folder = tmp_path_factory.mktemp("text")
        run_study(tiny_text, folder, jobs=1)
    return read_study(folder)


def test_the_error_of_an_expected_value():
    # Expected 1.5 and 4 for 2 and 1: errors 0.5 and 3.
    probabilities = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    expected = np.sqrt((0.25 + 9) / 2)
    assert expectation_rmse(probabilities, np.array([1, 0]), STARS) == pytest.approx(expected)
    assert rating_rmse(np.array([1.5, 4.0]), np.array([1, 0]), STARS) == pytest.approx(expected)


def test_unlabeled_reviews_are_pretrained_on(reviews, tiny_text, tmp_path, monkeypatch):
    seen = []
    real = execute.pretrain
    monkeypatch.setattr(execute, "_dataset", lambda *_: reviews)
    monkeypatch.setattr(execute, "pretrain", lambda X, *a, **k: seen.append(X) or real(X, *a, **k))
    run_study(replace(tiny_text, runs=tiny_text.runs[:1]), tmp_path, jobs=1)
    (X,) = seen
    assert sparse.issparse(X)
    assert X.shape == (60 + N_UNLABELED, N_WORDS)


def test_sparse_inputs_leave_no_pictures(done):
    (stack,) = done.stacks
    assert stack.values["picture_errors"] == []


def test_the_reported_error_is_that_of_the_stored_network(done, reviews):
    (deep,) = [run for run in done.classifiers if run.pretrained]
    tensors = deep.folder.tensors("weights")
    network = Network(
        tuple(
            Layer(*(tensors[f"{i}.{name}"] for name in ("weight", "bias", "sign")), kind)
            for i, kind in enumerate((Rectifier(), Rectifier(), Linear()))
        )
    )
    for part, split in (("validation", reviews.validation), ("test", reviews.test)):
        # The kept epoch is evaluated in other batches: rounding of single precision.
        expected = expectation_rmse(Predictor(network)(split.X), split.y, STARS)
        assert deep.values[f"{part}_rmse"] == pytest.approx(expected, rel=1e-5)


def test_the_epoch_with_the_lowest_error_of_the_rating_is_kept(done):
    for run in done.classifiers:
        records = run.folder.result()["records"]
        errors = [record["evaluation"]["rmse"] for record in records]
        assert run.values["best_epoch"] == 1 + int(np.argmin(errors))
        assert run.values["validation_rmse"] == min(errors)


def test_the_zeros_of_the_inputs_are_counted(done, reviews):
    X = reviews.test.X.toarray()
    for run in done.classifiers:
        assert run.values["input_zeros"] == pytest.approx((X == 0).mean())


def test_results_without_weights_hold_the_linear_models(done, tmp_path):
    saved = save_study(done, tmp_path)
    assert [(run.name, run.spec, run.seed) for run in saved.baselines] == [
        (run.name, run.spec, run.seed) for run in done.baselines
    ]
    for before, after in zip(done.baselines, saved.baselines, strict=True):
        assert after.values["test_rmse"] == before.values["test_rmse"]
    assert [(run.code, run.n_labels) for run in saved.baselines] == [
        (None, None), ("rectifier", 12),
    ]  # fmt: skip


def test_the_code_is_what_every_layer_of_the_stack_says(done, reviews):
    (stack,) = done.stacks
    tensors = stack.folder.tensors("weights")
    layers = [
        Layer(*(tensors[f"{i}.{name}"] for name in ("weight", "bias", "sign")), Rectifier())
        for i in range(2)
    ]
    code = encoded(reviews, layers)
    train, test = (outputs(layers, split.X.toarray()) for split in (reviews.train, reviews.test))
    scale = np.maximum(train.std(axis=0), 0.1 * train.std(axis=0).mean())
    np.testing.assert_allclose(code.test.X, (test - train.mean(axis=0)) / scale, atol=1e-4)
    # Every unit that varies enough has mean 0 and standard deviation 1; none has more.
    np.testing.assert_allclose(code.train.X.mean(axis=0), 0, atol=1e-4)
    varied = train.std(axis=0) == scale
    np.testing.assert_allclose(code.train.X.std(axis=0)[varied], 1, rtol=1e-4)
    assert code.train.X.std(axis=0).max() < 1 + 1e-4
    np.testing.assert_array_equal(code.train.y, reviews.train.y)
    (on_code,) = [run for run in done.baselines if run.code]
    spec = BaselineSpec("reviews", "logistic", (10.0,), 0, n_labels=12, draw=3)
    figures, _ = train_baseline(spec, code)
    assert figures["test_rmse"] == pytest.approx(on_code.values["test_rmse"], rel=1e-4)
    assert figures["n_labels"] == on_code.values["n_labels"] == 12


def outputs(layers, X):
    """Return what all layers say, side by side."""
    found = [X]
    for layer in layers:
        z = found[-1] @ layer.weight + layer.bias
        found.append(layer.sign * np.maximum(z, 0))
    return np.hstack(found[1:])


def test_units_that_are_never_on_say_nothing(reviews):
    dead = Layer(
        weight=np.zeros((N_WORDS, 2), np.float32),
        bias=np.full(2, -1.0, np.float32),
        sign=np.ones(2, np.float32),
        activation=Rectifier(),
    )
    assert not encoded(reviews, [dead]).test.X.any()


def test_few_labels_are_those_of_the_draw(reviews, raises_one_line):
    spec = BaselineSpec("reviews", "logistic", (10.0,), 0, n_labels=9)
    one, other = (train_baseline(replace(spec, draw=draw), reviews)[0] for draw in (0, 1))
    assert one["n_labels"] == other["n_labels"] == 9
    assert one["test_rmse"] != other["test_rmse"]
    drawn = replace(reviews, train=reviews.draw_labels(9, 1))
    assert train_baseline(replace(spec, n_labels=None), drawn)[0] == other
    with raises_one_line(InputError, "61.*1..60"):
        train_baseline(replace(spec, n_labels=61), reviews)
    with raises_one_line(InputError, "all 1 labels of draw 0 are '.'.*two classes"):
        train_baseline(replace(spec, n_labels=1), reviews)


@pytest.mark.parametrize("rated", [True, False])
def test_of_ratings_two_worse_strengths_end_the_search(reviews, monkeypatch, rated):
    tried = []

    def fit(spec, strength, *_):
        """Return a model that is the farther off, and the more often wrong, the farther from 2."""
        tried.append(strength)
        off = abs(strength - 2)
        return baselines._Fitted(
            lambda X: np.arange(X.shape[0]) % 3 + (np.arange(X.shape[0]) < off),
            (lambda X: STARS[np.arange(X.shape[0]) % 3] + off) if rated else None,
        )

    monkeypatch.setattr(baselines, "_fit", fit)
    spec = BaselineSpec("reviews", "logistic", (6.0, 5.0, 1.0, 2.0, 3.0, 4.0), 0)
    figures, _ = train_baseline(spec, reviews)
    assert figures["strength"] == 2
    # Of the class, errors are too coarse to say where their valley is.
    assert tried == ([1, 2, 3, 4] if rated else [1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize("model", BASELINES)
def test_linear_models_read_the_words_that_say_the_stars(model, reviews):
    figures, wrong = train_baseline(BaselineSpec("reviews", model, (10.0,), 0), reviews)
    assert not wrong.any()
    assert figures["test_error"] == 0
    assert figures["test_rmse"] < 0.5


def test_the_strength_is_chosen_on_validation_data(reviews):
    # With 0.001, all coefficients are next to nothing and the words cannot be read.
    tried = [
        train_baseline(BaselineSpec("reviews", "ridge", (s,), 0), reviews)[0] for s in (0.001, 10.0)
    ]
    chosen, _ = train_baseline(BaselineSpec("reviews", "ridge", (0.001, 10.0), 0), reviews)
    assert chosen == tried[1]
    assert tried[1]["validation_rmse"] < tried[0]["validation_rmse"]


def test_linear_models_of_classes_without_values(reviews, raises_one_line):
    plain = replace(reviews, class_values=None)
    figures, _ = train_baseline(BaselineSpec("reviews", "linear-svc", (1.0,), 0), plain)
    assert "test_rmse" not in figures
    for model, message in (("ridge", "no ratings"), ("forest", "'forest'.*ridge, logistic")):
        with raises_one_line(SettingError, message):
            train_baseline(BaselineSpec("reviews", model, (1.0,), 0), plain)
