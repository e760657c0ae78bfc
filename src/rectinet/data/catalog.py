"""What data sets there are: one entry each, with its terms, its loader and its published files."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rectinet.data.characters import find_characters, load_characters
from rectinet.data.cifar10 import CIFAR10_FILES, CIFAR10_MIRRORS, find_cifar10, load_cifar10
from rectinet.data.dataset import Dataset
from rectinet.data.digits import load_digits
from rectinet.data.distorted import N_EPOCH, N_TEST, N_VALIDATION, distort_dataset
from rectinet.data.emnist import EMNIST_FILES, EMNIST_MIRRORS, find_emnist, load_emnist
from rectinet.data.fetch import RemoteFile
from rectinet.data.locate import find_files
from rectinet.data.mnist import MNIST_FILES, MNIST_MIRRORS, load_mnist
from rectinet.data.norb import (
    NORB,
    NORB_ADDRESS,
    SMALL_NORB,
    SMALL_NORB_FILES,
    SMALL_NORB_MIRRORS,
    find_norb,
    load_norb,
)
from rectinet.data.text import (
    AMAZON_DOMAINS,
    IMDB_FILES,
    IMDB_MIRRORS,
    amazon_name,
    find_amazon,
    find_imdb,
    find_restaurant_reviews,
    load_amazon,
    load_imdb,
    load_restaurant_reviews,
)


@dataclass(frozen=True)
class DatasetInfo:
    """What there is to know about a data set before it is loaded.

    Attributes:
        name: the name it is loaded by.
        description: one line.
        n_examples: in all splits together; of reviews before duplicates are removed.
        n_classes: the number of classes.
        n_features: the number of columns of X.
        source: where it comes from.
        license: the terms it is published under.
        needs_files: whether files must be fetched or pointed to before it can be loaded.
        can_fetch: whether `fetch_dataset` downloads them.
        how_to_get: what to do where it does not; empty otherwise.
        n_unlabeled: how many more training inputs there are, without labels.
        family: what stands for all data sets of this kind in a list; empty if it is the only one.
        ignores_seed: whether `load_dataset` returns the same for every seed.
    """

    name: str
    description: str
    n_examples: int
    n_classes: int
    n_features: int
    source: str
    license: str
    needs_files: bool
    can_fetch: bool = True
    how_to_get: str = ""
    n_unlabeled: int = 0
    family: str = ""
    ignores_seed: bool = False


@dataclass(frozen=True)
class Entry:
    """A data set and what is done with it.

    Attributes:
        info: see `DatasetInfo`.
        load: takes the folder that holds the files, and the seed of the split.
        files: what is downloaded.
        mirrors: from where.
        find: the folder that holds the files in any of the forms the loader reads; None: those in
            `files`.
    """

    info: DatasetInfo
    load: Callable[[Path, int], Dataset]
    files: tuple[RemoteFile, ...] = ()
    mirrors: tuple[str, ...] = ()
    find: Callable[[Path], Path | None] | None = None

    def locate(self, folder: Path) -> Path | None:
        """Return where below `folder` the files lie; None if not all are there or none needed."""
        if self.find is not None:
            return self.find(folder)
        paths = find_files(folder, self.info.name, self.files) if self.files else None
        return None if paths is None else paths[0].parent


def _amazon(domain: str | None, source: str | None = None) -> Entry:
    """Return the entry of one domain, learned from its own labels or another's, or of all."""
    n_examples = 8000 if domain is None else 2000
    family = "amazon-DOMAIN" if source is None else "amazon-A-to-B"
    return Entry(
        DatasetInfo(
            name=amazon_name(domain, source),
            description="Amazon reviews of books, DVDs, electronics and kitchenware as bags of "
            "5,000 words"
            if domain is None
            else f"Amazon reviews of {domain} as bags of 5,000 words; labels of "
            f"{source or domain}, texts of all four domains",
            n_examples=n_examples,
            n_classes=2,
            n_features=5000,
            source="J. Blitzer et al.: Biographies, Bollywood, Boom-boxes and Blenders, 2007",
            license="none stated; the authors ask to cite the paper",
            needs_files=True,
            can_fetch=False,
            how_to_get="no checksum of its file is known to us; download "
            "https://www.cs.jhu.edu/~mdredze/datasets/sentiment/domain_sentiment_data.tar.gz "
            "into a folder and pass it as data_dir",
            # The training reviews of the other domains, and those that came without a rating.
            n_unlabeled=21_826 if domain is None else 25_951,
            family="" if domain is None else family,
        ),
        load=functools.partial(load_amazon, domain=domain, source=source),
        find=find_amazon,
    )


ENTRIES = (
    Entry(
        DatasetInfo(
            name="digits",
            description="handwritten digits, 8x8 pixels; small, for trying things out",
            n_examples=1797,
            n_classes=10,
            n_features=64,
            source="bundled with scikit-learn; UCI Optical Recognition of Handwritten Digits",
            license="CC BY 4.0",
            needs_files=False,
        ),
        load=lambda _, seed: load_digits(seed),
    ),
    Entry(
        DatasetInfo(
            name="mnist",
            description="handwritten digits, 28x28 pixels, with the paper's 50k/10k/10k split",
            n_examples=70_000,
            n_classes=10,
            n_features=784,
            source="Y. LeCun, C. Cortes, C. Burges: the MNIST database of handwritten digits",
            license="CC BY-SA 3.0",
            needs_files=True,
            ignores_seed=True,
        ),
        load=lambda folder, _: load_mnist(folder),
        files=MNIST_FILES,
        mirrors=MNIST_MIRRORS,
    ),
    Entry(
        DatasetInfo(
            name="cifar10",
            description="color photographs, 32x32x3; 40k/5k/5k of the 50k training images",
            n_examples=50_000,
            n_classes=10,
            n_features=3072,
            source="A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009",
            license="none stated; the authors ask to cite the technical report",
            needs_files=True,
            ignores_seed=True,
        ),
        load=lambda folder, _: load_cifar10(folder),
        files=CIFAR10_FILES,
        mirrors=CIFAR10_MIRRORS,
        find=find_cifar10,
    ),
    Entry(
        DatasetInfo(
            name="characters",
            description="2,811 handwritten characters, 28x28, 62 classes: a base for distortions",
            n_examples=2811,
            n_classes=62,
            n_features=784,
            source="CHoiCe, DOI 10.25911/602355a95f787, version 0.3 as black-and-white images",
            license="none stated",
            needs_files=True,
            can_fetch=False,
            how_to_get="put choice_v03_binary.npz into a folder and pass it as data_dir",
        ),
        load=load_characters,
        find=find_characters,
    ),
    Entry(
        DatasetInfo(
            name="distorted-characters",
            description="the characters, distorted to 32x32: new examples in every epoch",
            n_examples=N_EPOCH + N_VALIDATION + N_TEST,
            n_classes=62,
            n_features=1024,
            source="the data set characters; distortions in the manner of NISTP, the paper's",
            license="none stated",
            needs_files=True,
            can_fetch=False,
            how_to_get="it is made from characters: see `rectinet data info characters`",
        ),
        # One split of the characters for all seeds, so that all are tested on the same images.
        load=lambda folder, seed: distort_dataset(
            load_characters(folder), "distorted-characters", seed
        ),
        find=find_characters,
    ),
    Entry(
        DatasetInfo(
            name="emnist-byclass",
            description="NIST SD19's handwritten characters, 28x28, 62 classes 0-9 A-Z a-z",
            n_examples=814_255,
            n_classes=62,
            n_features=784,
            source="G. Cohen et al.: EMNIST, 2017, from NIST Special Database 19",
            license="public domain (a work of the US government)",
            needs_files=True,
            ignores_seed=True,
        ),
        load=lambda folder, _: load_emnist(folder),
        files=EMNIST_FILES,
        mirrors=EMNIST_MIRRORS,
        find=find_emnist,
    ),
    Entry(
        DatasetInfo(
            name="distorted-emnist",
            description="EMNIST ByClass, distorted to 32x32: new examples in every epoch",
            n_examples=N_EPOCH + N_VALIDATION + N_TEST,
            n_classes=62,
            n_features=1024,
            source="the data set emnist-byclass; distortions in the manner of NISTP, the paper's",
            license="public domain (a work of the US government)",
            needs_files=True,
            can_fetch=False,
            how_to_get="it is made from EMNIST: run `rectinet data fetch emnist-byclass`",
        ),
        load=lambda folder, seed: distort_dataset(load_emnist(folder), "distorted-emnist", seed),
        find=find_emnist,
    ),
    Entry(
        DatasetInfo(
            name="norb",
            description="jittered-cluttered NORB, stereo pairs of toys as 2x32x32; 6 classes",
            n_examples=349_920,
            n_classes=6,
            n_features=2048,
            source="Y. LeCun, F. J. Huang, L. Bottou: the NORB dataset, v1.0, 2004",
            license="for research, not to be sold",
            needs_files=True,
            can_fetch=False,
            how_to_get=f"no checksums of its files are known to us; download {NORB.wanted}.gz, "
            f"from {NORB_ADDRESS} into a folder and pass it as data_dir",
            ignores_seed=True,
        ),
        load=lambda folder, _: load_norb(folder, NORB),
        find=lambda folder: find_norb(folder, NORB),
    ),
    Entry(
        DatasetInfo(
            name="small-norb",
            description="small NORB, stereo pairs of toys as 2x32x32; 5 classes",
            n_examples=48_600,
            n_classes=5,
            n_features=2048,
            source="Y. LeCun, F. J. Huang, L. Bottou: the small NORB dataset, v1.0, 2004",
            license="for research, not to be sold",
            needs_files=True,
            ignores_seed=True,
        ),
        load=lambda folder, _: load_norb(folder, SMALL_NORB),
        files=SMALL_NORB_FILES,
        mirrors=SMALL_NORB_MIRRORS,
        find=lambda folder: find_norb(folder, SMALL_NORB),
    ),
    Entry(
        DatasetInfo(
            name="imdb",
            description="film reviews as bags of 5,000 words, 1-4 and 7-10 stars, most unlabeled",
            n_examples=25_000,
            n_classes=8,
            n_features=5000,
            source="A. L. Maas et al.: Learning Word Vectors for Sentiment Analysis, 2011",
            license="none stated; the authors ask to cite the paper",
            needs_files=True,
            n_unlabeled=58_663,
        ),
        load=load_imdb,
        files=IMDB_FILES,
        mirrors=IMDB_MIRRORS,
        find=find_imdb,
    ),
    Entry(
        DatasetInfo(
            name="restaurant-reviews",
            description="reviews of restaurants in Hyderabad as bags of 5,000 words, 1-5 stars",
            n_examples=9115,
            n_classes=5,
            n_features=5000,
            source="Zomato",
            license="none stated",
            needs_files=True,
            can_fetch=False,
            how_to_get="put zomato_stars.jsonl.gz into a folder and pass it as data_dir",
            n_unlabeled=144,
        ),
        load=load_restaurant_reviews,
        find=find_restaurant_reviews,
    ),
    _amazon(None),
    *(
        _amazon(domain, source)
        for domain in AMAZON_DOMAINS
        for source in (None, *AMAZON_DOMAINS)
        if source != domain
    ),
)
