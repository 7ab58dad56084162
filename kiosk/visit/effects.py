"""What a step wants done. The loop carries effects out in order; each is done with the visit already saved."""

from dataclasses import dataclass, field

from checkout import Line as Bought
from kiosk.visit.calls import Approval, Call
from kiosk.visit.values import Candidate, TicketBody


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a call to the store."""

    call: Call


@dataclass(frozen=True, slots=True)
class BeginLook:
    """Compare the face in view with these candidates.

    Attributes:
        challenge: ``none``, ``flash``, ``turn_left`` or ``turn_right``.
        card: The text of the shopper's own card; then only what it opens is compared.
    """

    look_id: str
    candidates: tuple[Candidate, ...]
    challenge: str
    card: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BeginCapture:
    """Get ready to take ``wanted`` captures and to seal their mean under ``reference_id``.

    ``own_key``: not with the store's key, but with a new one that goes to the shopper.
    """

    look_id: str
    reference_id: str
    wanted: int
    own_key: bool = False


@dataclass(frozen=True, slots=True)
class TakeCapture:
    """Take the next good frame as a capture."""

    look_id: str


@dataclass(frozen=True, slots=True)
class SearchAlike:
    """Compare the face that was just captured with a page of those on file."""

    look_id: str
    references: tuple[Candidate, ...]


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


@dataclass(frozen=True, slots=True)
class CheckPass:
    """See whether a pass and its PIN may pay this here, without the store."""

    key: str
    approval: Approval
    wallet_pass: str = field(repr=False)
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeByPass:
    """Take a payment without the store, as it was checked and agreed to. On disk before anything is said of it."""

    payment_id: str
    ticket_id: str
    approval: Approval
    wallet_pass: str = field(repr=False)
    subject: str
    currency: str
    age_verified: bool
    lines: tuple[Bought, ...]


@dataclass(frozen=True, slots=True)
class RecallByPass:
    """Tell whether a payment was taken without the store before this process began."""

    payment_id: str


@dataclass(frozen=True, slots=True)
class NoteSettled:
    """The store has booked a payment that was taken without it."""

    payment_id: str


PurseEffect = CheckPass | TakeByPass | RecallByPass | NoteSettled
LookEffect = BeginLook | BeginCapture | TakeCapture | SearchAlike | DropFaces | ForgetReferences
DeviceEffect = Weigh | PrintTicket
Effect = Ask | LookEffect | DeviceEffect | PurseEffect
