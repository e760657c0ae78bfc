"""How networks are trained on each data set, a file for each; every study takes it from here."""

from collections.abc import Mapping

from rectinet.studies.recipes import characters, cifar10, digits, distorted, emnist, mnist, norb
from rectinet.studies.recipes.recipe import Protocol, Recipe

_BY_DATASET = (
    digits.protocols(),
    mnist.protocols(),
    cifar10.protocols(),
    characters.protocols(),
    emnist.protocols(),
    distorted.characters(),
    distorted.emnist(),
    norb.protocols(),
)

PROTOCOLS: Mapping[tuple[str, str], Protocol] = {
    (protocol.dataset, effort): protocol
    for efforts in _BY_DATASET
    for effort, protocol in efforts.items()
}
"""By (data set, ``"quick"`` or ``"paper"``)."""

__all__ = ["PROTOCOLS", "Protocol", "Recipe"]
