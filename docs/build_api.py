"""Write docs/api.md: every public name, how it is called, and the first line of what it says.

python docs/build_api.py          # write the page
python docs/build_api.py --check  # exit with 1 if the page is not current
"""

from __future__ import annotations

import enum
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PAGE = Path(__file__).parent / "api.md"

# In the order of a reader's needs; a name stands where it comes first.
MODULES = (
    "rectinet",
    "rectinet.analysis",
    "rectinet.data",
    "rectinet.estimators",
    "rectinet.export",
)

_HEAD = """# Every public name

Made from the docstrings by `docs/build_api.py`; a test sees to it that it is current. `help(name)`
has shapes, units and errors; `make api` writes pages with all of it to `build/api`.
"""


def main() -> int:
    """Write the page, or compare it."""
    page = render()
    if "--check" not in sys.argv:
        PAGE.write_text(page)
        return 0
    return int(PAGE.read_text() != page)


def render() -> str:
    """Return the page."""
    seen: set[int] = set()
    parts = [_HEAD]
    for name in MODULES:
        module = importlib.import_module(name)
        rows = "\n".join(_rows(module, seen))
        parts.append(f"## {name}\n\n{_first_line(module)}\n\n| | |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def _rows(module: ModuleType, seen: set[int]) -> Iterator[str]:
    for name in sorted(module.__all__, key=str.lower):
        value = getattr(module, name)
        # Constants have no docstring of their own: inspect would show that of their type.
        if not (inspect.isclass(value) or inspect.isroutine(value)) or id(value) in seen:
            continue
        seen.add(id(value))
        yield f"| `{_call(name, value)}` | {_first_line(value)} |"
        if inspect.isclass(value):
            for method, function in sorted(_methods(value)):
                yield f"| &emsp;`.{_call(method, function)}` | {_first_line(function)} |"


def _methods(value: type) -> Iterator[tuple[str, Any]]:
    for name, function in inspect.getmembers(value, inspect.isroutine):
        home = getattr(function, "__module__", None) or ""
        if not name.startswith("_") and home.startswith("rectinet") and function.__doc__:
            yield name, function


def _call(name: str, value: Any) -> str:
    """Return the name and its arguments, without types and defaults: those are in the docstring."""
    if inspect.isclass(value) and issubclass(value, Exception | enum.Enum):
        return name
    try:
        parameters = inspect.signature(value).parameters.values()
    except ValueError:  # no signature: a protocol, or compiled
        return name
    said, keyword = [], False
    for parameter in parameters:
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword:
            keyword = True
            said.append("*")
        optional = parameter.default is not parameter.empty
        said.append(f"{parameter.name}=" if optional else str(parameter).split(":")[0])
    if len(said) > 8:
        said = [*said[:6], "..."]
    return f"{name}({', '.join(said)})"


def _first_line(value: Any) -> str:
    lines = (inspect.getdoc(value) or "").split("\n\n")[0].split()
    return " ".join(lines).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
