"""What fills the templates of all pages."""

from __future__ import annotations

import jinja2


def environment(*, escape: bool = True) -> jinja2.Environment:
    """Return what fills the templates.

    Args:
        escape: whether text is made safe to stand in HTML.
    """
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("rectinet.report"),
        autoescape=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["tied"] = _tied
    made.filters["named"] = _named
    return made


def _named(setting: str) -> str:
    """Return a setting's name within a sentence; L1 and L2 stay as they are."""
    return setting if setting[1:2].isdigit() else setting.lower()


def _tied(text: str) -> str:
    """Keep a mean and its interval on one line."""
    return text.replace(" ± ", "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}")
