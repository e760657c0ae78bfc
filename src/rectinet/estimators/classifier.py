"""A rectifier network as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.special import log_softmax
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score

from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.errors import InputError, StorageError
from rectinet.estimators.base import AT_ONCE, RectifierNetwork
from rectinet.estimators.exporting import Exported
from rectinet.estimators.inputs import finite_answers
from rectinet.estimators.targets import (
    Targets,
    check_same_type,
    class_targets,
    declared_classes,
)
from rectinet.nn import Array, Loss, SoftmaxNLL
from rectinet.storage import StoredModel


class RectifierClassifier(ClassifierMixin, RectifierNetwork):
    """A deep sparse rectifier network that classifies, and learns from unlabeled examples too.

    An example whose label is -1, None or NaN is unlabeled: it takes part in pre-training and in
    self-training only. Where -1 stands beside a single other label, it is not clear whether it is a
    class, and `classes` has to say so.

    Args:
        hidden_layer_sizes: units per hidden layer, bottom to top; empty for a linear model.
        activation: ``"rectifier"``, ``"softplus"`` or ``"tanh"``; also ``"sigmoid"``, ``"linear"``.
        softplus_alpha: the sharpness of ``"softplus"``.
        sign_flip: whose units' outputs are negated (paper section 3.1): ``"half"``, ``"random"``
            or ``"none"``.
        solver: ``"sgd"`` (the paper's: what is off costs nothing), ``"momentum"``, ``"adam"``; or
            ``"auto"``: momentum for dense inputs of up to 2,000 columns, otherwise sgd.
        batch_size: examples per minibatch (paper: 10).
        learning_rate_init: None: 0.1 for sgd, 0.01 for momentum, 0.001 for adam, or less where
            training would diverge.
        max_iter: epochs of fine-tuning, at most.
        early_stopping: whether labelled examples are set aside to stop by and to choose the best
            epoch; ``"auto"``: from 2,000 labelled examples on. Without, training stops when an
            epoch's mean loss no longer falls.
        validation_fraction: share set aside.
        n_iter_no_change: epochs without improvement after which the learning rate is divided by 5,
            once with examples set aside, otherwise three times; then training stops.
        tol: by how much a loss must fall to count as an improvement.
        activation_l1: penalty on the hidden units' activations, see `rectinet.nn.Penalties`.
        weight_l1: penalty on weights, absolute.
        weight_l2: penalty on weights, squared; ``"auto"``: a little where labels are fewer than
            2,000 and inputs are standardized (`rectinet.estimators.solver`), otherwise 0.
        input_dropout: share of the inputs dropped in fine-tuning.
        dropout: share of the hidden units dropped in fine-tuning, one for all layers or each.
        scaling: of the inputs: ``"auto"``, ``"standard"``, ``"max"`` or ``"none"``; see
            `rectinet.estimators.fit_scaling`.
        pretraining: ``"auto"`` pre-trains when unlabelled examples outnumber labelled ones;
            ``"denoising"`` always, None never; or a fitted `StackedDenoisingAutoencoder`, whose
            layers and scaling are taken: settings that contradict them are refused (in a
            `sklearn.frozen.FrozenEstimator` where the classifier is to be cloned, as in a grid
            search).
        corruption: of pre-training, see `StackedDenoisingAutoencoder`.
        corruption_level: likewise.
        reconstruction: likewise.
        reconstruction_sampling: likewise; for sparse matrices of many columns.
        pretraining_iter: epochs of pre-training per layer.
        self_training: rounds in which the network goes on with the labels that it gives to
            unlabelled examples, the surest first (see `rectinet.estimators.self_training`); 0:
            unlabelled examples take part in pre-training only. It wants `dropout`: without, the
            network has little to learn from what it says itself.
        classes: all labels, if some may be absent from y, as in a part of a cross-validation, or if
            -1 is one of them; None: those in y.
        warm_start: whether `fit` goes on from the last network.
        sparse_output: whether `transform` returns CSR.
        dtype: of the network: ``"float32"``, or ``"float64"`` for comparisons.
        random_state: of weights, noise and the order of examples.
        verbose: whether to show progress.

    Attributes:
        classes_: the labels, sorted, shape (n_classes,).
        network_: the trained `rectinet.nn.Network`, which takes scaled inputs.
        scaling_: the input scaling that was learnt.
        pretraining_: what was chosen, and why.
        autoencoder_: the stack that training began with, or None.
        records_: one `rectinet.EpochRecord` per epoch of fine-tuning.
        learning_rate_: the learning rate that `fit` began with, one for each layer if they differ;
            not kept in a model folder.
        loss_curve_: their training losses.
        loss_: the last one.
        n_iter_: epochs of fine-tuning.
        n_features_in_: columns of X.
    """

    _kind = "RectifierClassifier"

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Go on with one pass over some examples; the first call learns the scaling.

        It also decides on pre-training, and pre-trains if so, with its own examples alone: give it
        two or more that stand for all, some labeled. Later calls leave unlabeled examples out.
        Nothing is set aside (`early_stopping`), for one pass is not stopped.

        Args:
            X: shape (n, n_features), dense or CSR.
            y: labels, shape (n,).
            classes: all labels that will ever come; needed in the first call unless `y` has all.
            sample_weight: as for `fit`.

        Raises:
            ValueError: if X, y or classes cannot be used.
            SettingError: if a parameter is out of range, or one that the layers were made by has
                changed.
            DivergedError: if training stops being finite.
        """
        if classes is not None:
            declared = declared_classes(classes)
            before = self.classes_ if hasattr(self, "network_") else self._named()
            if before is not None and declared.tolist() != before.tolist():
                raise InputError(
                    f"classes is {declared.tolist()}, which is not the same as on last call to "
                    f"partial_fit, {before.tolist()}; leave it out, or fit afresh"
                )
            self._declared: Array | None = declared
        try:
            return self._train_once(X, y, sample_weight)
        finally:
            # Or a later `fit` would still expect them.
            self.__dict__.pop("_declared", None)

    def predict(self, X: Any) -> Array:
        """Return the most probable label of each example, shape (n,)."""
        classes = self._say(X).argmax(axis=1)
        return np.asarray(self.classes_[classes])

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each of `classes_`, shape (n, n_classes)."""
        return self._say(X)

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`, finite also where that rounds to 0.

        Returns:
            Shape (n, n_classes), float64.
        """
        X, layers = self._inputs(X), self.network_.layers
        z = [
            np.asarray(forward(DEFAULT_ENGINE, layers, part)[-1], np.float64)
            for part in self.scaling_.parts(X, AT_ONCE)
        ]
        with np.errstate(invalid="ignore"):  # of infinite values, which are refused
            return finite_answers(np.asarray(log_softmax(np.concatenate(z), axis=1)))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy on the labelled examples.

        Args:
            X: shape (n, n_features), dense or CSR.
            y: labels, shape (n,); None, NaN, and -1 where it is no class: left out.
            sample_weight: how much each example counts, shape (n,).

        Raises:
            ValueError: if X or y cannot be used, or nothing is labelled.
        """
        truth, predicted, weight = self._labelled(X, y, sample_weight)
        check_same_type(truth, self.classes_)
        return float(accuracy_score(truth, predicted, sample_weight=weight))

    def _named(self) -> Array | None:
        """Return the classes that are named beforehand."""
        declared = getattr(self, "_declared", None)
        if declared is None and self.classes is not None:
            declared = declared_classes(self.classes)
        return declared

    def _split(self, y: Array, n_examples: int, fresh: bool) -> Targets:
        return class_targets(y, n_examples, self._named() if fresh else self.classes_)

    def _learn_targets(self, targets: Targets, weight: Array | None, fresh: bool) -> None:
        found = np.unique(targets.values)
        if fresh:
            named = self._named()
            self.classes_ = found if named is None else named
        check_same_type(targets.values, self.classes_)
        unknown = np.setdiff1d(found, self.classes_)
        if len(unknown):
            raise InputError(
                f"y has the label {unknown.tolist()[0]!r}, which is not among the classes "
                f"{self.classes_}; name all of them: classes=[...], or fit afresh"
            )
        if len(self.classes_) < 2:
            raise InputError(
                f"y has 1 class only, {self.classes_.tolist()[0]!r}; a classifier needs 2 or more: "
                "name all of them, classes=[...], if this is a part of the examples"
            )

    def _encode(self, targets: Targets) -> Array:
        return np.asarray(np.searchsorted(self.classes_, targets.values))

    def _exported(self) -> Exported:
        return Exported(self.network_.layers, "softmax", classes=self.classes_)

    def _stored_targets(self) -> tuple[dict[str, Array], dict[str, Any]]:
        if self.classes_.dtype.kind in "biuf":
            return {"classes": self.classes_}, {"classes": None}
        if self.classes_.dtype.kind != "U":
            raise StorageError(
                f"the labels are of type {self.classes_.dtype}, which a model folder does not "
                "keep; fit to text, numbers or bools"
            )
        return {}, {"classes": self.classes_.tolist()}

    def _restore_targets(self, stored: StoredModel) -> None:
        names = stored.values["classes"]
        if names is not None and not all(isinstance(name, str) for name in names):
            raise ValueError("the names of the classes are not text")
        classes = stored.arrays["classes"] if names is None else np.asarray(names, str)
        if classes.ndim != 1 or len(classes) < 2 or not np.array_equal(classes, np.unique(classes)):
            raise ValueError("the classes are not several, different and sorted")
        self.classes_ = classes

    def _output(self) -> tuple[int, Loss]:
        return len(self.classes_), SoftmaxNLL()
