"""Greedy layer-wise pre-training with stacked denoising auto-encoders (PAPER section 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.data import Split, check_inputs
from rectinet.engine import DEFAULT_ENGINE, Engine, Inputs, batches, forward, new_update
from rectinet.errors import InputError, SettingError
from rectinet.nn import (
    NO_PENALTIES,
    Activation,
    Array,
    CodeTarget,
    Layer,
    Linear,
    OutputSampler,
    Reconstruction,
    Rectifier,
    aligned,
    initialize_layer,
    layer_sizes,
)
from rectinet.randomness import generator
from rectinet.training.checkpoint import Checkpoint
from rectinet.training.decoding import (
    LayerSteps,
    OutputSteps,
    ReconstructionStep,
    TiedSteps,
    bias_only,
)
from rectinet.training.denoising import CleanCodes, Denoising
from rectinet.training.fingerprint import fingerprint, layer_arrays
from rectinet.training.learning_rates import choose_learning_rate
from rectinet.training.loop import Loop, Schedule
from rectinet.training.observer import Observer
from rectinet.training.redrawing import check_redrawn
from rectinet.training.settings import LayerSettings, PretrainingSettings, check_kind
from rectinet.training.stack import Autoencoder, LayerOutcome, PretrainingOutcome, check_start
from rectinet.training.weights import mean_one

# Without validation data, the reconstruction is measured on so many training examples.
_TRAINING_SAMPLE = 1000


def pretrain(
    X: Inputs,
    hidden_layer_sizes: Sequence[int],
    *,
    activation: Activation | None = None,
    sign_flip: str = "half",
    sample_weight: Array | None = None,
    X_validation: Inputs | None = None,
    settings: PretrainingSettings | None = None,
    seed: int = 0,
    engine: Engine = DEFAULT_ENGINE,
    observer: Observer | None = None,
    checkpoint: Path | None = None,
    redraw: Callable[[int], Split] | None = None,
    start: Sequence[Autoencoder] | None = None,
) -> PretrainingOutcome:
    """Train a stack of denoising auto-encoders without labels, one layer after the other.

    Each layer sees the corrupted code of the finished layers below and learns to reconstruct the
    clean one; only the layer and its own decoder are updated.

    Args:
        X: inputs, shape (n, n_features), dense or CSR. Of CSR only the decoder's targets are made
            dense, a minibatch at a time, and with `PretrainingSettings.sampling` those neither,
            save in evaluations.
        hidden_layer_sizes: units per layer, bottom to top.
        activation: of every layer; the rectifier if None.
        sign_flip: see `rectinet.nn.draw_signs`.
        sample_weight: how much the cost of each example counts, shape (n,), 0 or more; only ratios
            matter. All the same if None.
        X_validation: inputs on which the reconstruction is measured and the learning rate chosen;
            without them, up to 1,000 of the training examples are taken.
        settings: how; the defaults of `PretrainingSettings` if None.
        seed: of the initial weights, the order of the examples and the noise.
        engine: does the arithmetic.
        observer: is told about progress.
        checkpoint: folder for the state after each epoch; a state found there is taken up.
        redraw: where examples never end: returns those of an epoch of each layer, counted from
            1, as many as in X, and at every call the same; X has then those of the first epoch,
            in which a strategy that rescales looks for the largest code.
        start: the stack that an earlier call left (the outcome's `stages`), to go on with: its
            layers and signs, in its precision. What its strategies divided codes by grows with the
            largest code; they should be the same. It is left as it is. Afresh if None.

    Returns:
        The outcome. After Ctrl-C it holds the layers trained until then, perhaps fewer than asked
        for: see its `interrupted`.

    Raises:
        InputError: if X has the wrong shape, is empty, is not finite, or cannot be produced by
            the first layer's decoder.
        SettingError: if a setting does not fit the number of layers or the activation, or `start`
            has other sizes.
        DivergedError: if the loss stops being finite.
        StorageError: if a checkpoint cannot be written or does not belong to this run.
    """
    X = check_inputs(X)
    weight = weight_evaluation = None
    if sample_weight is not None:
        weight = mean_one(sample_weight, X.shape[0], X.dtype, "sample_weight")
    if redraw and weight is not None:
        raise InputError("sample_weight is given with redraw; redrawn examples all count the same")
    if X_validation is None:
        X_evaluation, evaluated_on = X[: min(X.shape[0], _TRAINING_SAMPLE)], "training"
        if weight is not None and weight[: X_evaluation.shape[0]].any():
            weight_evaluation = weight[: X_evaluation.shape[0]]
    else:
        X_evaluation = check_inputs(X_validation, n_features=X.shape[1], name="X_validation")
        X_evaluation = X_evaluation.astype(X.dtype, copy=False)
        evaluated_on = "validation"
    settings = settings or PretrainingSettings()
    check_kind(settings, PretrainingSettings, "settings", "PretrainingSettings()")
    activation = activation or Rectifier()
    check_kind(activation, Activation, "activation", "activation('tanh')")
    checkpoint = Path(checkpoint) if checkpoint else None
    sizes = layer_sizes(hidden_layer_sizes)
    if not sizes:
        raise SettingError("hidden_layer_sizes is empty; pre-training needs at least one layer")
    plan = settings.for_layers(len(sizes))
    if start is not None:
        check_start(start, X.shape[1], sizes)
        dtype = start[0].encoder.weight.dtype
        X, X_evaluation = (each.astype(dtype, copy=False) for each in (X, X_evaluation))
    _check_sampling(settings, plan[0], X, engine)
    for inputs in (X, X_evaluation):
        plan[0].reconstruction.check_inputs(float(inputs.min()), float(inputs.max()))

    def redrawn(epoch: int) -> Inputs:
        assert redraw is not None
        split = redraw(epoch)
        check_redrawn(split, X, epoch)
        inputs: Inputs = split.X.astype(X.dtype, copy=False)
        return inputs

    trainer = _LayerTrainer(
        X=X,
        weight=weight,
        weight_evaluation=weight_evaluation,
        X_evaluation=X_evaluation,
        evaluated_on=evaluated_on,
        activation=activation,
        sign_flip=sign_flip,
        settings=settings,
        seed=seed,
        engine=engine,
        observer=observer,
        redraw=redrawn if redraw else None,
        start=start,
    )
    layers: tuple[Layer, ...] = ()
    stages: list[LayerOutcome] = []
    for size, layer_settings in zip(sizes, plan, strict=True):
        folder = checkpoint and checkpoint / f"layer-{len(layers) + 1}"
        stage = trainer(layers, size, layer_settings, folder)
        layers = (*stage.below, stage.encoder)
        stages.append(stage)
        if stage.interrupted:
            break
    return PretrainingOutcome(layers, tuple(stages), stages[-1].interrupted)


def _check_sampling(
    settings: PretrainingSettings, first: LayerSettings, X: Inputs, engine: Engine
) -> None:
    """Refuse reconstruction sampling where it has no sense.

    Raises:
        SettingError: if the inputs are dense, or the cost is not one that can be sampled.
    """
    if settings.sampling is None:
        return
    if not issparse(X):
        raise SettingError(
            "sampling is set, but X is dense; outputs are sampled by the non-zeros of sparse "
            "inputs: give scipy.sparse.csr_array(X), or leave it out"
        )
    if not engine.decodes(first.reconstruction.loss):
        raise SettingError(
            f"sampling is set, and cannot be used with the reconstruction "
            f"{first.reconstruction.name!r}; use 'sigmoid', 'softplus', 'linear' or 'rectifier'"
        )


@dataclass(frozen=True)
class _LayerTrainer:
    """What all layers of one call of `pretrain` share; trains one of them when called."""

    X: Inputs
    weight: Array | None
    weight_evaluation: Array | None
    X_evaluation: Inputs
    evaluated_on: str
    activation: Activation
    sign_flip: str
    settings: PretrainingSettings
    seed: int
    engine: Engine
    observer: Observer | None
    redraw: Callable[[int], Inputs] | None
    start: Sequence[Autoencoder] | None

    def __call__(
        self, below: tuple[Layer, ...], size: int, layer: LayerSettings, folder: Path | None
    ) -> LayerOutcome:
        """Train the layer above `below`, choosing its learning rate if there are several."""
        target = CodeTarget()
        if below:
            top, target = self._prepare(below, layer.reconstruction)
            below = (*below[:-1], top)
        if len(layer.rates) == 1:
            return self._train(below, target, size, layer, layer.rates[0], folder)
        return choose_learning_rate(
            layer.rates,
            lambda rate: self._train(
                below, target, size, layer, rate, folder and folder / f"rate-{rate:g}"
            ),
            lambda outcome: outcome.evaluation,
            lambda outcome: outcome.interrupted,
        )

    def _train(
        self,
        below: tuple[Layer, ...],
        target: CodeTarget,
        size: int,
        layer: LayerSettings,
        rate: float,
        folder: Path | None,
    ) -> LayerOutcome:
        clean = CleanCodes(self.engine, below, layer.reconstruction, target)
        number = len(below) + 1
        n_in = below[-1].n_out if below else self.X.shape[1]
        encoder, decoder = self._initial(n_in, size, number)
        by_output = self._by_output(layer, number)
        rule = self.settings.update
        updates = [new_update(encoder, rule(rate, layer.penalties))]
        if self.settings.tied:
            decoder = replace(decoder, weight=encoder.weight.T)
            updates.append(new_update(bias_only(decoder), rule(rate, NO_PENALTIES)))
        else:
            if by_output:
                decoder = replace(decoder, weight=aligned(decoder.weight.T).T)
            on_weights = replace(layer.penalties, activation_l1=0.0)
            updates.append(new_update(decoder, rule(rate, on_weights)))
        training = (self.engine, (encoder, decoder), layer.reconstruction.loss, updates)
        generators = {}
        step: ReconstructionStep
        if by_output:
            sampled = generator(self.seed, "reconstruction sampling", number)
            sampler = None
            if layer.sampling:
                generators["sampling"] = sampled
                frequency = np.bincount(csr_array(self.X).indices, minlength=n_in) / self.X.shape[0]
                sampler = OutputSampler(layer.sampling, frequency)
            step = OutputSteps(*training, sampler, sampled)
        else:
            step = TiedSteps(*training) if self.settings.tied else LayerSteps(*training)
        objective = Denoising(
            self.engine,
            encoder,
            decoder,
            step,
            clean,
            layer.reconstruction.loss,
            layer.corruption,
            self.X,
            self.X_evaluation,
            updates,
            weight=self.weight,
            weight_evaluation=self.weight_evaluation,
            number=number,
            seed=self.seed,
            generators=generators,
            evaluated_on=self.evaluated_on,
            redraw=self.redraw,
        )
        schedule = Schedule(layer.epochs, self.settings.batch_size, keep_best=False)
        store = None
        if folder:
            redrawn = ("redrawn",) if self.redraw else ()
            settings = (self.settings, self.activation, self.sign_flip, self.seed, layer, rate)
            weights = () if self.weight is None else (self.weight,)
            layers = layer_arrays((*below, encoder, decoder))
            arrays = (self.X, self.X_evaluation, *weights, *layers)
            store = Checkpoint(folder, fingerprint((*settings, *redrawn), arrays))
        loop = Loop(
            objective,
            schedule,
            generator(self.seed, "order", number),
            self.observer,
            store,
        )
        for _ in loop:
            pass
        loop.finish()
        return LayerOutcome(
            below=below,
            encoder=encoder,
            decoder=decoder,
            reconstruction=layer.reconstruction,
            target=target,
            records=tuple(loop.records),
            learning_rate=rate,
            evaluation=loop.best_evaluation(),
            interrupted=loop.interrupted,
        )

    def _prepare(
        self, layers: tuple[Layer, ...], strategy: Reconstruction
    ) -> tuple[Layer, CodeTarget]:
        """Return the topmost layer as the next one sees it, and the targets that are its codes."""
        largest = self._largest_outputs(layers)
        if self.start is not None:
            before = self.start[len(layers)].target
            largest = np.maximum(largest, before.divisor * before.scale)
        return strategy.prepare(layers[-1], largest)

    def _initial(self, n_in: int, size: int, number: int) -> tuple[Layer, Layer]:
        """Return the encoder and the decoder to begin with."""
        if self.start is not None:
            stage = self.start[number - 1]
            return stage.encoder.copy(), stage.decoder.copy()
        random, dtype = generator(self.seed, "initial weights", number), self.X.dtype
        encoder = initialize_layer(
            n_in, size, self.activation, random, sign_flip=self.sign_flip, dtype=dtype
        )
        return encoder, initialize_layer(size, n_in, Linear(), random, dtype=dtype)

    def _by_output(self, layer: LayerSettings, number: int) -> bool:
        """Return whether the decoder is trained output by output."""
        if number > 1 or not issparse(self.X) or not self.settings.moves_active_rows(layer):
            return False
        loss, batch_size = layer.reconstruction.loss, self.settings.batch_size
        return layer.sampling is not None or self.engine.decodes_faster(loss, batch_size)

    def _largest_outputs(self, layers: tuple[Layer, ...]) -> Array:
        """Largest output, before the sign flip, of each unit of the topmost layer; at least 0."""
        top = layers[-1]
        largest = np.zeros(top.n_out, top.weight.dtype)
        for rows in batches(self.X.shape[0]):
            h = forward(self.engine, layers, self.engine.minibatch(self.X, rows))[-1]
            np.maximum(largest, (np.asarray(h) * top.sign).max(axis=0), out=largest)
        return largest
