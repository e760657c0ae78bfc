"""What the classifier and the regressor share: from parameters to a trained network."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse, vstack
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from rectinet.engine import Inputs, Predictor
from rectinet.errors import InputError
from rectinet.estimators import self_training
from rectinet.estimators.autoencoder import StackedDenoisingAutoencoder, check_autoencoder
from rectinet.estimators.codes import codes
from rectinet.estimators.holdout import set_aside, sets_aside
from rectinet.estimators.naming import named
from rectinet.estimators.pretraining import (
    METHODS,
    Choice,
    check_agreement,
    choose_pretraining,
    handed_over,
)
from rectinet.estimators.progress import LOG, observed
from rectinet.estimators.saving import Savable, whole
from rectinet.estimators.scaling import fit_scaling
from rectinet.estimators.targets import Targets
from rectinet.nn import Array, Loss, Network, activation, initialize_network, with_output
from rectinet.randomness import generator
from rectinet.storage import StoredModel
from rectinet.training import FinetuningSettings, finetune

_MANY_FEATURES = 2000

# The settings of fine-tuning that have another name here.
_PARAMETERS = {
    "epochs": "max_iter",
    "learning_rate": "learning_rate_init",
    "patience": "n_iter_no_change",
    "tolerance": "tol",
}


class RectifierNetwork(Savable, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Parameters, training and the sparse code; see `RectifierClassifier`."""

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (200, 200),
        *,
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
        weight_l2: float = 0.0,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        scaling: str = "auto",
        pretraining: Any = "auto",
        corruption: str = "auto",
        corruption_level: float | Sequence[float] | None = None,
        reconstruction: str = "auto",
        pretraining_iter: int = 20,
        self_training: int = 0,
        warm_start: bool = False,
        sparse_output: bool = True,
        dtype: str = "float32",
        random_state: Any = None,
        verbose: bool = False,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.softplus_alpha = softplus_alpha
        self.sign_flip = sign_flip
        self.solver = solver
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.activation_l1 = activation_l1
        self.weight_l1 = weight_l1
        self.weight_l2 = weight_l2
        self.input_dropout = input_dropout
        self.dropout = dropout
        self.scaling = scaling
        self.pretraining = pretraining
        self.corruption = corruption
        self.corruption_level = corruption_level
        self.reconstruction = reconstruction
        self.pretraining_iter = pretraining_iter
        self.self_training = self_training
        self.warm_start = warm_start
        self.sparse_output = sparse_output
        self.dtype = dtype
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Pre-train on all examples if that is chosen, then fine-tune on the labelled ones.

        Ctrl-C during fine-tuning ends it with the last finished epoch's network.

        Args:
            X: shape (n, n_features), dense or CSR.
            y: shape (n,), or (n, n_targets) for regression; unlabelled examples as the class says.
            sample_weight: how much each labelled example counts in fine-tuning, shape (n,).

        Raises:
            ValueError: if X or y cannot be used.
            SettingError: if a parameter is out of range.
            DivergedError: if training stops being finite.
        """
        fresh = not (self.warm_start and hasattr(self, "network_"))
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=fresh)
        targets = self._split(y, X.shape[0], fresh)
        return self._train(X, targets, sample_weight, fresh=fresh, once=False)

    def _train_once(self, X: Any, y: Any, sample_weight: Any) -> Self:
        fresh = not hasattr(self, "network_")
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=fresh)
        targets = self._split(y, X.shape[0], fresh)
        return self._train(X, targets, sample_weight, fresh=fresh, once=True)

    def transform(self, X: Any) -> Any:
        """Return the code of the topmost hidden layer, shape (n, n_units).

        CSR without the zeros, or dense float32 with ``sparse_output=False``.
        """
        return codes(self._fitted().hidden, self._inputs(X), sparse=self.sparse_output)

    @abstractmethod
    def _split(self, y: Any, n_examples: int, fresh: bool) -> Targets:
        """Return which examples are labelled, and with what."""

    @abstractmethod
    def _learn_targets(self, targets: Targets, weight: Array | None, fresh: bool) -> None:
        """Learn the classes, or the range of the numbers."""

    @abstractmethod
    def _encode(self, targets: Targets) -> Array:
        """Return what the network is to say for the labelled examples."""

    @abstractmethod
    def _output(self) -> tuple[int, Loss]:
        """Return the number of outputs, and their loss."""

    def _train(
        self, X: Any, targets: Targets, sample_weight: Any, *, fresh: bool, once: bool
    ) -> Self:
        weight = None
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, X)[targets.labelled]
            if (weight < 0).any() or not weight.any():
                raise InputError(
                    "sample_weight holds negative values, or only zeros where there are labels; "
                    "give weights of 0 or more, some labelled example above 0"
                )
        self._learn_targets(targets, weight, fresh)
        shares = () if once else self_training.shares(self.self_training)
        if fresh:
            self._start(X, targets)
        known = self.scaling_(X[targets.labelled]), self._encode(targets), weight
        self._finetune(*known, once=once)
        unknown = np.setdiff1d(np.arange(X.shape[0]), targets.labelled, assume_unique=True)
        if shares and len(unknown):
            self._train_itself(known, self.scaling_(X[unknown]), shares)
        return self

    def _start(self, X: Any, targets: Targets) -> None:
        """Learn the scaling, pre-train if that is chosen, and draw what is left of the network."""
        n_labelled = len(targets.labelled)
        sizes = tuple(np.atleast_1d(self.hidden_layer_sizes).tolist())
        self.pretraining_ = choose_pretraining(
            self.pretraining, n_labelled, X.shape[0] - n_labelled, X.shape[1], len(sizes)
        )
        LOG.info(str(self.pretraining_))
        random = check_random_state(self.random_state)
        seed = int(random.randint(2**31 - 1))
        self._seed, self._calls = seed, 0
        n_outputs, loss = self._output()
        unit = activation(self.activation, softplus_alpha=self.softplus_alpha)
        if self.pretraining_.method is None:
            self.autoencoder_ = None
            self.scaling_ = fit_scaling(X, self.scaling, self.dtype)
            network = initialize_network(
                X.shape[1],
                sizes,
                n_outputs,
                unit,
                generator(seed, "initial weights"),
                sign_flip=self.sign_flip,
                loss=loss,
                dtype=self.scaling_.dtype,
            )
        else:
            self.autoencoder_ = self._autoencoder(X, seed)
            self.scaling_ = self.autoencoder_.scaling_
            layers = [layer.copy() for layer in self.autoencoder_.layers_]
            network = with_output(layers, n_outputs, generator(seed, "output weights"), loss=loss)
        self.network_ = network
        self._updates: Any = None

    def _autoencoder(self, X: Any, seed: int) -> StackedDenoisingAutoencoder:
        given = handed_over(self.pretraining)
        if given is not None:
            check_autoencoder(given, X.shape[1])
            check_agreement(self, given)
            return given
        shared = (
            "hidden_layer_sizes",
            "activation",
            "softplus_alpha",
            "sign_flip",
            "corruption",
            "corruption_level",
            "reconstruction",
            "scaling",
            "dtype",
            "verbose",
        )
        stack = StackedDenoisingAutoencoder(
            **{name: clone(getattr(self, name), safe=False) for name in shared},
            max_iter=self.pretraining_iter,
            random_state=seed,
        )
        with named(max_iter="pretraining_iter"):
            return stack.fit(X)

    def _finetune(self, X: Inputs, y: Array, weight: Array | None, *, once: bool) -> None:
        validation: tuple[Any, Any] = (None, None)
        if not once and sets_aside(self.early_stopping, len(y)):
            rows, held_out = set_aside(y, self.validation_fraction, self._seed)
            validation = X[held_out], y[held_out]
            X, y = X[rows], y[rows]
            weight = None if weight is None else weight[rows]
        solver = self._solver(X)
        settings = self._settings(solver, once=once, keep_best=validation[0] is not None)
        # What one solver remembers is of no use to another.
        goes_on = once and self._updates is not None and self._updates[0] == solver
        updates = self._learn(
            X, y, validation, weight, settings, self._updates[1] if goes_on else None, adds=once
        )
        self._updates = (solver, updates) if once else None

    def _settings(self, solver: str, *, once: bool, keep_best: bool) -> FinetuningSettings:
        with named(**_PARAMETERS):
            return FinetuningSettings(
                learning_rate=self._rate(solver),
                solver=solver,
                batch_size=self.batch_size,
                activation_l1=self.activation_l1,
                weight_l1=self.weight_l1,
                weight_l2=self.weight_l2,
                epochs=1 if once else self.max_iter,
                patience=self.n_iter_no_change,
                keep_best=keep_best,
                tolerance=self.tol,
                input_dropout=self.input_dropout,
                dropout=self.dropout,
            )

    def _learn(
        self,
        X: Inputs,
        y: Array,
        validation: tuple[Any, Any],
        weight: Array | None,
        settings: FinetuningSettings,
        updates: Any = None,
        *,
        adds: bool,
    ) -> Any:
        """Fine-tune and return the solver's state; `adds`: to the records of before."""
        with named(**_PARAMETERS), observed(self.verbose) as observer:
            outcome = finetune(
                self.network_,
                X,
                y,
                *validation,
                sample_weight=weight,
                settings=settings,
                seed=self._seed + self._calls,
                observer=observer,
                updates=updates,
            )
        self._calls += 1
        self._interrupted = outcome.interrupted
        self.network_ = outcome.network
        self.records_ = (*(getattr(self, "records_", ()) if adds else ()), *outcome.records)
        self.loss_curve_ = [record.training_loss for record in self.records_]
        self.n_iter_ = len(self.records_)
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.inf
        self._predictor = Predictor(self.network_)
        return outcome.updates

    def _train_itself(
        self, known: tuple[Inputs, Array, Array | None], X: Inputs, shares: Sequence[float]
    ) -> None:
        """Go on with examples whose labels are the network's own, more of them in every round."""
        X_known, y_known, weight = known
        if weight is None:
            weight = np.ones(len(y_known))
        frequencies = np.bincount(y_known, weight, self._output()[0]) / weight.sum()
        solver = self._solver(X)
        settings = self._settings(solver, once=False, keep_best=False)
        settings = self_training.settings_of_round(settings)
        join = vstack if issparse(X) else np.concatenate
        for number, share in enumerate(shares, start=1):
            if self._interrupted:
                break
            rows, labels = self_training.surest(self._predictor(X), share, frequencies)
            text = "self-training, round %d of %d: %d of %d unlabelled examples"
            LOG.info(text, number, len(shares), len(rows), X.shape[0])
            again = np.tile(np.arange(len(y_known)), self_training.repeats(len(y_known), len(rows)))
            weights = np.concatenate([weight[again], np.full(len(rows), weight.mean())])
            both: Any = join([X_known[again], X[rows]])
            self._learn(
                both.tocsr() if issparse(both) else both,
                np.concatenate([y_known[again], labels]),
                (None, None),
                weights,
                settings,
                adds=True,
            )

    def _stored(self) -> StoredModel:
        choice: Choice = self.pretraining_
        arrays, values = self._stored_targets()
        values |= {
            "pretraining": {"method": choice.method, "reason": choice.reason},
            "n_iter": self.n_iter_,
            "loss_curve": [float(loss) for loss in self.loss_curve_],
        }
        return StoredModel(type(self).__name__, {"network": self.network_.layers}, arrays, values)

    def _restore(self, stored: StoredModel) -> None:
        values = stored.values
        self._restore_targets(stored)
        n_outputs, loss = self._output()
        self.network_ = Network(stored.layers["network"], loss)
        if self.network_.output.n_out != n_outputs:
            raise ValueError("the output layer does not fit the targets")
        choice = values["pretraining"]
        if not (choice["method"] in (None, *METHODS) and isinstance(choice["reason"], str)):
            raise ValueError("the choice of pre-training is not one that is made here")
        self.pretraining_ = Choice(choice["method"], choice["reason"])
        self.autoencoder_ = None
        self.n_iter_ = whole(values["n_iter"], "n_iter")
        self.loss_curve_ = values["loss_curve"]
        if not isinstance(self.loss_curve_, list) or {*map(type, self.loss_curve_)} - {float}:
            raise ValueError("the loss curve is not a list of numbers")
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.inf
        self.records_ = ()
        self._seed, self._calls, self._updates = 0, 1, None
        self._predictor = Predictor(self.network_)

    @abstractmethod
    def _stored_targets(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return what `_learn_targets` learnt, as arrays and JSON-ready values."""

    @abstractmethod
    def _restore_targets(self, stored: StoredModel) -> None:
        """Take up what `_stored_targets` returned."""

    def _solver(self, X: Inputs) -> str:
        if self.solver != "auto":
            return self.solver
        # Momentum moves every weight at every step, whether its input is active or not.
        return "sgd" if issparse(X) or X.shape[1] > _MANY_FEATURES else "momentum"

    def _rate(self, solver: str) -> float:
        if self.learning_rate_init is not None:
            return self.learning_rate_init
        return {"sgd": 0.1, "momentum": 0.01}.get(str(solver), 0.001)

    def _fitted(self) -> Network:
        check_is_fitted(self, "network_")
        network: Network = self.network_
        return network

    def _inputs(self, X: Any) -> Any:
        self._fitted()
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        return self.scaling_(X)

    def _say(self, X: Any) -> Array:
        """Return what the output layer says of scaled inputs, shape (n, n_outputs)."""
        X = self._inputs(X)
        return self._predictor(X)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the packed copy of the weights."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_predictor"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Pack the weights anew."""
        super().__setstate__(state)
        if hasattr(self, "network_"):
            self._predictor = Predictor(self.network_)

    @property
    def _n_features_out(self) -> int:
        network = self._fitted()
        return network.hidden[-1].n_out if network.hidden else network.layers[0].n_in

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags
