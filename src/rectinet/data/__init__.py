"""Raw files become a frozen `Dataset`; arrays from outside are checked first."""

from rectinet.data.catalog import DatasetInfo
from rectinet.data.characters import load_characters
from rectinet.data.check import check_finite, check_inputs, check_labels, check_sparse
from rectinet.data.cifar10 import OfficialTest, load_cifar10, load_cifar10_official_test
from rectinet.data.dataset import Dataset, Split, checksum_of, labeled_rows
from rectinet.data.digits import load_digits
from rectinet.data.emnist import load_emnist
from rectinet.data.fetch import ProgressBar
from rectinet.data.idx import read_idx
from rectinet.data.locate import user_cache
from rectinet.data.mnist import load_mnist
from rectinet.data.norb import NORB, SMALL_NORB, NorbVersion, load_norb
from rectinet.data.registry import (
    dataset_names,
    describe,
    fetch_dataset,
    load_dataset,
    locate,
)
from rectinet.data.text import (
    BagOfWords,
    Review,
    load_amazon,
    load_imdb,
    load_restaurant_reviews,
    read_reviews,
)

__all__ = [
    "NORB",
    "SMALL_NORB",
    "BagOfWords",
    "Dataset",
    "DatasetInfo",
    "NorbVersion",
    "OfficialTest",
    "ProgressBar",
    "Review",
    "Split",
    "check_finite",
    "check_inputs",
    "check_labels",
    "check_sparse",
    "checksum_of",
    "dataset_names",
    "describe",
    "fetch_dataset",
    "labeled_rows",
    "load_amazon",
    "load_characters",
    "load_cifar10",
    "load_cifar10_official_test",
    "load_dataset",
    "load_digits",
    "load_emnist",
    "load_imdb",
    "load_mnist",
    "load_norb",
    "load_restaurant_reviews",
    "locate",
    "read_idx",
    "read_reviews",
    "user_cache",
]
