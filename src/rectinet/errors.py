"""The errors of rectinet: one small tree.

Every message names the value received, what was expected, and the cure. The command line prints
the message on one line and exits with 2.
"""

from __future__ import annotations


class RectinetError(Exception):
    """Base of every error that rectinet raises on purpose."""


class SettingError(RectinetError, ValueError):
    """A setting is unknown or out of range (a learning rate, an activation's name, ...)."""


class InputError(RectinetError, ValueError):
    """An array handed in cannot be used: NaN, wrong shape, empty, labels out of range."""


class DataError(RectinetError):
    """A data set or one of its files is missing, truncated, of another format or altered."""


class DivergedError(RectinetError):
    """Training produced a loss that is not finite, or a layer in which no unit is ever active.

    Attributes:
        learning_rate: the rate in use, one number per layer.
        layer: name of the first layer whose values are not finite, or are all zero.
        epoch: the epoch under way, counted from 1.
        died: whether it was a layer without active units; otherwise the loss was not finite.
    """

    def __init__(
        self,
        message: str,
        *,
        learning_rate: tuple[float, ...],
        layer: str,
        epoch: int,
        died: bool = False,
    ):
        super().__init__(message)
        self.learning_rate = learning_rate
        self.layer = layer
        self.epoch = epoch
        self.died = died

    def with_cure(self, cure: str) -> DivergedError:
        """Return the same failure with another cure at the end of its message."""
        what = str(self).partition(";")[0]
        return _rebuild_diverged(f"{what}; {cure}", self._keywords())

    def _keywords(self) -> dict[str, object]:
        names = ("learning_rate", "layer", "epoch", "died")
        return {name: getattr(self, name) for name in names}

    def __reduce__(self) -> tuple[object, ...]:
        """Cross process borders whole: the keyword arguments are not in ``args``."""
        return (_rebuild_diverged, (self.args[0], self._keywords()))


def _rebuild_diverged(message: str, keywords: dict[str, object]) -> DivergedError:
    return DivergedError(message, **keywords)  # type: ignore[arg-type]


class StorageError(RectinetError):
    """A file cannot be written or read back: full disk, read-only folder, damaged checkpoint."""


class StudyError(RectinetError):
    """A study folder cannot be used: another version, another study, nothing finished in it."""
