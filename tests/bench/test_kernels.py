"""The grid of the kernels, and where a calibration puts the border."""

import pytest

from rectinet.bench.calibration import crossing
from rectinet.bench.kernels import Grid
from rectinet.errors import SettingError

SHARES = (0.1, 0.2, 0.4, 0.8)


@pytest.mark.parametrize(
    ("ratios", "border"),
    [
        ((0.2, 0.3, 0.5, 0.9), 1.0),  # native is always faster
        ((1.1, 1.5, 2.0, 4.0), 0.0),  # never
        ((0.5, 0.5, 2.0, 4.0), 0.3),  # log 0.5 and log 2 meet halfway between 0.2 and 0.4
        ((0.5, 1.02, 0.5, 2.0), 0.6),  # noise at 0.2
        ((0.5, 2.0, 0.98, 2.0), 0.15),  # noise at 0.4
        ((1.01, 0.4, 0.5, 2.0), 0.6),  # noise at the smallest share
    ],
)
def test_the_border_is_where_the_ratio_crosses_one(ratios, border):
    assert crossing(SHARES, ratios) == pytest.approx(border)


def test_the_grid_is_all_combinations():
    grid = Grid(1, batches=(1, 2), shapes=((3, 4), (5, 6), (7, 8)), active=(0.1, 1))
    assert len(set(grid.jobs())) == 2 * 2 * 3 * 2


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"batches": (1, 0)}, "is 0; give 1 or more"),
        ({"shapes": ((3, -1),)}, "is -1; give 1 or more"),
        ({"active": (1.5,)}, "active is 1.5"),
    ],
)
def test_nonsense_is_refused(settings, match, raises_one_line):
    with raises_one_line(SettingError, match):
        Grid(1, **settings)
