"""The digits that come with scikit-learn: small, real, and there without a download."""

from __future__ import annotations

import numpy as np

from rectinet.data.dataset import Dataset, Split
from rectinet.data.stratified import divide
from rectinet.randomness import generator

_LARGEST_PIXEL = 16  # a pixel counts the ink in a 4x4 block of the original bitmap


def load_digits(seed: int = 0) -> Dataset:
    """Load scikit-learn's digits: 1,797 images of 8x8 pixels, 10 classes.

    Half of them (899) are the test set; of the other 898, a fifth (180) is the validation set, and
    718 are left to train on. Every split holds the classes in equal proportions.

    Args:
        seed: draws the splits; the same seed gives the same splits.

    Returns:
        The data set; pixels are in [0, 1].
    """
    import sklearn.datasets  # on use: it takes longer to import than everything else here

    X, y = sklearn.datasets.load_digits(return_X_y=True)
    random = generator(seed, "digits")
    rest, test = divide(np.arange(len(y)), y, 0.5, random)
    train, validation = divide(rest, y, 0.2, random)
    everything = Split((X / _LARGEST_PIXEL).astype(np.float32), y)
    return Dataset(
        name="digits",
        train=everything.take(train),
        validation=everything.take(validation),
        test=everything.take(test),
        classes=tuple("0123456789"),
        image_shape=(8, 8),
        provenance=f"digits bundled with scikit-learn, stratified 718/180/899 split, seed {seed}",
    )
