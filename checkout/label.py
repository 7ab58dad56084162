"""A short text for people, in the languages of the shop."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """One text three times; whoever shows it chooses."""

    fr: str
    en: str
    zh: str

    @classmethod
    def same(cls, text: str) -> Self:
        """Return a label that reads alike everywhere, such as a brand."""
        return cls(text, text, text)
