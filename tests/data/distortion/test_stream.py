from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectinet.data.distortion import DISTORTIONS, DistortionStream, Pixelwise, stream
from rectinet.data.distortion.production import Production
from rectinet.errors import InputError, SettingError

N = 50
IMAGES = np.random.default_rng(0).integers(0, 256, (N, 28, 28), dtype=np.uint8)
LABELS = np.arange(N)
"""A label for each image, so that it can be told which one came."""
CHUNK = stream.CHUNK


@pytest.fixture(scope="module")
def characters_stream() -> DistortionStream:
    return DistortionStream(IMAGES, LABELS, seed=5)


@pytest.fixture(scope="module")
def reference(characters_stream: DistortionStream) -> tuple[np.ndarray, np.ndarray]:
    """Return the first five chunks."""
    return characters_stream.examples(0, 5 * CHUNK)


def test_examples_are_images_in_the_unit_interval(reference: Any) -> None:
    X, y = reference
    assert (X.shape, X.dtype) == ((5 * CHUNK, 1024), np.float32)
    assert (y.shape, y.dtype) == ((5 * CHUNK,), np.int64)
    assert X.min() >= 0
    assert X.max() <= 1
    assert set(y) == set(range(N))  # 640 draws from 50: each is there


@settings(max_examples=25)  # up to 600 images are made in each
@given(size=st.integers(1, 2 * CHUNK), data=st.data())
def test_a_batch_is_the_same_in_whatever_order_it_is_asked_for(
    size: int, data: st.DataObject, characters_stream: DistortionStream, reference: Any
) -> None:
    X, y = reference
    last = len(y) // size
    for number in data.draw(st.lists(st.integers(0, last - 1), min_size=1, max_size=3)):
        batch_X, batch_y = characters_stream.batch(number, size)
        rows = slice(number * size, (number + 1) * size)
        np.testing.assert_array_equal(batch_X, X[rows])
        np.testing.assert_array_equal(batch_y, y[rows])


@pytest.mark.parametrize(
    ("workers", "processes", "size", "start"),
    [
        *itertools.product([0, 1, 3], [False], [10, CHUNK], [0, 1]),
        (0, False, 200, 1),
        (3, False, 100, 3),
        (2, True, 100, 3),
    ],
)
def test_minibatches_are_the_same_whoever_makes_them(
    workers: int,
    processes: bool,
    size: int,
    start: int,
    characters_stream: DistortionStream,
    reference: Any,
) -> None:
    X, y = reference
    minibatches = characters_stream.minibatches(
        size, start=start, workers=workers, processes=processes
    )
    with contextlib.closing(minibatches):
        for number, (batch_X, batch_y) in zip(
            range(start, len(y) // size), minibatches, strict=False
        ):
            rows = slice(number * size, (number + 1) * size)
            np.testing.assert_array_equal(batch_X, X[rows])
            np.testing.assert_array_equal(batch_y, y[rows])


def test_seeds_differ(characters_stream: DistortionStream, reference: Any) -> None:
    other = DistortionStream(IMAGES, LABELS, seed=6)
    assert not np.array_equal(other.batch(0, 10)[0], reference[0][:10])


@pytest.mark.parametrize("images", [IMAGES, IMAGES / 255, (IMAGES / 255).reshape(N, 784)])
def test_strength_0_gives_the_images_centered_on_background(images: np.ndarray) -> None:
    X, y = DistortionStream(images, LABELS, seed=0, strength=0.0).batch(0, 100)
    framed = np.pad(IMAGES[y] / 255, ((0, 0), (2, 2), (2, 2)))  # 32 = 2 + 28 + 2
    np.testing.assert_allclose(X.reshape(-1, 32, 32), framed, rtol=1e-6)


def test_labels_belong_to_their_images() -> None:
    # Weak distortions: each example is still nearest to the image it was made from.
    X, y = DistortionStream(IMAGES, LABELS, seed=0, strength=0.02).batch(0, 100)
    framed = np.pad(IMAGES / 255, ((0, 0), (2, 2), (2, 2))).reshape(N, 1024)
    distance = ((X[:, None] - framed[None]) ** 2).sum(axis=2)
    # Turned to the negative, an image is nearest to none: polarity is left out.
    upright = np.abs(X.mean(axis=1) - framed[y].mean(axis=1)) < 0.1
    np.testing.assert_array_equal(distance.argmin(axis=1)[upright], y[upright])
    assert upright.mean() > 0.9


def test_distortions_are_applied_to_their_share_up_to_their_strength() -> None:
    seen: list[np.ndarray] = []

    def note(images: np.ndarray, strength: np.ndarray, _: Any) -> np.ndarray:
        seen.append(strength)
        return images

    noting = Pixelwise("noting", share=0.25, change=note)
    DistortionStream(IMAGES, LABELS, seed=0, strength=0.4, distortions=[noting]).batch(0, 10_000)
    n_made = -(-10_000 // CHUNK) * CHUNK
    strengths = np.concatenate(seen)
    # 0.25 of 10,000 with a standard deviation of 43; uniform on (0, 0.4): mean 0.2, 0.002 off.
    assert abs(len(strengths) - 0.25 * n_made) < 4 * 43
    assert abs(strengths.mean() - 0.2) < 4 * 0.0024
    assert 0 < strengths.min() < strengths.max() < 0.4


def test_strengths_by_name() -> None:
    only_noise = DistortionStream(IMAGES, LABELS, seed=0, strength={"gaussian noise": 1.0})
    X, y = only_noise.batch(0, 100)
    framed = np.pad(IMAGES[y] / 255, ((0, 0), (2, 2), (2, 2))).reshape(-1, 1024)
    changed = (np.abs(X - framed) > 1e-6).any(axis=1)
    share = next(each.share for each in DISTORTIONS if each.name == "gaussian noise")
    assert abs(changed.mean() - share) < 4 * np.sqrt(share * (1 - share) / 100)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"images": IMAGES / 128},
            InputError,
            "values from 0.0 to 1.99.*expected 0 to 1, or uint8",
        ),
        ({"images": np.full((N, 4, 4), np.nan)}, InputError, "values from nan"),
        ({"images": IMAGES[:0]}, InputError, "n at least 1"),
        ({"images": IMAGES[0, 0]}, InputError, r"shape \(28,\)"),
        ({"images": np.zeros((N, 10))}, InputError, "10 columns, which make no square"),
        ({"images": np.zeros((N, 33, 8))}, InputError, "33x8 pixels; expected 2 to 32"),
        ({"images": np.full((N, 4, 4), "a")}, InputError, "of type <U1"),
        ({"labels": LABELS[1:]}, InputError, r"y has shape \(49,\); expected \(50,\)"),
        ({"labels": LABELS - 1}, InputError, "label -1 at position 0"),
        ({"seed": -1}, SettingError, "seed is -1"),
        ({"strength": 1.01}, SettingError, "strength is 1.01; give a number from 0 to 1"),
        ({"strength": np.nan}, SettingError, "strength is nan"),
        ({"strength": {"slnat": 1.0}}, SettingError, "names the distortion 'slnat'; .*slant"),
        ({"strength": {"slant": -1.0}}, SettingError, "strength is -1.0"),
    ],
)
def test_bad_input_is_refused(
    changes: dict[str, Any], error: Any, message: str, raises_one_line: Any
) -> None:
    arguments = {"images": IMAGES, "labels": LABELS, "seed": 0} | changes
    with raises_one_line(error, message):
        DistortionStream(arguments.pop("images"), arguments.pop("labels"), **arguments)


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("batch", {"number": -1, "size": 10}, "number is -1; give a whole number of 0 or more"),
        ("batch", {"number": 0, "size": 0}, "size is 0; give a whole number of 1 or more"),
        ("examples", {"start": 0.5, "count": 1}, "start is 0.5"),
        ("minibatches", {"size": 0}, "size is 0"),
        ("minibatches", {"size": 1, "start": -1}, "start is -1"),
        ("minibatches", {"size": 1, "workers": -1}, "workers is -1"),
        ("minibatches", {"size": 1, "ahead": 0}, "ahead is 0"),
    ],
)
def test_bad_numbers_are_refused_at_once(
    method: str,
    arguments: dict[str, Any],
    message: str,
    characters_stream: DistortionStream,
    raises_one_line: Any,
) -> None:
    with raises_one_line(SettingError, message):
        getattr(characters_stream, method)(**arguments)


def test_memory_stays_flat(characters_stream: DistortionStream) -> None:
    minibatches = characters_stream.minibatches(10, workers=0)

    def peak() -> int:
        tracemalloc.reset_peak()
        for _ in itertools.islice(minibatches, 40):
            pass
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        early = max(peak() for _ in range(3))
        late = max(peak() for _ in range(6))
    finally:
        tracemalloc.stop()
    assert late < early + 128 * 1024  # bytes: a quarter of a chunk


def our_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith("rectinet-stream")]


@pytest.mark.parametrize("end", ["close", "drop", "interrupt"])
def test_the_background_ends_with_the_iterator(
    end: str, characters_stream: DistortionStream
) -> None:
    minibatches: Any = characters_stream.minibatches(10, workers=2)
    next(minibatches)
    assert our_threads()
    if end == "close":
        minibatches.close()
    elif end == "drop":
        del minibatches
    else:
        # Where Ctrl-C finds the main thread: inside the iterator, waiting.
        with pytest.raises(KeyboardInterrupt):
            minibatches.throw(KeyboardInterrupt)
    assert not our_threads()


def fails_at_3(number: int) -> int:
    if number == 3:
        raise InputError("the third piece is broken")
    return number


@pytest.mark.parametrize(("workers", "processes"), [(0, False), (1, False), (4, False), (1, True)])
def test_errors_of_the_producer_reach_the_consumer_in_order(workers: int, processes: bool) -> None:
    production = Production(fails_at_3, workers=workers, processes=processes, ahead=4)
    received = []
    with (
        pytest.raises(InputError, match="the third piece is broken"),
        production.run(0) as pieces,
    ):
        for piece in pieces:
            received.append(piece)  # noqa: PERF402 - what came before the error is looked at
    assert received == [0, 1, 2]
    assert not our_threads()


def test_no_more_is_made_ahead_than_may_wait() -> None:
    made: list[int] = []
    production = Production(
        lambda number: made.append(number) or number, workers=1, processes=False, ahead=3
    )
    with production.run(10) as pieces:
        assert [next(pieces) for _ in range(2)] == [10, 11]
    # Asked for: 10 and 11; three more may wait.
    assert set(made) <= set(range(10, 15))


@pytest.mark.skipif(os.name != "posix", reason="signals to a group of processes are POSIX")
@pytest.mark.parametrize("processes", [False, True])
def test_ctrl_c_ends_everything_at_once(processes: bool) -> None:
    program = textwrap.dedent(f"""
        import signal
        import numpy as np
        from rectinet.data.distortion import DistortionStream
        # Heeded even where the shell that runs the tests in the background has it ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stream = DistortionStream(np.zeros((5, 28, 28)), np.arange(5), seed=0)
        for number, _ in enumerate(stream.minibatches(10, workers=2, processes={processes})):
            if number == 5:
                print("running", flush=True)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        # Until the end of both pipes, which every worker holds open for as long as it lives.
        _, complaints = process.communicate(timeout=60)
    assert complaints.rstrip().endswith("KeyboardInterrupt")
    assert complaints.count("Traceback") == 1  # the main program's; the workers are silent
