"""Amazon reviews of four kinds of goods (Blitzer et al. 2007): within a domain, or across two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from rectinet.data.dataset import Dataset
from rectinet.data.stratified import divide
from rectinet.data.text.assemble import Rows, assemble
from rectinet.data.text.blitzer import UNLABELED, read_blitzer_archive
from rectinet.data.text.counted import CountedReviews, count_reviews
from rectinet.data.text.review import Review
from rectinet.data.text.review_file import read_reviews
from rectinet.errors import DataError, InputError, SettingError
from rectinet.randomness import generator

AMAZON_DOMAINS = ("books", "dvd", "electronics", "kitchen")

_JSON_LINES = ("amazon4/labelled.jsonl.gz", "fdu_mtl_amazon14/unlabel.jsonl.gz")
_OFFICIAL = ("sorted_data_acl", "domain_sentiment_data.tar.gz")
_OFFICIAL_NAMES = {"kitchen_&_housewares": "kitchen"}
_MIDDLE_STARS = 3  # of neither class; the reviews with it were left out when the set was made


def load_amazon(
    data_dir: str | Path,
    seed: int = 0,
    *,
    domain: str,
    source: str | None = None,
    n_words: int = 5000,
    weighting: str = "binary",
    cache: bool = True,
) -> Dataset:
    """Load the reviews of one domain, with the texts of all others to pre-train on.

    Within a domain (`source` is None), a fifth of its reviews are the test set and a tenth the
    validation set. Across domains, all reviews of `domain` are the test set, a fifth of those of
    `source` the validation set, the others the training set. In both cases all other reviews,
    of the other domains and those that came without a rating, are the unlabeled inputs; the test
    texts are not among them. A text that occurs several times is kept once, with its rating.

    Args:
        data_dir: holds the folder ``sorted_data_acl``, or ``domain_sentiment_data.tar.gz``, or
            ``amazon4/labelled.jsonl.gz`` and ``fdu_mtl_amazon14/unlabel.jsonl.gz``; or has them in
            its subfolder ``amazon`` or ``text``.
        seed: draws the splits, the classes in equal proportions.
        domain: one of `AMAZON_DOMAINS`, to be tested on.
        source: another one, whose labels are learned from; None: those of `domain`.
        n_words: see `BagOfWords.fit`; the vocabulary is that of training and unlabeled reviews.
        weighting: see `BagOfWords.fit`.
        cache: keep the counted words in the user's cache, and use them the next time.

    Returns:
        The data set: class 0 is negative (1 and 2 stars), class 1 positive (4 and 5).

    Raises:
        DataError: if the files are missing or damaged, or have too few reviews.
        SettingError: if there is no such domain, both are the same, `n_words` is below 1 or
            `weighting` unknown.
    """
    for name in (domain, *([] if source is None else [source])):
        if name not in AMAZON_DOMAINS:
            raise SettingError(f"domain is {name!r}; give one of {', '.join(AMAZON_DOMAINS)}")
    if source == domain:
        raise SettingError(f"source and domain are both {domain!r}; leave source out")
    folder = find_amazon(Path(data_dir))
    if folder is None:
        raise DataError(
            f"the Amazon reviews are neither in {data_dir} nor in {Path(data_dir) / 'amazon'}; "
            f"looked for the folder {' and '.join(_OFFICIAL)}, and for {' and '.join(_JSON_LINES)}:"
            " check data_dir"
        )
    sources = _sources(folder)
    counted = count_reviews(lambda: _read(sources), sources, cache=cache)
    y = (counted.stars > _MIDDLE_STARS).astype(np.int64)
    try:
        rows = _split(counted, y, domain, source, generator(seed, "amazon", domain))
    except InputError as error:
        raise DataError(f"{folder}: {error}") from error
    return assemble(
        amazon_name(domain, source),
        counted,
        rows,
        y=y,
        classes=("negative", "positive"),
        class_values=None,
        n_words=n_words,
        weighting=weighting,
        provenance=f"Blitzer et al.'s Amazon reviews, {source or domain} to {domain}, splits by "
        f"class, seed {seed}",
    )


def amazon_name(domain: str, source: str | None = None) -> str:
    """Return the name of the data set: ``amazon-books``, or ``amazon-dvd-to-books``."""
    return f"amazon-{domain}" if source is None else f"amazon-{source}-to-{domain}"


def find_amazon(folder: Path) -> Path | None:
    """Return the folder of the reviews, in any of their forms; None if they are not there."""
    places = (folder, folder / "amazon", folder / "text")
    return next((place for place in places if _sources(place)), None)


def _split(
    counted: CountedReviews,
    y: np.ndarray,
    domain: str,
    source: str | None,
    random: np.random.Generator,
) -> Rows:
    if source is None:
        rest, test = divide(counted.rows(domain), y, 0.2, random)
        train, validation = divide(rest, y, 0.125, random)  # 0.125 of 0.8 is a tenth of all
    else:
        test = counted.rows(domain)
        train, validation = divide(counted.rows(source), y, 0.2, random)
    others = [name for name in (*AMAZON_DOMAINS, UNLABELED) if name not in (domain, source)]
    return Rows(train, validation, test, counted.rows(*others))


def _sources(folder: Path) -> tuple[Path, ...]:
    files = tuple(folder / name for name in _JSON_LINES)
    if all(file.is_file() for file in files):
        return files
    return next(
        ((folder / name,) for name in _OFFICIAL if (folder / name).exists()),
        (),
    )


def _read(sources: tuple[Path, ...]) -> Mapping[str, Iterable[Review]]:
    """Return the reviews by domain, and the unlabeled ones last: copies keep their rating."""
    if len(sources) == 1:
        archive = read_blitzer_archive(sources[0])
        found = {_OFFICIAL_NAMES.get(name, name): reviews for name, reviews in archive.items()}
    else:
        labeled, unlabeled = sources
        found = {UNLABELED: list(read_reviews(unlabeled, labeled=False))}
        for review in read_reviews(labeled, domain_column="domain"):
            found.setdefault(review.domain, []).append(review)
    missing = [domain for domain in AMAZON_DOMAINS if not found.get(domain)]
    if missing:
        raise DataError(f"{sources[0]} has no reviews of {', '.join(missing)}; get it again")
    return {part: found[part] for part in (*AMAZON_DOMAINS, UNLABELED)}
