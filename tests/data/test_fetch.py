from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rectinet.data import load_mnist
from rectinet.data.fetch import fetch_files
from rectinet.errors import DataError, StorageError


@pytest.fixture
def refusing() -> Iterator[str]:
    """Yield an address at which nobody listens: bound, so that nobody else takes the port."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/"


def test_what_was_fetched_can_be_loaded(
    served: Any, tmp_path: Path, small_mnist: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, address, _ = served
    small_mnist.write(folder)
    fetch_files(small_mnist.remote_files(), [address], tmp_path / "new" / "mnist")
    files = small_mnist.remote_files()
    assert load_mnist(tmp_path / "new", files=files, n_validation=10).train.X.shape == (20, 6)
    assert capfd.readouterr() == ("", "")


def test_only_what_is_missing_or_damaged_is_fetched(
    served: Any, tmp_path: Path, small_mnist: Any
) -> None:
    folder, address, asked = served
    small_mnist.write(folder)
    files = small_mnist.remote_files()
    target = tmp_path / "target"
    fetch_files(files, [address], target)
    (target / files[1].name).unlink()
    (target / files[3].name).write_bytes(b"damaged")
    asked.clear()
    fetch_files(files, [address], target)
    assert asked == [f"/{files[1].name}", f"/{files[3].name}"]


@pytest.mark.parametrize("first_mirror", ["404", "refused", "altered"])
def test_the_next_mirror_is_tried(
    first_mirror: str, served: Any, refusing: str, tmp_path: Path, small_mnist: Any
) -> None:
    folder, address, _ = served
    small_mnist.write(folder)
    files = small_mnist.remote_files()
    (folder / "altered").mkdir()
    for file in files:
        (folder / "altered" / file.name).write_bytes(b"something else")
    bad = {"404": f"{address}nowhere/", "refused": refusing, "altered": f"{address}altered/"}
    fetch_files(files, [bad[first_mirror], address], tmp_path / "target")
    for file in files:
        assert (tmp_path / "target" / file.name).read_bytes() == (folder / file.name).read_bytes()


def test_when_no_mirror_delivers_the_error_says_why_and_what_to_do(
    served: Any, refusing: str, tmp_path: Path, small_mnist: Any
) -> None:
    folder, address, _ = served
    files = small_mnist.remote_files()
    (folder / files[0].name).write_bytes(b"altered")
    mirrors = [f"{address}nowhere/", refusing, address]
    with pytest.raises(DataError) as error:
        fetch_files(files, mirrors, tmp_path / "target")
    message = str(error.value)
    assert "\n" not in message
    for part in (*mirrors, "404", "ConnectionError", files[0].md5, "data_dir"):
        assert part in message
    assert list((tmp_path / "target").iterdir()) == []


def test_progress_ends_at_the_size_of_the_file(
    served: Any, tmp_path: Path, small_mnist: Any
) -> None:
    class Bar:
        total = 0
        count = 0
        finished: tuple[tuple[int, int], ...] = ()

        def update(self, n: int) -> None:
            self.count += n

        def reset(self) -> None:
            self.count = 0

        def close(self) -> None:
            self.finished += ((self.count, self.total),)
            self.count = 0

    folder, address, _ = served
    small_mnist.write(folder)
    files = small_mnist.remote_files()
    bar = Bar()
    fetch_files(files, [address], tmp_path / "target", progress=bar)
    sizes = [(folder / file.name).stat().st_size for file in files]
    assert bar.finished == tuple(zip(sizes, sizes, strict=True))


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path, small_mnist: Any) -> None:
    (tmp_path / "a-file").write_bytes(b"")
    with pytest.raises(StorageError, match="a-file"):
        fetch_files(small_mnist.remote_files(), [], tmp_path / "a-file" / "mnist")
