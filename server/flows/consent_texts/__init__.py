"""The texts that people agree to: one folder a version, one file a language, read once at the start.

A changed sentence is a new folder; what was published stays as it was, since somebody agreed to it and may read it
again. Whoever agreed to an older version has agreed: their face pays on. The newest is what anybody is asked from now
on: who had the older one on the screen when it changed reads it once more, and who enrols again agrees to the newest.
"""

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from server.flows.errors import FlowError

FACE_PAYMENT = "face_payment"
LOCALES = ("fr", "en", "zh")


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is read before the tick: what, why, how, how long, who, the alternative, the rights."""

    purpose: str
    version: str
    locale: str
    title: str
    paragraphs: tuple[str, ...]
    retention: str
    withdraw: str
    tick_label: str
    age_label: str

    def as_json(self) -> dict[str, Any]:
        """Return the text as it goes out."""
        return asdict(self) | {"paragraphs": list(self.paragraphs)}


@dataclass(frozen=True, slots=True)
class ConsentTexts:
    """The text of one purpose in every language of the shop, in every version that was published."""

    version: str
    published: dict[str, dict[str, ConsentText]]

    def text(self, locale: str, version: str | None = None) -> ConsentText:
        """Return the text in a language, in English where there is none; the newest version where none is named.

        Raises:
            FlowError: `consent_text_unknown`.
        """
        by_locale = self.published.get(version or self.version)
        if by_locale is None:
            raise FlowError("consent_text_unknown", "No text was published under this version.", version=version)
        return by_locale.get(locale, by_locale["en"])

    def check(self, version: str) -> None:
        """Make sure that somebody agreed to the text as it stands.

        Raises:
            FlowError: `consent_missing`.
        """
        if version != self.version:
            raise FlowError(
                "consent_missing",
                "The text has changed since it was shown; please read it again.",
                purpose=FACE_PAYMENT,
                version=self.version,
            )


def load_consent_texts(folder: Path = Path(__file__).parent) -> ConsentTexts:
    """Read the texts.

    Raises:
        ValueError: A text carries another version than its folder's name, which is year, month and number.
    """
    published = {each.name: _read(each) for each in folder.iterdir() if each.name[:1].isdigit()}
    return ConsentTexts(max(published, key=_order), published)


def _read(folder: Path) -> dict[str, ConsentText]:
    texts = {}
    for locale in LOCALES:
        found = tomllib.loads((folder / f"{locale}.toml").read_text(encoding="utf-8"))
        found["paragraphs"] = tuple(found["paragraphs"])
        texts[locale] = ConsentText(purpose=FACE_PAYMENT, locale=locale, **found)
        if texts[locale].version != folder.name:
            raise ValueError(f"{folder.name}/{locale}.toml says that it is version {texts[locale].version}")
    return texts


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-"))
