"""Handwritten characters, distorted without end: a stand-in for the paper's NISTP."""

from __future__ import annotations

from dataclasses import replace

from rectinet.data.dataset import Dataset, Split
from rectinet.data.distortion import SIDE, DistortionStream

N_EPOCH = 20_480
"""Training examples of an epoch. A whole number of the stream's chunks, so that none is made
twice; 84 MB."""
N_VALIDATION, N_TEST = 5_120, 10_240
"""Of the small set, each character is there nine and eighteen times."""


def distort_dataset(
    base: Dataset,
    name: str,
    seed: int,
    *,
    n_epoch: int = N_EPOCH,
    n_validation: int = N_VALIDATION,
    n_test: int = N_TEST,
) -> Dataset:
    """Return a data set whose training examples are new ones in every epoch.

    Each split distorts the characters of the base's own: what is tested was drawn by hands, and on
    characters, that training has not seen. Epoch k has the examples from number
    (k - 1) * `n_epoch` of one stream, so an interrupted training finds the same ones again.

    Args:
        base: characters of at most 32x32 pixels in [0, 1].
        name: the name that the new set is loaded by.
        seed: draws the training examples; those of validation and test are always the same.
        n_epoch: training examples of an epoch.
        n_validation: validation examples.
        n_test: test examples.

    Raises:
        InputError: if the base has no such images.
    """
    stream = DistortionStream(base.train.X, base.train.y, seed=seed)
    held_out = (
        Split(*DistortionStream(split.X, split.y, seed=0).examples(0, count))
        for split, count in ((base.validation, n_validation), (base.test, n_test))
    )

    def redraw(epoch: int) -> Split:
        return Split(*stream.examples((epoch - 1) * n_epoch, n_epoch))

    validation, test = held_out
    return replace(
        base,
        name=name,
        train=redraw(1),
        validation=validation,
        test=test,
        image_shape=(SIDE, SIDE),
        provenance=f"{base.provenance}; distorted: each split its own characters, in training "
        f"{n_epoch} new examples in every epoch, seed {seed}",
        redraw=redraw,
    )
