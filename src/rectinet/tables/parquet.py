"""Parquet, through pyarrow, which is an extra."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rectinet.data.opening import malformed, opened
from rectinet.errors import DataError, SettingError
from rectinet.tables.table import Table, listed


def read_parquet(path: Path) -> Table:
    """Read a Parquet file.

    Raises:
        DataError: see `rectinet.tables.read_table`.
        SettingError: if pyarrow is not installed.
    """
    with opened(path):  # whatever keeps it from being opened is said as for the other formats
        pass
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except ImportError as error:
        raise SettingError(
            f"{path} is Parquet, which needs the package pyarrow: pip install rectinet[parquet]"
        ) from error
    except (OSError, ValueError, NotImplementedError) as error:  # pyarrow's own are among them
        raise malformed(path, error, "a whole Parquet file") from error
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame = frame.reset_index(drop=True)
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path} has columns of one name: {listed(twice)}; give each its own name")
    frame.columns = pd.Index(names, dtype=object)
    return Table(str(path), "parquet", frame=frame)
