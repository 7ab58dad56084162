"""What a rule says no to: goods, money, who somebody is."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from checkout.errors.family import RefusedError

# --- goods -----------------------------------------------------------------------------------------------------------


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


# --- money -----------------------------------------------------------------------------------------------------------


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


# --- identity --------------------------------------------------------------------------------------------------------


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
