"""What the kiosk asks of the store server so that somebody joins with a face, or leaves."""

from dataclasses import dataclass, field
from typing import Literal

from kiosk.visit.values import Alike


@dataclass(frozen=True, slots=True)
class FetchConsent:
    """Ask for the consent text."""

    locale: str
    kind: Literal["fetch_consent"] = "fetch_consent"


@dataclass(frozen=True, slots=True)
class AskPhoneCode:
    """Have a code sent to a number; ``key`` is the code's id. Never kept: numbers stay off the disk."""

    key: str
    phone: str = field(repr=False)
    locale: str
    kind: Literal["ask_phone_code"] = "ask_phone_code"


@dataclass(frozen=True, slots=True)
class ProvePhoneCode:
    """Show that a number is somebody's by the code that was sent to it. Asking again is harmless."""

    phone_code_id: str
    code: str = field(repr=False)
    kind: Literal["prove_phone_code"] = "prove_phone_code"


@dataclass(frozen=True, slots=True)
class FetchReferences:
    """Ask for a page of all sealed faces, behind the one named, to find who looks like a newcomer."""

    after: str
    kind: Literal["fetch_references"] = "fetch_references"


@dataclass(frozen=True, slots=True)
class Enrol:
    """Join a sealed face to a phone number; ``key`` is the enrolment's id."""

    key: str
    consent_version: str
    consent_locale: str
    name: str
    phone: str
    reference_id: str
    model_id: str
    sealed: str = field(repr=False)
    captures: int
    pin: str = field(repr=False)
    mode: Literal["gallery", "sealed"] = "gallery"
    look_alikes: tuple[Alike, ...] = ()
    phone_code_id: str | None = None
    kind: Literal["enrol"] = "enrol"


@dataclass(frozen=True, slots=True)
class Erase:
    """Forget a face; ``key`` is the erasure's id."""

    key: str
    phone: str
    pin: str = field(repr=False)
    kind: Literal["erase"] = "erase"


@dataclass(frozen=True, slots=True)
class AcknowledgeErasure:
    """Say that nothing of these references is open here any more."""

    key: str
    erasure_id: str
    kind: Literal["acknowledge_erasure"] = "acknowledge_erasure"
