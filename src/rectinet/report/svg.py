"""Drawings that take their colors from the page they stand in.

Matplotlib draws in placeholder colors; in the SVG text these become ``currentColor`` and CSS
variables, so that one drawing is right on a light and on a dark page.
"""

from __future__ import annotations

import functools
import hashlib
import html
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rectinet.studies import Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

INK = "#010203"
"""Text, axes and grid."""
GROUND = "#0a0b05"
"""Behind them."""

_SERIES = {"rectifier": "#0a0b01", "tanh": "#0a0b02", "softplus": "#0a0b03"}
_OTHER = "#0a0b04"
_NAMED = {**_SERIES, "other": _OTHER, "ground": GROUND}
_FALLBACK = {
    "rectifier": "#0072b2",
    "tanh": "#d55e00",
    "softplus": "#009e73",
    "other": "#cc79a7",
    "ground": "#ffffff",
}

_PADDING = 8  # around a drawing in a file of its own
_FILE_INK = "#1b1f24"

_STYLE = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # only measures the text; the page chooses the font
    "font.size": 11.5,
    "axes.labelsize": 11.5,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "legend.borderpad": 0,
    "legend.borderaxespad": 0.2,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "rectinet",
}


@dataclass(frozen=True, eq=False)
class Drawing:
    """What `paint` draws, as inline SVG.

    Attributes:
        paint: draws on an empty matplotlib figure.
        width: of the drawing, in units of which the text is about 11 high.
        height: of the drawing, in the same units.
        title: its short name, read by screen readers; also makes its ids its own.
        alt: what it shows, for those who cannot see it.
    """

    paint: Callable[[Canvas], None]
    width: int
    height: int
    title: str
    alt: str

    @functools.cached_property
    def svg(self) -> str:
        """Made on first use, in 0.2 s: a terminal shows none."""
        import io

        import matplotlib
        from matplotlib.figure import Figure as Canvas

        with matplotlib.rc_context(_STYLE):  # type: ignore[arg-type]
            canvas = Canvas(figsize=(self.width / 72, self.height / 72), layout="constrained")
            self.paint(canvas)
            stream = io.StringIO()
            nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            canvas.savefig(stream, format="svg", metadata=nothing)
        return _inline(stream.getvalue(), self.title, self.alt)


@dataclass(frozen=True)
class Figure:
    """A drawing and what to say about it.

    Attributes:
        title: a few words.
        caption: what one sees, in full sentences.
        drawing: see `Drawing`.
    """

    title: str
    caption: str
    drawing: Drawing

    @property
    def svg(self) -> str:
        """The drawing as inline SVG, safe to put into a page as it is."""
        return self.drawing.svg

    @property
    def file(self) -> str:
        """The drawing as a file of its own, dark on white whatever it is shown on."""
        view = re.search(r'viewBox="([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)"', self.svg)
        assert view is not None  # `Drawing` keeps it
        x, y, width, height = map(float, view.groups())
        pad = _PADDING
        box = f"{x - pad:g} {y - pad:g} {width + 2 * pad:g} {height + 2 * pad:g}"
        head, body = self.svg.split(">", 1)
        head = head.replace(view[0], f'viewBox="{box}" width="{width + 2 * pad:g}"')
        paper = f'<rect x="{x - pad:g}" y="{y - pad:g}" width="100%" height="100%" fill="#ffffff"/>'
        body = re.sub(r"var\(--\w+, (#\w+)\)", r"\1", body)
        style = f'<g color="{_FILE_INK}" font-family="sans-serif">'
        body = body.removesuffix("</svg>")
        return f"{head}>\n{paper}\n{style}{body}</g>\n</svg>\n"


def series_color(activation: str) -> str:
    """Return the placeholder color of an activation's marks."""
    return _SERIES.get(activation, _OTHER)


def half_widths(summaries: Iterable[Summary], scale: float = 1) -> list[float]:
    """Return the lengths of error bars; NaN, of which none is drawn, where there is no interval."""
    return [math.nan if each.half_width is None else scale * each.half_width for each in summaries]


def _inline(text: str, title: str, alt: str) -> str:
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # A style element inside an inline SVG would apply to the whole page; the page has the rule.
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = body.replace("'DejaVu Sans', sans-serif", "system-ui, sans-serif")
    body = _own_ids(body, "f" + hashlib.sha256(title.encode()).hexdigest()[:6] + "-")
    body = body.replace(INK, "currentColor")
    for name, color in _NAMED.items():
        body = body.replace(color, f"var(--{name}, {_FALLBACK[name]})")
    view = re.search(r'viewBox="[^"]*"', body)
    assert view is not None  # matplotlib always writes one
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{view[0]} role="img" aria-label="{html.escape(f"{title}. {alt}")}">'
    )
    return re.sub(r"\n\s*", "\n", head + body[body.index(">") + 1 :]).strip()


def _own_ids(body: str, prefix: str) -> str:
    """Drop the ids that nothing refers to, and prefix the others: ids are unique per page."""
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))

    def rename(match: re.Match[str]) -> str:
        return f' id="{prefix}{match[1]}"' if match[1] in used else ""

    body = re.sub(r' id="([^"]+)"', rename, body)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}", body)
