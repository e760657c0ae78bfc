"""Reviews that stand in the data more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rectinet.data.text.review import Review, text_key


class Duplicates:
    """Lets every text pass once, in whichever part it comes first, and counts the others.

    It remembers 12 bytes of each text (about 150 with Python's overhead), not the text.

    Attributes:
        counts: how many reviews of one part were left out because another part, or the same one,
            has the text: ``counts[part, first_part]``.
        without_words: how many reviews of a part were left out because they have no letters.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.without_words: Counter[str] = Counter()
        self._first: dict[bytes, str] = {}

    def removed(self, reviews: Iterable[Review], part: str) -> Iterator[tuple[bytes, Review]]:
        """Yield the reviews whose texts did not come before, each with its `text_key`.

        Args:
            reviews: read one at a time.
            part: of the data, such as ``"train"``, for the counts.
        """
        for review in reviews:
            key = text_key(review.text)
            if not key:
                self.without_words[part] += 1
            elif key in self._first:
                self.counts[part, self._first[key]] += 1
            else:
                self._first[key] = part
                yield key, review

    def describe(self) -> str:
        """Return in a few words how many were left out, and from where."""
        found = [
            f"{count:,} in {part}" if part == first else f"{count:,} of {first} in {part}"
            for (part, first), count in sorted(self.counts.items())
        ]
        parts = [f"duplicates removed: {', '.join(found) or 'none'}"]
        if self.without_words:
            parts.append(f"without words, removed: {self.without_words.total():,}")
        return "; ".join(parts)
