"""Where a study differs from the paper, read from its runs; the numbers are those of the docs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet.nn import activation
from rectinet.report.wording import dataset_name, listing
from rectinet.studies import RunResult, StudyResults

_PAPER_L1 = 0.001
_PAPER_SIZES = {"norb": (4000, 2000)}
_USUAL_SIZES = (1000, 1000, 1000)
_TEXT_SIZES = (5000, 5000, 5000)
_PAPER_SETS = ("mnist", "cifar10", "nistp", "norb", "amazon")
_WITHOUT_SETTINGS = (
    "cifar10",
    "characters",
    "emnist-byclass",
    "norb",
    "small-norb",
    "distorted-characters",
    "distorted-emnist",
)
"""Data sets whose settings, but for the learning rates, are MNIST's (``recipes/chosen.py``)."""
_FIGURES = {"sparsity": (11, "mnist"), "softplus": (12, "norb"), "labels": (13, "norb")}
"""By study: number in the docs, and the data set on which the paper has it."""
_TEXT = {
    "text-table": "The paper’s reviews are OpenTable’s: 10,000 with stars and 300,000 without, "
    "which are not to be had. The kept epoch is that with the lowest validation error of the "
    "expected stars. The net without hidden layer is trained like the others, from random weights.",
    "amazon": "Splits are ours, a fifth of each domain is tested; pre-training sees the training "
    "reviews and the unlabeled ones of all domains, never the test reviews. A network is trained "
    "for each domain and each pair, all of a seed from one stack. A code is the outputs of all "
    "layers, standardized.",
}


@dataclass(frozen=True)
class Deviation:
    """One difference.

    Attributes:
        number: in ``docs/deviations.md``.
        topic: a few words.
        text: what is different, in full sentences.
    """

    number: int
    topic: str
    text: str


def deviations(results: StudyResults) -> tuple[Deviation, ...]:
    """Return those that apply to a study, by number."""
    figure, _ = _FIGURES.get(results.study, (0, ""))
    found: tuple[tuple[int, str, Callable[[StudyResults], str]], ...] = (
        (1, "Activation penalty", _penalty),
        (2, "Weight decay", _weight_decay),
        (3, "Learning rates", _learning_rates),
        (4, "Reconstructed codes", _codes),
        (5, "Scaling of codes", _scaling),
        (6, "Epochs", _epochs),
        (7, "Few labels", _few_labels),
        (8, "Not in the paper", _data_set),
        (9, "Signs", _signs),
        (10, "MNIST’s split", _mnist_split),
        (figure, "The figure", _figure),
        (14, "Strategies", _strategies),
        (15, "Settings and parts", _not_our_own),
        (16, "NISTP", _distorted),
        (17, "Size", _size),
        (18, "Reconstruction sampling", _sampling),
        (20 if results.study == "amazon" else 19, "Reviews", _reviews),
        (21, "Few labels of reviews", _frozen_code),
    )
    told = (Deviation(number, topic, tell(results)) for number, topic, tell in found)
    return tuple(deviation for deviation in told if deviation.text)


def _settings(runs: Iterable[RunResult], name: str) -> list[float]:
    """Return the distinct values of a setting, those of single layers too."""
    values: set[float] = set()
    for run in runs:
        values.update(np.ravel(run.spec["settings"][name]).tolist())
    return sorted(values)


def _numbers(values: Iterable[float]) -> str:
    found = sorted(set(values))
    if len(found) > 4:
        return f"{found[0]:g} to {found[-1]:g}"
    return listing([f"{value:g}" for value in found])


def _penalty(results: StudyResults) -> str:
    stages = {"pre-training": results.stacks, "fine-tuning": results.classifiers}
    if results.study == "sparsity":
        del stages["fine-tuning"]  # number 11
    used = [
        f"{_numbers(strengths)} in {stage}"
        for stage, runs in stages.items()
        if (strengths := [value for value in _settings(runs, "activation_l1") if value])
    ]
    if not used:
        return ""
    return (
        f"The L1 penalty on the activations is, where it is used, {listing(used)}, on the sum over "
        f"a layer’s units; the paper’s {_PAPER_L1:g} fits its share of zeros only under another "
        "normalization."
    )


def _weight_decay(results: StudyResults) -> str:
    strengths = [value for value in _settings(results.classifiers, "weight_l2") if value]
    return f"L2 on weights of {_numbers(strengths)}; the paper has none." if strengths else ""


def _learning_rates(results: StudyResults) -> str:
    rates: list[Any] = [run.spec["settings"]["learning_rate"] for run in results.classifiers]
    fixed = [value for rate in rates if not isinstance(rate, str) for value in np.ravel(rate)]
    if not fixed:
        return ""
    return (
        f"Fine-tuning uses given rates, {_numbers(fixed)}; the paper chooses each from 0.1, 0.01, "
        "0.001 and 0.0001 by validation error."
    )


def _codes(results: StudyResults) -> str:
    # Codes are reconstructed from the second layer on.
    deep = [stack.spec for stack in results.stacks if len(stack.spec["hidden_layer_sizes"]) > 1]
    found = []
    if any(_is_bounded(spec) for spec in deep):
        found.append("codes of tanh units, which lie in [-1, 1], are mapped by (h + 1) / 2")
    if any(spec["sign_flip"] != "none" for spec in deep):
        found.append("codes of units whose sign is flipped enter as their value before the flip")
    return f"In pre-training, {listing(found)}." if found else ""


def _is_bounded(spec: Mapping[str, Any]) -> bool:
    return math.isfinite(activation(spec["activation"]["type"].lower()).upper)


def _scaling(results: StudyResults) -> str:
    kinds = {"layer": "the layer’s largest", "unit": "each unit’s largest"}
    used: dict[str, None] = {}
    softplus = False
    for stack in results.stacks:
        found = stack.spec["settings"]["reconstruction"]
        above = found[1:] if isinstance(found, list) else [found]
        scaled = [each["scaling"] for each in above if each["scaling"] != "none"]
        # Bounded codes are mapped by their bounds instead.
        if len(stack.spec["hidden_layer_sizes"]) > 1 and scaled and not _is_bounded(stack.spec):
            used |= dict.fromkeys(kinds.get(each, each) for each in scaled)
            softplus |= stack.spec["activation"]["type"] == "Softplus"
    if not used:
        return ""
    text = (
        "Where a decoder wants it, the layer below is divided, for good, by "
        f"{listing(list(used))} activation over the training set"
    )
    return f"{text}; of softplus layers the targets are." if softplus else f"{text}."


def _few_labels(results: StudyResults) -> str:
    few = [run for run in results.classifiers if run.labels_per_class is not None]
    if not few:
        return ""
    kept = {bool(run.spec["settings"].get("keep_best", True)) for run in few}
    ways = {
        False: "the weights are the last ones, after a fixed number of epochs",
        True: "the validation set keeps all its labels and chooses the epoch",
    }
    how = listing([ways[each] for each in sorted(kept)], last="or")
    return f"With few labels {how}; the paper shows this curve on NORB."


def _signs(results: StudyResults) -> str:
    flipped: dict[str, None] = {}
    plain: dict[str, None] = {}
    for run in results.classifiers:
        if run.spec["hidden_layer_sizes"]:
            (plain if run.spec["sign_flip"] == "none" else flipped)[run.activation] = None
    if not flipped:
        return ""
    text = (
        f"Half of the signs of every hidden layer of {listing(list(flipped))} units are flipped, "
        "drawn once per layer"
    )
    return f"{text}; {listing(list(plain))} units have none flipped." if plain else f"{text}."


def _strategies(results: StudyResults) -> str:
    if results.study != "strategies":
        return ""
    return (
        "All stacks have the same epochs, noise and penalty, and each layer takes that of the "
        "paper’s learning rates with the lowest reconstruction error on the validation inputs. "
        "Costs of different strategies have different units and cannot be compared."
    )


def _epochs(results: StudyResults) -> str:
    most = _numbers(run.spec["settings"]["epochs"] for run in results.classifiers)
    text = f"Fine-tuning takes at most {most} epochs (the first author’s code: up to 1000)"
    patience = {run.spec["settings"]["patience"] for run in results.classifiers} - {None}
    if patience:
        text += f" and stops after {_numbers(patience)} without a gain"
    if results.stacks:
        layers = (np.ravel(stack.spec["settings"]["epochs"]) for stack in results.stacks)
        epochs = _numbers(value for each in layers for value in each.tolist())
        text += f"; pre-training takes {epochs} per layer (there: up to 30)"
    return text + "."


def _figure(results: StudyResults) -> str:
    _, where = _FIGURES.get(results.study, (0, results.dataset))
    text = ""
    if results.study == "sparsity":
        strengths = _settings(results.classifiers, "activation_l1")
        text = (
            f"The L1 penalty runs from {strengths[0]:g} to {strengths[-1]:g}, the paper’s from 0 "
            "to 0.01 under another normalization (number 1). "
        )
    if where != results.dataset:
        text += (
            f"The paper shows this on {dataset_name(where)}; here it is "
            f"{dataset_name(results.dataset)}."
        )
    return text.strip()


def _data_set(results: StudyResults) -> str:
    if results.dataset in _PAPER_SETS:
        return ""
    return f"The paper has no result for {dataset_name(results.dataset)}."


def _mnist_split(results: StudyResults) -> str:
    if results.dataset != "mnist":
        return ""
    return "Training and validation are the first 50,000 and the last 10,000 of the official file."


def _not_our_own(results: StudyResults) -> str:
    if results.dataset not in _WITHOUT_SETTINGS:
        return ""
    text = "The penalty on the activations and the noise are those chosen on MNIST"
    if any(stack.spec["activation"]["type"] == "Tanh" for stack in results.stacks):
        text += "; tanh reconstructs by strategy B, since A cannot produce negative codes"
    return f"{text}. {_cifar_parts(results)}".strip()


def _cifar_parts(results: StudyResults) -> str:
    if results.dataset != "cifar10":
        return ""
    n_train = max(run.values["n_labels"] for run in results.classifiers)
    first = results.classifiers[0].values
    text = (
        f"{n_train:,} images to train, {first['n_validation']:,} to validate and "
        f"{first['n_test']:,} to test; the paper has 50,000, 5,000 and 5,000."
    )
    if n_train == 40_000:
        text += (
            " All are official training images: of the official test images, more than half were "
            "at hand only after JPEG compression."
        )
    return text


def _distorted(results: StudyResults) -> str:
    if not results.dataset.startswith("distorted-"):
        return ""
    n_test = results.classifiers[0].values["n_test"]
    return (
        "Stands in for NISTP: other characters, distortions whose ranges are ours, and fewer "
        f"examples than the paper’s 82 million. The {n_test:,} test images are of few characters, "
        "each distorted several times, so an interval that counts images is too narrow."
    )


def _sampling(results: StudyResults) -> str:
    used = [stack.spec["settings"].get("sampling") for stack in results.stacks]
    ratios = [100 * sampling["ratio"] for sampling in used if sampling]
    if not ratios:
        return ""
    return (
        "Pre-training of the first layer computes the outputs that are not zero, those that noise "
        f"added, and {_numbers(ratios)}% of the others (Dauphin, Glorot and Bengio 2011)."
    )


def _reviews(results: StudyResults) -> str:
    return _TEXT.get(results.study, "")


def _frozen_code(results: StudyResults) -> str:
    if not any(run.code and run.spec["model"] == "logistic" for run in results.baselines):
        return ""
    return (
        "With few labels it is logistic regression, not a support vector machine, that learns from "
        "the frozen code, and the code is the outputs of all layers, standardized. Labels are "
        "drawn as they come; the validation set keeps all its own and chooses the strength of the "
        "regularization."
    )


def _size(results: StudyResults) -> str:
    text = results.study in _TEXT
    paper = _TEXT_SIZES if text else _PAPER_SIZES.get(results.dataset, _USUAL_SIZES)
    sizes = {tuple(run.spec["hidden_layer_sizes"]) for run in results.classifiers}
    if text:  # also with fewer layers, as in the paper
        sizes = {max(sizes, key=len)}
    if sizes == {paper}:
        return ""
    ours = listing([" × ".join(map(str, each)) for each in sorted(sizes)])
    return f"Hidden layers of {ours} units; the paper’s have {' × '.join(map(str, paper))}."
