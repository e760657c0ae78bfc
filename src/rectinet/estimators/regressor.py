"""A rectifier network as a scikit-learn regressor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from rectinet.errors import InputError, SettingError
from rectinet.estimators.base import RectifierNetwork
from rectinet.estimators.exporting import Exported
from rectinet.estimators.progress import LOG
from rectinet.estimators.tails import LIMIT, has_tail, moments_without_tail, power_of_2
from rectinet.estimators.targets import Targets, number_targets, warn_of_column
from rectinet.nn import Array, HuberLoss, Loss, ReconstructionSampling, SoftmaxNLL
from rectinet.storage import StoredModel

OUTPUTS = ("linear", "expectation")

# From here, neighbors in single precision are a hundredth of a deviation apart.
_SINGLE = 2**24 / 100


class RectifierRegressor(RegressorMixin, RectifierNetwork):
    """A deep sparse rectifier network that predicts numbers, one or several.

    An example with NaN or another gap among its targets is unlabeled: it takes part in pre-training
    only.

    Args:
        hidden_layer_sizes: units per hidden layer, bottom to top; empty for a linear model.
        output: ``"linear"``: squared error; or ``"expectation"``, for ratings: a softmax over the
            values seen in training, of which the expected value is predicted (paper section 4.2).
        activation: see `RectifierClassifier`, as for all that follow.
        softplus_alpha: the sharpness of ``"softplus"``.
        sign_flip: whose units' outputs are negated.
        solver: ``"auto"``, ``"sgd"``, ``"momentum"`` or ``"adam"``.
        batch_size: examples per minibatch.
        learning_rate_init: None: 0.1 for sgd, 0.01 for momentum (a tenth of these with the linear
            output), 0.001 for adam.
        max_iter: epochs of fine-tuning, at most.
        early_stopping: whether labelled examples are set aside to stop by.
        validation_fraction: share set aside.
        n_iter_no_change: epochs without improvement after which training stops.
        tol: by how much a loss must fall to count as an improvement.
        activation_l1: penalty on the hidden units' activations.
        weight_l1: penalty on weights, absolute.
        weight_l2: penalty on weights, squared.
        input_dropout: share of the inputs dropped in fine-tuning.
        dropout: share of the hidden units dropped in fine-tuning.
        scaling: of the inputs.
        pretraining: ``"auto"``, ``"denoising"``, None, or a fitted `StackedDenoisingAutoencoder`.
        corruption: of pre-training.
        corruption_level: likewise.
        reconstruction: likewise.
        reconstruction_sampling: likewise; for sparse matrices of many columns.
        pretraining_iter: epochs of pre-training per layer.
        warm_start: whether `fit` goes on from the last network.
        sparse_output: whether `transform` returns CSR.
        dtype: of the network: ``"float32"``, or ``"float64"`` for comparisons.
        random_state: of weights, noise and the order of examples.
        verbose: whether to show progress.

    Attributes:
        values_: the values whose probabilities are predicted, ascending; None with ``"linear"``.
        target_shift_: mean of the training targets, which the network says without it.
        target_scale_: their standard deviation, likewise; shape (n_targets,). Both without a heavy
            tail: ten deviations out, an error counts in proportion, no longer squared. 0 for a
            constant target, which is then predicted exactly.
        network_: the trained `rectinet.nn.Network`, from scaled inputs to scaled targets.
        scaling_, pretraining_, autoencoder_, records_, loss_curve_, loss_, n_iter_,
            n_features_in_: see `RectifierClassifier`.
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (200, 200),
        *,
        output: str = "linear",
        activation: str = "rectifier",
        softplus_alpha: float = 1.0,
        sign_flip: str = "half",
        solver: str = "auto",
        batch_size: int = 10,
        learning_rate_init: float | None = None,
        max_iter: int = 100,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        tol: float = 1e-3,
        activation_l1: float = 0.0,
        weight_l1: float = 0.0,
        weight_l2: float | str = "auto",
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        scaling: str = "auto",
        pretraining: Any = "auto",
        corruption: str = "auto",
        corruption_level: float | Sequence[float] | None = None,
        reconstruction: str = "auto",
        reconstruction_sampling: float | ReconstructionSampling | None = None,
        pretraining_iter: int = 20,
        warm_start: bool = False,
        sparse_output: bool = True,
        dtype: str = "float32",
        random_state: Any = None,
        verbose: bool = False,
    ):
        super().__init__(
            hidden_layer_sizes,
            activation=activation,
            softplus_alpha=softplus_alpha,
            sign_flip=sign_flip,
            solver=solver,
            batch_size=batch_size,
            learning_rate_init=learning_rate_init,
            max_iter=max_iter,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            tol=tol,
            activation_l1=activation_l1,
            weight_l1=weight_l1,
            weight_l2=weight_l2,
            input_dropout=input_dropout,
            dropout=dropout,
            scaling=scaling,
            pretraining=pretraining,
            corruption=corruption,
            corruption_level=corruption_level,
            reconstruction=reconstruction,
            reconstruction_sampling=reconstruction_sampling,
            pretraining_iter=pretraining_iter,
            warm_start=warm_start,
            sparse_output=sparse_output,
            dtype=dtype,
            random_state=random_state,
            verbose=verbose,
        )
        self.output = output

    _kind = "RectifierRegressor"

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Go on with one pass over some examples; the first call learns the scaling.

        That of the targets too: give it examples that stand for all, not the first of sorted ones.
        It also decides on pre-training, and pre-trains if so, with its own examples alone; some
        must be labeled. Later calls leave unlabeled examples out. Nothing is set aside
        (`early_stopping`), for one pass is not stopped.

        Args:
            X: shape (n, n_features), dense or CSR.
            y: numbers, as for `fit`; with ``output="expectation"`` the first call must have every
                rating that will ever come.
            sample_weight: as for `fit`.
        """
        return self._train_once(X, y, sample_weight)

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers, shape (n,), or (n, n_targets) where y had columns."""
        said = self._say(X).astype(np.float64)
        if self.values_ is not None:
            # Probabilities add up to 1 but for rounding, which must not leave the range.
            return np.clip(said @ self.values_, self.values_[0], self.values_[-1])
        numbers: Array = said * self.target_scale_ + self.target_shift_
        return numbers if self._columns else numbers[:, 0]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R², the share of variance explained, on the labelled examples.

        Args:
            X: shape (n, n_features), dense or CSR.
            y: numbers, shape (n,) or (n, n_targets); rows with NaN are left out.
            sample_weight: how much each example counts, shape (n,).

        Raises:
            ValueError: if X or y cannot be used, or nothing is labelled.
        """
        truth, predicted, weight = self._labelled(X, y, sample_weight)
        unit = power_of_2(np.abs(truth).max(axis=0))  # or large squares would overflow
        predicted = predicted.reshape(len(predicted), -1)
        return float(r2_score(truth / unit, predicted / unit, sample_weight=weight))

    def _split(self, y: Array, n_examples: int, fresh: bool) -> Targets:
        if self.output not in OUTPUTS:
            raise SettingError(f"output is {self.output!r}; use one of {', '.join(OUTPUTS)}")
        if not fresh and (self.output == "expectation") != (self.values_ is not None):
            raise SettingError(
                f"output is {self.output!r}, but the network to go on with was trained for the "
                "other; set it back, or fit afresh with warm_start=False"
            )
        targets = number_targets(y, n_examples)
        if self.output == "expectation" and targets.values.shape[1] > 1:
            raise InputError(
                f"y has {targets.values.shape[1]} columns; output='expectation' predicts one "
                "rating: give shape (n,), or use output='linear'"
            )
        columns = y.ndim == 2
        if self.output == "expectation" and columns:
            warn_of_column()
        if fresh:
            self._columns = columns
        return targets

    values_: Array | None

    def _learn_targets(self, targets: Targets, weight: Array | None, fresh: bool) -> None:
        y = targets.values
        if self.output == "expectation":
            self._learn_values(np.unique(y), fresh)
            self.target_shift_, self.target_scale_ = np.zeros(1), np.ones(1)
        elif fresh:
            self.values_ = None
            # Not the mean of a constant target, which rounding may miss.
            constant = (y == y[0]).all(axis=0)
            self.target_shift_ = np.where(constant, y[0], np.average(y, axis=0, weights=weight))
            self.target_scale_ = self._spread(y, weight)
            reach = np.abs(y - self.target_shift_).max(axis=0)
            for column in np.flatnonzero(has_tail(y, reach, self.target_scale_)):
                # Of the targets as they are: the distance to a mean of 1e36 has lost all digits.
                mean, deviation = moments_without_tail(y[:, column], weight)
                self.target_shift_[column], self.target_scale_[column] = mean, deviation
        elif y.shape[1] != len(self.target_shift_):
            raise InputError(
                f"y has {y.shape[1]} columns; expected {len(self.target_shift_)}, as before"
            )
        else:  # what has been constant so far may vary now
            self.target_scale_ = np.where(
                self.target_scale_ > 0, self.target_scale_, self._spread(y, weight)
            )

    def _spread(self, y: Array, weight: Array | None) -> Array:
        """Return the root mean square of each target's distance to its shift."""
        offset = y - self.target_shift_
        largest = np.abs(offset).max(axis=0)
        # Squares of the largest and smallest numbers would leave the range of floats.
        unit = np.where(largest > 0, largest, 1.0)
        spread: Array = unit * np.sqrt(np.average(np.square(offset / unit), axis=0, weights=weight))
        return spread

    def _learn_values(self, values: Array, fresh: bool) -> None:
        if fresh:
            self.values_ = values
        assert self.values_ is not None
        unknown = np.setdiff1d(values, self.values_)
        if len(unknown):
            raise InputError(
                f"y has the rating {unknown[0]:g}, which the first examples had not "
                f"({', '.join(f'{value:g}' for value in self.values_)}); fit afresh"
            )

    def _encode(self, targets: Targets) -> Array:
        if self.values_ is not None:
            return np.asarray(np.searchsorted(self.values_, targets.values[:, 0]))
        scale = np.where(self.target_scale_ > 0, self.target_scale_, 1.0)
        return np.asarray((targets.values - self.target_shift_) / scale)

    def _exported(self) -> Exported:
        if self.values_ is not None:
            return Exported(self.network_.layers, "expectation", self.values_)
        output, scale = self.network_.output, self.target_scale_
        rounded = (scale > 0) & (np.abs(self.target_shift_) > _SINGLE * scale)
        if rounded.any():
            LOG.warning(
                "targets around %g differ by %g, which single precision rounds: an ONNX model "
                "predicts other numbers; subtract a constant from such targets before training",
                self.target_shift_[rounded][0],
                scale[rounded][0],
            )
        # The output layer takes the targets' scale and mean in; a linear unit can.
        in_units = replace(
            output,
            weight=output.weight * (output.sign * scale),
            bias=output.bias * (output.sign * scale) + self.target_shift_,
            sign=np.ones_like(output.sign),
        )
        return Exported((*self.network_.hidden, in_units), "linear")

    def _stored_targets(self) -> tuple[dict[str, Array], dict[str, Any]]:
        arrays = {"target_shift": self.target_shift_, "target_scale": self.target_scale_}
        if self.values_ is not None:
            arrays["ratings"] = self.values_
        return arrays, {"columns": self._columns}

    def _restore_targets(self, stored: StoredModel) -> None:
        shift, scale = stored.arrays["target_shift"], stored.arrays["target_scale"]
        ratings = stored.arrays.get("ratings")
        for array in (shift, scale, *(() if ratings is None else (ratings,))):
            if array.ndim != 1 or not np.isfinite(array).all():
                raise ValueError("the targets' scaling is not finite, or not one-dimensional")
        if shift.shape != scale.shape or not (scale >= 0).all():
            raise ValueError("the targets' scaling does not fit")
        if ratings is not None and not np.array_equal(ratings, np.unique(ratings)):
            raise ValueError("the ratings are not different and sorted")
        self.target_shift_, self.target_scale_, self.values_ = shift, scale, ratings
        self._columns = stored.values["columns"]
        if not isinstance(self._columns, bool) or (len(shift) > 1 and not self._columns):
            raise ValueError("whether the targets had columns is not said, or does not fit")

    def _output(self) -> tuple[int, Loss]:
        if self.values_ is not None:
            return len(self.values_), SoftmaxNLL()
        return len(self.target_shift_), HuberLoss(LIMIT)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self.output == "linear"
        return tags

    def _rate(self, solver: str) -> float:
        rate = super()._rate(solver)
        # The slope of a square has no bound, unlike that of the softmax.
        fixed = self.learning_rate_init is not None or solver == "adam"
        return rate if fixed or self.output == "expectation" else rate / 10
