"""Settings that are one of a few names."""

from __future__ import annotations

from collections.abc import Iterable

from rectinet.errors import SettingError


def check_choice(value: object, name: str, known: Iterable[str]) -> None:
    """Refuse what is not one of the known names, whatever its type.

    Args:
        value: what was given.
        name: of the setting.
        known: what may be given.

    Raises:
        SettingError: naming the setting, the value and the choices.
    """
    # First the type: a list cannot be looked up, and an array is neither equal nor unequal.
    if not isinstance(value, str) or value not in tuple(known):
        shown = " ".join(repr(value).split())
        raise SettingError(f"{name} {shown} is unknown; the known ones are {', '.join(known)}")
