"""The settings that were run, read from the specs and put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rectinet.report.wording import listing
from rectinet.studies import StudyResults

Spec = Mapping[str, Any]
Recipe = tuple[tuple[str, str], ...]
"""Names of settings and their values in words."""

_ACTIVATION, _USED_FOR = "Activation", "Used for"


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
    used: dict[Recipe, dict[str, set[int | None]]] = {}
    for result in results.classifiers:
        starts = used.setdefault(_finetuning(result.spec), {})
        start = "with" if result.pretrained else "without"
        starts.setdefault(start, set()).add(result.labels_per_class)
    finetuning = [(*recipe, (_USED_FOR, _used_for(starts))) for recipe, starts in used.items()]
    stacks = list(dict.fromkeys(_pretraining(result.spec) for result in results.stacks))
    tables = (_table("Pre-training", stacks), _table("Fine-tuning", finetuning))
    return tuple(table for table in tables if table.rows)


def _table(stage: str, recipes: list[Recipe]) -> SettingsTable:
    values = [dict(recipe) for recipe in recipes]
    names = list(dict.fromkeys(name for recipe in values for name in recipe))
    shared = {
        name: values[0][name]
        for name in names
        if name not in (_ACTIVATION, _USED_FOR) and len({each.get(name) for each in values}) == 1
    }
    columns = tuple(name for name in names if name not in shared)
    rows = tuple(tuple(each.get(name, "none") for name in columns) for each in values)
    return SettingsTable(stage, tuple(shared.items()), columns, rows)


def _used_for(starts: Mapping[str, set[int | None]]) -> str:
    counts = [
        "all labels" if count is None else f"{count} per class"
        for count in sorted(
            {count for those in starts.values() for count in those},
            key=lambda count: (count is None, count or 0),
        )
    ]
    names = listing([name for name in ("without", "with") if name in starts])
    return f"{listing(counts)}, {names} pre-training"


def _pretraining(spec: Spec) -> Recipe:
    settings = spec["settings"]
    return (
        *_network(spec),
        ("Corruption", _each(settings["corruption"], _corruption)),
        ("Reconstruction", _each(settings["reconstruction"], _reconstruction)),
        ("Decoder weights", "tied to the encoder’s" if settings["tied"] else "their own"),
        *_solver(settings),
    )


def _finetuning(spec: Spec) -> Recipe:
    settings = spec["settings"]
    patience = settings["patience"]
    stop = "never" if patience is None else f"after {patience} epochs without a gain"
    return (*_network(spec), *_solver(settings), ("Stops early", stop))


def _network(spec: Spec) -> Recipe:
    flips = {
        "half": "half of the units",
        "none": "none",
        "random": "each unit with probability 1/2",
    }
    activation = spec["activation"]
    name = activation["type"].lower()
    alpha = activation.get("alpha", 1.0)
    return (
        (_ACTIVATION, name if alpha == 1 else f"{name}, alpha {alpha:g}"),
        ("Hidden layers", " × ".join(str(size) for size in spec["hidden_layer_sizes"])),
        ("Signs flipped", flips.get(spec["sign_flip"], str(spec["sign_flip"]))),
    )


def _solver(settings: Spec) -> Recipe:
    solver = {"sgd": "plain gradient descent", "adam": "Adam"}.get(settings["solver"])
    return (
        ("Learning rate", _each(settings["learning_rate"], _number)),
        ("Epochs", _each(settings["epochs"], _number)),
        ("L1 on activations", _each(settings["activation_l1"], _number)),
        ("L1 on weights", _each(settings["weight_l1"], _number)),
        ("L2 on weights", _each(settings["weight_l2"], _number)),
        ("Batch size", str(settings["batch_size"])),
        ("Solver", solver or f"gradient descent with momentum {settings['momentum']:g}"),
    )


def _each(value: Any, word: Callable[[Any], str]) -> str:
    """Put one value for all layers, or one per layer, into words."""
    values = value if isinstance(value, list) else [value]
    return ", ".join(word(each) for each in values)


def _number(value: Any) -> str:
    if isinstance(value, str):
        return f"best of the paper’s {value}"
    return f"{value:g}" if value else "none"


def _corruption(value: Spec) -> str:
    match value["type"]:
        case "NoCorruption":
            return "none"
        case "Masking":
            return f"masking, {value['level']:.0%} set to 0"
        case "SaltAndPepper":
            return f"salt and pepper, {value['off']:g} off, {value['on']:g} on"
        case "Gaussian":
            return f"Gaussian, σ = {value['sigma']:g}"
        case other:
            return str(other)


def _reconstruction(value: Spec) -> str:
    cost = {"CrossEntropy": "cross-entropy", "SquaredError": "squared error"}
    loss = value["loss"]["type"]
    return f"{value['name']}, {cost.get(loss, loss)} (strategy {value['letter']})"
