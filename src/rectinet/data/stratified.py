"""Random divisions that keep the proportions of the classes."""

from __future__ import annotations

import numpy as np

from rectinet.errors import InputError


def divide(
    rows: np.ndarray, y: np.ndarray, second_part: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Divide row numbers in two, stratified by their labels.

    Args:
        rows: shape (n,), the row numbers to divide.
        y: labels of all rows, those to divide and others.
        second_part: the share of the second part, rounded up to whole rows.
        random: draws the division.

    Returns:
        The two parts, each ascending.

    Raises:
        InputError: if a class has too few examples to be divided.
    """
    from sklearn.model_selection import train_test_split  # on use: it takes long to import

    try:
        first, second = train_test_split(
            rows,
            test_size=second_part,
            stratify=y[rows],
            random_state=int(random.integers(2**32, dtype=np.uint64)),
        )
    except ValueError as error:
        raise InputError(
            f"the {len(rows)} examples cannot be divided by class: {' '.join(str(error).split())}; "
            "give more examples of each class"
        ) from error
    return np.sort(first), np.sort(second)
