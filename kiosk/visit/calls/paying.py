"""What the kiosk asks of the store server about who pays, and about payments."""

from dataclasses import dataclass, field
from typing import Literal

from checkout import OfflineSale


@dataclass(frozen=True, slots=True)
class FetchCandidates:
    """Ask for the sealed faces behind four digits."""

    basket_id: str | None
    digits: str
    kind: Literal["fetch_candidates"] = "fetch_candidates"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure the kiosk is, told as it was measured.

    ``liveness`` is ``not_checked`` unless a challenge was really passed.
    """

    score: float
    margin: float
    threshold: float
    candidates: int
    liveness: Literal["passed", "not_checked"]


@dataclass(frozen=True, slots=True)
class Approval:
    """What the shopper is asked to agree to; an answer holds for exactly this."""

    basket_id: str
    digest: str
    amount_minor: int
    payee: str


@dataclass(frozen=True, slots=True)
class AuthenticateFace:
    """Say who was recognised, for one approval."""

    key: str
    approval: Approval
    reference_id: str
    evidence: Evidence
    kind: Literal["authenticate_face"] = "authenticate_face"


@dataclass(frozen=True, slots=True)
class AuthenticatePin:
    """Say who pays by phone number or wallet code, with the PIN."""

    key: str
    approval: Approval
    phone: str | None
    wallet_code: str | None
    pin: str = field(repr=False)
    kind: Literal["authenticate_pin"] = "authenticate_pin"


@dataclass(frozen=True, slots=True)
class StepUp:
    """Add the PIN to an authentication that needs it."""

    key: str
    authentication_id: str
    pin: str = field(repr=False)
    kind: Literal["step_up"] = "step_up"


@dataclass(frozen=True, slots=True)
class StopFace:
    """Block the face that was taken for somebody else's, until its owner lets it pay again."""

    key: str
    authentication_id: str
    kind: Literal["stop_face"] = "stop_face"


@dataclass(frozen=True, slots=True)
class TellRefusals:
    """Tell whoever has these digits that somebody looked in vain. Never kept: the digits stay off the disk."""

    digits: str
    kind: Literal["tell_refusals"] = "tell_refusals"


@dataclass(frozen=True, slots=True)
class Pay:
    """Pay what was approved; ``key`` is the payment's id. Repeated until it is known how it ended."""

    key: str
    approval: Approval
    authentication_id: str
    cashback_minor: int = 0
    kind: Literal["pay"] = "pay"


@dataclass(frozen=True, slots=True)
class SettleByPass:
    """Have a payment booked that was taken without the store; ``signature`` is this kiosk's, in base64."""

    key: str
    sale: OfflineSale
    signature: str
    kind: Literal["settle_by_pass"] = "settle_by_pass"


@dataclass(frozen=True, slots=True)
class FetchPayment:
    """Ask how a payment ended."""

    payment_id: str
    kind: Literal["fetch_payment"] = "fetch_payment"


@dataclass(frozen=True, slots=True)
class FetchBasketPayment:
    """Ask whether a basket was paid."""

    basket_id: str
    kind: Literal["fetch_basket_payment"] = "fetch_basket_payment"


@dataclass(frozen=True, slots=True)
class FetchTicket:
    """Ask for a receipt, to print it."""

    ticket_id: str
    kind: Literal["fetch_ticket"] = "fetch_ticket"
