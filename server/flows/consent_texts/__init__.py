"""The texts that people agree to: one file a language, one version for all, read once at the start.

A changed sentence is a new version: who agreed to the old one is asked again at the next enrolment.
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
    """The text of one purpose in every language of the shop."""

    version: str
    by_locale: dict[str, ConsentText]

    def text(self, locale: str) -> ConsentText:
        """Return the text in a language, in English where there is none."""
        return self.by_locale.get(locale, self.by_locale["en"])

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
        ValueError: The languages do not carry one version.
    """
    texts = {}
    for locale in LOCALES:
        found = tomllib.loads((folder / f"{locale}.toml").read_text(encoding="utf-8"))
        found["paragraphs"] = tuple(found["paragraphs"])
        texts[locale] = ConsentText(purpose=FACE_PAYMENT, locale=locale, **found)
    versions = {text.version for text in texts.values()}
    if len(versions) != 1:
        raise ValueError(f"the consent texts have several versions: {sorted(versions)}")
    return ConsentTexts(versions.pop(), texts)
