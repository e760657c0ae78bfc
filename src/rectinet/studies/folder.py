"""A study on disk: one folder per run, each either finished or absent to readers.

::

    DIR/study.json                      which study, by which commands, which runs belong to it
    DIR/runs/<label>-<hash>/spec.json   what was run
                           result.json  what came out; written last, so it marks a finished run
                           *.safetensors
                           checkpoint/  only while the run is under way
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rectinet.errors import StudyError
from rectinet.files import (
    check_ours,
    make_folder,
    read_json,
    read_tensors,
    storage_errors,
    write_bytes,
    write_json,
)
from rectinet.machine import describe
from rectinet.nn import Array
from rectinet.studies.spec import Spec, folder_name, to_json
from rectinet.version import __version__

FORMAT = 1
_STUDY, _SPEC, _RESULT = "study.json", "spec.json", "result.json"


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def finished(self) -> bool:
        """Whether the result is there."""
        return (self.path / _RESULT).exists()

    @property
    def checkpoint(self) -> Path:
        """Where the run keeps its state while it is under way."""
        return self.path / "checkpoint"

    @property
    def progress(self) -> Path:
        """Where the run says how far it is."""
        return self.path / "progress.json"

    def begin(self, spec: Spec) -> None:
        """Create the folder and say what is being run."""
        make_folder(self.path)
        write_json(self.path / _SPEC, to_json(spec))

    def finish(self, result: dict[str, Any]) -> None:
        """Write the result, by what and when; then remove what only an unfinished run needs."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(self.path / _RESULT, {**result, "machine": describe(), "finished": now})
        self._remove_state()

    def discard(self) -> None:
        """Take the result away, so that the run is done again."""
        with storage_errors(self.path):
            (self.path / _RESULT).unlink()

    def files(self) -> dict[str, bytes]:
        """Return the content of a finished run's files by name, to be sent elsewhere.

        Raises:
            StudyError: if the run is not finished.
        """
        if not self.finished:
            raise StudyError(f"{self.path} is not finished; it cannot be sent elsewhere")
        return {
            path.name: path.read_bytes()
            for path in sorted(self.path.iterdir())
            # Hidden ones are what a killed process left half written.
            if path.is_file() and not path.name.startswith(".")
        }

    def receive(self, files: Mapping[str, bytes]) -> None:
        """Write the files of a run that was finished elsewhere, the result last.

        Args:
            files: what `files` returned there.

        Raises:
            StorageError: if they cannot be written; the run is then not finished here.
        """
        make_folder(self.path)
        for name in sorted(files, key=lambda name: name == _RESULT):
            write_bytes(self.path / name, files[name])
        self._remove_state()

    def _remove_state(self) -> None:
        self.progress.unlink(missing_ok=True)
        for path in sorted(self.checkpoint.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        if self.checkpoint.exists():
            self.checkpoint.rmdir()

    def spec(self) -> dict[str, Any]:
        """Return what was run."""
        return read_json(self.path / _SPEC)

    def result(self) -> dict[str, Any]:
        """Return what came out."""
        return read_json(self.path / _RESULT)

    def tensors(self, name: str) -> dict[str, Array]:
        """Return the arrays of ``<name>.safetensors``."""
        return read_tensors(self.path / f"{name}.safetensors")


@dataclass(frozen=True)
class StudyFolder:
    """The folder of one study."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether there is a study."""
        return (self.path / _STUDY).exists()

    def run(self, spec: Spec) -> RunFolder:
        """Return the folder of one of the study's runs."""
        return self.run_named(folder_name(spec, FORMAT))

    def run_named(self, name: str) -> RunFolder:
        """Return the folder of one of the study's runs by the folder's name."""
        return RunFolder(self.path / "runs" / name)

    def check(self, study: str, dataset: str, protocol: str) -> None:
        """Refuse a folder that does not belong to the study; writes nothing.

        Raises:
            StudyError: if the folder holds another study or another version's.
            StorageError: if it holds other things.
        """
        check_ours(self.path, _STUDY, "study")
        if not self.exists:
            return
        found = self.description()
        wanted = {"study": study, "dataset": dataset, "protocol": protocol}
        differing = {key for key, value in wanted.items() if found.get(key) != value}
        if differing:
            names = ", ".join(f"{key} {found.get(key)!r}" for key in sorted(differing))
            raise StudyError(
                f"{self.path} holds another study ({names}); give another folder with --out"
            )

    def begin(self, study: str, dataset: str, protocol: str, specs: Sequence[Spec]) -> None:
        """Create the folder, or go on in it, and say which runs belong to the study.

        Raises:
            StudyError: see `check`.
            StorageError: see `check`, or if it cannot be written.
        """
        self.check(study, dataset, protocol)
        make_folder(self.path)
        commands = self.description().get("commands", []) if self.exists else []
        if (command := _command()) not in commands:
            commands = [*commands, command]
        content = {
            "format": FORMAT,
            "rectinet": __version__,
            "study": study,
            "dataset": dataset,
            "protocol": protocol,
            "commands": commands,
            "runs": [self.run(spec).path.name for spec in specs],
        }
        write_json(self.path / _STUDY, content)

    def description(self) -> dict[str, Any]:
        """Return what ``study.json`` says.

        Raises:
            StudyError: if there is no study here, or it was written by another version.
        """
        if not self.exists:
            raise StudyError(
                f"{self.path} is not a study folder (it has no {_STUDY}); give the folder that "
                "`rectinet demo` or `rectinet reproduce` printed"
            )
        content = read_json(self.path / _STUDY)
        if content.get("format") != FORMAT:
            raise StudyError(
                f"{self.path} was written by another version of rectinet "
                f"({content.get('rectinet')}, study format {content.get('format')!r}); this one "
                f"({__version__}) reads format {FORMAT}: use that version, or run the "
                "study again with another --out"
            )
        return content

    def runs(self) -> list[RunFolder]:
        """Return the folders of all runs that belong to the study, finished or not."""
        return [self.run_named(name) for name in self.description()["runs"]]


def _command() -> str:
    """Return how this process was called: ``rectinet reproduce ...``, or the script that did it."""
    program = Path(sys.argv[0]).name
    return shlex.join(["rectinet" if program == "__main__.py" else program, *sys.argv[1:]])
