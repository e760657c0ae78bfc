"""Values that JSON brings back unchanged, checked on the way out and on the way in."""

from __future__ import annotations

import json
import math
from typing import Any

from rectinet.storage.unfit import UnfitError, shown

# Far more than any model has, far less than what exhausts Python's stack.
_DEEPEST = 50

# The states of random generators have 128 bits.
_MOST_BITS = 256


def parse_object(content: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object that `content` is.

    Args:
        content: UTF-8.
        what: what the messages call it.

    Raises:
        UnfitError: if it is not JSON, not an object, has NaN or an infinity, a name twice in one
            object, or lists within lists without end.
    """
    try:
        value = json.loads(
            content.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except UnfitError as error:
        raise UnfitError(f"{what} {error}") from error
    except (ValueError, RecursionError) as error:
        raise UnfitError(f"{what} is not JSON: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise UnfitError(f"{what} is {shown(value)}; expected a JSON object")
    check_plain(value, what)
    return value


def check_plain(value: Any, what: str, depth: int = 0) -> None:
    """Refuse what JSON would not bring back the same, but for tuples, which become lists.

    Raises:
        UnfitError: naming the value and where in `what` it is.
    """
    if depth > _DEEPEST:
        raise UnfitError(f"{what[:60]}... is nested more than {_DEEPEST} deep")
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if value.bit_length() > _MOST_BITS:
            raise UnfitError(f"{what} has more than {_MOST_BITS} bits; expected a smaller number")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise UnfitError(f"{what} is {value}; expected a finite number")
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            check_plain(each, f"{what}[{index}]", depth + 1)
    elif isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                raise UnfitError(f"{what} has the key {shown(key)}; expected text")
            check_plain(each, f"{what}[{shown(key)}]", depth + 1)
    else:
        raise UnfitError(
            f"{what} is of type {type(value).__name__}; expected what JSON knows: None, True, "
            "False, numbers, text, lists and dicts of them (arrays belong into `arrays`)"
        )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in content if names.count(name) > 1)
        raise UnfitError(f"has the name {shown(twice)} twice in one object; expected it once")
    return content


def _refuse_constant(name: str) -> None:
    raise UnfitError(f"has the value {name}; expected finite numbers")
