from __future__ import annotations

import io

import pytest
from rich.console import Console

from rectinet.nn import Tanh
from rectinet.report.inspection import print_inspection


@pytest.fixture
def printed(inspect):
    def show(width=80, **changes):
        stream = io.StringIO()
        print_inspection(inspect(**changes), Console(file=stream, width=width))
        return stream.getvalue()

    return show


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("changes", [{}, {"y": None}, {"activation": Tanh()}])
def test_fits_80_columns(printed, width, changes):
    text = printed(width, **changes)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert "…" not in text
    assert "\x1b" not in text


def test_tables_and_findings(printed, inspect):
    found = inspect()
    rows = [" ".join(line.split()) for line in printed().splitlines()]
    start = f"1 12 {100 * found.sparsity.zeros[0]:.1f} {len(found.sparsity.dead[0])}"
    assert any(row.startswith(start) for row in rows)
    assert any(row.startswith(f"output {found.layers[-1].weight_norm:.4g}") for row in rows)
    text = " ".join(rows)
    assert f"{found.patterns.distinct} distinct sets of units" in text
    assert f"It is right for {100 * found.accuracy:.1f}% of the 90 that have a label" in text


def test_what_was_not_measured_is_a_dash(printed):
    rows = [" ".join(line.split()) for line in printed(activation=Tanh(), y=None).splitlines()]
    assert any(row.startswith("1 12 0.0 0 12 – ") and row.endswith("– –") for row in rows)


def test_brackets_in_titles_are_no_markup(printed):
    assert "[bold]x" in printed(title="[bold]x")
