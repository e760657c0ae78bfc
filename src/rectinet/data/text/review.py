"""A review, and what makes two of them the same."""

from __future__ import annotations

import hashlib
import html
import re
from typing import NamedTuple

_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_KEY_BYTES = 12  # two of 10 million texts share a key with a probability of 1e-15


class Review(NamedTuple):
    """A text and its rating.

    Attributes:
        text: plain text.
        stars: the rating; None if it is not known.
        domain: what is reviewed, such as ``"books"``; empty if that is not known.
    """

    text: str
    stars: float | None = None
    domain: str = ""


def plain_text(text: str) -> str:
    """Return a text of a web page without its line breaks (``<br />``) and entities."""
    return _LINE_BREAK.sub(" ", html.unescape(text))


def text_key(text: str) -> bytes:
    """Return 12 bytes that texts share if they differ in case, spaces and punctuation alone.

    Copies of one review differ in these: one has ``<br />`` where the other has nothing. A text
    without letters and digits has the key ``b""``.
    """
    letters = _NOT_ALPHANUMERIC.sub("", text.casefold())
    if not letters:
        return b""
    return hashlib.blake2b(letters.encode("utf-8", "replace"), digest_size=_KEY_BYTES).digest()
