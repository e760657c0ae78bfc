"""What a run's spec and figures must be like, wherever they were read from.

Files are edited by hand, cut short by full disks, and merged by version control; a report would
else show what is in them, or end in the middle.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from rectinet.errors import StorageError


@dataclass(frozen=True)
class Rule:
    """What one value must be.

    Attributes:
        words: says so, after "expected".
        holds: tells whether a value is.
    """

    words: str
    holds: Callable[[Any], bool]


Rules = Mapping[str, Rule]
"""By key; a dot leads into a value that has keys of its own."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_date(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _several(rule: Rule) -> Rule:
    def holds(value: Any) -> bool:
        return isinstance(value, list) and all(map(rule.holds, value))

    return Rule(f"a list, each {rule.words}", holds)


def _or(rule: Rule, other: Rule) -> Rule:
    return Rule(
        f"{rule.words}, or {other.words}", lambda value: rule.holds(value) or other.holds(value)
    )


def _each_layer(rule: Rule) -> Rule:
    """Allow one value for all layers, or a list with one for each."""
    several = _several(rule)
    listed = Rule(several.words, lambda value: several.holds(value) and len(value) > 0)
    return _or(rule, listed)


def _parts(**rules: Rule) -> Rule:
    def holds(value: Any) -> bool:
        return isinstance(value, dict) and all(
            key in value and rule.holds(value[key]) for key, rule in rules.items()
        )

    return Rule(f"an object with {', '.join(rules)}", holds)


TEXT = Rule("a text", lambda value: isinstance(value, str))
_TEXTS = _several(TEXT)
_NOTHING = Rule("null", lambda value: value is None)
_YES_OR_NO = Rule("true or false", lambda value: isinstance(value, bool))
_NUMBER = Rule("a finite number", _is_number)
_COUNT = Rule("a whole number of 0 or more", _is_count)
_SHARE = Rule("a share from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1)
_SECONDS = Rule("a number of 0 or more", lambda value: _is_number(value) and value >= 0)
_DATE = Rule("a date and time with its zone", _is_date)
_OBJECT = Rule("an object", lambda value: isinstance(value, dict))
_WRONG = Rule("the answers", lambda value: isinstance(value, np.ndarray))

DESCRIPTION: Rules = {
    "study": TEXT,
    "dataset": TEXT,
    "protocol": TEXT,
    "rectinet": TEXT,
    "commands": _TEXTS,
}

_RUN: Rules = {"dataset": TEXT, "seed": _COUNT}
_NETWORK: Rules = {
    **_RUN,
    "hidden_layer_sizes": _several(_COUNT),
    "activation": _parts(type=TEXT),
    "activation.alpha": _NUMBER,
    "sign_flip": TEXT,
    "settings": _OBJECT,
    "settings.learning_rate": _or(TEXT, _each_layer(_NUMBER)),
    "settings.epochs": _each_layer(_COUNT),
    "settings.batch_size": _COUNT,
    "settings.solver": TEXT,
    "settings.momentum": _NUMBER,
    **{
        f"settings.{name}": _each_layer(_NUMBER)
        for name in ("activation_l1", "weight_l1", "weight_l2")
    },
}
_NOISE = {
    "NoCorruption": _parts(),
    "Masking": _parts(level=_SHARE),
    "SaltAndPepper": _parts(off=_SHARE, on=_SHARE),
    "Gaussian": _parts(sigma=_NUMBER),
}
_CORRUPTION = Rule(
    f"a corruption of type {', '.join(_NOISE)} with its numbers",
    lambda value: (
        isinstance(value, dict)
        and value.get("type") in _NOISE
        and _NOISE[value["type"]].holds(value)
    ),
)
_SAMPLING = _parts(ratio=_SHARE, weighted=_YES_OR_NO, by_frequency=_YES_OR_NO)
_STACK: Rules = {
    **_NETWORK,
    "settings.corruption": _each_layer(_CORRUPTION),
    "settings.reconstruction": _each_layer(
        _parts(
            name=TEXT,
            letter=TEXT,
            scaling=TEXT,
            preactivation=_YES_OR_NO,
            loss=_parts(type=TEXT),
        )
    ),
    "settings.tied": _YES_OR_NO,
    "settings.sampling": _or(_SAMPLING, _NOTHING),
}
_PRETRAINING: Rules = {
    "pretraining": _or(_OBJECT, _NOTHING),
    **{f"pretraining.{key}": rule for key, rule in _STACK.items()},
}
SPECS: Mapping[str, Rules] = {
    "ClassifierSpec": {
        **_NETWORK,
        **_PRETRAINING,
        "labels_per_class": _or(_COUNT, _NOTHING),
        "settings.epochs": _COUNT,
        "settings.keep_best": _YES_OR_NO,
        "settings.patience": _or(_COUNT, _NOTHING),
    },
    "PretrainingSpec": _STACK,
    "BaselineSpec": {
        **_RUN,
        "model": TEXT,
        **_PRETRAINING,
        "n_labels": _or(_COUNT, _NOTHING),
        "draw": _COUNT,
    },
}
"""By kind of run."""

_MACHINE = ("processor", "system", "python", "numpy", "rectinet", "kernels", "instructions")
_FINISHED: Rules = {
    "dataset_checksum": TEXT,
    "finished": _DATE,
    "seconds": _SECONDS,
    "machine": _parts(cores=_COUNT, **dict.fromkeys(_MACHINE, TEXT)),
}
_TESTED: Rules = {**_FINISHED, "test_error": _SHARE, "test_rmse": _NUMBER}
VALUES: Mapping[str, Rules] = {
    "ClassifierSpec": {
        **_TESTED,
        "n_labels": _COUNT,
        "n_validation": _COUNT,
        "n_test": _COUNT,
        "validation_error": _or(_SHARE, _NOTHING),
        "learning_rates": _several(_NUMBER),
        "best_epoch": _COUNT,
        "epochs": _COUNT,
        "zeros": _several(_SHARE),
        "dead_units": _several(_COUNT),
        "validation_errors": _several(_SHARE),
        "wrong": _or(_WRONG, _NOTHING),
        "input_zeros": _SHARE,
    },
    "PretrainingSpec": {
        **_FINISHED,
        "learning_rates": _several(_NUMBER),
        "layers": _several(_parts(epochs=_COUNT, loss=_NUMBER, zeros=_SHARE, blocked=_NUMBER)),
        "picture_errors": _several(_NUMBER),
    },
    "BaselineSpec": {**_TESTED, "n_labels": _COUNT},
}
"""By kind of run."""

DIVERGED: Rules = {**_FINISHED, "diverged": _parts(message=TEXT)}

# What older versions did not write, and what only some runs have.
_OPTIONAL = {
    "commands",
    "activation.alpha",
    "settings.keep_best",
    "settings.sampling",
    "machine",
    "test_rmse",
    "input_zeros",
}
_BY_LAYER = ("zeros", "dead_units")


def check(content: Mapping[str, Any], rules: Rules, what: str) -> None:
    """Check that values are there and what they must be.

    Args:
        content: the values.
        rules: what they must be.
        what: whose values these are, for the message.

    Raises:
        StorageError: naming the first that is not.
    """
    for key, rule in rules.items():
        *path, last = key.split(".")
        where: Any = content
        for name in path:
            where = where.get(name) if isinstance(where, Mapping) else None
        if where is None:
            continue  # there is no such part, which its own rule allowed
        if last not in where:
            if not {key, key.removeprefix("pretraining.")} & _OPTIONAL:
                raise StorageError(f"{what} has no {key}, expected {rule.words}")
        elif not rule.holds(where[last]):
            raise StorageError(f"{what} has the {key} {where[last]!r:.60}, expected {rule.words}")


def check_run(name: str, spec: Mapping[str, Any], values: Mapping[str, Any], study: str) -> str:
    """Check what was run and what came out.

    Args:
        name: of the run.
        spec: what was run, as JSON-ready values.
        values: what came out, without the single epochs.
        study: name of the study.

    Returns:
        The kind of run, a key of `SPECS`.

    Raises:
        StorageError: naming what is missing or wrong.
    """
    if not isinstance(name, str):
        raise StorageError(f"a run has the name {name!r:.60}, expected text")
    kind = str(spec.get("type"))
    if kind not in SPECS:
        raise StorageError(f"{name} has the type {kind!r}, expected one of {', '.join(SPECS)}")
    check(spec, SPECS[kind], name)
    if "diverged" in values:
        check(values, DIVERGED, name)
        return kind
    check(values, VALUES[kind], name)
    sizes = spec.get("hidden_layer_sizes", ())
    for key in _BY_LAYER:
        if key in values and len(values[key]) != len(sizes):
            raise StorageError(
                f"{name} has {len(values[key])} values of {key}, expected {len(sizes)}: one for "
                "each hidden layer"
            )
    if study == "text-table" and kind != "PretrainingSpec":
        needed = {"test_rmse"} if sizes or kind == "BaselineSpec" else {"test_rmse", "input_zeros"}
        for key in sorted(needed - values.keys()):
            raise StorageError(f"{name} has no {key}, expected one: these are ratings")
    return kind
