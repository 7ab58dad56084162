"""The global number of a product: a ``Gtin`` that exists is valid.

Source: GS1 General Specifications, sections 1.4 (prefixes), 3.3 (AI 01) and 7.9 (check digit).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from checkout.errors import MalformedCodeError

LENGTHS = (8, 12, 13, 14)
KEY_LENGTH = 14
MOST_KNOWN = 65_536
"""Keys that are known to be right: a shop reads the same few thousand all day, and a check costs ten times a look."""
_EIGHT = "000000"  # what stands before a GTIN-8 in its 14 digits


def check_digit(payload: str) -> str:
    """Return the digit that completes a GTIN, whose other digits are ``payload``.

    Weights 3 and 1 alternate from the right, the digit fills up to the next ten.

    Examples:
        >>> check_digit("301762042200")
        '3'
    """
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(payload)))
    return str(-total % 10)


@dataclass(frozen=True, slots=True, order=True)
class Gtin:
    """A number of 8, 12, 13 or 14 digits with a right check digit, kept as 14.

    Examples:
        >>> Gtin.parse("3017620422003").key14
        '03017620422003'
    """

    key14: str

    def __post_init__(self) -> None:
        _check_key(self.key14)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the digits under a bar code.

        Eight digits are read as GTIN-8; whoever read a UPC-E expands it to 12 digits first.

        Raises:
            MalformedCodeError: Other signs than digits, another length, or a wrong check digit; it says which.
        """
        if re.fullmatch(r"[0-9]+", text) is None:
            raise MalformedCodeError(text, "it has signs other than digits")
        if len(text) not in LENGTHS:
            raise MalformedCodeError(text, f"it has {len(text)} digits, not 8, 12, 13 or 14")
        return cls(text.rjust(KEY_LENGTH, "0"))

    @property
    def ean13(self) -> str | None:
        """The 13 digits under the bars of one piece; None for a case, whose indicator has no place there."""
        return self.key14[1:] if self.key14[0] == "0" else None

    @property
    def is_in_store(self) -> bool:
        """Whether the number means something only in the shop that printed it (02, 04, 20-29; GTIN-8: 0, 2)."""
        if self.key14.startswith(_EIGHT):
            return self.key14[6] in "02"
        return self.key14[0] == "0" and (self.key14[1] == "2" or self.key14[1:3] in {"02", "04"})

    def __str__(self) -> str:
        return self.key14


@lru_cache(MOST_KNOWN)
def _check_key(key14: str) -> None:
    """Make sure that a key is one; what is refused is not remembered."""
    if re.fullmatch(r"[0-9]{14}", key14) is None:
        raise MalformedCodeError(key14, "a key has 14 digits")
    if (right := check_digit(key14[:-1])) != key14[-1]:
        raise MalformedCodeError(key14, f"its check digit would be {right}")
