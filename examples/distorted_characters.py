"""Draw what the distortions do: a row for each, and its strength growing to the right.

Below them, the stream as training gets it: all distortions together, at the strength 0.7.

    python examples/distorted_characters.py --data-dir DIR [--dataset characters] [--out FILE.png]
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from rectinet import RectinetError, generator, load_dataset
from rectinet.data.distortion import DISTORTIONS, SIDE, DistortionStream

COLUMNS = 18
STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
STREAM_ROWS = 6
STREAM_STRENGTH = 0.7


def framed(X: np.ndarray) -> np.ndarray:
    """Return images (n, 32, 32): the rows of `X`, centered on background."""
    side = math.isqrt(X.shape[1])
    border = SIDE - side
    before, after = border // 2, border - border // 2
    return np.pad(X.reshape(-1, side, side), ((0, 0), (before, after), (before, after)))


def sheet(images: np.ndarray, seed: int) -> np.ndarray:
    """Return a row of images for each distortion, shape (k, COLUMNS, 32, 32).

    The images of a row are different characters, three for each strength.
    """
    strengths = np.repeat(STRENGTHS, COLUMNS // len(STRENGTHS))
    return np.stack(
        [
            distortion(images, strengths, generator(seed, "sheet", row))
            for row, distortion in enumerate(DISTORTIONS)
        ]
    )


def tiled(rows: np.ndarray) -> np.ndarray:
    """Return one picture of images (rows, columns, 32, 32)."""
    down, across = rows.shape[:2]
    return rows.swapaxes(1, 2).reshape(down * SIDE, across * SIDE)


def draw(rows: np.ndarray, stream: np.ndarray, path: Path) -> None:
    """Write both parts to an image file."""
    figure = Figure(figsize=(10, 12), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=[len(rows), len(stream)])
    for axes, part in ((upper, rows), (lower, stream)):
        axes.imshow(tiled(part), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        axes.set_xticks([])
        axes.set_yticks([])
    upper.set_yticks([(row + 0.5) * SIDE for row in range(len(rows))])
    upper.set_yticklabels([distortion.name for distortion in DISTORTIONS])
    width = COLUMNS * SIDE / len(STRENGTHS)
    upper.set_xticks([(column + 0.5) * width for column in range(len(STRENGTHS))])
    upper.set_xticklabels([f"strength {strength:g}" for strength in STRENGTHS])
    upper.xaxis.tick_top()
    lower.set_title(f"all together, each with a strength of up to {STREAM_STRENGTH:g}")
    figure.savefig(path, dpi=110)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the data, distort, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with the data set's files")
    parser.add_argument("--dataset", default="characters", help="its name (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("distorted_characters.png"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        train = load_dataset(options.dataset, data_dir=options.data_dir).train
        chosen = generator(options.seed, "characters").integers(len(train.y), size=COLUMNS)
        stream = DistortionStream(train.X, train.y, seed=options.seed, strength=STREAM_STRENGTH)
        X, _ = stream.batch(0, STREAM_ROWS * COLUMNS)
        rows = sheet(framed(train.X[chosen]), options.seed)
        draw(rows, X.reshape(STREAM_ROWS, COLUMNS, SIDE, SIDE), options.out)
    except RectinetError as error:
        sys.exit(f"error: {error}")
    print(f"{options.out} is drawn")


if __name__ == "__main__":
    main()
