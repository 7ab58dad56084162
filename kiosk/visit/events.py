"""What happens to a visit: acts of the shopper, what the cameras saw, what the store said, and time passing."""

from dataclasses import dataclass, field
from datetime import datetime

from kiosk.visit.acts import Act
from kiosk.visit.calls import AddLine, AddSku, Call, Evidence
from kiosk.visit.record import LastSeen, VisitRecord
from kiosk.visit.values import (
    Alike,
    Attendant,
    Authentication,
    Basket,
    Candidate,
    Consent,
    Enrolment,
    Erasure,
    Facts,
    HandOver,
    KioskTold,
    Line,
    Payment,
    PhoneCode,
    SearchHit,
    StoreFacts,
    TicketBody,
)


@dataclass(frozen=True, slots=True)
class Started:
    """The process began.

    Attributes:
        record: The visit that was open when it last ended.
        seen: What it showed then.
        unsent: Lines that wait on disk to be sent.
        store: Where this kiosk stood then; without a network it opens there again.
    """

    record: VisitRecord | None
    seen: LastSeen | None = None
    unsent: tuple[AddLine | AddSku, ...] = ()
    store: StoreFacts | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passed."""


@dataclass(frozen=True, slots=True)
class CodeRead:
    """The scan camera, or a still picture, showed a code that the vote accepted.

    ``same_pack`` where another code of the same product was told while it was in view: both stand on one pack.
    """

    text: str
    symbology: str | None
    same_pack: bool = False


@dataclass(frozen=True, slots=True)
class Approached:
    """Something with bars came before the scan camera; what it says is not known yet."""


@dataclass(frozen=True, slots=True)
class CodeUnreadable:
    """A code is held before the scan camera for some seconds, and nothing can read it."""


@dataclass(frozen=True, slots=True)
class StillHadNoCode:
    """A still picture was looked at in vain."""


@dataclass(frozen=True, slots=True)
class FaceHinted:
    """What the shopper could do for a better look; ``progress`` in 0..1."""

    look_id: str
    hint: str
    progress: float


@dataclass(frozen=True, slots=True)
class FaceRecognised:
    """One candidate is clearly the face in view."""

    look_id: str
    reference_id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class FaceAmbiguous:
    """Two candidates are too close to tell apart."""

    look_id: str


@dataclass(frozen=True, slots=True)
class FaceStranger:
    """None of the candidates is the face in view, or there was none."""

    look_id: str


@dataclass(frozen=True, slots=True)
class LivenessFailed:
    """The challenge was not met."""

    look_id: str


@dataclass(frozen=True, slots=True)
class CaptureTaken:
    """One more picture of the face being joined was good."""

    look_id: str
    taken: int


@dataclass(frozen=True, slots=True)
class CaptureRefused:
    """A picture showed somebody else than the ones before; all were dropped."""

    look_id: str


@dataclass(frozen=True, slots=True)
class FaceSealed:
    """The wanted captures became one sealed reference.

    Attributes:
        sealed: Base64.
        card: Where the shopper's own key sealed it, the text of the code that holds the key. It is nowhere else.
    """

    look_id: str
    model_id: str
    sealed: str
    captures: int
    card: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AlikeFound:
    """Who of a page looks like the face that was just captured."""

    look_id: str
    alike: tuple[Alike, ...]


@dataclass(frozen=True, slots=True)
class ChallengeChanged:
    """The light is too bright for flashes, or no page shows them: another challenge goes on in the same look."""

    look_id: str
    challenge: str


@dataclass(frozen=True, slots=True)
class FaceOutOfOrder:
    """The face part cannot work on this machine now: no weights, no key, or no camera."""


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """A camera is ``on``, ``dark``, ``lost``, ``frozen``, lent by the ``browser``, or there is ``none``."""

    role: str
    state: str


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A device beside the cameras is ``on``, ``lost``, or what else it says of itself (``paper_out``)."""

    device: str
    state: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """The scale stood still, in grams."""

    weigh_id: str
    grams: int


@dataclass(frozen=True, slots=True)
class WeighingFailed:
    """There is no weight: ``empty``, ``moving``, ``over``, ``tared``, ``not_ready`` or ``lost``."""

    weigh_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A receipt lies in the printer's mouth."""

    job_id: str


@dataclass(frozen=True, slots=True)
class PrintFailed:
    """A receipt was not printed, or in part: ``paper_out``, ``cover_open``, ``stopped``, ``lost`` or ``busy``."""

    job_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Products:
    """What a search found, best first."""

    items: tuple[SearchHit, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may stand behind four digits."""

    items: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class References:
    """A page of all who are on file, and behind whom the next one begins."""

    items: tuple[Candidate, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class BasketNow:
    """A basket after a call, and the line the call touched."""

    basket: Basket
    line_id: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The store agreed and had nothing to add."""


Answer = (
    StoreFacts
    | BasketNow
    | Products
    | Candidates
    | References
    | Authentication
    | Payment
    | Consent
    | PhoneCode
    | Enrolment
    | Erasure
    | Accepted
    | TicketBody
    | HandOver
    | Attendant
    | KioskTold
)


@dataclass(frozen=True, slots=True)
class Answered:
    """The store answered a call."""

    call: Call
    answer: Answer


@dataclass(frozen=True, slots=True)
class Provisional:
    """The store is away or slow, and this kiosk has reckoned what it would say."""

    call: Call
    answer: Answer


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a scan will be as the signed catalogue has it; the store's answer is on its way.

    Attributes:
        call: What was asked.
        line_id: Its line: a new one, or the one that it joins.
        lines: The new line and its deposit, each priced by itself; empty where it joins one.
    """

    call: AddLine | AddSku
    line_id: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ProvisionalRefusal:
    """The store is away, and by its own rules it would say no; what was asked for is taken back."""

    call: Call
    code: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class CatalogueNow:
    """The prices that this kiosk holds, and when they were last known to be the newest."""

    version: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class CatalogueRefused:
    """A catalogue came, or lay on disk, that the store has not signed as it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The store said no, with a stable code and the facts of it."""

    call: Call
    code: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Unreached:
    """No answer came. ``waiting`` writes are on disk and will be repeated; a call not among them is given up."""

    call: Call
    kept: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class ShopBack:
    """The store answers again."""


@dataclass(frozen=True, slots=True)
class BasketChangedElsewhere:
    """The store changed a basket, or a colleague did."""

    basket_id: str
    version: int


@dataclass(frozen=True, slots=True)
class InterventionResolved:
    """A colleague closed a call for help."""

    intervention_id: str
    type: str
    basket_id: str | None
    resolution: str


@dataclass(frozen=True, slots=True)
class PaymentCaptured:
    """A basket was paid, here or at the desk."""

    basket_id: str
    payment_id: str


@dataclass(frozen=True, slots=True)
class PassAccepted:
    """A pass and its PIN may pay what was shown, here and now."""

    key: str
    subject: str


@dataclass(frozen=True, slots=True)
class PassRefused:
    """They may not; ``code`` says why."""

    key: str
    code: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class TakenByPass:
    """A payment without the store is on this kiosk's disk."""

    payment: Payment


@dataclass(frozen=True, slots=True)
class NotTakenByPass:
    """It is not: nothing was taken."""

    payment_id: str
    code: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class OfflineRoom:
    """How much this kiosk may still take without the store; zero where it may not at all."""

    left_minor: int


@dataclass(frozen=True, slots=True)
class FaceErased:
    """A shopper's face was forgotten; nothing of it may stay open."""

    erasure_id: str
    reference_ids: tuple[str, ...]


Event = (
    Act
    | Started
    | Ticked
    | CodeRead
    | Approached
    | CodeUnreadable
    | StillHadNoCode
    | FaceHinted
    | FaceRecognised
    | FaceAmbiguous
    | FaceStranger
    | LivenessFailed
    | CaptureTaken
    | CaptureRefused
    | FaceSealed
    | AlikeFound
    | ChallengeChanged
    | FaceOutOfOrder
    | CameraChanged
    | DeviceChanged
    | Weighed
    | WeighingFailed
    | Printed
    | PrintFailed
    | Answered
    | Provisional
    | ProvisionalRefusal
    | Foreseen
    | CatalogueNow
    | CatalogueRefused
    | Refused
    | Unreached
    | ShopBack
    | BasketChangedElsewhere
    | InterventionResolved
    | PaymentCaptured
    | PassAccepted
    | PassRefused
    | TakenByPass
    | NotTakenByPass
    | OfflineRoom
    | FaceErased
    | KioskTold
)
