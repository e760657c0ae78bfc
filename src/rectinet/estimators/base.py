"""What the classifier and the regressor share: from parameters to a trained network."""

from __future__ import annotations

import copy
import warnings
from abc import abstractmethod
from dataclasses import replace
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from rectinet.engine import Inputs, Predictor
from rectinet.errors import InputError
from rectinet.estimators import self_training
from rectinet.estimators.codes import codes
from rectinet.estimators.exporting import Exportable
from rectinet.estimators.failing import all_or_nothing
from rectinet.estimators.holdout import ENOUGH_LABELS, set_aside, sets_aside
from rectinet.estimators.inputs import (
    as_trained,
    check_memory,
    check_varied,
    checked_inputs,
    checked_weights,
    finite_answers,
)
from rectinet.estimators.naming import named
from rectinet.estimators.network_saving import SavableNetwork
from rectinet.estimators.parameters import (
    NetworkParameters,
    check_flags,
    check_settled,
    drawn_seed,
    settled,
)
from rectinet.estimators.pretraining import (
    check_columns,
    choose_pretraining,
    handed_over,
    new_stack,
    stack_to_begin_with,
)
from rectinet.estimators.progress import LOG, observed
from rectinet.estimators.scaling import fit_scaling
from rectinet.estimators.second_tries import lowered, tried_again
from rectinet.estimators.solver import choose_solver, usual_decay, usual_rate
from rectinet.estimators.targets import Targets, plain_targets, require_labels
from rectinet.nn import (
    Array,
    Network,
    SoftmaxNLL,
    activation,
    initialize_network,
    layer_sizes,
    with_output,
)
from rectinet.randomness import generator
from rectinet.training import Examples, FinetuningOutcome, FinetuningSettings, finetune

# How often the learning rate is lowered before training stops. By validation examples, one is
# enough: 3,000 letters (two draws) 88.1% without, 90.5 with one and with two.
_DECAYS, _DECAYS_VALIDATED = 3, 1

# Examples that are scaled and predicted at a time.
AT_ONCE = 1536

# The settings of fine-tuning that have another name here.
_PARAMETERS = {
    "epochs": "max_iter",
    "learning_rate": "learning_rate_init",
    "patience": "n_iter_no_change",
    "tolerance": "tol",
}


class RectifierNetwork(
    SavableNetwork, Exportable, ClassNamePrefixFeaturesOutMixin, TransformerMixin, NetworkParameters
):
    """Training and the sparse code; see `RectifierClassifier`."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Pre-train on all examples if that is chosen, then fine-tune on the labeled ones.

        Ctrl-C during fine-tuning ends it with the last finished epoch's network, and a warning. An
        error, or Ctrl-C before that, leaves the estimator as it was: not fitted, or the old model.

        Args:
            X: shape (n, n_features), dense or CSR.
            y: shape (n,), or (n, n_targets) for regression; unlabeled examples as the class says.
            sample_weight: how much each labeled example counts in fine-tuning, shape (n,), of
                which only ratios matter; a row of weight 0 counts nowhere, as if it were not there.

        Raises:
            ValueError: if X or y cannot be used.
            SettingError: if a parameter is out of range.
            DivergedError: if training stops being finite.
        """
        fresh = not (self.warm_start and hasattr(self, "network_"))
        with all_or_nothing(self):
            return self._train(X, y, sample_weight, fresh=fresh, once=False)

    def _train_once(self, X: Any, y: Any, sample_weight: Any) -> Self:
        fresh = not hasattr(self, "network_")
        with all_or_nothing(self):
            return self._train(X, y, sample_weight, fresh=fresh, once=True)

    def transform(self, X: Any) -> Any:
        """Return the code of the topmost hidden layer, shape (n, n_units).

        CSR without the zeros, or dense float32 with ``sparse_output=False``.
        """
        hidden = self._fitted().hidden
        return codes(hidden, self._inputs(X), self.scaling_, sparse=self.sparse_output)

    @abstractmethod
    def predict(self, X: Any) -> Array:
        """Return what the network takes each example for, one row for each."""

    @abstractmethod
    def _split(self, y: Array, n_examples: int, fresh: bool) -> Targets:
        """Return which examples are labelled, and with what."""

    @abstractmethod
    def _learn_targets(self, targets: Targets, weight: Array | None, fresh: bool) -> None:
        """Learn the classes, or the range of the numbers."""

    @abstractmethod
    def _encode(self, targets: Targets) -> Array:
        """Return what the network is to say for the labelled examples."""

    def _train(self, X: Any, y: Any, sample_weight: Any, *, fresh: bool, once: bool) -> Self:
        check_flags(self, "warm_start", "sparse_output")
        as_given, X = X, checked_inputs(self, X, reset=fresh)
        stack = handed_over(self.pretraining) if fresh else None
        if stack is not None:
            check_columns(stack, as_given, X.shape[1])
        if not fresh:
            check_settled(self, self._settled)
        y = plain_targets(y, X.shape[0])
        weight = None
        if sample_weight is not None:
            weight = checked_weights(sample_weight, X.shape[0])
            X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        targets = self._split(y, X.shape[0], fresh)
        if weight is not None and not len(targets.labelled):
            raise InputError(
                "sample_weight is zero, or y has no label, for every example; give some labeled "
                "example a weight above 0"
            )
        if once and not fresh and not len(targets.labelled):
            return self  # a file without labels teaches the network nothing
        require_labels(targets)
        weight = None if weight is None else weight[targets.labelled]
        self._learn_targets(targets, weight, fresh)
        # Before all else: a wrong number of rounds should not cost a training.
        trains_itself = not once and bool(self_training.shares(self.self_training))
        if fresh:
            self._start(X, targets)
        known = Examples(self._trained_on(X[targets.labelled]), self._encode(targets), weight)
        if fresh:
            check_varied(known.X)
        self._finetune(known, once=once)
        unknown = np.setdiff1d(np.arange(X.shape[0]), targets.labelled, assume_unique=True)
        if trains_itself and len(unknown) and not self._interrupted:
            self._train_itself(known, self._trained_on(X[unknown]))
        return self

    def _trained_on(self, X: Any) -> Any:
        """Return scaled inputs in the form of those that training began with."""
        X = self.scaling_(X)
        if self._sparse is None:
            self._sparse = bool(issparse(X))
        return as_trained(X, sparse=self._sparse)

    def _start(self, X: Any, targets: Targets) -> None:
        """Learn the scaling, pre-train if that is chosen, and draw what is left of the network."""
        n_labelled = len(targets.labelled)
        sizes = layer_sizes(tuple(np.atleast_1d(self.hidden_layer_sizes).tolist()))
        self.pretraining_ = choose_pretraining(
            self.pretraining,
            n_labelled,
            X.shape[0] - n_labelled,
            X.shape[1],
            len(sizes),
            sampled=self.reconstruction_sampling is not None,
        )
        LOG.info(str(self.pretraining_))
        seed = drawn_seed(self.random_state)
        self._seed, self._calls, self._sparse = seed, 0, None
        check_memory(X.shape[1], sizes, self.dtype)
        if self.pretraining_.method is None:
            new_stack(self, seed).check_settings(sparse=issparse(X))
            self.autoencoder_ = None
            self.scaling_ = fit_scaling(X, self.scaling, self.dtype)
            network = self._drawn()
        else:
            stack = self.autoencoder_ = stack_to_begin_with(self, X, seed)
            self.scaling_ = stack.scaling_
            layers = [layer.copy() for layer in stack.layers_]
            n_outputs, loss = self._output()
            network = with_output(layers, n_outputs, generator(seed, "output weights"), loss=loss)
        names = getattr(self, "feature_names_in_", None)
        LOG.info(self.scaling_.describe(names))
        self.network_ = network
        self._settled = settled(self)
        self._updates: Any = None

    def _drawn(self, *draw: int) -> Network:
        """Return a network of random weights; of another draw, if one is numbered."""
        n_outputs, loss = self._output()
        return initialize_network(
            self.n_features_in_,
            tuple(np.atleast_1d(self.hidden_layer_sizes).tolist()),
            n_outputs,
            activation(self.activation, softplus_alpha=self.softplus_alpha),
            generator(self._seed, "initial weights", *draw),
            sign_flip=self.sign_flip,
            loss=loss,
            dtype=self.scaling_.dtype,
        )

    def _finetune(self, examples: Examples, *, once: bool) -> None:
        validation = None
        aside = sets_aside(self.early_stopping, self.validation_fraction, len(examples.target))
        if aside and not once:
            examples, validation = set_aside(
                examples,
                self.validation_fraction,
                self._seed,
                keeps_classes=hasattr(self, "classes_"),
            )
        solver = choose_solver(self.solver, examples.X)
        n_labelled = len(examples.target)
        settings = self._settings(solver, n_labelled, once=once, keep_best=validation is not None)
        # What one solver remembers is of no use to another.
        goes_on = once and self._updates is not None and self._updates[0] == solver
        # A copy: training changes it, and may fail.
        remembered = copy.deepcopy(self._updates[1]) if goes_on else None
        outcome = self._learn(examples, validation, settings, remembered, adds=once)
        self._updates = (solver, outcome.updates) if once else None
        rates = outcome.learning_rate
        self.learning_rate_ = rates[0] if len(set(rates)) == 1 else rates

    def _settings(
        self, solver: str, n_labelled: int, *, once: bool, keep_best: bool
    ) -> FinetuningSettings:
        # One pass over a file does not tell how many labels are still to come.
        n_labelled = ENOUGH_LABELS if once else n_labelled
        with named(**_PARAMETERS):
            return FinetuningSettings(
                learning_rate=self._rate(solver),
                solver=solver,
                batch_size=self.batch_size,
                activation_l1=self.activation_l1,
                weight_l1=self.weight_l1,
                weight_l2=usual_decay(
                    self.weight_l2,
                    self.scaling_.kind,
                    n_labelled,
                    self.n_features_in_,
                    squared=not isinstance(self._output()[1], SoftmaxNLL),
                ),
                epochs=1 if once else self.max_iter,
                patience=self.n_iter_no_change,
                keep_best=keep_best,
                tolerance=self.tol,
                input_dropout=self.input_dropout,
                dropout=self.dropout,
            )

    def _learn(
        self,
        examples: Examples,
        validation: Examples | None,
        settings: FinetuningSettings,
        updates: Any = None,
        *,
        adds: bool,
    ) -> FinetuningOutcome:
        """Fine-tune and take up the outcome; `adds`: to the records of before."""

        def train(factor: float, draw: int) -> FinetuningOutcome:
            again = factor < 1 or draw > 0
            rate = settings.learning_rate
            return finetune(
                self._drawn(draw) if draw else self.network_,
                examples.X,
                examples.target,
                validation.X if validation else None,
                validation.target if validation else None,
                sample_weight=examples.weight,
                validation_weight=validation.weight if validation else None,
                settings=replace(settings, learning_rate=lowered(rate, factor)),
                seed=self._seed + self._calls,
                observer=observer,
                # What the solver remembers of a run that failed is of no use.
                updates=None if again else updates,
                decays=(_DECAYS_VALIDATED if validation else _DECAYS) if settings.patience else 0,
            )

        with named(**_PARAMETERS), observed(self.verbose) as observer:
            outcome = tried_again(
                train,
                given=self.learning_rate_init,
                redraws=self._calls == 0 and self.autoencoder_ is None,
                cure="scale the inputs (scaling='auto'), or give more hidden units",
            )
        self._calls += 1
        self._interrupted = outcome.interrupted
        if outcome.interrupted:
            if not outcome.records and not adds:  # nothing was learned that would be of use
                raise KeyboardInterrupt
            warnings.warn(
                f"training was interrupted in epoch {len(outcome.records) + 1}; the network is "
                "that of the epoch before",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.network_ = outcome.network
        adds = adds and hasattr(self, "loss_curve_")
        losses = [record.training_loss for record in outcome.records]
        self.records_ = (*(self.records_ if adds else ()), *outcome.records)
        self.loss_curve_ = [*(self.loss_curve_ if adds else ()), *losses]
        self.n_iter_ = len(self.loss_curve_)
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.inf
        self._predictor = Predictor(self.network_)
        return outcome

    def _train_itself(self, known: Examples, X: Inputs) -> None:
        """Go on with examples whose labels are the network's own, more of them in every round."""
        solver = choose_solver(self.solver, X)
        settings = self._settings(solver, len(known.target), once=False, keep_best=False)
        settings = self_training.settings_of_round(settings)
        rounds = self_training.rounds(
            self.self_training, known, X, lambda X: self._predictor(X), self._output()[0]
        )
        for examples in rounds:
            self._learn(examples, None, settings, adds=True)
            if self._interrupted:
                break

    def _rate(self, solver: str) -> float:
        if self.learning_rate_init is not None:
            return self.learning_rate_init
        return usual_rate(solver)

    def _fitted(self) -> Network:
        check_is_fitted(self, "network_")
        network: Network = self.network_
        return network

    def _labelled(self, X: Any, y: Any, sample_weight: Any) -> tuple[Array, Array, Array | None]:
        """Return targets, predictions and weights of the labelled examples, for a score."""
        predicted = self.predict(X)
        targets = self._split(plain_targets(y, len(predicted)), len(predicted), fresh=False)
        require_labels(targets)
        rows = targets.labelled
        if sample_weight is not None:
            sample_weight = checked_weights(sample_weight, len(predicted))[rows]
        return targets.values, predicted[rows], sample_weight

    def _inputs(self, X: Any) -> Any:
        self._fitted()
        return checked_inputs(self, X, reset=False)

    def _say(self, X: Any) -> Array:
        """Return what the output layer says of inputs, shape (n, n_outputs)."""
        X = self._inputs(X)  # first: whether there is a network at all
        parts = self.scaling_.parts(X, AT_ONCE)
        return finite_answers(np.concatenate([self._predictor(part) for part in parts]))

    @property
    def _n_features_out(self) -> int:
        network = self._fitted()
        return network.hidden[-1].n_out if network.hidden else network.layers[0].n_in

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.scaling != "standard"
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags
