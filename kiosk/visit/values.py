"""What the store server tells: baskets, payments and the rest, as values.

Money is integer minor units in fields ending in ``_minor``. Times are aware UTC. Fields of the wire that the kiosk does
not use are left out; ``kiosk.adapters.http_shop`` checks what arrives against these types.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from checkout import Line as Bought

Texts = dict[str, str]
"""One sentence per locale: ``fr``, ``en``, ``zh``."""

Facts = dict[str, str | int]
Detail = dict[str, str | int | list[str]]
"""What fills the gaps of a sentence in ``kiosk/ui/messages``."""


DEPOSIT: Final = ":deposit"
"""Ends the id of a line that came by itself with another."""


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Who this kiosk is, where it stands, and what staff last told it: to be closed, and what to say."""

    kiosk_id: str
    name: str
    store_id: str
    store: str
    payee: str
    currency: str
    country: str
    demo_prices: bool
    timezone: str = "UTC"
    paused: bool = False
    pause_reason: str | None = None
    message: str = ""
    phone_codes: str = "offered"
    """``required`` where nobody joins before a code has shown that the number is theirs."""


@dataclass(frozen=True, slots=True)
class KioskTold:
    """What staff tell one kiosk."""

    kiosk_id: str
    paused: bool
    pause_reason: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Attendant:
    """A colleague at this kiosk; `alone_minor` is what they may take off a basket without a second person."""

    attendance_id: str
    name: str
    is_manager: bool
    alone_minor: int


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One change that a promotion made to a line."""

    rule_id: str
    label: Texts
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """One product of the basket, priced by the store; ``label_price_minor`` where its label carried the price.

    ``provisional`` while only this kiosk has reckoned it.
    """

    line_id: str
    sku: str
    code: str
    name: str
    brand: str
    pack: str
    quantity: int
    weight_g: int | None
    unit_price_minor: int
    unit_text: Texts
    gross_minor: int
    due_minor: int
    vat_rate_bp: int
    demo_price: bool
    min_age: int | None
    adjustments: tuple[Adjustment, ...] = ()
    label_price_minor: int | None = None
    lot: str | None = None
    provisional: bool = False
    warranty_months: int | None = None
    issue: str | None = None

    @property
    def is_deposit(self) -> bool:
        """Whether it came by itself with another line."""
        return self.line_id.endswith(DEPOSIT)

    @property
    def bought(self) -> Bought:
        """The line as the rules of the shop price it."""
        priced = self.weight_g, self.label_price_minor
        return Bought(self.line_id, self.sku, self.quantity, self.code, *priced, self.lot, self.issue)


@dataclass(frozen=True, slots=True)
class BasketCoupon:
    """A coupon laid on the basket, with what it did or why it did nothing.

    ``why`` says the reason and what to do next; ``can_swap`` whether it could be used instead of another.
    """

    code: str
    label: Texts
    state: Literal["applied", "not_applicable"]
    reason_code: str | None
    reason: str | None
    saved_minor: int
    why: Texts | None = None
    can_swap: bool = False


@dataclass(frozen=True, slots=True)
class KeptCoupon:
    """A coupon of the shopper's that stays with them this time."""

    code: str
    label: Texts


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stands between this basket and its payment, when critical."""

    code: str
    level: Literal["critical", "medium"]
    line_id: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is still missing for the next promotion."""

    label: Texts
    short_minor: int
    short_units: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that the store prices otherwise than this kiosk had; ``reason`` says what is other."""

    name: str
    reason: Literal["price", "offer", "quantity", "added", "gone"]
    before_minor: int | None
    after_minor: int | None


RANDOM_CHECK: Final = "random_check"
"""The problem of a basket that was drawn to be looked at."""
AgeCheck = Literal["not_needed", "waiting", "approved", "refused"]


@dataclass(frozen=True, slots=True)
class Basket:
    """The basket as the store priced it; ``digest`` binds an approval to exactly this content.

    ``provisional`` where this kiosk priced it without the store: shown as such, and replaced by the store's answer.
    ``holds`` then names the writes on their way whose goods it counts in; the store's own word names none.
    """

    basket_id: str
    state: str
    version: int
    currency: str
    payee: str
    lines: tuple[Line, ...]
    coupons: tuple[BasketCoupon, ...]
    problems: tuple[Problem, ...]
    gross_minor: int
    saved_minor: int
    total_minor: int
    next_step: NextStep | None
    digest: str
    emoji: tuple[str, ...]
    age_check: AgeCheck
    payment_id: str | None = None
    provisional: bool = False
    kept_coupons: tuple[KeptCoupon, ...] = ()
    holds: tuple[str, ...] = ()

    @property
    def pieces(self) -> int:
        """How many things lie in it; of what is weighed a line is one."""
        return sum(line.quantity if line.weight_g is None else 1 for line in self.lines)

    @property
    def is_being_checked(self) -> bool:
        """Say whether somebody has yet to look at a few of its goods."""
        return any(problem.code == RANDOM_CHECK for problem in self.problems)

    @property
    def payable(self) -> bool:
        """Say whether there is something to pay and nothing critical in the way."""
        return bool(self.lines) and not any(problem.level == "critical" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class HandOver:
    """A basket that was put aside: whoever shows the code takes it up again until ``expires_at``.

    Without the store there is no code: ``texts`` are the basket itself, one for each QR code, and hold without end.
    """

    code: str
    url: str
    expires_at: datetime | None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One product found by words."""

    sku: str
    code: str
    name: str
    brand: str
    pack: str
    unit_price_minor: int
    unit_text: Texts
    min_age: int | None
    is_weighed: bool = False
    category: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One face on file under an opaque id, still sealed: base64 that a key opens.

    Attributes:
        mode: ``gallery``, opened by the store's key, or ``sealed``, by the card that the shopper shows.
        likeness: How much somebody else on file looks like this person, where that is much.
    """

    reference_id: str
    model_id: str
    sealed: str
    mode: str = "gallery"
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody on file who looks like a newcomer; ``pin_always``: too much for the face alone to tell them apart."""

    reference_id: str
    score: float
    pin_always: bool


@dataclass(frozen=True, slots=True)
class FaceLeft:
    """What the face alone may still pay before a PIN is asked for."""

    payments: int
    sum_minor: int


@dataclass(frozen=True, slots=True)
class Purses:
    """What this basket can take of the purses beside the wallet.

    Attributes:
        voucher_minor: Restricted credit, which pays first and by itself.
        cashback_min_minor: The least cashback that makes the rest payable.
        cashback_max_minor: The most that can be used.
    """

    voucher_minor: int
    cashback_min_minor: int
    cashback_max_minor: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What paying would earn, and what the year's cap leaves after it."""

    rate_bp: int
    earn_minor: int
    left_this_year_minor: int
    is_near_cap: bool


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who the store says this is, for one basket, amount and payee, until ``expires_at``."""

    authentication_id: str
    subject: str
    factors: tuple[str, ...]
    step_up_required: bool
    step_up_reason: str | None
    sufficient: bool
    shortfall_minor: int
    expires_at: datetime
    face_left: FaceLeft | None = None
    purses: Purses | None = None
    cashback: Outlook | None = None
    basket: Basket | None = None
    """As it is priced for them, where that is cheaper than what was shown; the approval is for this one then."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The receipt on the web, under an id that cannot be guessed."""

    ticket_id: str
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One line of a receipt."""

    name: str
    quantity: int
    weight_g: int | None
    unit_text: Texts
    gross_minor: int
    due_minor: int
    adjustments: tuple[Adjustment, ...] = ()
    warranty_months: int | None = None
    issue: str | None = None


@dataclass(frozen=True, slots=True)
class TicketVat:
    """The tax of one rate, in basis points."""

    rate_bp: int
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class ChainLink:
    """Where the sale stands in the store's chain of records."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class TicketBody:
    """A receipt, whole, as the store keeps it."""

    ticket_id: str
    number: int
    store: str
    payee: str
    issued_at: datetime
    currency: str
    lines: tuple[TicketLine, ...]
    vat: tuple[TicketVat, ...]
    gross_minor: int
    saved_minor: int
    total_minor: int
    demo_prices: bool
    chain: ChainLink | None = None


@dataclass(frozen=True, slots=True)
class ExitCode:
    """What opens the gate once."""

    code: str


@dataclass(frozen=True, slots=True)
class GivenCoupon:
    """A coupon that came with the receipt, to keep or to share."""

    code: str
    label: Texts
    share_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FundedPart:
    """Who paid which part of a cashback."""

    name: Texts
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Earned:
    """The cashback of a payment, and what the year's cap leaves."""

    total_minor: int
    parts: tuple[FundedPart, ...]
    left_this_year_minor: int
    is_near_cap: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """How a payment ended. A payment at the desk has no subject; a failed one has no ticket.

    ``provisional`` is its number in this kiosk's own series where it was taken without the store.
    """

    payment_id: str
    basket_id: str
    status: Literal["captured", "held", "failed"]
    amount_minor: int
    subject: str | None = None
    ticket: Ticket | None = None
    exit_code: ExitCode | None = None
    coupon: GivenCoupon | None = None
    balance_after_minor: int | None = None
    cashback: Earned | None = None
    provisional: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The text that a shopper reads before a face is kept, in one locale and version."""

    purpose: str
    version: str
    locale: str
    title: str
    paragraphs: tuple[str, ...]
    retention: str
    withdraw: str
    tick_label: str
    age_label: str


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """A code on its way to a phone. ``sandbox_code`` only where no message goes out: in demonstrations."""

    phone_code_id: str
    masked_phone: str
    expires_at: datetime
    sandbox_code: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentReceipt:
    """Proof of a consent, for the shopper to keep."""

    receipt_id: str
    version: str
    given_at: datetime
    withdraw_url: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A face that was joined to a phone number."""

    masked: str
    phone_last4: str
    receipt: ConsentReceipt
    look_alike: bool = False


@dataclass(frozen=True, slots=True)
class Erasure:
    """A face that was forgotten."""

    erasure_id: str
    erased_at: datetime
    references: int
