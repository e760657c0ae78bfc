"""NORB: stereo pairs of toys, jittered-cluttered and small, preprocessed to 2 x 32 x 32."""

from rectinet.data.norb.files import (
    NORB,
    NORB_ADDRESS,
    SMALL_NORB,
    SMALL_NORB_FILES,
    SMALL_NORB_MIRRORS,
    NorbVersion,
    find_norb,
)
from rectinet.data.norb.load import load_norb

__all__ = [
    "NORB",
    "NORB_ADDRESS",
    "SMALL_NORB",
    "SMALL_NORB_FILES",
    "SMALL_NORB_MIRRORS",
    "NorbVersion",
    "find_norb",
    "load_norb",
]
