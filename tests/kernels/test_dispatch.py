"""Who does a call: by mode, by the share of active inputs, and on the record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.engine import CpuEngine
from rectinet.errors import SettingError
from rectinet.kernels import MODES, SGD, Kernels, Step, native
from rectinet.kernels.thresholds import BATCH_SIZES, WIDTHS, Thresholds
from rectinet.nn import Rectifier, initialize_network
from rectinet.training import FinetuningSettings, finetune

NEEDS_NATIVE = pytest.mark.skipif(
    not native.AVAILABLE, reason="rectinet was installed without a C++ compiler"
)


def everywhere(**shares: float) -> Thresholds:
    """Return the same share for all batches and widths."""
    return Thresholds(
        {k: ((share,) * len(BATCH_SIZES),) * len(WIDTHS) for k, share in shares.items()}
    )


HALF = everywhere(forward=0.5, backward=0.5)
ALWAYS = everywhere(forward=1.0, backward=1.0)


def with_share(share: float, random: np.random.Generator) -> np.ndarray:
    """Return 10 inputs for 20 examples, of which exactly a share is active."""
    x = np.zeros(200)
    x[: round(share * 200)] = 1
    return random.permutation(x).reshape(20, 10)


def pass_through(
    kernels: Kernels, x: Any, draw: Callable[..., Any], units: int = 3
) -> dict[str, int]:
    """Do a forward and a backward pass, and return who did them."""
    example = draw((x.shape[0], x.shape[1], units))
    kernels.forward(x, example.weight, example.bias, example.sign, True)
    kernels.backward(x, example.delta, example.weight, example.bias, Step(SGD, 0.1))
    return kernels.chosen()


@NEEDS_NATIVE
@pytest.mark.parametrize(
    ("thresholds", "share", "name"),
    [
        (HALF, 0.0, "native"),
        (HALF, 0.5, "native"),
        (HALF, 0.505, "blas"),
        (HALF, 1.0, "blas"),
        (ALWAYS, 1.0, "native"),
    ],
)
def test_auto_follows_the_share_of_active_inputs(
    thresholds: Thresholds,
    share: float,
    name: str,
    draw: Callable[..., Any],
    random: np.random.Generator,
) -> None:
    kernels = Kernels("auto", thresholds)
    assert kernels.thresholds is thresholds
    chosen = pass_through(kernels, with_share(share, random), draw)
    assert chosen == {f"backward {name}": 1, f"forward {name}": 1}


@NEEDS_NATIVE
def test_each_pass_has_its_own_threshold(
    draw: Callable[..., Any], random: np.random.Generator
) -> None:
    kernels = Kernels("auto", everywhere(forward=0.6, backward=0.4))
    chosen = pass_through(kernels, with_share(0.5, random), draw)
    assert chosen == {"backward blas": 1, "forward native": 1}


@NEEDS_NATIVE
def test_auto_follows_the_number_of_units(draw: Callable[..., Any]) -> None:
    rows = tuple((share,) * len(BATCH_SIZES) for share in (0.1, 0.5, 0.9))
    shares = Thresholds({"forward": rows, "backward": rows})
    x = np.array([[1.0, 0.0]])  # half of the inputs are active
    for units, name in ((WIDTHS[0], "blas"), (WIDTHS[-1], "native")):
        chosen = pass_through(Kernels("auto", shares), x, draw, units)
        assert chosen == {f"backward {name}": 1, f"forward {name}": 1}


@NEEDS_NATIVE
def test_auto_follows_the_number_of_examples(draw: Callable[..., Any]) -> None:
    falling = (tuple(np.linspace(0.9, 0.1, len(BATCH_SIZES))),) * len(WIDTHS)
    kernels = Kernels("auto", Thresholds({"forward": falling, "backward": falling}))
    for n, name in ((1, "native"), (512, "blas")):
        x = np.tile([1.0, 0.0], (n, 5))  # half of the inputs are active
        assert pass_through(kernels, x, draw) == {f"backward {name}": 1, f"forward {name}": 1}


@NEEDS_NATIVE
def test_csr_is_never_made_dense_by_auto(draw: Callable[..., Any], as_kind: Any) -> None:
    never = everywhere(forward=0.0, backward=0.0)
    chosen = pass_through(Kernels("auto", never), as_kind(np.ones((4, 5)), "csr"), draw)
    assert chosen == {"backward native": 1, "forward native": 1}


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_mode_is_kept_to_whatever_the_share(
    mode: str, share: float, draw: Callable[..., Any], random: np.random.Generator
) -> None:
    if mode == "native" and not native.AVAILABLE:
        pytest.skip("rectinet was installed without a C++ compiler")
    kernels = Kernels(mode, HALF)
    assert kernels.mode == mode
    chosen = pass_through(kernels, with_share(share, random), draw)
    assert chosen == {f"backward {mode}": 1, f"forward {mode}": 1}


def test_counts_start_anew_when_asked(draw: Callable[..., Any]) -> None:
    kernels = Kernels("blas")
    assert kernels.chosen() == {}
    for _ in range(3):
        kernels.weight_gradient(np.ones((2, 3)), np.ones((2, 4)))
    assert kernels.chosen() == {"backward blas": 3}
    assert kernels.chosen() == {}


def test_an_unknown_mode_is_refused(raises_one_line: Callable[..., Any]) -> None:
    with raises_one_line(SettingError, "kernels is 'fast'; use one of auto, native, blas"):
        Kernels("fast")


@NEEDS_NATIVE
def test_an_epoch_says_who_did_its_arithmetic(two_blobs: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = two_blobs
    network = initialize_network(7, (5,), 2, Rectifier(), np.random.default_rng(0))
    settings = FinetuningSettings(epochs=3, batch_size=10)
    engine = CpuEngine(Kernels("native"))
    records = finetune(network, X, y, settings=settings, engine=engine).records
    # Six minibatches; two layers each; and one pass to evaluate.
    expected = {"backward native": 6 * 2, "forward native": 6 * 2 + 2}
    assert [record.evaluation.kernels for record in records] == [expected] * 3


REPORT = """
    import numpy as np
    import rectinet
    from rectinet.nn import Rectifier, initialize_network

    X = np.eye(6, dtype="f4")
    network = initialize_network(6, (5,), 2, Rectifier(), np.random.default_rng(0))
    settings = rectinet.FinetuningSettings(epochs=1)
    records = rectinet.finetune(network, X, np.arange(6) % 2, settings=settings).records
    print(*sorted({name.split()[1] for name in records[0].evaluation.kernels}))
"""


def test_the_environment_chooses_the_mode(run_python: Callable[..., Any]) -> None:
    # The other two modes: in test_training.py.
    done = run_python(REPORT, RECTINET_KERNELS="reference")
    assert done.stdout.split() == ["reference"], done.stderr


def test_an_unknown_mode_in_the_environment_is_one_line_and_exit_code_2(
    run_python: Callable[..., Any], tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    done = run_python(
        f"from rectinet.cli import main; main(['demo', '--jobs', '1', '--out', {out!r}])",
        RECTINET_KERNELS="fast",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    message = done.stderr.splitlines()[-1]
    assert message == (
        "rectinet: error: RECTINET_KERNELS is 'fast'; use one of auto, native, blas, reference"
    )
