"""Who can take part: rectinet and its peers, each a name and where its runners are made."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

from rectinet.errors import SettingError

_HERE = "rectinet.bench"


@dataclass(frozen=True)
class Contender:
    """A library, used in one way.

    Attributes:
        key: what the user writes.
        name: what the tables say.
        package: the distribution whose version is told.
        builds: by task, where its runner is made (see `workers.Build`).
        modules: what must be installed.
        first: module that its process imports before rectinet's.
    """

    key: str
    name: str
    package: str
    builds: Mapping[str, str]
    modules: tuple[str, ...] = ()
    first: str | None = None

    @property
    def installed(self) -> bool:
        """Whether all of `modules` are there."""
        return all(importlib.util.find_spec(name) for name in self.modules)

    @property
    def version(self) -> str:
        """The installed version."""
        return metadata.version(self.package)


RECTINET = Contender(
    "rectinet",
    "rectinet",
    "rectinet",
    {"training": f"{_HERE}.ours:training", "inference": f"{_HERE}.ours:inference"},
)
MEMORY = tuple(
    Contender(name, f"memory, {name}", "numpy", {"training": f"{_HERE}.memory:{name}"})
    for name in ("copying", "in_place")
)
KERNELS = tuple(
    Contender(mode, mode, "rectinet", {"kernels": f"{_HERE}.kernel_runners:{mode}"})
    for mode in ("auto", "native", "blas")
)
PEERS = (
    Contender(
        "torch",
        "PyTorch eager",
        "torch",
        {
            "training": f"{_HERE}.peers_torch:training",
            "inference": f"{_HERE}.peers_torch:inference",
        },
        ("torch",),
        first="torch",
    ),
    Contender(
        "torch-compile",
        "torch.compile",
        "torch",
        {"training": f"{_HERE}.peers_torch:compiled_training"},
        ("torch",),
        first="torch",
    ),
    Contender(
        "jax",
        "JAX jit",
        "jax",
        {"training": f"{_HERE}.peers_jax:training"},
        ("jax", "jaxlib"),
        first="jax",
    ),
    Contender(
        "sklearn",
        "scikit-learn MLP",
        "scikit-learn",
        {"training": f"{_HERE}.peers_sklearn:training"},
        ("sklearn",),
    ),
    Contender(
        "onnxruntime",
        "ONNX Runtime",
        "onnxruntime",
        {"inference": f"{_HERE}.peers_onnx:inference"},
        ("onnxruntime", "onnx"),
        first="onnxruntime",
    ),
)


def peers(task: str, keys: Sequence[str] | None = None) -> list[Contender]:
    """Return the peers that can do a task, installed or not.

    Args:
        task: ``"training"`` or ``"inference"``.
        keys: only these; None: all.

    Raises:
        SettingError: if a key is not one of them.
    """
    able = [peer for peer in PEERS if task in peer.builds]
    known = [peer.key for peer in able]
    for key in keys or ():
        if key not in known:
            raise SettingError(
                f"peer {key!r} is unknown for {task}; the known ones are {', '.join(known)}"
            )
    return [peer for peer in able if keys is None or peer.key in keys]
