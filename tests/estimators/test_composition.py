"""The estimators inside scikit-learn's own machinery."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
)

Data = tuple[np.ndarray, np.ndarray]

# The rate is fixed, so that another default does not decide what these tests find.
SMALL: dict[str, Any] = {
    "hidden_layer_sizes": (12,),
    "max_iter": 15,
    "learning_rate_init": 0.02,
    "random_state": 0,
}


def fitted(kind: type, digits: Data) -> Any:
    X, y = digits
    return kind(**SMALL).fit(X, y)


every_kind = pytest.mark.parametrize(
    "kind", [RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder]
)


def answers(model: Any, X: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(X) if hasattr(model, "predict") else model.reconstruct(X))


def test_in_pipelines_at_any_place(digits: Data) -> None:
    X, y = digits
    steps = (
        make_pipeline(StandardScaler(), RectifierClassifier(**SMALL)),
        make_pipeline(StackedDenoisingAutoencoder(**SMALL), LogisticRegression(max_iter=1000)),
        make_pipeline(RectifierClassifier(**SMALL), LogisticRegression(max_iter=1000)),
        make_pipeline(
            FeatureUnion(
                [("a", StackedDenoisingAutoencoder(**SMALL)), ("b", RectifierClassifier(**SMALL))]
            ),
            LogisticRegression(max_iter=1000),
        ),
    )
    for pipeline in steps:
        assert pipeline.fit(X, y).score(X, y) > 0.8


def test_on_words_as_the_vectorizer_gives_them() -> None:
    texts = ["good fine nice", "bad awful poor", "fine good", "poor bad", "nice", "awful"] * 10
    labels = ["praise", "blame"] * 30
    model = make_pipeline(CountVectorizer(), RectifierClassifier((5,), random_state=0))
    assert model.fit(texts, labels).score(texts, labels) == 1


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_grid_is_searched_by_two_at_a_time(backend: str, digits: Data) -> None:
    X, y = digits
    grid = {"learning_rate_init": [1e-5, 0.02], "pretraining": [None, "denoising"]}
    small = RectifierClassifier(pretraining_iter=1, **SMALL)
    alone = GridSearchCV(small, grid, cv=2).fit(X, y)
    with joblib.parallel_config(backend, n_jobs=2):
        search = GridSearchCV(small, grid, cv=2).fit(X, y)
    assert search.best_params_["learning_rate_init"] == 0.02
    # Nobody shares anything with anybody: the same numbers, whoever did what.
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_cross_validation(n_jobs: int, digits: Data) -> None:
    X, y = digits
    with joblib.parallel_config("threading", n_jobs=n_jobs):
        scores = cross_val_score(RectifierClassifier(**SMALL), X, y, cv=3)
        assert scores.min() > 0.7
        scores = cross_val_score(
            RectifierRegressor(**SMALL | {"learning_rate_init": 0.002}),
            X,
            X[:, 20] + X[:, 30],
            cv=3,
        )
        assert scores.min() > 0.5


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_probabilities_can_be_calibrated(method: str, digits: Data) -> None:
    X, y = digits
    calibrated = CalibratedClassifierCV(RectifierClassifier(**SMALL), method=method, cv=2)
    assert calibrated.fit(X, y).score(X, y) > 0.8


@every_kind
def test_tables_go_in_and_come_out(kind: type, digits: Data) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(digits[0], columns=[f"pixel {i}" for i in range(64)])
    labels = pandas.Series(digits[1], index=table.index)
    model = kind(sparse_output=False, **SMALL).set_output(transform="pandas").fit(table, labels)
    code = model.transform(table)
    assert isinstance(code, pandas.DataFrame)
    assert code.columns.tolist() == model.get_feature_names_out().tolist()
    plain = kind(sparse_output=False, **SMALL).fit(*digits)
    np.testing.assert_array_equal(code.to_numpy(), plain.transform(digits[0]))
    with pytest.raises(ValueError, match="feature names"):
        model.transform(table[table.columns[::-1]])


@every_kind
def test_a_clone_is_unfitted_and_trains_to_the_same(kind: type, digits: Data) -> None:
    model = fitted(kind, digits)
    copy = clone(model)
    assert not hasattr(copy, "scaling_")
    np.testing.assert_array_equal(answers(copy.fit(*digits), digits[0]), answers(model, digits[0]))


@every_kind
def test_pickles_and_joblib_files_answer_the_same(kind: type, digits: Data, tmp_path: Path) -> None:
    X, y = digits
    model = fitted(kind, digits)
    joblib.dump(model, tmp_path / "model")
    for copy in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model")):
        np.testing.assert_array_equal(answers(copy, X), answers(model, X))
        np.testing.assert_array_equal(copy.transform(X).toarray(), model.transform(X).toarray())
        if hasattr(copy, "partial_fit"):  # it goes on where the other does
            again = pickle.loads(pickle.dumps(model))
            np.testing.assert_array_equal(
                answers(copy.partial_fit(X, y), X), answers(again.partial_fit(X, y), X)
            )


@pytest.mark.parametrize("index", [np.int32, np.int64])
@pytest.mark.parametrize("sort", [csr_array, csr_matrix])
def test_csr_of_every_kind(sort: Any, index: Any, digits: Data) -> None:
    X, y = sort(digits[0]), digits[1]
    X.indices, X.indptr = X.indices.astype(index), X.indptr.astype(index)
    before = X.copy()
    model = RectifierClassifier(**SMALL | {"learning_rate_init": 0.1}).fit(X, y)
    assert model.score(X, y) > 0.8
    assert (X.data == before.data).all()
    # Columns in another order within a row, and an entry in two parts, mean the same.
    halves = sort(
        (
            np.repeat(X.data / 2, 2),
            np.repeat(X.indices, 2),
            X.indptr * 2,
        ),
        shape=X.shape,
    )
    np.testing.assert_allclose(model.predict_proba(halves), model.predict_proba(X), atol=1e-5)
    np.testing.assert_array_equal(
        model.fit(halves, y).scaling_.scale, abs(before).max(0).toarray().ravel().clip(1)
    )


def test_nothing_is_printed_and_nothing_warned(
    digits: Data, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RectifierClassifier(pretraining="denoising", pretraining_iter=1, **SMALL).fit(*digits)
    assert capfd.readouterr() == ("", "")
