"""What a step wants done. The loop carries effects out in order; each is done with the visit already saved."""

from dataclasses import dataclass

from kiosk.visit.calls import Call
from kiosk.visit.values import Candidate, TicketBody


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a call to the store."""

    call: Call


@dataclass(frozen=True, slots=True)
class BeginLook:
    """Compare the face in view with these candidates. ``challenge`` is ``none``, ``turn_left`` or ``turn_right``."""

    look_id: str
    candidates: tuple[Candidate, ...]
    challenge: str


@dataclass(frozen=True, slots=True)
class BeginCapture:
    """Get ready to take ``wanted`` captures and to seal their mean under ``reference_id``."""

    look_id: str
    reference_id: str
    wanted: int


@dataclass(frozen=True, slots=True)
class TakeCapture:
    """Take the next good frame as a capture."""

    look_id: str


@dataclass(frozen=True, slots=True)
class DropFaces:
    """Forget candidates, opened references, templates and captures, and close the face camera."""


@dataclass(frozen=True, slots=True)
class ForgetReferences:
    """Forget these references if they are open."""

    reference_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weigh:
    """Weigh what lies on the scale, once it is still."""

    weigh_id: str


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """Put a receipt on paper, in the shopper's language."""

    job_id: str
    ticket: TicketBody
    locale: str


LookEffect = BeginLook | BeginCapture | TakeCapture | DropFaces | ForgetReferences
DeviceEffect = Weigh | PrintTicket
Effect = Ask | LookEffect | DeviceEffect
