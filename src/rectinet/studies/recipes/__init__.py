"""How networks are trained on each data set, a file for each; every study takes it from here."""

from collections.abc import Mapping

from rectinet.studies.recipes import cifar10, characters, digits, mnist
from rectinet.studies.recipes.recipe import Protocol, Recipe

PROTOCOLS: Mapping[tuple[str, str], Protocol] = {
    (protocol.dataset, effort): protocol
    for dataset in (digits, mnist, cifar10, characters)
    for effort, protocol in dataset.protocols().items()
}
"""By (data set, ``"quick"`` or ``"paper"``)."""

__all__ = ["PROTOCOLS", "Protocol", "Recipe"]
