"""Columns of numbers and of categories, each as scikit-learn takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from rectinet.tables import state
from rectinet.tables.kinds import as_numbers, as_text
from rectinet.tables.spelling import PLAIN, Spelling
from rectinet.tables.state import Arrays, Values
from rectinet.tables.table import listed

# So many letters of a category stand in a message.
_LONGEST = 40


class Part(Protocol):
    """Some of a table's columns, and how they become columns of the matrix."""

    @property
    def names(self) -> list[str]:
        """The table's columns that are needed."""
        ...

    def matrix(self, frame: pd.DataFrame, source: str) -> Any:
        """Return these columns as numbers, shape (n, n_features), dense or CSR."""
        ...

    def feature_names(self) -> list[str]:
        """Return a name for each column of `matrix`."""
        ...

    def to_values(self) -> tuple[Values, Arrays]:
        """Return everything needed to build it again."""
        ...


class Numbers:
    """Columns of numbers and truth values; what is missing becomes the median.

    Args:
        names: the columns.
        booleans: those of them that hold truth values, which become 0 and 1.
        medians: shape (n_columns,), float64.
        shift: taken from them, shape (n_columns,), float64; zeros for a dense result.
        scale: what they are divided by then, above 0; ones for a dense result.
        spellings: by name, of columns in which numbers may be text with a unit or other marks.
    """

    def __init__(
        self,
        names: Sequence[str],
        booleans: Sequence[str],
        medians: np.ndarray,
        shift: np.ndarray,
        scale: np.ndarray,
        spellings: Mapping[str, Spelling] | None = None,
    ):
        self.names = list(names)
        self.spellings = {
            name: spelling
            for name, spelling in (spellings or {}).items()
            if name in set(names) and spelling != PLAIN
        }
        self.booleans = list(booleans)
        self.shift, self.scale = shift, scale
        # Of one row, the median is that row.
        self._imputer = SimpleImputer(strategy="median").fit(medians[None, :])

    @classmethod
    def fit(
        cls,
        names: Sequence[str],
        booleans: Sequence[str],
        columns: np.ndarray,
        *,
        standardize: bool,
        spellings: Mapping[str, Spelling] | None = None,
    ) -> Self:
        """Learn medians, mean and deviation from `columns`, shape (n, n_columns), float64.

        Args:
            names: the columns.
            booleans: those that hold truth values.
            columns: their values, NaN where one is missing; none all missing or constant.
            standardize: whether to bring them to mean 0 and standard deviation 1: beside
                one-hot columns in a CSR matrix, which estimators do not center.
            spellings: see the class.
        """
        imputer = SimpleImputer(strategy="median").fit(columns)
        medians = np.asarray(imputer.statistics_, np.float64)
        shift, scale = np.zeros(len(names)), np.ones(len(names))
        if standardize:
            shift, scale = np.nanmean(columns, axis=0), np.nanstd(columns, axis=0)
            scale = np.where(scale > 0, scale, 1.0)
        return cls(names, booleans, medians, shift, scale, spellings)

    def matrix(self, frame: pd.DataFrame, source: str) -> np.ndarray:
        """Return float64, shape (n, n_columns)."""
        columns = numbers_of(frame, self.names, source, self.booleans, self.spellings)
        filled: np.ndarray = self._imputer.transform(columns)
        filled -= self.shift
        filled /= self.scale
        return filled

    def feature_names(self) -> list[str]:
        """Return the columns' names."""
        return list(self.names)

    def to_values(self) -> tuple[Values, Arrays]:
        """Return names as values, numbers as arrays."""
        arrays = {
            "medians": np.asarray(self._imputer.statistics_, np.float64),
            "shift": self.shift,
            "scale": self.scale,
        }
        values: Values = {"names": self.names, "booleans": self.booleans}
        if self.spellings:
            values["spellings"] = {n: each.to_values() for n, each in self.spellings.items()}
        return values, arrays

    @classmethod
    def from_values(cls, values: Any, arrays: Mapping[str, np.ndarray]) -> Self:
        """Build it again from what `to_values` returned.

        Raises:
            StorageError: if anything in it is missing or does not fit.
        """
        columns, booleans = state.names(values, "names"), state.names(values, "booleans")
        if not set(booleans) <= set(columns):
            raise state.damaged("'booleans' has names that 'names' has not")
        medians, shift, scale = (
            state.numbers(arrays, name, len(columns)) for name in ("medians", "shift", "scale")
        )
        if not columns or not (scale > 0).all():
            raise state.damaged("there are no columns of numbers, or a scale is not above 0")
        spellings = {}
        if "spellings" in values:
            stored = state.field(values, "spellings", dict)
            spellings = {name: Spelling.from_values(each) for name, each in stored.items()}
        return cls(columns, booleans, medians, shift, scale, spellings)


class Categories:
    """Columns of categories, one-hot; a missing value is a category, an unknown one all zeros.

    Args:
        names: the columns.
        categories: for each the texts that were seen, None for missing.
    """

    def __init__(self, names: Sequence[str], categories: Sequence[Sequence[str | None]]):
        self.names = list(names)
        self.categories = [list(each) for each in categories]
        known = [np.array(each, object) for each in self.categories]
        self._encoder = OneHotEncoder(
            categories=known, handle_unknown="ignore", dtype=np.float32, feature_name_combiner=_name
        )
        # It needs to see an example of each column; which does not matter.
        self._encoder.fit(np.array([[each[0] for each in known]], object))

    @classmethod
    def fit(cls, names: Sequence[str], columns: Sequence[np.ndarray]) -> Self:
        """Learn the categories of each column of texts, sorted, missing last."""
        seen = [set(column.tolist()) for column in columns]
        return cls(
            names,
            [
                [*sorted(value for value in each if value is not None), *({None} & each)]
                for each in seen
            ],
        )

    def matrix(self, frame: pd.DataFrame, source: str) -> Any:
        """Return float32 CSR, shape (n, n_categories of all columns)."""
        columns = np.empty((len(frame), len(self.names)), object)
        for position, name in enumerate(self.names):
            columns[:, position] = as_text(frame[name])
        return self._encoder.transform(columns)

    def notes(self, frame: pd.DataFrame) -> list[str]:
        """Return a sentence for each column with values that are unknown; `matrix` has zeros."""
        notes = []
        for name, categories in zip(self.names, self.categories, strict=True):
            known = set(categories)
            unknown = [text for text in as_text(frame[name]).tolist() if text not in known]
            if unknown:
                shown = listed([_category(text)[:_LONGEST] for text in dict.fromkeys(unknown)])
                notes.append(
                    f"column {name!r} has values not seen in training, in {len(unknown):,} of "
                    f"{len(frame):,} rows: {shown}"
                )
        return notes

    def feature_names(self) -> list[str]:
        """Return ``column=category`` for each category."""
        return [str(name) for name in self._encoder.get_feature_names_out(self.names)]

    def to_values(self) -> tuple[Values, Arrays]:
        """Return names and categories; there are no arrays."""
        return {"names": self.names, "categories": self.categories}, {}

    @classmethod
    def from_values(cls, values: Any) -> Self:
        """Build it again from what `to_values` returned; see `Numbers.from_values`."""
        columns = state.names(values, "names")
        categories = state.field(values, "categories", list)
        if not columns or len(categories) != len(columns):
            raise state.damaged("there are not as many lists of categories as columns of them")
        for name, each in zip(columns, categories, strict=True):
            is_text = isinstance(each, list) and all(
                value is None or type(value) is str for value in each
            )
            if not is_text or not each or len(set(each)) < len(each):
                raise state.damaged(f"the categories of {name!r} are not different texts")
        return cls(columns, categories)


def numbers_of(
    frame: pd.DataFrame,
    names: Sequence[str],
    source: str,
    booleans: Sequence[str],
    spellings: Mapping[str, Spelling],
) -> np.ndarray:
    """Return columns of numbers, shape (n, n_columns), float64, NaN where a value is missing."""
    columns = np.empty((len(frame), len(names)), np.float64)
    for position, name in enumerate(names):
        expected = "True or False" if name in booleans else "a number"
        spelling = spellings.get(name, PLAIN)
        columns[:, position] = as_numbers(frame[name], source, expected, spelling)
    return columns


def _name(column: str, category: str | None) -> str:
    return f"{column}={_category(category)}"


def _category(category: str | None) -> str:
    return "(missing)" if category is None else category
