"""One family of errors, by what the caller can do about them.

    CheckoutError
    |- MalformedError    could never be right
    |- UnknownError      no such thing
    |- RefusedError      a rule says no
    `- ConflictError     somebody was first, or time has passed: read again

A leaf has a stable ``code``, its facts as attributes, and a sentence that ``str()`` fills with them. Amounts are minor
units. No leaf knows a status of the wire or a screen.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


class CheckoutError(Exception):
    """Whatever the rules of the shop can answer other than yes."""

    code: ClassVar[str] = "checkout"
    sentence: ClassVar[str] = "The checkout refused."

    @property
    def facts(self) -> dict[str, object]:
        """What the leaf knows, by name."""
        return {name: fact for name, fact in vars(self).items() if not name.startswith("__")}

    def __str__(self) -> str:
        """Fill the leaf's sentence with its facts."""
        return self.sentence.format(**self.facts)


class MalformedError(CheckoutError):
    """What was given could never be right."""


class UnknownError(CheckoutError):
    """There is no such thing."""


class RefusedError(CheckoutError):
    """A rule says no."""


class ConflictError(CheckoutError):
    """Somebody was first, or time has passed; read again."""


# --- malformed -------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class MalformedCodeError(MalformedError):
    """A text is not the code that it claims to be."""

    text: str
    problem: str
    code: ClassVar[str] = "malformed_code"
    sentence: ClassVar[str] = "The code {text!r} cannot be right: {problem}."


@dataclass(eq=False)
class MalformedMoneyError(MalformedError):
    """An amount is not a whole number of minor units of a known currency."""

    given: str
    problem: str
    code: ClassVar[str] = "malformed_money"
    sentence: ClassVar[str] = "The amount {given!r} cannot be right: {problem}."


@dataclass(eq=False)
class CurrencyMismatchError(MalformedError):
    """Two currencies met in one sum."""

    expected: str
    given: str
    code: ClassVar[str] = "currency_mismatch"
    sentence: ClassVar[str] = "Amounts in {expected} and {given} do not add up without an exchange."


@dataclass(eq=False)
class QuantityOutOfRangeError(MalformedError):
    """A line cannot hold that many."""

    quantity: int
    low: int
    high: int
    code: ClassVar[str] = "quantity_out_of_range"
    sentence: ClassVar[str] = "A quantity of {quantity} is not between {low} and {high}."


@dataclass(eq=False)
class UnbalancedError(MalformedError):
    """Postings or shares do not sum to what they should."""

    expected_minor: int
    found_minor: int
    code: ClassVar[str] = "unbalanced"
    sentence: ClassVar[str] = "The parts sum to {found_minor} where {expected_minor} is due."


@dataclass(eq=False)
class MalformedRuleError(MalformedError):
    """A promotion, campaign or table was written down in a way that cannot work."""

    rule: str
    problem: str
    code: ClassVar[str] = "malformed_rule"
    sentence: ClassVar[str] = "The rule {rule!r} cannot work: {problem}."


@dataclass(eq=False)
class NotAProductError(MalformedError):
    """A coupon, wallet code, ticket or the like was held up where a product is asked for."""

    kind: str
    code: ClassVar[str] = "not_a_product"
    sentence: ClassVar[str] = "That is a {kind}, not a product."


@dataclass(eq=False)
class BasketTooLargeError(MalformedError):
    """More entries than codes on a screen can carry."""

    entries: int
    code: ClassVar[str] = "basket_too_large"
    sentence: ClassVar[str] = "{entries} entries do not fit into the codes that a phone carries."


# --- unknown ---------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class ProductNotFoundError(UnknownError):
    """The catalogue knows no such code or sku."""

    key: str
    code: ClassVar[str] = "product_not_found"
    sentence: ClassVar[str] = "No product is known under {key!r}."


@dataclass(eq=False)
class LineNotFoundError(UnknownError):
    """The basket has no such line."""

    line_id: str
    code: ClassVar[str] = "line_not_found"
    sentence: ClassVar[str] = "The basket has no line {line_id!r}."


@dataclass(eq=False)
class VatRateNotFoundError(UnknownError):
    """No rate is on record for that class on that day."""

    country: str
    vat_class: str
    on: str
    code: ClassVar[str] = "vat_rate_not_found"
    sentence: ClassVar[str] = "No VAT rate is on record for {vat_class} in {country} on {on}."


@dataclass(eq=False)
class CouponNotFoundError(UnknownError):
    """No coupon bears that code."""

    coupon: str
    code: ClassVar[str] = "coupon_not_found"
    sentence: ClassVar[str] = "No coupon bears the code {coupon!r}."


# --- refused: goods --------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class SaleStopError(RefusedError):
    """The product may not be sold now."""

    sku: str
    reason: str
    code: ClassVar[str] = "sale_stop"
    sentence: ClassVar[str] = "Product {sku} is not for sale: {reason}."


@dataclass(eq=False)
class RecalledError(RefusedError):
    """The lot was called back by its maker."""

    sku: str
    lot: str
    code: ClassVar[str] = "recalled"
    sentence: ClassVar[str] = "Lot {lot} of product {sku} is recalled; please hand it to the staff."


@dataclass(eq=False)
class AgeCheckRequiredError(RefusedError):
    """A person must check an age before this basket can be paid."""

    min_age: int
    code: ClassVar[str] = "age_check_required"
    sentence: ClassVar[str] = "A member of staff must check that the shopper is at least {min_age}."


@dataclass(eq=False)
class LineLimitError(RefusedError):
    """The basket is larger than a kiosk may take alone."""

    limit: str
    allowed: int
    asked: int
    code: ClassVar[str] = "line_limit"
    sentence: ClassVar[str] = "The basket would have {asked} {limit}; {allowed} are allowed without staff."


# --- refused: money --------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class OfflineLimitError(RefusedError):
    """More than may be paid here while the store is away."""

    asked_minor: int
    left_minor: int
    code: ClassVar[str] = "offline_limit"
    sentence: ClassVar[str] = "{asked_minor} asked for, {left_minor} can be paid here until the network is back."


@dataclass(eq=False)
class PeerLimitError(RefusedError):
    """More than one person sends to another, to all in a day, or in a month."""

    limit: str
    asked_minor: int
    left_minor: int
    code: ClassVar[str] = "peer_limit"
    sentence: ClassVar[str] = "{asked_minor} is more than may be sent: {left_minor} is left by the {limit}."


@dataclass(eq=False)
class InsufficientFundsError(RefusedError):
    """The tenders together do not cover what is due."""

    asked_minor: int
    held_minor: int
    currency: str
    code: ClassVar[str] = "insufficient_funds"
    sentence: ClassVar[str] = "{asked_minor} minor units of {currency} are due, {held_minor} are there."


@dataclass(eq=False)
class RestrictedFundsError(RefusedError):
    """The purse may not pay for these goods, in this shop, or now."""

    purse: str
    reason: str
    allowed: tuple[str, ...] = ()
    expired_at: datetime | None = None
    code: ClassVar[str] = "restricted_funds"
    sentence: ClassVar[str] = "Purse {purse} cannot pay here: {reason}."


# --- refused: coupons ------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class CouponExpiredError(RefusedError):
    """Its time is over."""

    coupon: str
    expired_at: datetime
    code: ClassVar[str] = "coupon_expired"
    sentence: ClassVar[str] = "Coupon {coupon} ended at {expired_at:%Y-%m-%d %H:%M %Z}."


@dataclass(eq=False)
class CouponNotStartedError(RefusedError):
    """Its time has not come."""

    coupon: str
    starts_at: datetime
    code: ClassVar[str] = "coupon_not_started"
    sentence: ClassVar[str] = "Coupon {coupon} begins at {starts_at:%Y-%m-%d %H:%M %Z}."


@dataclass(eq=False)
class CouponLimitReachedError(RefusedError):
    """The campaign has given or redeemed as many as it may."""

    campaign: str
    limit: str
    allowed: int
    used: int
    left: int = 0
    opens_at: datetime | None = None
    """When there will be more; None when that is not known or never."""
    code: ClassVar[str] = "coupon_limit_reached"
    sentence: ClassVar[str] = "Campaign {campaign} has reached its limit of {allowed} ({limit}): {used} are taken."


@dataclass(eq=False)
class CouponBudgetSpentError(RefusedError):
    """The campaign's money is spent or set aside."""

    campaign: str
    budget_minor: int
    code: ClassVar[str] = "coupon_budget_spent"
    sentence: ClassVar[str] = "The budget of campaign {campaign}, {budget_minor} minor units, is spent or set aside."


@dataclass(eq=False)
class CouponRevokedError(RefusedError):
    """The shop took the coupon back."""

    coupon: str
    code: ClassVar[str] = "coupon_revoked"
    sentence: ClassVar[str] = "Coupon {coupon} was revoked."


@dataclass(eq=False)
class CouponNotApplicableError(RefusedError):
    """The basket does not meet the coupon's conditions."""

    coupon: str
    reason: str
    short_minor: int = 0
    """How much more its goods must cost, where that is what is missing."""
    code: ClassVar[str] = "coupon_not_applicable"
    sentence: ClassVar[str] = "Coupon {coupon} does not apply: {reason}."


@dataclass(eq=False)
class CouponOutOfHoursError(RefusedError):
    """It counts at other hours or on other days."""

    coupon: str
    opens_at: datetime
    code: ClassVar[str] = "coupon_out_of_hours"
    sentence: ClassVar[str] = "Coupon {coupon} counts again from {opens_at:%Y-%m-%d %H:%M %Z}."


@dataclass(eq=False)
class CouponConditionError(RefusedError):
    """It is for other stores or other people."""

    coupon: str
    condition: str
    asked: str
    next_step: str
    code: ClassVar[str] = "coupon_condition"
    sentence: ClassVar[str] = "Coupon {coupon} asks for {asked} ({condition}): {next_step}."


@dataclass(eq=False)
class CouponsPerBasketError(RefusedError):
    """The basket holds as many of a campaign, or in all, as it may."""

    coupon: str
    limit: str
    allowed: int
    code: ClassVar[str] = "coupons_per_basket"
    sentence: ClassVar[str] = "A basket takes {allowed} such coupons (per {limit}): keep {coupon} for the next one."


@dataclass(eq=False)
class NotCombinableError(RefusedError):
    """Two benefits exclude each other."""

    coupon: str
    other: str
    code: ClassVar[str] = "not_combinable"
    sentence: ClassVar[str] = "Coupon {coupon} cannot be used together with {other}."


@dataclass(eq=False)
class ShareCapError(RefusedError):
    """Shared as often or as deep as the campaign allows."""

    coupon: str
    limit: str
    allowed: int
    code: ClassVar[str] = "share_cap"
    sentence: ClassVar[str] = "Coupon {coupon} has reached its {limit} of {allowed}."


@dataclass(eq=False)
class OwnShareError(RefusedError):
    """Nobody claims what they shared themselves."""

    coupon: str
    code: ClassVar[str] = "own_share"
    sentence: ClassVar[str] = "Coupon {coupon} cannot be claimed by the one who shared it."


# --- refused: identity -----------------------------------------------------------------------------------------------


@dataclass(eq=False)
class AssertionExpiredError(RefusedError):
    """The proof of who pays is too old."""

    assertion: str
    expired_at: datetime
    code: ClassVar[str] = "assertion_expired"
    sentence: ClassVar[str] = "Assertion {assertion} ended at {expired_at:%Y-%m-%d %H:%M:%S %Z}."


@dataclass(eq=False)
class AssertionMismatchError(RefusedError):
    """The proof was given for another basket, amount or payee."""

    assertion: str
    field: str
    code: ClassVar[str] = "assertion_mismatch"
    sentence: ClassVar[str] = "Assertion {assertion} was given for another {field}."


@dataclass(eq=False)
class StepUpRequiredError(RefusedError):
    """One more factor is needed."""

    needed: tuple[str, ...]
    reason: str
    code: ClassVar[str] = "step_up_required"
    sentence: ClassVar[str] = "Another factor is needed, one of {needed}: {reason}."


@dataclass(eq=False)
class PinLockedError(RefusedError):
    """Too many wrong PINs."""

    until: datetime
    code: ClassVar[str] = "pin_locked"
    sentence: ClassVar[str] = "The PIN is locked until {until:%Y-%m-%d %H:%M %Z}."


@dataclass(eq=False)
class PinWrongError(RefusedError):
    """That was not the PIN."""

    tries_left: int
    code: ClassVar[str] = "pin_wrong"
    sentence: ClassVar[str] = "The PIN is wrong; {tries_left} tries are left."


@dataclass(eq=False)
class FaceAmbiguousError(RefusedError):
    """Two people on file look too much alike to tell."""

    candidates: int
    code: ClassVar[str] = "face_ambiguous"
    sentence: ClassVar[str] = "The face fits {candidates} people too closely to choose."


@dataclass(eq=False)
class LivenessFailedError(RefusedError):
    """What the camera saw did not move like a person."""

    check: str
    code: ClassVar[str] = "liveness_failed"
    sentence: ClassVar[str] = "The liveness check {check!r} was not passed."


@dataclass(eq=False)
class ConsentMissingError(RefusedError):
    """The shopper has not agreed to this."""

    purpose: str
    code: ClassVar[str] = "consent_missing"
    sentence: ClassVar[str] = "There is no consent for {purpose}."


@dataclass(eq=False)
class ExitTokenExpiredError(RefusedError):
    """The exit code is too old."""

    token: str
    expired_at: datetime
    code: ClassVar[str] = "exit_token_expired"
    sentence: ClassVar[str] = "The exit code of ticket {token} ended at {expired_at:%Y-%m-%d %H:%M %Z}."


# --- conflict --------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class IllegalTransitionError(ConflictError):
    """The table has no such step."""

    table: str
    state: str
    event: str
    allowed: tuple[str, ...]
    code: ClassVar[str] = "illegal_transition"
    sentence: ClassVar[str] = "A {table} that is {state} cannot {event}; allowed: {allowed}."


@dataclass(eq=False)
class BasketChangedError(ConflictError):
    """The basket is not the one that was shown."""

    shown: str
    now: str
    code: ClassVar[str] = "basket_changed"
    sentence: ClassVar[str] = "The basket changed since it was shown ({shown} is now {now})."


@dataclass(eq=False)
class QuoteExpiredError(ConflictError):
    """The prices shown are too old."""

    expired_at: datetime
    code: ClassVar[str] = "quote_expired"
    sentence: ClassVar[str] = "The prices were valid until {expired_at:%Y-%m-%d %H:%M:%S %Z}."


@dataclass(eq=False)
class CouponAlreadyClaimedError(ConflictError):
    """Somebody else was faster."""

    coupon: str
    code: ClassVar[str] = "coupon_already_claimed"
    sentence: ClassVar[str] = "Coupon {coupon} has already been claimed."


@dataclass(eq=False)
class CouponRedeemedError(ConflictError):
    """It was used."""

    coupon: str
    code: ClassVar[str] = "coupon_redeemed"
    sentence: ClassVar[str] = "Coupon {coupon} has already been redeemed."


@dataclass(eq=False)
class CouponReservedError(ConflictError):
    """A payment under way has set it aside."""

    coupon: str
    code: ClassVar[str] = "coupon_reserved"
    sentence: ClassVar[str] = "Coupon {coupon} is set aside for a payment under way."


@dataclass(eq=False)
class AssertionUsedError(ConflictError):
    """A proof is accepted once."""

    assertion: str
    code: ClassVar[str] = "assertion_used"
    sentence: ClassVar[str] = "Assertion {assertion} has already been used."


@dataclass(eq=False)
class HoldExpiredError(ConflictError):
    """The money is no longer set aside."""

    payment: str
    expired_at: datetime
    code: ClassVar[str] = "hold_expired"
    sentence: ClassVar[str] = "The hold of payment {payment} ended at {expired_at:%Y-%m-%d %H:%M:%S %Z}."


@dataclass(eq=False)
class ExitTokenUsedError(ConflictError):
    """An exit code opens once."""

    token: str
    code: ClassVar[str] = "exit_token_used"
    sentence: ClassVar[str] = "The exit code of ticket {token} has already opened the gate."
