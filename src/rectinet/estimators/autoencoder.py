"""A stack of denoising auto-encoders as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from rectinet.engine import DEFAULT_ENGINE, dense_batches, forward
from rectinet.errors import SettingError
from rectinet.estimators.codes import codes
from rectinet.estimators.exporting import Exportable, Exported
from rectinet.estimators.failing import all_or_nothing
from rectinet.estimators.inputs import (
    as_trained,
    check_memory,
    check_varied,
    checked_inputs,
    checked_weights,
    finite_answers,
)
from rectinet.estimators.naming import named
from rectinet.estimators.parameters import check_settled, drawn_seed, settled
from rectinet.estimators.progress import observed
from rectinet.estimators.scaling import fit_scaling
from rectinet.estimators.second_tries import lowered, tried_again
from rectinet.estimators.stack_saving import OF_STACK, SavableStack
from rectinet.nn import (
    Array,
    CodeTarget,
    Corruption,
    Reconstruction,
    ReconstructionSampling,
    activation,
    corruption,
    layer_sizes,
    reconstruction,
)
from rectinet.randomness import generator
from rectinet.training import Autoencoder, PretrainingOutcome, PretrainingSettings, pretrain


class StackedDenoisingAutoencoder(
    SavableStack, Exportable, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Layers trained without labels, each to undo a corruption of its input (paper section 2).

    Args:
        hidden_layer_sizes: units per layer, bottom to top.
        activation: ``"rectifier"``, ``"softplus"``, ``"tanh"``.
        softplus_alpha: the sharpness of ``"softplus"``.
        sign_flip: whose units' outputs are negated: ``"half"``, ``"random"`` or ``"none"``.
        corruption: ``"masking"``, ``"gaussian"``, ``"salt-and-pepper"``, ``"none"``; or
            ``"auto"``: salt-and-pepper for sparse matrices, masking for everything else.
        corruption_level: the share masked, the standard deviation, or the two shares of
            salt-and-pepper (set to 0, set to 1); None: 0.25, 0.25, (0.8, 0.005).
        reconstruction: strategy by name (see `rectinet.reconstruction`); or ``"auto"``:
            ``"sigmoid"`` for inputs in [0, 1], ``"linear"`` for others.
        reconstruction_sampling: for sparse matrices of many columns: compute in training only the
            outputs of the first decoder where a word is or noise put one, and this share of the
            others, such as 0.01, or a `rectinet.ReconstructionSampling`; None: all.
        tied: whether a decoder's weights are its encoder's, transposed.
        learning_rate_init: of plain minibatch gradient descent; None: 0.1 over the square root of
            a sixty-fourth of the layer's inputs, at most 0.1; a tenth of it for quadratic costs.
        batch_size: examples per minibatch (paper: 10).
        max_iter: epochs per layer.
        activation_l1: penalty on activations.
        weight_l1: penalty on weights, absolute.
        weight_l2: penalty on weights, squared.
        scaling: of the inputs, see `rectinet.estimators.fit_scaling`: ``"auto"``, ``"standard"``,
            ``"max"`` or ``"none"``.
        sparse_output: whether `transform` returns CSR; zeros of rectifiers are exact.
        dtype: of the layers: ``"float32"``, or ``"float64"`` for comparisons.
        random_state: of weights, noise and the order of examples.
        verbose: whether to show progress.

    Attributes:
        layers_: the trained encoders, bottom to top.
        decoders_: for each encoder the layer that goes back; linear up to the strategy's cost.
        scaling_: the input scaling that was learnt.
        reconstruction_: the strategy taken.
        records_: one `rectinet.EpochRecord` per layer and epoch.
        learning_rate_: of each layer; not kept in a model folder.
        n_iter_: epochs per layer; of `partial_fit`, one a call.
        mean_: mean of the scaled training inputs, shape (n_features,); of `partial_fit`, of those
            of the first call.
        n_features_in_: columns of X.
    """

    _kind = "StackedDenoisingAutoencoder"

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (200, 200),
        *,
        activation: str = "rectifier",
        softplus_alpha: float = 1.0,
        sign_flip: str = "half",
        corruption: str = "auto",
        corruption_level: float | Sequence[float] | None = None,
        reconstruction: str = "auto",
        reconstruction_sampling: float | ReconstructionSampling | None = None,
        tied: bool = False,
        learning_rate_init: float | None = None,
        batch_size: int = 10,
        max_iter: int = 20,
        activation_l1: float = 0.0,
        weight_l1: float = 0.0,
        weight_l2: float = 0.0,
        scaling: str = "auto",
        sparse_output: bool = True,
        dtype: str = "float32",
        random_state: Any = None,
        verbose: bool = False,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.softplus_alpha = softplus_alpha
        self.sign_flip = sign_flip
        self.corruption = corruption
        self.corruption_level = corruption_level
        self.reconstruction = reconstruction
        self.reconstruction_sampling = reconstruction_sampling
        self.tied = tied
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.activation_l1 = activation_l1
        self.weight_l1 = weight_l1
        self.weight_l2 = weight_l2
        self.scaling = scaling
        self.sparse_output = sparse_output
        self.dtype = dtype
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train the stack; `y` is ignored.

        An error, or Ctrl-C, leaves it as it was: not fitted, or the old stack.

        Args:
            X: shape (n, n_features), dense or CSR, of which at most a minibatch is made dense.
            y: not used.
            sample_weight: how much the cost of each example counts, shape (n,), of which only
                ratios matter; a row of weight 0 counts nowhere, as if it were not there.

        Raises:
            ValueError: if X has the wrong shape, is empty or not finite.
            SettingError: if a parameter is out of range.
            DivergedError: if the cost stops being finite.
            KeyboardInterrupt: after Ctrl-C.
        """
        with all_or_nothing(self):
            return self._train(X, sample_weight, self.max_iter, fresh=True)

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Go on with one pass over some examples; `y` is ignored.

        Each layer takes the codes of those below as they are after their own pass. The first call
        is `fit` with one epoch, and settles the scaling, the reconstruction and `mean_`: give it
        examples that stand for all. What codes are divided by grows in later calls with the
        largest code. Noise and order are others in each call. After `fit`, or `rectinet.load`,
        training goes on from there.

        Args:
            X: shape (n, n_features), dense or CSR, of which at most a minibatch is made dense.
            y: not used.
            sample_weight: as for `fit`.

        Raises:
            ValueError: if X cannot be used, or the reconstruction cannot say it.
            SettingError: if a parameter is out of range, or one that the layers were made by has
                changed.
            DivergedError: if the cost stops being finite; the stack is as it was before the call.
            KeyboardInterrupt: after Ctrl-C; likewise.
        """
        with all_or_nothing(self):
            return self._train(X, sample_weight, 1, fresh=not hasattr(self, "layers_"))

    def check_settings(self, *, sparse: bool) -> None:
        """Refuse a corruption, reconstruction or sampling that cannot be; for who does not fit it.

        Args:
            sparse: whether the inputs would be CSR.

        Raises:
            SettingError: if one is unknown or out of range.
        """
        self._corruption(sparse)
        if not isinstance(self.reconstruction, str) or self.reconstruction != "auto":
            reconstruction(self.reconstruction)
        with named(ratio="reconstruction_sampling"):
            self._sampling()

    def transform(self, X: Any) -> Any:
        """Return the topmost layer's code, shape (n, n_units).

        CSR without the zeros, or dense float32 with ``sparse_output=False``.
        """
        X = self._inputs(X)  # first: whether there are layers at all
        return codes(self.layers_, X, self.scaling_, sparse=self.sparse_output)

    def reconstruct(self, X: Any) -> Array:
        """Return what the decoders make of the code of X, in the units of X.

        Returns:
            Shape (n, n_features), dense: for wide inputs, pass a few rows at a time.
        """
        parts = [
            self.reconstruction_.loss.prediction(self._decode(scaled))
            for scaled in self._scaled(self._inputs(X))
        ]
        said = finite_answers(np.concatenate(parts)) * self.scaling_.scale + self.scaling_.shift
        return np.asarray(said, self.scaling_.dtype)

    def score(self, X: Any, y: Any = None) -> float:
        """Return 1 minus the cost of the reconstruction over that of the training mean.

        1 is perfect, 0 as good as the mean. The cost is the first layer's: quadratic, or the
        cross-entropy minus that of a perfect reconstruction; `y` is ignored.
        """
        X, loss = self._inputs(X), self.reconstruction_.loss
        cost = cost_of_mean = 0.0
        for scaled in self._scaled(X):
            target = DEFAULT_ENGINE.densify(scaled)
            said = finite_answers(loss.prediction(self._decode(scaled)))
            cost += _cost(said, target, self.reconstruction_)
            cost_of_mean += _cost(self.mean_[None, :], target, self.reconstruction_)
        return 1 - cost / cost_of_mean if cost_of_mean else float(cost == 0)

    def _train(self, X: Any, sample_weight: Any, epochs: int, *, fresh: bool) -> Self:
        X = checked_inputs(self, X, reset=fresh)
        sizes = layer_sizes(tuple(np.atleast_1d(self.hidden_layer_sizes).tolist()))
        weight = None
        if sample_weight is not None:
            weight = checked_weights(sample_weight, X.shape[0])
            X, weight = X[weight > 0], weight[weight > 0]
        if fresh:
            check_memory(X.shape[1], sizes, self.dtype)
            self.scaling_ = fit_scaling(X, self.scaling, self.dtype)
            self._sparse = None
        else:
            check_settled(self, self._settled)
        X = self.scaling_(X)
        if self._sparse is None:
            self._sparse = bool(issparse(X))
        X = as_trained(X, sparse=self._sparse)
        if fresh:
            check_varied(X)
            self.reconstruction_ = self._reconstruction(X)
            self._seed, self._calls = drawn_seed(self.random_state), 0
        named_here = named(
            epochs="max_iter",
            learning_rate="learning_rate_init",
            sampling="reconstruction_sampling",
            ratio="reconstruction_sampling",
        )
        with named_here, observed(self.verbose) as observer:
            rates = self._rates((X.shape[1], *sizes[:-1]))
            settings = PretrainingSettings(
                learning_rate=rates,
                batch_size=self.batch_size,
                epochs=epochs,
                corruption=self._corruption(issparse(X)),
                reconstruction=self.reconstruction_,
                sampling=self._sampling(),
                tied=self.tied,
                activation_l1=self.activation_l1,
                weight_l1=self.weight_l1,
                weight_l2=self.weight_l2,
            )
            first = self._seed

            def train(factor: float, draw: int) -> PretrainingOutcome:
                self._seed = (
                    first if not draw else int(generator(first, "draw", draw).integers(2**31 - 1))
                )
                return pretrain(
                    X,
                    sizes,
                    sample_weight=weight,
                    activation=activation(self.activation, softplus_alpha=self.softplus_alpha),
                    sign_flip=self.sign_flip,
                    settings=replace(settings, learning_rate=lowered(rates, factor)),
                    seed=self._seed + self._calls,
                    observer=observer,
                    start=None if fresh else self._trained(),
                )

            outcome = tried_again(
                train,
                given=self.learning_rate_init,
                redraws=fresh,
                cure="scale the inputs (scaling='auto'), or give more hidden units",
            )
        if outcome.interrupted:  # half a stack is no use to those who asked for all of it
            raise KeyboardInterrupt
        if fresh:
            self._settled = settled(self, OF_STACK)
            self.mean_ = np.asarray(X.mean(axis=0), np.float64).ravel()
            self.records_, self.n_iter_ = (), 0
        self._calls += 1
        self.learning_rate_ = tuple(stage.learning_rate for stage in outcome.stages)
        self._keep(outcome.stages)
        self.records_ = (*self.records_, *outcome.records)
        self.n_iter_ += max((record.epoch for record in outcome.records), default=0)
        return self

    def _keep(self, stages: Sequence[Autoencoder]) -> None:
        """Keep the stack as it is used: with the codes that a strategy divided."""
        self._targets = tuple(stage.target for stage in stages)
        used = [
            stage.divided(divisor) for stage, divisor in zip(stages, self._divisors(), strict=True)
        ]
        self.layers_ = tuple(stage.encoder for stage in used)
        self.decoders_ = tuple(stage.decoder for stage in used)

    def _trained(self) -> list[Autoencoder]:
        """Return the stack as it was trained: with the codes as they were before."""
        used = map(Autoencoder, self.layers_, self.decoders_, self._targets)
        return [
            stage.divided(1 / np.asarray(divisor))
            for stage, divisor in zip(used, self._divisors(), strict=True)
        ]

    def _divisors(self) -> list[Any]:
        """Return what the codes of each layer were divided by; nothing above the top does."""
        return [target.divisor for target in (*self._targets[1:], CodeTarget())]

    @property
    def _n_features_out(self) -> int:
        return int(self.layers_[-1].n_out)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.scaling != "standard"
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags

    def _inputs(self, X: Any) -> Any:
        check_is_fitted(self, "layers_")
        return checked_inputs(self, X, reset=False)

    def _scaled(self, X: Any) -> Iterator[Any]:
        """Yield scaled inputs, so few at a time that they and what is said of them may be dense."""
        for rows in dense_batches(X.shape):
            yield self.scaling_(X[rows])

    def _decode(self, X: Any) -> Array:
        """Return the lowest decoder's pre-activation."""
        value = np.asarray(forward(DEFAULT_ENGINE, self.layers_, X)[-1])
        for index in reversed(range(1, len(self.layers_))):
            z = DEFAULT_ENGINE.forward(self.decoders_[index], value)
            below, target = self.layers_[index - 1], self._targets[index]
            said = self.reconstruction_.loss.prediction(z) * target.scale + target.shift
            said = np.asarray(said, self.scaling_.dtype)
            if self.reconstruction_.preactivation:
                said = below.activation.value(said.copy())
            value = np.asarray(said * below.sign, self.scaling_.dtype)
        return DEFAULT_ENGINE.forward(self.decoders_[0], value)

    def _exported(self) -> Exported:
        return Exported(self.layers_, "linear")

    def _reconstruction(self, X: Any) -> Reconstruction:
        if not isinstance(self.reconstruction, str) or self.reconstruction != "auto":
            return reconstruction(self.reconstruction)
        stored = X.data if issparse(X) else X
        within = not stored.size or (stored.min() >= 0 and stored.max() <= 1)
        if not within:
            return reconstruction("linear")
        bounded = activation(self.activation).name == "tanh"
        return reconstruction("sigmoid", scaling="layer" if bounded else "unit")

    def _rates(self, inputs: Sequence[int]) -> tuple[float, ...] | float:
        if self.learning_rate_init is not None:
            return self.learning_rate_init
        factor = 1.0 if self.reconstruction_.name == "sigmoid" else 0.1
        return tuple(factor * 0.1 * min(1.0, (64 / size) ** 0.5) for size in inputs)

    def _sampling(self) -> ReconstructionSampling | None:
        sampling = self.reconstruction_sampling
        if sampling is None or isinstance(sampling, ReconstructionSampling):
            return sampling
        return ReconstructionSampling(sampling)

    def _corruption(self, sparse: bool) -> Corruption:
        name = self.corruption
        if isinstance(name, str) and name == "auto":
            name = "salt-and-pepper" if sparse else "masking"
        levels = self.corruption_level
        if levels is None:
            return corruption(name)
        try:
            return corruption(name, *np.atleast_1d(np.asarray(levels, np.float64)).tolist())
        except (TypeError, ValueError) as error:
            if isinstance(error, SettingError):
                raise
            raise SettingError(
                f"corruption_level is {levels!r}; give a number, or two for 'salt-and-pepper'"
            ) from error


def _cost(said: Array, target: Array, strategy: Reconstruction) -> float:
    if strategy.loss.name != "cross-entropy":
        return float(np.square(said - target).sum(dtype=np.float64))
    tiny = float(np.finfo(np.float32).tiny)

    def cross_entropy(p: Array) -> float:
        p = np.asarray(p, np.float64)
        ones, zeros = np.log(np.maximum(p, tiny)), np.log(np.maximum(1 - p, tiny))
        return -float((target * ones + (1 - target) * zeros).sum())

    return cross_entropy(said) - cross_entropy(target)
