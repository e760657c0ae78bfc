"""Amazon reviews of four kinds of goods (Blitzer et al. 2007): within domains, or across two."""

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
    domain: str | None = None,
    source: str | None = None,
    n_words: int = 5000,
    weighting: str = "binary",
    cache: bool = True,
) -> Dataset:
    """Load the reviews of one domain or of all, with the texts of the others to pre-train on.

    A fifth of each domain's reviews are its test set and a tenth its validation set. The training
    reviews of domains whose labels are not used and those that came without a rating are the
    unlabeled inputs. So whatever `domain` and `source` are, with one seed the inputs to pre-train
    on are the same, up to their order, and no domain's test texts are among them; the words are the
    same, too. A text that occurs several times is kept once, with its rating.

    Args:
        data_dir: holds the folder ``sorted_data_acl``, or ``domain_sentiment_data.tar.gz``, or
            ``amazon4/labelled.jsonl.gz`` and ``fdu_mtl_amazon14/unlabel.jsonl.gz``; or has them in
            its subfolder ``amazon`` or ``text``.
        seed: draws the splits, the classes in equal proportions.
        domain: one of `AMAZON_DOMAINS`, to be tested on; None: all together.
        source: another one, whose labels are learned from; None: those of `domain`.
        n_words: see `BagOfWords.fit`; the vocabulary is that of training and unlabeled reviews.
        weighting: see `BagOfWords.fit`.
        cache: keep the counted words in the user's cache, and use them the next time.

    Returns:
        The data set: class 0 is negative (1 and 2 stars), class 1 positive (4 and 5).

    Raises:
        DataError: if the files are missing or damaged, or have too few reviews.
        SettingError: if there is no such domain, both are the same, a source has no domain,
            `n_words` is below 1 or `weighting` unknown.
    """
    for name in (domain, source):
        if name is not None and name not in AMAZON_DOMAINS:
            raise SettingError(f"domain is {name!r}; give one of {', '.join(AMAZON_DOMAINS)}")
    if source is not None and source == domain:
        raise SettingError(f"source and domain are both {domain!r}; leave source out")
    if source is not None and domain is None:
        raise SettingError(
            f"source is {source!r}, but domain None; give the domain to be tested on"
        )
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
        rows = _split(counted, y, domain, source, seed)
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
        provenance=f"Blitzer et al.'s Amazon reviews, labels of {source or domain or 'all'}, tests "
        f"of {domain or 'all'}, splits by class, seed {seed}",
    )


def amazon_name(domain: str | None = None, source: str | None = None) -> str:
    """Return the data set's name: ``amazon``, ``amazon-books``, or ``amazon-dvd-to-books``."""
    if domain is None:
        return "amazon"
    return f"amazon-{domain}" if source is None else f"amazon-{source}-to-{domain}"


def find_amazon(folder: Path) -> Path | None:
    """Return the folder of the reviews, in any of their forms; None if they are not there."""
    places = (folder, folder / "amazon", folder / "text")
    return next((place for place in places if _sources(place)), None)


def _split(
    counted: CountedReviews, y: np.ndarray, domain: str | None, source: str | None, seed: int
) -> Rows:
    train, validation, test = {}, {}, {}
    for name in AMAZON_DOMAINS:
        random = generator(seed, "amazon", name)
        rest, test[name] = divide(counted.rows(name), y, 0.2, random)
        # 0.125 of 0.8 is a tenth of all.
        train[name], validation[name] = divide(rest, y, 0.125, random)
    tested = AMAZON_DOMAINS if domain is None else (domain,)
    labeled = tested if source is None else (source,)
    others = [train[name] for name in AMAZON_DOMAINS if name not in labeled]

    def all_of(rows: Mapping[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
        return np.concatenate([rows[name] for name in names])

    return Rows(
        all_of(train, labeled),
        all_of(validation, labeled),
        all_of(test, tested),
        np.concatenate([*others, counted.rows(UNLABELED)]),
    )


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
