"""Sentiment of Amazon reviews: within a domain, and from one domain to another (paper 4.2).

One stack of each seed is pre-trained on the reviews of all domains, no test texts among them, and
serves them all: fine-tuned, and as a frozen code for a linear support vector machine. The latter
and transfer are what the first author did next (Glorot, Bordes and Bengio, ICML 2011).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rectinet.data.text import AMAZON_DOMAINS, amazon_name
from rectinet.studies.experiment import Experiment
from rectinet.studies.recipes import Protocol
from rectinet.studies.recipes.text import AMAZON_PROTOCOLS
from rectinet.studies.spec import BaselineSpec, ClassifierSpec

STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Of the linear support vector machine on words, inverse to its regularization."""

CODE_STRENGTHS = (0.000003, 0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003)
"""The same on the standardized code, whose squared length is some twenty times the words'."""


@dataclass(frozen=True)
class Domains:
    """What is trained and tested on.

    Attributes:
        within: domains tested with labels of their own.
        across: pairs of a domain with labels and the one that is tested.
    """

    within: tuple[str, ...]
    across: tuple[tuple[str, str], ...]

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the data sets."""
        transfer = (amazon_name(domain, source) for source, domain in self.across)
        return (*map(amazon_name, self.within), *transfer)


def _runs(
    recipes: Protocol, domains: Domains, n_seeds: int | None
) -> Iterator[ClassifierSpec | BaselineSpec]:
    for seed in range(n_seeds or recipes.n_seeds):
        pretrained = recipes.classifier("rectifier", True, seed)
        random = recipes.classifier("rectifier", False, seed)
        stack = pretrained.pretraining
        for name in domains.datasets:
            yield replace(pretrained, dataset=name)
            yield replace(random, dataset=name)
            yield BaselineSpec(name, "linear-svc", STRENGTHS, seed)
            yield BaselineSpec(name, "linear-svc", CODE_STRENGTHS, seed, stack)


amazon = Experiment(
    "amazon",
    {
        ("amazon", "quick"): Domains(
            AMAZON_DOMAINS, (("books", "kitchen"), ("electronics", "dvd"))
        ),
        ("amazon", "paper"): Domains(
            AMAZON_DOMAINS, tuple(itertools.permutations(AMAZON_DOMAINS, 2))
        ),
    },
    _runs,
    AMAZON_PROTOCOLS,
)
