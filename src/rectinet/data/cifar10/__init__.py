"""CIFAR-10 in the forms in which people have it: binary, Python and compact."""

from rectinet.data.cifar10.archive import CIFAR10_FILES, CIFAR10_MIRRORS
from rectinet.data.cifar10.forms import find_cifar10
from rectinet.data.cifar10.load import (
    OfficialTest,
    load_cifar10,
    load_cifar10_official_test,
)

__all__ = [
    "CIFAR10_FILES",
    "CIFAR10_MIRRORS",
    "OfficialTest",
    "find_cifar10",
    "load_cifar10",
    "load_cifar10_official_test",
]
