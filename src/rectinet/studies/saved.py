"""A study's results as one small JSON file, without weights: what a repository can hold.

Runs that differ in their seed, or draw of labels, alone share one entry of ``settings``, and what
all settings have in common is written once, so that 200 runs take some tens of kilobytes.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from rectinet.errors import StorageError, StudyError
from rectinet.files import check_ours, make_folder, read_json, write_bytes
from rectinet.nn import Array
from rectinet.studies.results import (
    ClassifierResult,
    RunResult,
    StudyResults,
    collect,
    run_result,
)
from rectinet.studies.schema import DESCRIPTION, check

FORMAT = 1
_FILE = "results.json"
_SEEDS = ("seed", "pretraining.seed")
_DRAW = "draw"
# Of numbers in lists: zeros, losses, validation errors. With four, means of a few of them could be
# rounded otherwise than those of the run itself: 81.5% zeros beside 81.4%.
_DIGITS = 6
_LINE = 100
_ALWAYS = ("classifiers", "stacks")
_KINDS = (*_ALWAYS, "baselines", "diverged")
_NO_RUNS: Mapping[str, Any] = {"runs": ()}
_CURE = "save the study again, or take the file from the repository again"
_DAMAGES = (KeyError, IndexError, TypeError, ValueError, AttributeError, zlib.error)

Flat = dict[str, Any]


def is_saved(folder: Path) -> bool:
    """Return whether `save_study` wrote the folder."""
    return (folder / _FILE).exists()


def save_study(results: StudyResults, folder: Path) -> StudyResults:
    """Write a study's results without weights, and return them as `read_saved` reads them.

    Validation errors after each epoch are kept of networks with all labels. Which test examples are
    wrong is kept where the pairwise test wants it: of the same, if there are some with and some
    without pre-training.

    Raises:
        StudyError: if the folder holds another study.
        StorageError: if it cannot be written, or the folder holds other things.
    """
    check_ours(folder, _FILE, "saved study")
    if is_saved(folder):
        there = read_saved(folder).description
        for name in ("study", "dataset", "protocol"):
            if there[name] != results.description[name]:
                raise StudyError(
                    f"{folder} holds another saved study ({name} {there[name]!r}); give another "
                    "folder with --save"
                )
    starts = {run.pretrained for run in results.classifiers}
    study = {**results.description, "commands": _commands(results.description)}
    study.pop("runs", None)  # their names stand with the runs
    content = {
        "format": FORMAT,
        "study": study,
        "unfinished": list(results.unfinished_runs),
        "classifiers": _pack(results.classifiers, keep_wrong=len(starts) == 2),
        "stacks": _pack(results.stacks, keep_wrong=False),
    }
    if results.baselines:
        content["baselines"] = _pack(results.baselines, keep_wrong=False)
    if results.diverged:
        content["diverged"] = _pack(results.diverged, keep_wrong=False)
    make_folder(folder)
    write_bytes(folder / _FILE, _text(content).encode())
    return read_saved(folder)


def read_saved(folder: Path) -> StudyResults:
    """Read what `save_study` wrote.

    Raises:
        StudyError: if it was written by another version.
        StorageError: if the file is damaged: something is missing or cannot be.
    """
    path = folder / _FILE
    content = read_json(path)
    if content.get("format") != FORMAT:
        raise StudyError(
            f"{path} has the format {content.get('format')!r}; this version of rectinet reads "
            f"format {FORMAT}: save the study again, or use that version"
        )
    try:
        study, unfinished = dict(content["study"]), list(map(str, content["unfinished"]))
        check(study, DESCRIPTION, "it")
        runs = [
            run_result(*run, None, study["study"])
            for kind in _KINDS
            for run in _unpack(content[kind] if kind in _ALWAYS else content.get(kind, _NO_RUNS))
        ]
    except StorageError as error:
        raise StorageError(f"cannot read {path}: {error}; {_CURE}") from error
    except _DAMAGES as error:
        raise StorageError(f"cannot read {path}: it is damaged ({error!r}); {_CURE}") from error
    return collect(folder, study, runs, unfinished)


def _pack(
    runs: Sequence[RunResult],
    *,
    keep_wrong: bool,
) -> dict[str, Any]:
    settings: dict[str, int] = {}  # a spec without its seed, as JSON text -> its number
    rows, values = [], []
    for run in runs:
        spec = _flatten(run.spec)
        own = {key: value for key, value in spec.items() if key not in (*_SEEDS, _DRAW)}
        text = json.dumps(own, sort_keys=True)
        number = settings.setdefault(text, len(settings))
        rows.append({"name": run.name, "settings": number, "seed": run.seed})
        if _DRAW in spec:
            rows[-1][_DRAW] = spec[_DRAW]
        found = dict(run.values)
        if isinstance(run, ClassifierResult):
            all_labels = run.labels_per_class is None
            found["wrong"] = _encode(run.wrong) if keep_wrong and all_labels else None
            found["validation_errors"] = found["validation_errors"] if all_labels else []
        values.append(
            {
                key: value if isinstance(value, float) else _short(value)
                for key, value in sorted(found.items())
            }
        )
    common, distinct = _share([json.loads(text) for text in settings])
    common_values, own_values = _share(values)
    packed = [row | {"values": own} for row, own in zip(rows, own_values, strict=True)]
    return {
        "common": common,
        "settings": distinct,
        "common_values": common_values,
        "runs": packed,
    }


def _unpack(content: Mapping[str, Any]) -> list[tuple[str, Flat, Flat]]:
    found = []
    for run in content["runs"]:
        flat = {**content["common"], **content["settings"][run["settings"]]}
        flat |= {key: run["seed"] for key in _SEEDS if key == "seed" or "pretraining.type" in flat}
        if _DRAW in run:
            flat[_DRAW] = run[_DRAW]
        values = {**content["common_values"], **run["values"]}
        if values.get("wrong") is not None:
            values["wrong"] = _decode(values["wrong"], values["n_test"])
        found.append((run["name"], _nest(flat), values))
    return found


def _share(rows: Sequence[Flat]) -> tuple[Flat, list[Flat]]:
    """Split rows into the entries that all have alike, and what is left of each."""
    first = rows[0] if rows else {}
    common = {
        key: value
        for key, value in first.items()
        if all(key in row and row[key] == value for row in rows)
    }
    return common, [{key: row[key] for key in row if key not in common} for row in rows]


def _flatten(spec: Mapping[str, Any], prefix: str = "") -> Flat:
    """Return nested dicts as one, with keys such as ``settings.activation_l1``."""
    flat: Flat = {}
    for key, value in spec.items():
        if isinstance(value, Mapping) and value:
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _nest(flat: Flat) -> dict[str, Any]:
    """Undo `_flatten`."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        where = nested
        for key in path:
            where = where.setdefault(key, {})
        where[last] = value
    return nested


def _text(value: Any, indent: str = "") -> str:
    """Return JSON with a line of its own for each run: small, and its changes can be read."""
    compact = json.dumps(value, allow_nan=False)
    inner = indent + " "
    if isinstance(value, Mapping) and len(compact) > _LINE and "values" not in value:
        entries = [f"{inner}{json.dumps(key)}: {_text(value[key], inner)}" for key in value]
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, list) and len(compact) > _LINE:
        return "[\n" + ",\n".join(inner + _text(each, inner) for each in value) + f"\n{indent}]"
    return compact


def _short(value: Any) -> Any:
    """Round the numbers in lists and dicts."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, list | tuple):
        return [_short(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _short(each) for key, each in value.items()}
    return value


def _encode(wrong: Array | None) -> str | None:
    """Return one bit per example, compressed: 1% of 10,000 wrong take 250 characters."""
    if wrong is None:
        return None
    return base64.b64encode(zlib.compress(np.packbits(wrong).tobytes(), 9)).decode()


def _decode(text: str, n_test: int) -> Array:
    bits = np.frombuffer(zlib.decompress(base64.b64decode(text, validate=True)), np.uint8)
    return np.unpackbits(bits, count=n_test).astype(bool)


def _commands(description: Mapping[str, Any]) -> list[str]:
    """Return the commands with only the last name of absolute paths: the rest is one machine's."""
    return [
        re.sub(r"(?<=[\s=])/\S+", lambda path: f"…/{PurePath(path[0]).name}", command)
        for command in description.get("commands", [])
    ]
