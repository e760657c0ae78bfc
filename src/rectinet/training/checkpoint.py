"""The state of a run on disk, written after each epoch.

Two files: tensors as safetensors, and a JSON file that names them with their checksum. The JSON
file is replaced last and in one step, so at any moment a reader finds one consistent state.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rectinet.errors import StorageError
from rectinet.files import make_folder, read_json, read_tensors, write_json, write_tensors
from rectinet.nn import Array

FORMAT = 1

_KEYS = {"tensors": str, "sha256": str, "records": list}


@dataclass(frozen=True)
class State:
    """All that a run needs to go on with the same bits.

    Attributes:
        tensors: weights, best weights and buffers by name.
        values: JSON-ready values: epoch records, generator states, counters.
    """

    tensors: dict[str, Array]
    values: dict[str, Any]


class Checkpoint:
    """One run's state in one folder.

    Args:
        folder: created when the first state is saved.
        fingerprint: names the run's settings; a state saved under another one is refused.
    """

    def __init__(self, folder: Path, fingerprint: str):
        self._folder = folder
        self._fingerprint = fingerprint

    def save(self, state: State) -> None:
        """Replace the stored state.

        Raises:
            StorageError: if it cannot be written; the state stored before is then intact.
        """
        make_folder(self._folder)
        tensor_file = f"epoch-{len(state.values['records']):05d}.safetensors"
        checksum = write_tensors(self._folder / tensor_file, state.tensors)
        content = {
            "format": FORMAT,
            "fingerprint": self._fingerprint,
            "tensors": tensor_file,
            "sha256": checksum,
            **state.values,
        }
        write_json(self._folder / "checkpoint.json", content, indent=None)
        for old in self._folder.glob("epoch-*.safetensors"):
            if old.name != tensor_file:
                old.unlink(missing_ok=True)

    def load(self) -> State | None:
        """Return the stored state, or None if there is none yet.

        Raises:
            StorageError: if it is damaged, of another format, or of a run with other settings.
        """
        path = self._folder / "checkpoint.json"
        if not path.exists():
            return None
        values = read_json(path)
        if values.get("format") != FORMAT:
            raise StorageError(
                f"{path} has checkpoint format {values.get('format')!r}; this version reads "
                f"format {FORMAT}; delete the folder to start afresh"
            )
        if values.get("fingerprint") != self._fingerprint:
            raise StorageError(
                f"{path} belongs to a run with other settings, data or starting weights; give "
                "another folder, or delete this one to start afresh"
            )
        bad = [key for key, kind in _KEYS.items() if not isinstance(values.get(key), kind)]
        if bad:
            raise StorageError(
                f"{path} is damaged: {', '.join(bad)} missing or of the wrong kind; "
                "delete the folder to start afresh"
            )
        name = values["tensors"]
        if Path(name).name != name:
            raise StorageError(f"{path} names tensors outside its folder: {name!r}")
        return State(read_tensors(self._folder / name, values["sha256"]), values)
