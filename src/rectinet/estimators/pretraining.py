"""Whether to pre-train: the paper's own advice, from the numbers of examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import validate_data

from rectinet.errors import DivergedError, InputError, SettingError
from rectinet.estimators.autoencoder import StackedDenoisingAutoencoder
from rectinet.estimators.naming import named
from rectinet.estimators.parameters import OF_LAYERS, differ

METHODS = ("denoising", "autoencoder")

# A decoder says every input anew, unless it says a sample of them: at so many, one epoch takes
# longer than all of fine-tuning.
_MOST_FEATURES = 10_000

# What an auto-encoder is told besides.
_OF_STACK = (
    *OF_LAYERS,
    "corruption",
    "corruption_level",
    "reconstruction",
    "reconstruction_sampling",
    "verbose",
)


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        method: ``"denoising"``, ``"autoencoder"`` (one that was handed over) or None.
        reason: why, in a few words.
    """

    method: str | None
    reason: str

    def __str__(self) -> str:
        return f"pre-training: {self.method or 'none'} ({self.reason})"


def handed_over(pretraining: Any) -> StackedDenoisingAutoencoder | None:
    """Return the auto-encoder that was given as `pretraining`, if one was.

    It may be inside scikit-learn's `FrozenEstimator`, as it must where the estimator is cloned.
    """
    inner = pretraining.estimator if isinstance(pretraining, FrozenEstimator) else pretraining
    return inner if isinstance(inner, StackedDenoisingAutoencoder) else None


def choose_pretraining(
    pretraining: Any,
    n_labelled: int,
    n_unlabelled: int,
    n_features: int,
    n_hidden: int,
    *,
    sampled: bool = False,
) -> Choice:
    """Return whether and how to pre-train.

    ``"auto"`` does when unlabelled examples outnumber labelled ones (paper section 4.1: with all
    labels, rectifier networks gain nothing from it), unless there are too many inputs to
    reconstruct and they are not `sampled`.

    Raises:
        SettingError: if `pretraining` is neither a known name nor an auto-encoder.
    """
    if handed_over(pretraining) is not None:
        return Choice("autoencoder", "one that was trained before")
    if pretraining is None:
        return Choice(None, "as asked")
    if not isinstance(pretraining, str) or pretraining not in ("auto", "denoising"):
        # Other estimators have a long repr of many lines; their type says enough.
        several = "\n" in repr(pretraining)
        shown = f"a {type(pretraining).__name__}" if several else repr(pretraining)
        raise SettingError(
            f"pretraining is {shown}; use 'auto', 'denoising', None, or a fitted "
            "StackedDenoisingAutoencoder"
        )
    if not n_hidden:
        return Choice(None, "there is no hidden layer")
    if pretraining == "denoising":
        return Choice("denoising", "as asked")
    if n_unlabelled <= n_labelled:
        return Choice(None, f"{n_labelled:,} labelled examples, {n_unlabelled:,} without label")
    if n_features > _MOST_FEATURES and not sampled:
        told = f"{n_features:,} inputs are too many to reconstruct; ask for it, or for a sample"
        return Choice(None, told)
    return Choice("denoising", f"{n_unlabelled:,} unlabelled examples, {n_labelled:,} labelled")


def stack_to_begin_with(estimator: BaseEstimator, X: Any, seed: int) -> StackedDenoisingAutoencoder:
    """Return the stack that was handed over; otherwise one trained as the estimator's settings say.

    Args:
        estimator: a classifier or regressor whose choice it is to pre-train.
        X: all examples, labelled or not, shape (n, n_features), dense or CSR.
        seed: of a stack that is trained here.

    Raises:
        SettingError: if the stack handed over contradicts the settings.
    """
    given = handed_over(estimator.pretraining)
    if given is not None:
        check_agreement(estimator, given)
        return given
    with named(max_iter="pretraining_iter"):
        try:
            return new_stack(estimator, seed).fit(X)
        except DivergedError as error:
            raise error.with_cure(
                "give pretraining=None, or "
                "pretraining=StackedDenoisingAutoencoder(learning_rate_init="
                f"{max(error.learning_rate) / 10:g}).fit(X)"
            ) from error


def new_stack(estimator: BaseEstimator, seed: int) -> StackedDenoisingAutoencoder:
    """Return a stack as the estimator's settings say, not fitted."""
    return StackedDenoisingAutoencoder(
        **{name: clone(getattr(estimator, name), safe=False) for name in _OF_STACK},
        max_iter=estimator.pretraining_iter,
        random_state=seed,
    )


def check_columns(stack: StackedDenoisingAutoencoder, X: Any, n_features: int) -> None:
    """Refuse an auto-encoder that is not fitted, or to other columns or another order of them.

    Args:
        stack: handed over as `pretraining`.
        X: inputs as they came, with the names of their columns if they have some.
        n_features: how many they are.

    Raises:
        SettingError: if it is not fitted.
        ValueError: if it was fitted to other columns.
    """
    if not hasattr(stack, "layers_"):
        raise SettingError(
            "pretraining is an auto-encoder that is not fitted; call its fit first, with all "
            "examples, labelled or not; for a search or cross-validation, which clone it, wrap it "
            "in sklearn.frozen.FrozenEstimator"
        )
    if stack.n_features_in_ != n_features:
        raise InputError(
            f"X has {n_features} features, but the auto-encoder given as pretraining was fitted to "
            f"{stack.n_features_in_}; pass the same columns"
        )
    validate_data(stack, X, reset=False, skip_check_array=True)


def check_agreement(estimator: BaseEstimator, stack: StackedDenoisingAutoencoder) -> None:
    """Refuse settings of layers that are not those of the stack whose layers are taken.

    Raises:
        SettingError: if one is neither the stack's nor the default.
    """
    # Not those of the estimator's own class, which may be a subclass with other parameters.
    defaults = StackedDenoisingAutoencoder()
    for name in OF_LAYERS:
        own, taken = getattr(estimator, name), getattr(stack, name)
        if differ(own, getattr(defaults, name)) and differ(own, taken):
            raise SettingError(
                f"{name} is {own!r}, but the layers are those of the auto-encoder given as "
                f"pretraining, where it is {taken!r}; leave it out, or give the same"
            )
