"""What makes a PIN too easy to guess: the same at every counter where one is chosen."""

import re
from itertools import pairwise
from typing import Final

PIN_LENGTHS: Final = (4, 6)
"""The fewest and the most digits."""
COMMON_PINS: Final = frozenset(
    {"2580", "0852", "1004", "2000", "6969", "1122", "4321", "112233", "123123", "147258", "159753"}
)
"""Keypad columns and the favourites beside runs and repeats. Source: published counts of leaked four-digit PINs."""


def weakness_of(pin: str, *, phone_last4: str) -> str | None:
    """Return why a stranger would try `pin` first, or None where nothing speaks against it.

    Examples:
        >>> weakness_of("2580", phone_last4="5678")
        'many people choose it'
        >>> weakness_of("2718", phone_last4="5678")
    """
    fewest, most = PIN_LENGTHS
    if re.fullmatch(rf"[0-9]{{{fewest},{most}}}", pin) is None:
        return f"it is not {fewest} to {most} digits"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    rules = (
        (len(set(pin)) == 1, "all its digits are the same"),
        (steps in ({1}, {9}), "its digits follow each other"),
        (pin[:2] * 3 == pin.ljust(6, "x") or pin[:2] * 2 == pin, "it repeats a pair"),
        (pin in COMMON_PINS, "many people choose it"),
        (pin == phone_last4, "it is the end of the phone number"),
    )
    return next((sentence for applies, sentence in rules if applies), None)
