"""A stack of denoising auto-encoders as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from rectinet.engine import DEFAULT_ENGINE, dense_batches, forward
from rectinet.errors import InputError, SettingError
from rectinet.estimators.codes import codes
from rectinet.estimators.exporting import Exportable, Exported
from rectinet.estimators.inputs import check_varied, checked_inputs
from rectinet.estimators.naming import named
from rectinet.estimators.parameters import drawn_seed
from rectinet.estimators.progress import observed
from rectinet.estimators.saving import Savable, whole
from rectinet.estimators.scaling import fit_scaling
from rectinet.nn import (
    Array,
    CodeTarget,
    Corruption,
    Layer,
    Reconstruction,
    ReconstructionSampling,
    activation,
    corruption,
    layer_sizes,
    reconstruction,
)
from rectinet.storage import StoredModel
from rectinet.training import LayerOutcome, PretrainingSettings, pretrain


class StackedDenoisingAutoencoder(
    Savable, Exportable, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
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
        mean_: mean of the scaled training inputs, shape (n_features,).
        n_features_in_: columns of X.
    """

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

    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the stack; `y` is ignored.

        Args:
            X: shape (n, n_features), dense or CSR, of which at most a minibatch is made dense.
            y: not used.

        Raises:
            ValueError: if X has the wrong shape, is empty or not finite.
            SettingError: if a parameter is out of range.
            DivergedError: if the cost stops being finite.
            KeyboardInterrupt: after Ctrl-C; nothing is fitted then.
        """
        X = checked_inputs(self, X, reset=True)
        sizes = layer_sizes(tuple(np.atleast_1d(self.hidden_layer_sizes).tolist()))
        self.scaling_ = fit_scaling(X, self.scaling, self.dtype)
        X = self.scaling_(X)
        check_varied(X)
        self.reconstruction_ = self._reconstruction(X)
        seed = drawn_seed(self.random_state)
        named_here = named(
            epochs="max_iter",
            learning_rate="learning_rate_init",
            sampling="reconstruction_sampling",
            ratio="reconstruction_sampling",
        )
        with named_here, observed(self.verbose) as observer:
            settings = PretrainingSettings(
                learning_rate=self._rates((X.shape[1], *sizes[:-1])),
                batch_size=self.batch_size,
                epochs=self.max_iter,
                corruption=self._corruption(issparse(X)),
                reconstruction=self.reconstruction_,
                sampling=self._sampling(),
                tied=self.tied,
                activation_l1=self.activation_l1,
                weight_l1=self.weight_l1,
                weight_l2=self.weight_l2,
            )
            outcome = pretrain(
                X,
                sizes,
                activation=activation(self.activation, softplus_alpha=self.softplus_alpha),
                sign_flip=self.sign_flip,
                settings=settings,
                seed=seed,
                observer=observer,
            )
        if outcome.interrupted:  # half a stack is no use to those who asked for all of it
            raise KeyboardInterrupt
        self.layers_ = outcome.layers
        self.decoders_ = _decoders(outcome.layers, outcome.stages)
        self._targets = tuple(stage.target for stage in outcome.stages)
        self.records_ = outcome.records
        self.n_iter_ = max((record.epoch for record in outcome.records), default=0)
        self.mean_ = np.asarray(X.mean(axis=0), np.float64).ravel()
        return self

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
        scaled = self._inputs(X)  # first: whether there are layers at all
        return codes(self.layers_, scaled, sparse=self.sparse_output)

    def reconstruct(self, X: Any) -> Array:
        """Return what the decoders make of the code of X, in the units of X.

        Returns:
            Shape (n, n_features), dense: for wide inputs, pass a few rows at a time.
        """
        scaled = self._inputs(X)
        parts = [
            self.reconstruction_.loss.prediction(self._decode(scaled[rows]))
            for rows in dense_batches(scaled.shape)
        ]
        said = np.concatenate(parts) * self.scaling_.scale + self.scaling_.shift
        return np.asarray(said, self.scaling_.dtype)

    def score(self, X: Any, y: Any = None) -> float:
        """Return 1 minus the cost of the reconstruction over that of the training mean.

        1 is perfect, 0 as good as the mean. The cost is the first layer's: quadratic, or the
        cross-entropy minus that of a perfect reconstruction; `y` is ignored.
        """
        scaled, loss = self._inputs(X), self.reconstruction_.loss
        cost = cost_of_mean = 0.0
        for rows in dense_batches(scaled.shape):
            target = DEFAULT_ENGINE.densify(scaled[rows])
            said = loss.prediction(self._decode(scaled[rows]))
            cost += _cost(said, target, self.reconstruction_)
            cost_of_mean += _cost(self.mean_[None, :], target, self.reconstruction_)
        return 1 - cost / cost_of_mean if cost_of_mean else float(cost == 0)

    @property
    def _n_features_out(self) -> int:
        return int(self.layers_[-1].n_out)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags

    def _inputs(self, X: Any) -> Any:
        check_is_fitted(self, "layers_")
        return self.scaling_(checked_inputs(self, X, reset=False))

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

    def _stored(self) -> StoredModel:
        # From the code back to the input, so that each decoder takes what the one before it says.
        layers = {"encoders": self.layers_, "decoders": self.decoders_[::-1]}
        arrays = {"mean": self.mean_}
        for index, target in enumerate(self._targets):
            arrays[f"code_scale_{index}"] = np.atleast_1d(np.asarray(target.scale, np.float64))
        values = {
            "reconstruction": {
                "name": self.reconstruction_.name,
                "scaling": self.reconstruction_.scaling,
            },
            "code_shift": [float(target.shift) for target in self._targets],
            "n_iter": self.n_iter_,
        }
        return StoredModel(type(self).__name__, layers, arrays, values)

    def _restore(self, stored: StoredModel) -> None:
        values = stored.values
        self.layers_ = stored.layers["encoders"]
        self.decoders_ = stored.layers["decoders"][::-1]
        shapes = [(layer.n_out, layer.n_in) for layer in self.layers_]
        if shapes != [(layer.n_in, layer.n_out) for layer in self.decoders_]:
            raise ValueError("the decoders do not fit the encoders")
        strategy = values["reconstruction"]
        self.reconstruction_ = reconstruction(strategy["name"], scaling=strategy["scaling"])
        targets = []
        for index, shift in enumerate(values["code_shift"]):
            scale = stored.arrays[f"code_scale_{index}"]
            if scale.shape not in ((1,), (self.layers_[index - 1].n_out,)):
                raise ValueError("a code's scale does not fit its layer")
            targets.append(CodeTarget(float(shift), scale))
        if len(targets) != len(self.layers_):
            raise ValueError("there is not one target for each layer")
        self._targets = tuple(targets)
        self.mean_ = stored.arrays["mean"]
        if self.mean_.shape != (self.n_features_in_,):
            raise ValueError("the mean does not fit the first layer")
        self.n_iter_, self.records_ = whole(values["n_iter"], "n_iter"), ()

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


def _decoders(layers: Sequence[Layer], stages: Sequence[LayerOutcome]) -> tuple[Layer, ...]:
    """Return decoders that take the final codes: some strategies divide a layer's code later on."""
    decoders = []
    for final, stage in zip(layers, stages, strict=True):
        before = np.linalg.norm(stage.encoder.weight, axis=0)
        after = np.linalg.norm(final.weight, axis=0)
        ratio = np.divide(before, after, out=np.ones_like(before), where=after > 0)
        weight = np.ascontiguousarray(stage.decoder.weight * ratio[:, None])
        decoders.append(replace(stage.decoder, weight=weight))
    return tuple(decoders)


def _cost(said: Array, target: Array, strategy: Reconstruction) -> float:
    if strategy.loss.name != "cross-entropy":
        return float(np.square(said - target).sum(dtype=np.float64))
    tiny = float(np.finfo(np.float32).tiny)

    def cross_entropy(p: Array) -> float:
        p = np.asarray(p, np.float64)
        ones, zeros = np.log(np.maximum(p, tiny)), np.log(np.maximum(1 - p, tiny))
        return -float((target * ones + (1 - target) * zeros).sum())

    return cross_entropy(said) - cross_entropy(target)


def check_autoencoder(value: StackedDenoisingAutoencoder, n_features: int) -> None:
    """Refuse an auto-encoder that is not fitted, or to other columns.

    Raises:
        SettingError: if it is not fitted.
        InputError: if it was fitted to another number of columns.
    """
    if not hasattr(value, "layers_"):
        raise SettingError(
            "pretraining is an auto-encoder that is not fitted; call its fit first, with all "
            "examples, labelled or not; for a search or cross-validation, which clone it, wrap it "
            "in sklearn.frozen.FrozenEstimator"
        )
    if value.n_features_in_ != n_features:
        raise InputError(
            f"X has {n_features} features, but the auto-encoder given as pretraining was fitted to "
            f"{value.n_features_in_}; pass the same columns"
        )
