"""How people's files write numbers and missing values, as far as the user has to say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rectinet.errors import SettingError
from rectinet.tables import state
from rectinet.tables.state import Values

DECIMALS = ".,"
THOUSANDS = (",", ".", "'", " ", "_")


@dataclass(frozen=True)
class Notation:
    """What stands for a missing value beside an empty cell, and which marks numbers have.

    Attributes:
        missing: texts that mean missing.
        decimal: the mark before the fraction, ``"."`` or ``","``; None: a comma if `thousands` is
            a dot, otherwise a dot.
        thousands: the mark between groups of three digits, one of `THOUSANDS`; None: there is none.

    Raises:
        SettingError: if a mark is none of these, or both are the same.
    """

    missing: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None

    def __post_init__(self) -> None:
        """Check the marks."""
        if self.decimal is not None and (len(self.decimal) != 1 or self.decimal not in DECIMALS):
            raise SettingError(f"decimal is {self.decimal!r}; use '.' or ','")
        if self.thousands is not None and self.thousands not in THOUSANDS:
            known = ", ".join(map(repr, THOUSANDS))
            raise SettingError(f"thousands is {self.thousands!r}; use one of {known}")
        if self.thousands is not None and self.thousands == self.decimal:
            raise SettingError(
                f"decimal and thousands are both {self.decimal!r}; give two different marks"
            )

    @property
    def point(self) -> str:
        """The mark before the fraction, said or not."""
        if self.decimal is None:
            return "," if self.thousands == "." else "."
        return self.decimal

    def to_values(self) -> Values:
        """Return it as values that JSON knows."""
        return {
            "missing": list(self.missing),
            "decimal": self.decimal,
            "thousands": self.thousands,
        }

    @classmethod
    def from_values(cls, values: Any) -> Notation:
        """Build it again from what `to_values` returned.

        Raises:
            StorageError: if anything in it is missing, of the wrong type, or unknown.
        """
        missing = tuple(state.names(values, "missing"))
        try:
            return cls(missing, *(values.get(name) for name in ("decimal", "thousands")))
        except (SettingError, TypeError) as error:
            raise state.damaged(str(error)) from error


# Models made before only empty cells were missing took these for missing in CSV and TSV (the
# defaults of pandas), and go on to do so.
_PANDAS = (
    "#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|"
    "nan|null"
)
FORMER = Notation(tuple(_PANDAS.split("|")))


def as_number(text: str) -> float | None:
    """Return the number that a text is as Python writes it; None if it is none."""
    try:
        return float(text)
    except ValueError:
        return None
