"""What somebody else, or time, was first to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from checkout.errors.family import ConflictError


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
