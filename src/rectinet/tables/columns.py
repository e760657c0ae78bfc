"""How a table's named columns become a matrix, learnt from the tables to train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, hstack

from rectinet.tables import state
from rectinet.tables.missing import missing_note
from rectinet.tables.notation import FORMER, Notation
from rectinet.tables.parts import Categories, Numbers, Part
from rectinet.tables.state import Arrays, Values
from rectinet.tables.table import Table, listed
from rectinet.tables.words import Words


class Columns:
    """Numbers first, then categories, then text; see `rectinet.tables.fit_columns`.

    Args:
        parts: the columns that are used.
        left_out: names of columns that were not used, by reason: ``"constant"``, ``"missing"``.
        notation: of the files; for `read_table`.

    Attributes:
        remarks: what the user should know about the tables that were learnt from, a sentence each.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        left_out: Mapping[str, Sequence[str]],
        *,
        notation: Notation,
    ):
        self.parts = tuple(parts)
        self.notation = notation
        self.remarks: tuple[str, ...] = ()
        self.left_out = {reason: list(names) for reason, names in left_out.items() if names}

    @property
    def names(self) -> list[str]:
        """The table's columns that are needed."""
        return [name for part in self.parts for name in part.names]

    @property
    def text_names(self) -> list[str]:
        """The needed columns that are text, categories included; for `read_table`."""
        return [name for part in self.parts if not isinstance(part, Numbers) for name in part.names]

    @property
    def n_features(self) -> int:
        """The number of columns of the matrix."""
        return len(self.feature_names())

    @property
    def sparse(self) -> bool:
        """Whether the matrix is CSR: where there are categories or text."""
        return any(not isinstance(part, Numbers) for part in self.parts)

    def feature_names(self) -> list[str]:
        """Return a name for each column of the matrix."""
        return [name for part in self.parts for name in part.feature_names()]

    def transform(self, table: Table) -> Any:
        """Return a table's matrix, shape (n, n_features): float64, or CSR of float32.

        Columns that are not needed are ignored. In CSR numbers are standardized already; estimators
        standardize dense ones, and must see what single precision would round away. (Models made
        before that was so take float32.)

        Raises:
            InputError: if a column is missing, or holds something else than in training.
        """
        table.require(self.names)
        assert table.frame is not None
        blocks = [part.matrix(table.frame, table.source) for part in self.parts]
        if not self.sparse:
            dense: np.ndarray = blocks[0]
            return dense.astype(np.float32) if self.notation is FORMER else dense
        return csr_array(
            hstack([csr_array(block, dtype=np.float32) for block in blocks], format="csr")
        )

    def notes(self, table: Table) -> list[str]:
        """Return what of a table that `transform` takes says nothing to the model, a sentence each.

        These are missing values, categories that training did not have, and columns that it did not
        have or use; those that were left out for being constant or missing are not named again.
        """
        assert table.frame is not None
        notes = missing_note([table], self.names)
        notes += [
            note
            for part in self.parts
            if isinstance(part, Categories)
            for note in part.notes(table.frame)
        ]
        known = {*self.names, *(name for names in self.left_out.values() for name in names)}
        others = [name for name in table.names if name not in known]
        if others:
            notes.append(f"columns that the model does not use: {listed(others)}")
        return notes

    def describe(self) -> list[str]:
        """Return what is used and what is not, a line for each kind."""
        lines = []
        for part in self.parts:
            if isinstance(part, Numbers):
                plain = len(part.names) - len(part.booleans)
                lines += [f"{plain:,} of numbers"] if plain else []
                lines += [f"{len(part.booleans):,} of truth values"] if part.booleans else []
            elif isinstance(part, Categories):
                n_categories = sum(map(len, part.categories))
                lines.append(f"{len(part.names):,} of categories ({n_categories:,} different)")
            elif isinstance(part, Words):
                lines.append(f"text {part.names[0]!r} ({len(part.terms):,} words)")
        for reason, names in self.left_out.items():
            lines.append(f"{len(names):,} left out, {_REASONS[reason]}: {listed(names, most=4)}")
        return lines

    def to_values(self) -> tuple[Values, Arrays]:
        """Return everything needed to build them again: values that JSON knows, and arrays."""
        values: Values = {"kind": "named", "left_out": self.left_out, "text": []}
        if self.notation is not FORMER:
            values["notation"] = self.notation.to_values()
        arrays: Arrays = {}
        for part in self.parts:
            described, numbers = part.to_values()
            if isinstance(part, Words):
                prefix = f"text_{len(values['text'])}"
                values["text"].append(described)
            else:
                prefix = "numbers" if isinstance(part, Numbers) else "categories"
                values[prefix] = described
            arrays |= {f"{prefix}_{name}": array for name, array in numbers.items()}
        return values, arrays

    @classmethod
    def from_values(cls, values: Any, arrays: Mapping[str, np.ndarray]) -> Self:
        """Build them again from what `to_values` returned.

        Raises:
            StorageError: if anything in it is missing, of the wrong type, or does not fit.
        """
        parts: list[Part] = []
        if "numbers" in values:
            parts.append(Numbers.from_values(values["numbers"], _under("numbers", arrays)))
        if "categories" in values:
            parts.append(Categories.from_values(values["categories"]))
        for position, text in enumerate(state.field(values, "text", list)):
            parts.append(Words.from_values(text, _under(f"text_{position}", arrays)))
        left_out = state.field(values, "left_out", dict)
        if not set(left_out) <= set(_REASONS):
            raise state.damaged("'left_out' has unknown reasons")
        notation = FORMER
        if "notation" in values:
            notation = Notation.from_values(values["notation"])
        columns = cls(
            parts,
            {reason: state.names(left_out, reason) for reason in left_out},
            notation=notation,
        )
        if not parts or len(set(columns.names)) < len(columns.names):
            raise state.damaged("there are no columns, or one of them is there twice")
        return columns


_REASONS = {"constant": "always the same", "missing": "always missing"}


def _under(prefix: str, arrays: Mapping[str, np.ndarray]) -> Arrays:
    start = f"{prefix}_"
    return {
        name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)
    }
