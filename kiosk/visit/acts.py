"""What a shopper can do on the page: one value an act, with its bounds beside each field."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

# Long enough for any code a shop prints; longer texts from a camera or a keyboard are nobody's product.
Code = Annotated[str, Field(min_length=1, max_length=512)]
Id = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(max_length=120)]
Quantity = Annotated[int, Field(ge=0, le=999)]
Digits = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
Pin = Annotated[str, Field(min_length=1, max_length=12)]
AmendReason = Literal["miscounted", "changed_mind", "damaged", "wrong_product"]
PriceReason = Literal["shelf_label", "damaged", "near_date", "goodwill"]
PauseReason = Literal["cleaning", "repair", "closed"]


@dataclass(frozen=True, slots=True)
class ChooseLocale:
    """Speak another language."""

    locale: Literal["fr", "en", "zh"]
    act: Literal["choose_locale"] = "choose_locale"


@dataclass(frozen=True, slots=True)
class Scan:
    """A code typed on the keypad or read by a scanner that types."""

    code: Code
    act: Literal["scan"] = "scan"


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """Look for a product without a code."""

    act: Literal["open_search"] = "open_search"


@dataclass(frozen=True, slots=True)
class SearchFor:
    """Search by words."""

    query: Words
    act: Literal["search"] = "search"


@dataclass(frozen=True, slots=True)
class OpenCategory:
    """See the products without a bar code of one category as pictures; empty for the categories themselves."""

    category: Words
    act: Literal["open_category"] = "open_category"


@dataclass(frozen=True, slots=True)
class Pick:
    """Take one of the products found."""

    sku: Id
    act: Literal["pick"] = "pick"


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """Take more or fewer of one line; 0 removes it."""

    line_id: Id
    quantity: Quantity
    act: Literal["change_quantity"] = "change_quantity"


@dataclass(frozen=True, slots=True)
class AddPieces:
    """Take some pieces more of one line, or fewer: taps add up, however fast they come and in whatever order."""

    line_id: Id
    pieces: Annotated[int, Field(ge=-99, le=99)]
    act: Literal["add_pieces"] = "add_pieces"


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Take a line out."""

    line_id: Id
    act: Literal["remove_line"] = "remove_line"


@dataclass(frozen=True, slots=True)
class UseCoupon:
    """Lay a coupon on the basket, or use it instead of those in its way."""

    code: Code
    instead: bool = False
    act: Literal["apply_coupon"] = "apply_coupon"


@dataclass(frozen=True, slots=True)
class LeaveCoupon:
    """Take a coupon off the basket."""

    code: Code
    act: Literal["drop_coupon"] = "drop_coupon"


@dataclass(frozen=True, slots=True)
class Review:
    """See what there is to pay."""

    act: Literal["review"] = "review"


@dataclass(frozen=True, slots=True)
class Back:
    """Return one step."""

    act: Literal["back"] = "back"


@dataclass(frozen=True, slots=True)
class ChooseMethod:
    """Choose how to say who pays."""

    method: Literal["face", "code", "desk"]
    act: Literal["choose_method"] = "choose_method"


@dataclass(frozen=True, slots=True)
class GiveDigits:
    """Give the last four digits of the phone number; the face camera opens."""

    digits: Digits
    act: Literal["digits"] = "digits"


@dataclass(frozen=True, slots=True)
class ChooseChallenge:
    """Choose how to show that a face is alive: soft flashes of the screen, or a turn of the head."""

    challenge: Literal["flash", "turn"]
    act: Literal["choose_challenge"] = "choose_challenge"


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Start the look afresh."""

    act: Literal["look_again"] = "look_again"


@dataclass(frozen=True, slots=True)
class Confirm:
    """Agree: to go on from the review, or to pay what is shown."""

    act: Literal["confirm"] = "confirm"


@dataclass(frozen=True, slots=True)
class UseCashback:
    """Choose how much cashback pays a part."""

    cashback_minor: Annotated[int, Field(ge=0, le=10**9)]
    act: Literal["use_cashback"] = "use_cashback"


@dataclass(frozen=True, slots=True)
class NotMe:
    """Refuse the name that is shown."""

    act: Literal["not_me"] = "not_me"


@dataclass(frozen=True, slots=True)
class Identify:
    """Say who pays by phone number or wallet code."""

    pin: Pin = field(repr=False)
    phone: Annotated[str, Field(max_length=32)] | None = None
    wallet_code: Annotated[str, Field(max_length=32)] | None = None
    act: Literal["identify"] = "identify"


@dataclass(frozen=True, slots=True)
class GivePin:
    """Add the PIN where the face alone does not do."""

    pin: Pin = field(repr=False)
    act: Literal["pin"] = "pin"


@dataclass(frozen=True, slots=True)
class AskHelp:
    """Call a colleague."""

    act: Literal["ask_help"] = "ask_help"


@dataclass(frozen=True, slots=True)
class CancelVisit:
    """Leave without buying."""

    act: Literal["cancel_visit"] = "cancel_visit"


@dataclass(frozen=True, slots=True)
class NewVisit:
    """Begin afresh."""

    act: Literal["new_visit"] = "new_visit"


@dataclass(frozen=True, slots=True)
class StartEnrolment:
    """Join with the face."""

    act: Literal["enrol"] = "enrol"


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Answer the consent text."""

    given: bool
    over_15: bool
    act: Literal["consent"] = "consent"


@dataclass(frozen=True, slots=True)
class GiveDetails:
    """Say who joins."""

    name: Words
    phone: Annotated[str, Field(max_length=32)]
    pin: Annotated[str, Field(max_length=12)] = field(repr=False)
    pin_again: Annotated[str, Field(max_length=12)] = field(repr=False)
    own_key: bool = False
    """Seal the face under a code that the shopper alone keeps, rather than under the store's key."""
    act: Literal["details"] = "details"


@dataclass(frozen=True, slots=True)
class GivePhoneCode:
    """Type the code that came to the phone."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = field(repr=False)
    act: Literal["phone_code"] = "phone_code"


@dataclass(frozen=True, slots=True)
class ResendCode:
    """Have another code sent to the same number."""

    act: Literal["resend_code"] = "resend_code"


@dataclass(frozen=True, slots=True)
class Capture:
    """Take the next picture of the face being joined."""

    act: Literal["capture"] = "capture"


@dataclass(frozen=True, slots=True)
class TestFace:
    """Try at once whether the face that was just joined is recognised."""

    act: Literal["test_face"] = "test_face"


@dataclass(frozen=True, slots=True)
class StartWithdrawal:
    """Have the face forgotten."""

    act: Literal["withdraw"] = "withdraw"


@dataclass(frozen=True, slots=True)
class ConfirmWithdrawal:
    """Prove whose face is to be forgotten."""

    phone: Annotated[str, Field(max_length=32)]
    pin: Pin = field(repr=False)
    act: Literal["withdraw_confirm"] = "withdraw_confirm"


@dataclass(frozen=True, slots=True)
class Stay:
    """Answer the idle warning."""

    act: Literal["stay"] = "stay"


@dataclass(frozen=True, slots=True)
class PutAside:
    """Take the basket along, to another kiosk or on the phone."""

    act: Literal["put_aside"] = "put_aside"


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    """Ask for the receipt on paper."""

    act: Literal["print_ticket"] = "print_ticket"


@dataclass(frozen=True, slots=True)
class ShareSeen:
    """The coupon to share was looked at."""

    act: Literal["share_seen"] = "share_seen"


@dataclass(frozen=True, slots=True)
class Attend:
    """A colleague steps up: the screen asks who."""

    act: Literal["attend"] = "attend"


@dataclass(frozen=True, slots=True)
class StaffSignIn:
    """A colleague says who they are by number and PIN; also the second person where one is waited for."""

    number: Digits
    pin: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = field(repr=False)
    act: Literal["staff_sign_in"] = "staff_sign_in"


@dataclass(frozen=True, slots=True)
class StaffQuantity:
    """Set the quantity of a line with a reason; 0 takes the line out."""

    line_id: Id
    quantity: Quantity
    reason: AmendReason
    act: Literal["staff_quantity"] = "staff_quantity"


@dataclass(frozen=True, slots=True)
class StaffPrice:
    """Set what each of some pieces of a line costs, or a weighed line as a whole."""

    line_id: Id
    pieces: Annotated[int, Field(ge=1, le=99)]
    price_minor: Annotated[int, Field(ge=0, le=10**9)]
    reason: PriceReason
    act: Literal["staff_price"] = "staff_price"


@dataclass(frozen=True, slots=True)
class StaffAge:
    """Say whether the shopper, who was looked at, is old enough."""

    approved: bool
    act: Literal["staff_age"] = "staff_age"


@dataclass(frozen=True, slots=True)
class StaffChecked:
    """Say that the goods of a random check were looked at; what was put right before counts."""

    act: Literal["staff_checked"] = "staff_checked"


@dataclass(frozen=True, slots=True)
class StaffPause:
    """Close this kiosk to shoppers once nobody is at it."""

    reason: PauseReason
    act: Literal["staff_pause"] = "staff_pause"


@dataclass(frozen=True, slots=True)
class StaffOpen:
    """Open this kiosk again."""

    act: Literal["staff_open"] = "staff_open"


Act = (
    ChooseLocale
    | Scan
    | OpenSearch
    | SearchFor
    | OpenCategory
    | Pick
    | SetQuantity
    | AddPieces
    | TakeOut
    | UseCoupon
    | LeaveCoupon
    | Review
    | Back
    | ChooseMethod
    | GiveDigits
    | ChooseChallenge
    | LookAgain
    | Confirm
    | UseCashback
    | NotMe
    | Identify
    | GivePin
    | AskHelp
    | CancelVisit
    | NewVisit
    | StartEnrolment
    | GiveConsent
    | GiveDetails
    | GivePhoneCode
    | ResendCode
    | Capture
    | TestFace
    | StartWithdrawal
    | ConfirmWithdrawal
    | Stay
    | PutAside
    | PrintReceipt
    | ShareSeen
    | Attend
    | StaffSignIn
    | StaffQuantity
    | StaffPrice
    | StaffAge
    | StaffChecked
    | StaffPause
    | StaffOpen
)
