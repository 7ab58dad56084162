"""What the kiosk asks of the store server: one value a request, with the id that makes it safe to repeat.

A ``KeptWrite`` is on disk whole before it is sent, and replayed after a crash. A ``SecretWrite`` has only its id there,
as its body holds a PIN or a face. A ``Read`` changes nothing.
"""

from dataclasses import dataclass, field
from typing import Literal

from checkout import OfflineSale
from kiosk.visit.values import Alike, Detail


@dataclass(frozen=True, slots=True)
class FetchStore:
    """Ask who we are and where."""

    kind: Literal["fetch_store"] = "fetch_store"


@dataclass(frozen=True, slots=True)
class CreateBasket:
    """Open a basket under our id."""

    basket_id: str
    kind: Literal["create_basket"] = "create_basket"

    @property
    def key(self) -> str:
        """Return the id that makes a repeat harmless."""
        return self.basket_id


@dataclass(frozen=True, slots=True)
class FetchBasket:
    """Read a basket again."""

    basket_id: str
    kind: Literal["fetch_basket"] = "fetch_basket"


@dataclass(frozen=True, slots=True)
class AddLine:
    """Put a scanned code into the basket; ``same_pack`` where it is a second one on the pack that was read before."""

    key: str
    basket_id: str
    code: str
    symbology: str | None
    quantity: int = 1
    same_pack: bool = False
    kind: Literal["add_line"] = "add_line"


@dataclass(frozen=True, slots=True)
class AddSku:
    """Put a product found by search into the basket; ``weight_g`` for what was weighed here."""

    key: str
    basket_id: str
    sku: str
    weight_g: int | None = None
    quantity: int = 1
    kind: Literal["add_sku"] = "add_sku"


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    """Set a line's quantity; 0 removes it."""

    key: str
    basket_id: str
    line_id: str
    quantity: int
    kind: Literal["change_quantity"] = "change_quantity"


@dataclass(frozen=True, slots=True)
class RemoveLine:
    """Take a line out."""

    key: str
    basket_id: str
    line_id: str
    kind: Literal["remove_line"] = "remove_line"


@dataclass(frozen=True, slots=True)
class ApplyCoupon:
    """Lay a coupon on the basket; ``instead`` sets those in its way aside."""

    key: str
    basket_id: str
    code: str
    instead: bool = False
    kind: Literal["apply_coupon"] = "apply_coupon"


@dataclass(frozen=True, slots=True)
class ShowWallet:
    """Price the basket for the member whose wallet code is shown. Asking again is harmless, and it is never kept."""

    basket_id: str
    wallet_code: str = field(repr=False)
    kind: Literal["show_wallet"] = "show_wallet"


@dataclass(frozen=True, slots=True)
class LeaveWallet:
    """Price the basket for nobody in particular again. Asking again is harmless, and it is never kept."""

    basket_id: str
    kind: Literal["leave_wallet"] = "leave_wallet"


@dataclass(frozen=True, slots=True)
class DropCoupon:
    """Take a coupon off the basket."""

    key: str
    basket_id: str
    code: str
    kind: Literal["drop_coupon"] = "drop_coupon"


@dataclass(frozen=True, slots=True)
class QuoteBasket:
    """Ask for the price that will be paid."""

    basket_id: str
    kind: Literal["quote_basket"] = "quote_basket"


@dataclass(frozen=True, slots=True)
class SuspendBasket:
    """Put a basket aside under a code."""

    key: str
    basket_id: str
    kind: Literal["suspend_basket"] = "suspend_basket"


@dataclass(frozen=True, slots=True)
class ResumeBasket:
    """Take up a basket that was put aside, by its code."""

    key: str
    code: str
    kind: Literal["resume_basket"] = "resume_basket"


@dataclass(frozen=True, slots=True)
class AbandonBasket:
    """Put a basket away that nobody will pay."""

    key: str
    basket_id: str
    kind: Literal["abandon_basket"] = "abandon_basket"


@dataclass(frozen=True, slots=True)
class SearchProducts:
    """Find products by words."""

    query: str
    kind: Literal["search_products"] = "search_products"


@dataclass(frozen=True, slots=True)
class FetchLoose:
    """Ask for the products without a bar code, to be shown as pictures."""

    kind: Literal["fetch_loose"] = "fetch_loose"


@dataclass(frozen=True, slots=True)
class OpenIntervention:
    """Call a colleague; ``key`` is the intervention's id."""

    key: str
    type: Literal[
        "help_requested",
        "payment_at_desk",
        "unknown_item",
        "face_help",
        "payment_stuck",
        "catalogue_refused",
        "lens_dirty",
        "camera_frozen",
        "wrong_person",
        "offline_check",
    ]
    basket_id: str | None
    detail: Detail = field(default_factory=dict)
    kind: Literal["open_intervention"] = "open_intervention"


@dataclass(frozen=True, slots=True)
class CancelIntervention:
    """Take back a call for a colleague who is not needed any more."""

    key: str
    intervention_id: str
    kind: Literal["cancel_intervention"] = "cancel_intervention"


@dataclass(frozen=True, slots=True)
class FetchCandidates:
    """Ask for the sealed faces behind four digits."""

    basket_id: str | None
    digits: str
    kind: Literal["fetch_candidates"] = "fetch_candidates"


@dataclass(frozen=True, slots=True)
class FetchReferences:
    """Ask for a page of all sealed faces, behind the one named, to find who looks like a newcomer."""

    after: str
    kind: Literal["fetch_references"] = "fetch_references"


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


@dataclass(frozen=True, slots=True)
class Proof:
    """How a colleague says who they are: a badge, or number and PIN."""

    badge: str | None = field(repr=False)
    number: str | None
    pin: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenAttendance:
    """Let a colleague act at this kiosk; ``key`` is the attendance's id."""

    key: str
    proof: Proof
    kind: Literal["open_attendance"] = "open_attendance"


@dataclass(frozen=True, slots=True)
class EndAttendance:
    """Let nobody act under it any more."""

    key: str
    attendance_id: str
    kind: Literal["end_attendance"] = "end_attendance"


@dataclass(frozen=True, slots=True)
class AmendLine:
    """Set a line's quantity as a colleague says, with the reason; 0 takes it out."""

    key: str
    basket_id: str
    attendance_id: str
    line_id: str
    quantity: int
    reason: str
    kind: Literal["amend_line"] = "amend_line"


@dataclass(frozen=True, slots=True)
class SetPrice:
    """Set what pieces of a line cost as a colleague says; ``second`` where somebody else must agree."""

    key: str
    basket_id: str
    attendance_id: str
    line_id: str
    pieces: int
    price_minor: int
    reason: str
    second: Proof | None = None
    kind: Literal["set_price"] = "set_price"


@dataclass(frozen=True, slots=True)
class LookAtAge:
    """Say what a colleague saw who stood before the shopper."""

    key: str
    basket_id: str
    attendance_id: str
    approved: bool
    kind: Literal["look_at_age"] = "look_at_age"


@dataclass(frozen=True, slots=True)
class SettleCheck:
    """Say that a colleague has looked at the goods that were drawn."""

    key: str
    basket_id: str
    attendance_id: str
    kind: Literal["settle_check"] = "settle_check"


@dataclass(frozen=True, slots=True)
class TellKiosk:
    """Close this kiosk to shoppers, or open it, as a colleague before it says."""

    key: str
    kiosk_id: str
    attendance_id: str
    paused: bool
    reason: str = "closed"
    kind: Literal["tell_kiosk"] = "tell_kiosk"


StaffCall = AmendLine | SetPrice | LookAtAge | SettleCheck | TellKiosk
"""What a colleague has done. None of it waits on disk: what they saw a moment ago may not hold when it arrives."""

KeptWrite = (
    CreateBasket
    | AddLine
    | AddSku
    | ChangeQuantity
    | RemoveLine
    | ApplyCoupon
    | DropCoupon
    | SuspendBasket
    | ResumeBasket
    | AbandonBasket
    | OpenIntervention
    | CancelIntervention
    | StopFace
    | Pay
    | SettleByPass
    | AcknowledgeErasure
    | EndAttendance
)
SecretWrite = AuthenticateFace | AuthenticatePin | StepUp | Enrol | Erase | OpenAttendance | StaffCall
Read = (
    FetchStore
    | FetchBasket
    | ShowWallet
    | LeaveWallet
    | QuoteBasket
    | SearchProducts
    | FetchLoose
    | FetchCandidates
    | FetchReferences
    | FetchPayment
    | FetchBasketPayment
    | FetchTicket
    | FetchConsent
    | AskPhoneCode
    | ProvePhoneCode
    | TellRefusals
)
Call = KeptWrite | SecretWrite | Read
