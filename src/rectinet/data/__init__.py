"""Raw files become a frozen `Dataset`; arrays from outside are checked first."""

from rectinet.data.check import check_inputs, check_labels
from rectinet.data.dataset import Dataset, Split, checksum_of, labeled_rows
from rectinet.data.digits import load_digits
from rectinet.data.fetch import ProgressBar
from rectinet.data.idx import read_idx
from rectinet.data.locate import user_cache
from rectinet.data.mnist import load_mnist
from rectinet.data.registry import (
    DatasetInfo,
    dataset_names,
    describe,
    fetch_dataset,
    load_dataset,
    locate,
)

__all__ = [
    "Dataset",
    "DatasetInfo",
    "ProgressBar",
    "Split",
    "check_inputs",
    "check_labels",
    "checksum_of",
    "dataset_names",
    "describe",
    "fetch_dataset",
    "labeled_rows",
    "load_dataset",
    "load_digits",
    "load_mnist",
    "locate",
    "read_idx",
    "user_cache",
]
