"""Columns of text that spell numbers: ``12 %``, ``$5.00``, ``10,98``; and what only looks like it.

What can be read without deciding which mark parts the fraction is read: spaces around, odd signs
and digits, a percent sign, one unit or currency on all values. Where a comma, a dot, an apostrophe
or a space may part thousands or fractions, the user has to say it.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rectinet.tables import state
from rectinet.tables.notation import Notation
from rectinet.tables.state import Values
from rectinet.tables.vocabulary import CURRENCIES, MISSING, UNITS

# Beyond so many different values, a number and a word ("12 years") are numbers, not categories.
FEW_CATEGORIES = 20

_LONGEST = 40

# Other spaces, minus signs, apostrophes and full-width signs as the plain ones; what is invisible
# goes.
_PLAINER = {
    **dict.fromkeys(map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"), " "),
    **dict.fromkeys(map(ord, "\u2009\u200a\u202f\u205f\u3000\t"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019"), "'"),
    **dict.fromkeys(map(ord, "\u200b\u2060\ufeff"), None),
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **{ord(wide): plain for wide, plain in zip("＋．，％＄", "+.,%$", strict=True)},
}

_CURRENCY = "|".join(re.escape(each) for each in sorted(CURRENCIES, key=len, reverse=True))
_PARTS = re.compile(
    rf"(?P<sign>[+-]?) ?(?P<before>{_CURRENCY})? ?(?P<inner>[+-]?)"
    r"(?P<core>[.,]?[0-9](?:[0-9.,'_ ]*[0-9])?\.?)(?P<exponent>[eE][+-]?[0-9]+)?"
    r" ?(?P<after>[a-z]{1,2}[23]|[^\d\s.,'_+\-/:()][^\d]{0,19})?"
)
_GROUPED = re.compile(
    r"[0-9]{1,3}(?P<mark>[.,'_ ])(?:[0-9]{2,3}(?P=mark))*[0-9]{3}"
    r"(?:(?!(?P=mark))(?P<point>[.,])[0-9]*)?"
)
_FRACTION = re.compile(r"[0-9]*(?P<point>[.,])[0-9]+")
_ACCOUNTING = re.compile(r"\((?P<inside>.*)\)|(?P<before>.*[0-9])-")


@dataclass(frozen=True)
class Spelling:
    """How all texts of a column spell their number.

    Attributes:
        before: what stands before it: a currency, or nothing.
        after: what stands after it: a unit, a percent sign, a currency, or nothing.
        point: the mark before the fraction.
        thousands: the mark between groups of three digits, or nothing.
    """

    before: str = ""
    after: str = ""
    point: str = "."
    thousands: str = ""

    @property
    def has_unit(self) -> bool:
        """Whether something stands beside the digits."""
        return bool(self.before or self.after)

    def number(self, text: str) -> float | None:
        """Return the number that a text spells; None if it spells none, or in another way."""
        parts = _parts(text)
        if parts is None or (parts.before, parts.after) != (self.before, self.after):
            return None
        return parts.value(self.point, self.thousands)

    def described(self) -> str:
        """Return what a value must look like, for messages."""
        beside = " and ".join(f"{each!r}" for each in (self.before, self.after) if each)
        said = f"a number with {beside}" if beside else "a number"
        return said if self.point == "." else f"{said} and the decimal mark {self.point!r}"

    def to_values(self) -> Values:
        """Return it as values that JSON knows."""
        return dict(vars(self))

    @classmethod
    def from_values(cls, values: Any) -> Spelling:
        """Build it again from what `to_values` returned.

        Raises:
            StorageError: if anything in it is missing or of the wrong type.
        """
        return cls(
            *(state.field(values, name, str) for name in ("before", "after", "point", "thousands"))
        )


PLAIN = Spelling()


@dataclass(frozen=True)
class Odd:
    """A text that keeps a column from being numbers.

    Attributes:
        text: as it stands there.
        reason: what it is, to follow the text.
        cure: the options that help, or nothing.
    """

    text: str
    reason: str
    cure: str = ""


def plain_spelling(notation: Notation) -> Spelling:
    """Return the spelling of numbers without unit."""
    return Spelling(point=notation.point, thousands=notation.thousands or "")


def spelling_of(
    texts: Collection[str], notation: Notation, *, beside_numbers: bool = False
) -> Spelling | Odd | None:
    """Return how a column's texts spell numbers, what keeps them from it, or None: they are none.

    Args:
        texts: the different values, in the order of the rows.
        notation: what the user has said.
        beside_numbers: whether the column has numbers that are no text, too.
    """
    missing: list[str] = []
    numbers: dict[str, _Parts] = {}
    for text in texts:
        if is_usual_for_missing(text):
            missing.append(text)
            continue
        accounted = _ACCOUNTING.fullmatch(text.strip())
        parts = _parts(text)
        if parts is None and accounted:
            parts = _parts(accounted["inside"] or accounted["before"])
            parts = None if parts is None else _Parts(parts.before, parts.after, "", "")
        if parts is None:
            return None
        numbers[text] = parts
    if not (numbers or beside_numbers) or _are_categories(numbers.values()):
        return None
    plain = plain_spelling(notation)
    odd = _unclear(numbers, plain) or _mixed(numbers)
    if missing and odd is None:
        odd = Odd(missing[0], "among numbers", option("missing", missing[0]))
    return odd or _common(numbers, plain)


def is_usual_for_missing(text: str) -> bool:
    """Return whether people write a text where a value is missing."""
    return text.translate(_PLAINER).strip().casefold() in MISSING


def looks_like_number(text: str) -> bool:
    """Return whether a text is a number in some spelling."""
    return _parts(text) is not None


@dataclass(frozen=True)
class _Parts:
    """A text that is a number in some spelling: what is around its digits, and these."""

    before: str
    after: str
    core: str
    signs: str
    exponent: str = ""

    def value(self, point: str, thousands: str) -> float | None:
        if not _pattern(point, thousands).fullmatch(self.core):
            return None
        digits = self.core.replace(thousands, "") if thousands else self.core
        return float(f"{self.signs}{digits.replace(point, '.')}{self.exponent}")


def _parts(text: str) -> _Parts | None:
    if len(text) > _LONGEST:
        return None
    found = _PARTS.fullmatch(text.translate(_PLAINER).strip())
    if found is None or (found["sign"] and found["inner"]):
        return None
    core = found["core"]
    if not (core.strip(".").isdigit() or _FRACTION.fullmatch(core) or _GROUPED.fullmatch(core)):
        return None
    after = (found["after"] or "").strip()
    signs = found["sign"] + found["inner"]
    return _Parts(found["before"] or "", after, core, signs, found["exponent"] or "")


@functools.cache
def _pattern(point: str, thousands: str) -> re.Pattern[str]:
    point, mark = re.escape(point), re.escape(thousands)
    whole = "[0-9]+"
    if thousands:  # in India, groups of two as well
        whole = rf"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}|[0-9]+)"
    return re.compile(rf"{whole}(?:{point}[0-9]*)?|{point}[0-9]+")


def _are_categories(numbers: Collection[_Parts]) -> bool:
    """Return whether words with digits are but names: ``4 doors``, ``1.6 TDI``, ``007``."""
    around = {(parts.before, parts.after) for parts in numbers}
    if all(not before and not after for before, after in around):
        # Whole numbers that begin with a zero are codes.
        return any(re.fullmatch("0[0-9]+", parts.core) for parts in numbers)
    if all(after in UNITS or not after for _, after in around):
        return False
    if len(around) > 1:
        return len(numbers) <= max(FEW_CATEGORIES, 5 * len(around))
    fractions = any(not parts.core.isdigit() for parts in numbers)
    return len(numbers) <= FEW_CATEGORIES and not fractions


def _unclear(numbers: dict[str, _Parts], plain: Spelling) -> Odd | None:
    """Return the value that says most about marks that the user has to tell apart."""
    unclear = [
        text for text, parts in numbers.items() if parts.value(plain.point, plain.thousands) is None
    ]
    if not unclear:
        return None
    text = max(unclear, key=lambda each: _telling(numbers[each].core))  # the first of the best
    core = numbers[text].core
    if not core:
        return Odd(text, "whose sign is not clear (write a minus before the number)")
    grouped, fraction = _GROUPED.fullmatch(core), _FRACTION.fullmatch(core)
    cures = []
    if grouped:
        cures.append(option("thousands", grouped["mark"]))
        if grouped["point"] == "," or (grouped["point"] and plain.point == ","):
            cures[0] += " " + option("decimal", grouped["point"])
    if fraction:
        cures.append(option("decimal", fraction["point"]))
    if plain.point == "," and "." in core and not grouped:
        return Odd(text, "where the decimal mark is said to be ','")
    return Odd(text, "in which thousands cannot be told from a fraction", " or ".join(cures))


def _telling(core: str) -> int:
    grouped, fraction = _GROUPED.fullmatch(core), _FRACTION.fullmatch(core)
    if grouped:
        return 1 if fraction else 3 if grouped["point"] else 2
    return 2 if fraction else 4


def _mixed(numbers: dict[str, _Parts]) -> Odd | None:
    first = next(iter(numbers), "")
    for text in numbers:
        here, there = numbers[text], numbers[first]
        if (here.before, here.after) != (there.before, there.after):
            return Odd(text, f"in another unit than {first!r} (write all values in one)")
    return None


def _common(numbers: dict[str, _Parts], plain: Spelling) -> Spelling:
    parts = next(iter(numbers.values()))
    return Spelling(parts.before, parts.after, plain.point, plain.thousands)


def option(name: str, value: str) -> str:
    """Return an option of the command line, quoted for the shell."""
    if value.startswith("-"):  # or it would be taken for an option itself
        return f"--{name}={value}"
    quoted = f'"{value}"' if "'" in value else shlex.quote(value)
    return f"--{name} {quoted}"
