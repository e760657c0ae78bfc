"""The two NORB sets, their official files, and where those lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rectinet.data.fetch import RemoteFile
from rectinet.data.locate import find_file

NORB_ADDRESS = "https://cs.nyu.edu/~ylclab/data/norb-v1.0/"
SMALL_NORB_MIRRORS = ("https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/",)
_SMALL_TRAIN = "smallnorb-5x46789x9x18x6x2x96x96-training"
_SMALL_TEST = "smallnorb-5x01235x9x18x6x2x96x96-testing"


def _official(name: str, md5: str, content_md5: str) -> RemoteFile:
    return RemoteFile(f"{name}.mat.gz", md5, content_md5, (f"{name}.mat",))


SMALL_NORB_FILES = (
    _official(
        f"{_SMALL_TRAIN}-dat",
        "66054832f9accfe74a0f4c36a75bc0a2",
        "8138a0902307b32dfa0025a36dfa45ec",
    ),
    _official(
        f"{_SMALL_TRAIN}-cat",
        "23c8b86101fbf0904a000b43d3ed2fd9",
        "fd5120d3f770ad57ebe620eb61a0b633",
    ),
    _official(
        f"{_SMALL_TRAIN}-info",
        "51dee1210a742582ff607dfd94e332e3",
        "19faee774120001fc7e17980d6960451",
    ),
    _official(
        f"{_SMALL_TEST}-dat",
        "e4ad715691ed5a3a5f138751a4ceb071",
        "e9920b7f7b2869a8f1a12e945b2c166c",
    ),
    _official(
        f"{_SMALL_TEST}-cat",
        "5aa791cd7e6016cf957ce9bdb93b8603",
        "fd5120d3f770ad57ebe620eb61a0b633",
    ),
    _official(
        f"{_SMALL_TEST}-info",
        "a9454f3864d7fd4bb3ea7fc3eb84924e",
        "7c5b871cc69dcadec1bf6a18141f5edc",
    ),
)


@dataclass(frozen=True)
class NorbVersion:
    """One of the two sets.

    Attributes:
        name: the name it is loaded by.
        title: what it is called in print.
        classes: in the order of the categories in the files.
        train, test: the stems of the parts' files, to which -dat.mat, -cat.mat, -info.mat is added.
        n_validation: how many of the last training examples are the validation set; None: the
            examples of one toy in five are, by the -info files.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train: tuple[str, ...]
    test: tuple[str, ...]
    n_validation: int | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of files it is read from."""
        return ("dat", "cat") if self.n_validation is not None else ("dat", "cat", "info")

    @property
    def wanted(self) -> str:
        """Which files it needs, in words."""
        stems = (*self.train, *self.test)
        kinds = ", ".join(f"-{kind}.mat" for kind in self.kinds)
        return f"{len(stems) * len(self.kinds)} files, {stems[0]} to {stems[-1]}, each with {kinds}"


_TOYS = ("animal", "human", "airplane", "truck", "car")
NORB = NorbVersion(
    name="norb",
    title="jittered-cluttered NORB",
    classes=(*_TOYS, "background"),
    train=tuple(f"norb-5x46789x9x18x6x2x108x108-training-{part:02}" for part in range(1, 11)),
    test=tuple(f"norb-5x01235x9x18x6x2x108x108-testing-{part:02}" for part in range(1, 3)),
    n_validation=58_428,  # of 291,600: the paper's 233,172 are left
)
SMALL_NORB = NorbVersion(
    name="small-norb",
    title="small NORB",
    classes=_TOYS,
    train=(_SMALL_TRAIN,),
    test=(_SMALL_TEST,),
    n_validation=None,
)


def find_norb(folder: Path, version: NorbVersion) -> Path | None:
    """Return where the files lie: `folder` or its subfolder named as the set; None: in neither."""
    for place in (folder, folder / version.name):
        if not missing_files(place, version):
            return place
    return None


def missing_files(folder: Path, version: NorbVersion) -> list[str]:
    """Return the names of the files that `folder` lacks, gzipped or not."""
    stems = [f"{stem}-{kind}" for stem in (*version.train, *version.test) for kind in version.kinds]
    return [f"{stem}.mat" for stem in stems if find_matrix(folder, stem) is None]


def find_matrix(folder: Path, stem: str) -> Path | None:
    """Return the file of a matrix, unpacked or gzipped; None if there is none."""
    found = (find_file((folder,), f"{stem}{ending}") for ending in (".mat", ".mat.gz"))
    return next((path for path in found if path is not None), None)
