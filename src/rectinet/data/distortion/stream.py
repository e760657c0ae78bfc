"""An endless, reproducible stream of distorted examples."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np

from rectinet.data.check import check_labels
from rectinet.data.distortion.compose import DISTORTIONS, distort
from rectinet.data.distortion.interface import Distortion
from rectinet.data.distortion.production import Production
from rectinet.errors import InputError, SettingError
from rectinet.randomness import generator

SIDE = 32
"""Of the images that come out, in pixels: the paper's NISTP has 32x32."""
CHUNK = 128
"""Examples made at a time: enough to spread the cost of each NumPy call over, while an array of
them (0.5 MB) stays in the cache: 10,000 a second here, against 6,500 with 16 and 7,600 with 512.
Part of what a seed means: each chunk has a generator of its own."""

Minibatch = tuple[np.ndarray, np.ndarray]


class DistortionStream:
    """Examples 0, 1, 2, ... without end, each a random image under random distortions.

    Every example draws an image (with replacement), and for each distortion whether it applies
    (with the probability `Distortion.share`) and how strong it may be, uniform from 0 to
    `strength`. Example number k of a seed is always the same, whoever asks for it, in whatever
    order, in minibatches of whatever size, made by however many workers.

    Args:
        images: shape (n, height, width), or (n, height * width) if they are square; uint8, or
            floats in [0, 1]; ink is light, at most 32 pixels on a side. Smaller ones are centered
            on background.
        labels: shape (n,), class numbers.
        seed: draws everything.
        strength: the largest strength in [0, 1], or one for each distortion by its name; those not
            named are left out.
        distortions: which, in order.

    Raises:
        InputError: if images or labels cannot be used.
        SettingError: if the seed or a strength is out of range, or a name unknown.
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        *,
        seed: int,
        strength: float | Mapping[str, float] = 0.7,
        distortions: Sequence[Distortion] = DISTORTIONS,
    ):
        self._images = _as_images(images)
        self._labels = check_labels(labels, n_examples=len(self._images))
        self._distortions = tuple(distortions)
        self._largest = _largest_strengths(strength, self._distortions)
        self._shares = np.array([each.share for each in self._distortions])
        generator(seed, "distortion")  # complains about a seed that is none
        self._seed = seed

    def examples(self, start: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the examples from number `start`.

        Args:
            start: number of the first.
            count: how many.

        Returns:
            X, shape (count, 1024), float32 in [0, 1], and y, shape (count,), int64.

        Raises:
            SettingError: if `start` is below 0 or `count` below 1.
        """
        _check_whole("start", start, 0)
        _check_whole("count", count, 1)
        X = np.empty((count, SIDE * SIDE), dtype=np.float32)
        y = np.empty(count, dtype=np.int64)
        for number in range(start // CHUNK, (start + count - 1) // CHUNK + 1):
            chunk_X, chunk_y = self.chunk(number)
            first = max(start, number * CHUNK)
            last = min(start + count, (number + 1) * CHUNK)
            source = slice(first - number * CHUNK, last - number * CHUNK)
            X[first - start : last - start] = chunk_X[source]
            y[first - start : last - start] = chunk_y[source]
        return X, y

    def batch(self, number: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Return minibatch `number`, counted from 0, of those with `size` examples each.

        Returns:
            X, shape (size, 1024), float32 in [0, 1], and y, shape (size,), int64.

        Raises:
            SettingError: if `number` is below 0 or `size` below 1.
        """
        _check_whole("number", number, 0)
        _check_whole("size", size, 1)
        return self.examples(number * size, size)

    def minibatches(
        self,
        size: int,
        *,
        start: int = 0,
        workers: int = 1,
        processes: bool = False,
        ahead: int = 4,
    ) -> Generator[Minibatch, None, None]:
        """Return an endless iterator over `batch(start, size)`, `batch(start + 1, size)`, ...

        Examples are made ahead in the background, a chunk of 128 at a time, and wait until they
        are asked for. An error there is raised here. The background ends with the iterator: at
        its `close()`, when it is dropped, at Ctrl-C.

        Args:
            size: examples per minibatch.
            start: number of the first minibatch: an interrupted training goes on with the next.
            workers: how many make examples at the same time; 0: none, they are made when asked
                for.
            processes: make them in processes of their own instead of threads. Threads share the
                images; processes take a second to start and hold a copy each, but never hold up
                the Python code of the training.
            ahead: chunks that may wait.

        Raises:
            SettingError: if a number is out of range.
        """
        for name, value, least in (
            ("size", size, 1),
            ("start", start, 0),
            ("workers", workers, 0),
            ("ahead", ahead, 1),
        ):
            _check_whole(name, value, least)
        production = Production(self.chunk, workers=workers, processes=processes, ahead=ahead)
        return self._sliced(production, size, start)

    def chunk(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the 128 examples from number 128 * `number`; see `examples`."""
        random = generator(self._seed, "distortion", number)
        n = len(self._distortions)
        rows = random.integers(len(self._images), size=CHUNK)
        strengths = self._largest[:, None] * random.random((n, CHUNK))
        strengths[random.random((n, CHUNK)) >= self._shares[:, None]] = 0
        images = _framed(self._images[rows])
        distorted = distort(images, self._distortions, strengths.astype(np.float32), random)
        return distorted.reshape(CHUNK, -1), self._labels[rows]

    def _sliced(
        self, production: Production, size: int, start: int
    ) -> Generator[Minibatch, None, None]:
        first = start * size
        skipped = first % CHUNK
        X, y = np.empty((0, SIDE * SIDE), dtype=np.float32), np.empty(0, dtype=np.int64)
        with production.run(first // CHUNK) as chunks:
            for chunk_X, chunk_y in chunks:
                # What is left of the chunk before: less than a minibatch.
                X = np.concatenate([X, chunk_X[skipped:]])
                y = np.concatenate([y, chunk_y[skipped:]])
                skipped = 0
                whole = len(y) // size * size
                for position in range(0, whole, size):
                    yield X[position : position + size], y[position : position + size]
                X, y = X[whole:], y[whole:]


def _as_images(images: Any) -> np.ndarray:
    """Return (n, height, width), uint8 or float32, not copied where it need not be."""
    array = np.asarray(images)
    if array.ndim == 2:
        side = round(array.shape[1] ** 0.5)
        if side * side != array.shape[1]:
            raise InputError(
                f"images have {array.shape[1]} columns, which make no square; expected a square "
                "number, for instance 784: reshape them to (n, height, width)"
            )
        array = array.reshape(len(array), side, side)
    if array.ndim != 3 or not len(array) or array.dtype.kind not in "buif":
        raise InputError(
            f"images are of type {array.dtype} and shape {array.shape}; expected numbers of shape "
            "(n, height, width), n at least 1"
        )
    if max(array.shape[1:]) > SIDE or min(array.shape[1:]) < 2:
        raise InputError(
            f"images have {array.shape[1]}x{array.shape[2]} pixels; expected 2 to {SIDE} on a "
            "side: shrink them first"
        )
    if array.dtype == np.uint8:
        return array
    if not (array.min() >= 0 and array.max() <= 1):  # so that NaN fails as well
        raise InputError(
            f"images have values from {array.min()} to {array.max()}; expected 0 to 1, or uint8: "
            "divide by the largest value that a pixel can have"
        )
    return array.astype(np.float32, copy=False)


def _framed(images: np.ndarray) -> np.ndarray:
    """Return the images centered on 32x32 pixels of background, float32 in [0, 1]."""
    n, height, width = images.shape
    framed = np.zeros((n, SIDE, SIDE), dtype=np.float32)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    scale = np.float32(255 if images.dtype == np.uint8 else 1)
    np.divide(images, scale, out=framed[:, top : top + height, left : left + width])
    return framed


def _largest_strengths(
    strength: float | Mapping[str, float], distortions: Sequence[Distortion]
) -> np.ndarray:
    """Return the largest strength of each distortion, shape (k,)."""
    names = [each.name for each in distortions]
    if isinstance(strength, Mapping):
        unknown = [name for name in strength if name not in names]
        if unknown:
            raise SettingError(
                f"strength names the distortion {unknown[0]!r}; expected some of {', '.join(names)}"
            )
        largest = [strength.get(name, 0.0) for name in names]
    else:
        largest = [strength] * len(names)
    for value in largest:
        if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
            raise SettingError(f"strength is {value!r}; give a number from 0 to 1")
    return np.array(largest, dtype=np.float64)


def _check_whole(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int | np.integer) or value < least:
        raise SettingError(f"{name} is {value!r}; give a whole number of {least} or more")
