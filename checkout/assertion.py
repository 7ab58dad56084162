"""Who pays, bound to what they saw: basket, amount, payee, and a short life.

Source of the rule: Regulation (EU) 2018/389, articles 5 (dynamic linking) and 11 (low value).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from checkout.errors import (
    AssertionExpiredError,
    AssertionMismatchError,
    AssertionUsedError,
    LivenessFailedError,
    StepUpRequiredError,
)
from checkout.money import Money


class Factor(StrEnum):
    """What somebody showed to be who they are."""

    FACE = "face"
    PIN = "pin"
    PHONE = "phone"
    WALLET_CODE = "wallet_code"
    DESK = "desk"


class Liveness(StrEnum):
    """Whether the face before the camera was alive."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Assertion:
    """A proof of who agreed, to which basket, amount and payee, until when; accepted once."""

    id: str
    subject: str
    factors: frozenset[Factor]
    digest: str
    amount: Money
    payee: str
    expires_at: datetime
    used_at: datetime | None = None

    def use(self, *, at: datetime) -> "Assertion":
        """Return the assertion as spent.

        Raises:
            AssertionUsedError: It was spent before.
        """
        if self.used_at is not None:
            raise AssertionUsedError(self.id)
        return replace(self, used_at=at)


def check(assertion: Assertion, *, digest: str, amount: Money, payee: str, at: datetime) -> None:
    """Make sure that a proof fits what is about to be paid.

    Raises:
        AssertionUsedError: It was spent before.
        AssertionExpiredError: ``at`` is not before its end.
        AssertionMismatchError: The basket, the amount or the payee is not the one that was shown.
    """
    if assertion.used_at is not None:
        raise AssertionUsedError(assertion.id)
    if at >= assertion.expires_at:
        raise AssertionExpiredError(assertion.id, assertion.expires_at)
    for field, shown, now in (
        ("basket", assertion.digest, digest),
        ("amount", assertion.amount, amount),
        ("payee", assertion.payee, payee),
    ):
        if shown != now:
            raise AssertionMismatchError(assertion.id, field)


class StepUpReason(StrEnum):
    """Why one factor is not enough."""

    LOOK_ALIKE = "look_alike"
    AMOUNT_OVER_LIMIT = "amount_over_limit"
    LIVENESS_NOT_CHECKED = "liveness_not_checked"
    SUM_OVER_LIMIT = "sum_over_limit"
    COUNT_OVER_LIMIT = "count_over_limit"


@dataclass(frozen=True, slots=True)
class StepUpPolicy:
    """How far a weak proof goes; every figure minor units of the store's currency, bounds inclusive.

    The defaults for a face alone are the low-value limits of article 11 for one payment in a row, and a lower one that
    is ours for a camera that could not check that the face was alive. A phone number is no secret, so it and a PIN are
    one factor: what they pay in one go and in a day is bounded as well, by limits that are ours.
    """

    single_minor: int = 5000
    single_unchecked_minor: int = 2000
    sum_minor: int = 15000
    payments: int = 5
    phone_pin_single_minor: int = 15000
    phone_pin_day_minor: int = 30000


DEFAULT_STEP_UP = StepUpPolicy()


@dataclass(frozen=True, slots=True)
class SincePin:
    """What somebody has paid by face alone since they last gave their PIN."""

    payments: int = 0
    sum_minor: int = 0


@dataclass(frozen=True, slots=True)
class Required:
    """Which factors a payment needs, and why more than a face.

    Attributes:
        payments_left: Payments by face alone that would still go, this one not counted.
        sum_left_minor: What they may sum to.
    """

    factors: frozenset[Factor]
    reason: StepUpReason | None
    payments_left: int
    sum_left_minor: int


def required_factors(
    amount_minor: int,
    *,
    liveness: Liveness,
    since_pin: SincePin,
    policy: StepUpPolicy = DEFAULT_STEP_UP,
    look_alike: bool = False,
) -> Required:
    """Decide which factors a payment by face needs.

    Args:
        amount_minor: What is to be paid.
        liveness: What the camera's challenge showed.
        since_pin: What the face alone has paid since the last PIN.
        policy: The limits.
        look_alike: Somebody else on file looks so much like this person that no sum goes by the face alone.

    Raises:
        LivenessFailedError: What the camera saw was not alive; no further factor heals that.
    """
    if liveness is Liveness.FAILED:
        raise LivenessFailedError("face")
    unchecked = liveness is Liveness.NOT_CHECKED
    rows = (
        (look_alike, StepUpReason.LOOK_ALIKE),
        (amount_minor > policy.single_minor, StepUpReason.AMOUNT_OVER_LIMIT),
        (unchecked and amount_minor > policy.single_unchecked_minor, StepUpReason.LIVENESS_NOT_CHECKED),
        (since_pin.sum_minor + amount_minor > policy.sum_minor, StepUpReason.SUM_OVER_LIMIT),
        (since_pin.payments >= policy.payments, StepUpReason.COUNT_OVER_LIMIT),
    )
    reason = next((why for applies, why in rows if applies), None)
    return Required(
        factors=frozenset({Factor.FACE} if reason is None else {Factor.FACE, Factor.PIN}),
        reason=reason,
        payments_left=max(0, policy.payments - since_pin.payments),
        sum_left_minor=max(0, policy.sum_minor - since_pin.sum_minor),
    )


PHONE_PIN_WAYS = (Factor.WALLET_CODE, Factor.FACE, Factor.DESK)
"""What goes further than a phone number and a PIN: something one has, something one is, a person."""


def check_phone_pin(amount_minor: int, *, day_minor: int, policy: StepUpPolicy) -> None:
    """Make sure that a phone number and a PIN are enough for a payment.

    Args:
        amount_minor: What is to be paid.
        day_minor: What the same number and PIN have paid in the day before it.
        policy: The limits.

    Raises:
        StepUpRequiredError: They are not; the error names the ways that are.
    """
    rows = (
        (amount_minor > policy.phone_pin_single_minor, StepUpReason.AMOUNT_OVER_LIMIT),
        (day_minor + amount_minor > policy.phone_pin_day_minor, StepUpReason.SUM_OVER_LIMIT),
    )
    if (reason := next((why for applies, why in rows if applies), None)) is not None:
        raise StepUpRequiredError(tuple(way.value for way in PHONE_PIN_WAYS), reason.value)


def demand(required: Required, shown: frozenset[Factor]) -> None:
    """Make sure that every factor that is needed was shown.

    Raises:
        StepUpRequiredError: One is missing; the error names it and the reason.
    """
    if missing := required.factors - shown:
        reason = required.reason.value if required.reason else "factor_missing"
        raise StepUpRequiredError(tuple(sorted(factor.value for factor in missing)), reason)
