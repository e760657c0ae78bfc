"""Users' files become matrices: tables are read, and columns encoded by scikit-learn."""

from rectinet.tables.columns import Columns
from rectinet.tables.fitting import MOST_WORDS, columns_from_values, fit_columns
from rectinet.tables.kinds import text_of
from rectinet.tables.matrix_columns import MatrixColumns
from rectinet.tables.notation import Notation
from rectinet.tables.reading import read_table
from rectinet.tables.table import Table, listed
from rectinet.tables.targets import Target, Task, read_target
from rectinet.tables.words import TEXT_WEIGHTS

__all__ = [
    "MOST_WORDS",
    "TEXT_WEIGHTS",
    "Columns",
    "MatrixColumns",
    "Notation",
    "Table",
    "Target",
    "Task",
    "columns_from_values",
    "fit_columns",
    "listed",
    "read_table",
    "read_target",
    "text_of",
]
