"""The settings that were run, read from the specs and put into words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rectinet.nn import activation
from rectinet.report.wording import by_layer, listing
from rectinet.studies import StudyResults

Spec = Mapping[str, Any]
Recipe = tuple[tuple[str, str], ...]
"""Names of settings and their values in words."""

_ACTIVATION, _USED_FOR = "Activation", "Used for"
_NONE = "none"
_L1 = "L1 on activations"
_MANY = 8  # values of one setting; more do not get a row each


@dataclass(frozen=True)
class SettingsTable:
    """The distinct recipes of one stage of training.

    Attributes:
        stage: ``"Pre-training"`` or ``"Fine-tuning"``.
        common: settings that all recipes share.
        columns: names of the settings that differ, the activation always among them.
        rows: one recipe each, in the order of `columns`.
    """

    stage: str
    common: Recipe
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def settings_tables(results: StudyResults) -> tuple[SettingsTable, ...]:
    """Return a table for each stage that has a finished run."""
    used: dict[Recipe, dict[int | None, set[bool]]] = {}
    for result in results.classifiers:
        starts = used.setdefault(_finetuning(result.spec), {})
        starts.setdefault(result.labels_per_class, set()).add(result.pretrained)
    finetuning = [(*recipe, (_USED_FOR, _used_for(starts))) for recipe, starts in used.items()]
    stacks = list(dict.fromkeys(_pretraining(result.spec) for result in results.stacks))
    tables = (_table("Pre-training", stacks), _table("Fine-tuning", finetuning))
    return tuple(table for table in tables if table.rows)


def _table(stage: str, recipes: list[Recipe]) -> SettingsTable:
    values = _gathered([dict(recipe) for recipe in recipes])
    names = list(dict.fromkeys(name for recipe in values for name in recipe))
    shared = {
        name: values[0][name]
        for name in names
        if name not in (_ACTIVATION, _USED_FOR) and len({each.get(name) for each in values}) == 1
    }
    columns = tuple(name for name in names if name not in shared)
    rows = tuple(tuple(each.get(name, _NONE) for name in columns) for each in values)
    return SettingsTable(stage, tuple(shared.items()), columns, rows)


def _gathered(recipes: list[dict[str, str]]) -> list[dict[str, str]]:
    """Make one recipe of those that differ in the penalty alone, if there are many."""
    distinct = {recipe[_L1] for recipe in recipes}
    if len(distinct) <= _MANY:
        return recipes
    try:
        numbers = [0.0 if value == _NONE else float(value) for value in distinct]
    except ValueError:  # other values for other layers
        return recipes
    text = f"{len(numbers)} values from {min(numbers):g} to {max(numbers):g}"
    gathered = [{**recipe, _L1: text} for recipe in recipes]
    return [dict(items) for items in dict.fromkeys(tuple(each.items()) for each in gathered)]


def _used_for(starts: Mapping[int | None, set[bool]]) -> str:
    """Say with how many labels, and from which starts, a recipe was used."""
    alike: dict[tuple[bool, ...], list[int | None]] = {}
    for count in sorted(starts, key=lambda count: (count is None, count or 0)):
        alike.setdefault(tuple(sorted(starts[count])), []).append(count)
    uses = []
    for pretrained, counts in alike.items():
        few = [str(count) for count in counts if count is not None]
        names = [f"{listing(few)} per class"] if few else []
        if None in counts:
            names.append("all labels")
        both = listing(["with" if each else "without" for each in pretrained])
        uses.append(f"{listing(names)}, {both} pre-training")
    return "; ".join(uses)


def _pretraining(spec: Spec) -> Recipe:
    settings = spec["settings"]
    # The codes of a bounded activation are mapped by their bounds, whatever the scaling says.
    scaled = not math.isfinite(activation(spec["activation"]["type"].lower()).upper)

    def each(name: str, word: Callable[[Any], str]) -> str:
        return _each(settings[name], word, spec)

    return (
        *_network(spec),
        ("Corruption", each("corruption", _corruption)),
        ("Reconstruction", each("reconstruction", lambda value: _reconstruction(value, scaled))),
        ("Reconstructed outputs", _sampling(settings.get("sampling"))),
        ("Decoder weights", "tied to the encoder’s" if settings["tied"] else "their own"),
        *_solver(spec),
    )


def _finetuning(spec: Spec) -> Recipe:
    settings = spec["settings"]
    patience = settings["patience"]
    stop = "never" if patience is None else f"after {patience} epochs without a gain"
    return (*_network(spec), *_solver(spec), ("Stops early", stop))


def _network(spec: Spec) -> Recipe:
    flips = {
        "half": "half of the units",
        "none": "none",
        "random": "each unit with probability 1/2",
    }
    sizes = spec["hidden_layer_sizes"]
    name = spec["activation"]["type"].lower() if sizes else _NONE
    alpha = spec["activation"].get("alpha", 1.0)
    return (
        (_ACTIVATION, name if alpha == 1 else f"{name}, alpha {alpha:g}"),
        ("Hidden layers", " × ".join(str(size) for size in sizes) or _NONE),
        ("Signs flipped", flips.get(spec["sign_flip"], str(spec["sign_flip"]))),
    )


def _solver(spec: Spec) -> Recipe:
    settings = spec["settings"]
    solver = {"sgd": "plain gradient descent", "adam": "Adam"}.get(settings["solver"])
    return (
        ("Learning rate", _each(settings["learning_rate"], _number, spec)),
        ("Epochs", _each(settings["epochs"], _number, spec)),
        (_L1, _each(settings["activation_l1"], _number, spec)),
        ("L1 on weights", _each(settings["weight_l1"], _number, spec)),
        ("L2 on weights", _each(settings["weight_l2"], _number, spec)),
        ("Batch size", str(settings["batch_size"])),
        ("Solver", solver or f"gradient descent with momentum {settings['momentum']:g}"),
    )


def _each(value: Any, word: Callable[[Any], str], spec: Spec) -> str:
    """Put one value for all layers, or one per layer, into words that have no comma."""
    values = value if isinstance(value, list) else [value]
    return by_layer([word(each) for each in values], len(spec["hidden_layer_sizes"]))


def _number(value: Any) -> str:
    if isinstance(value, str):
        return f"best of the paper’s {value}"
    return f"{value:g}" if value else _NONE


def _corruption(value: Spec) -> str:
    match value["type"]:
        case "NoCorruption":
            return "none"
        case "Masking":
            return f"masking with {100 * value['level']:g}% set to 0"
        case "SaltAndPepper":
            return f"salt and pepper with {100 * value['off']:g}% off and {100 * value['on']:g}% on"
        case "Gaussian":
            return f"Gaussian with σ = {value['sigma']:g}"
        case other:
            return str(other)


def _sampling(value: Spec | None) -> str:
    if value is None:
        return "all"
    weights = "weighted by 1 / probability" if value["weighted"] else "all with weight 1"
    ratio = f"{100 * value['ratio']:g}%"
    others = "others by frequency" if value["by_frequency"] else "others"
    return f"of layer 1 the non-zeros and a random {ratio} of the {others}, {weights}"


def _reconstruction(value: Spec, scaled: bool) -> str:
    cost = {"CrossEntropy": "cross-entropy", "SquaredError": "squared error"}
    loss = value["loss"]["type"]
    text = f"{value['name']} with {cost.get(loss, loss)} (strategy {value['letter']})"
    largest = {"layer": "the layer’s largest", "unit": "each unit’s largest"}.get(value["scaling"])
    return f"{text} and codes divided by {largest}" if scaled and largest else text
