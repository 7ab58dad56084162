"""Approve one payment: who, for exactly the basket, amount and payee that were shown, for a minute, once.

A face alone goes as far as the low-value limits allow (`checkout.assertion`); then the PIN is asked. A phone number
and a PIN go further, and not without a bound: then a pay code, a face or a person is asked. The limits are
checked when the approval is made, so that the kiosk asks in time, and again when it is used, behind a lock on the
customer, so that two approvals made side by side do not both pass.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from checkout.assertion import (
    Assertion,
    Factor,
    Liveness,
    Required,
    SincePin,
    StepUpPolicy,
    check,
    check_phone_pin,
    demand,
    required_factors,
)
from checkout.errors import (
    AssertionExpiredError,
    AssertionMismatchError,
    AssertionUsedError,
    BasketChangedError,
    ConsentMissingError,
    FaceAmbiguousError,
    LivenessFailedError,
)
from checkout.money import EUR, Money
from server.flows.basket_coupons import for_member
from server.flows.baskets import Priced, find, priced, show
from server.flows.cashback import Outlook, outlook
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.names import masked
from server.flows.narrow import MAX_CANDIDATES
from server.flows.ports import Caller, Work
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Authentication
from server.flows.purses import Means, means_of
from server.flows.shop import Shop

MIN_MARGIN = 0.05
"""The lead over the runner-up below which two people look alike: the margin of the model card (models/manifest.toml).

The kiosk decides with its own card; this is the floor under what it may report.
"""

DAY = timedelta(hours=24)
"""How far back a day's payments by phone number and PIN are counted: no midnight at which the count begins anew."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the screen when somebody agreed.

    Attributes:
        whole: The prices of a basket that comes whole (`check_out.price_whole`); None for one that is kept here.
    """

    authentication_id: str
    basket_id: str
    digest: str
    amount_minor: int
    payee: str
    with_own: bool = False
    """Whether the kiosk shows the prices and coupons of whoever is recognised, before they confirm."""
    whole: Priced | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the kiosk measured: numbers and a word, never a vector or a picture (I15).

    Attributes:
        margin: Lead over the runner-up; None with a single candidate.
    """

    score: float
    margin: float | None
    threshold: float
    candidates: int
    liveness: Liveness


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval with what the kiosk must know to go on. The balance itself stays unsaid; a shortfall does not.

    Attributes:
        basket: As it is shown now, where it costs whoever was recognised less than what was shown; the approval is for
            this one then.
    """

    authentication: Authentication
    customer: Customer
    required: Required
    means: Means
    outlook: Outlook | None
    basket: dict[str, Any] | None = None

    @property
    def shortfall_minor(self) -> int:
        """What is missing with everything that may be used."""
        return self.means.shortfall_minor


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: for the posting, for the screen (masked), and for the coupon that comes with the ticket."""

    customer_id: str
    subject: str
    phone_hash: str


def authenticate_face(
    work: Work,
    shop: Shop,
    shown: Shown,
    reference_id: str,
    evidence: Evidence,
    *,
    kiosk: Caller,
    at: datetime,
    life: timedelta,
) -> Approval:
    """Approve a payment by a face that a kiosk has recognised.

    Raises:
        BasketChangedError: The basket, its total or the payee is not what was shown.
        ConsentMissingError: The reference is gone, or its owner's consent is.
        FaceAmbiguousError: The runner-up is too close, or there were too many to choose from.
        LivenessFailedError: What the camera saw was not alive.
        FlowError: `face_no_match`, `basket_not_found`.
    """
    found = _check_shown(work, shop, shown, kiosk, at)
    _check_evidence(evidence)
    reference = work.references.live(reference_id, FACE_PAYMENT)
    customer = work.customers.get(reference.customer_id) if reference else None
    if customer is None:
        raise ConsentMissingError(FACE_PAYMENT)
    found, shown = _for_payer(work, shop, found, shown, customer, at=at)
    made = _make(shown, customer, kiosk, (Factor.FACE.value,), at=at, life=life)
    required = _required(work, customer.customer_id, shown.amount_minor, evidence.liveness, shop.step_up)
    made = replace(
        made,
        evidence={
            "score": evidence.score,
            "margin": evidence.margin,
            "threshold": evidence.threshold,
            "candidates": evidence.candidates,
            "liveness": evidence.liveness.value,
        },
        step_up_reason=required.reason.value if required.reason else None,
    )
    _keep(work, made)
    return _approval(work, shop, found, made, customer, required, at=at)


def authenticate_pin(
    work: Work,
    shop: Shop,
    shown: Shown,
    customer: Customer,
    *,
    code_hash: str | None,
    kiosk: Caller,
    at: datetime,
    life: timedelta,
) -> Approval:
    """Approve a payment by a PIN that was just proven, with a phone number or a wallet code.

    A shopper who approves on their phone is let in by number and PIN, so those are the factors there too.

    Raises:
        BasketChangedError: The basket, its total or the payee is not what was shown.
        StepUpRequiredError: A phone number and a PIN do not go that far.
        FlowError: `wallet_code_unknown` when the code was used a moment ago, `basket_not_found`.
    """
    found = _check_shown(work, shop, shown, kiosk, at)
    if code_hash is not None and not work.wallet_codes.use(code_hash, at=at):
        raise wallet_code_unknown()
    found, shown = _for_payer(work, shop, found, shown, customer, at=at)
    if code_hash is None:
        demand_phone_pin(work, customer.customer_id, shown.amount_minor, shop.step_up, at=at)
    factor = Factor.PHONE if code_hash is None else Factor.WALLET_CODE
    made = _make(shown, customer, kiosk, (factor.value, Factor.PIN.value), at=at, life=life)
    made = replace(made, pin_at=at)
    _keep(work, made)
    required = _needs_nothing(work, customer.customer_id, shop.step_up)
    return _approval(work, shop, found, made, customer, required, at=at)


def step_up(
    work: Work, shop: Shop, authentication_id: str, *, kiosk: Caller, at: datetime, whole: Priced | None = None
) -> Approval:
    """Add the PIN, which was just proven, to an approval by face; `whole` as in `Shown`.

    Raises:
        AssertionExpiredError: Its minute is over.
        AssertionUsedError: It was used.
        BasketChangedError: The basket is not the one that was approved any more.
        FlowError: `authentication_not_found`, `basket_not_found`.
    """
    made, customer = to_step_up(work, authentication_id, kiosk)
    _check_alive(made, at)
    factors = (*made.factors, Factor.PIN.value) if Factor.PIN not in made.factors else made.factors
    if not work.authentications.prove_pin(authentication_id, factors, at=at):
        raise AssertionUsedError(authentication_id)
    made = replace(made, factors=factors, pin_at=at)
    shown = Shown(authentication_id, made.basket_id, made.digest, made.amount_minor, made.payee, whole=whole)
    found = _check_shown(work, shop, shown, kiosk, at)
    required = _needs_nothing(work, customer.customer_id, shop.step_up)
    return _approval(work, shop, found, made, customer, required, at=at)


def to_step_up(work: Work, authentication_id: str, kiosk: Caller) -> tuple[Authentication, Customer]:
    """Return an approval of this kiosk and its customer, whose PIN is asked next.

    Raises:
        FlowError: `authentication_not_found`.
    """
    made = work.authentications.get(authentication_id)
    customer = work.customers.get(made.customer_id) if made and made.kiosk_id == kiosk.subject else None
    if made is None or customer is None:
        raise FlowError("authentication_not_found", "There is no such approval at this kiosk.")
    return made, customer


def use_assertion(  # noqa: PLR0913 - all that an approval is bound to
    work: Work,
    authentication_id: str,
    *,
    basket_id: str,
    digest: str,
    amount_minor: int,
    payee: str,
    kiosk_id: str,
    at: datetime,
    policy: StepUpPolicy,
) -> Payer:
    """Use an approval up for the payment that it was given for. Called inside the payment's first transaction.

    Raises:
        AssertionMismatchError: It was given for another basket, amount, payee or kiosk (I5).
        AssertionExpiredError: Its minute is over.
        AssertionUsedError: It was used.
        StepUpRequiredError: A face, or a phone number and a PIN, is not enough for this payment, or not any more.
        ConsentMissingError: The consent was withdrawn since.
        FlowError: `authentication_not_found`.
    """
    made = work.authentications.get(authentication_id)
    customer = work.customers.get(made.customer_id) if made else None
    if made is None or customer is None:
        raise FlowError("authentication_not_found", "There is no such approval.")
    check(_assertion(made), digest=digest, amount=_money(amount_minor), payee=payee, at=at)
    for field, approved, now in (("basket", made.basket_id, basket_id), ("kiosk", made.kiosk_id, kiosk_id)):
        if approved != now:
            raise AssertionMismatchError(authentication_id, field)
    work.customers.lock_row(customer.customer_id)
    if Factor.FACE in made.factors:
        consent = work.consents.live(customer.customer_id, FACE_PAYMENT)
        if consent is None or consent.frozen_at is not None:
            raise ConsentMissingError(FACE_PAYMENT)
        liveness = Liveness(str((made.evidence or {}).get("liveness", Liveness.NOT_CHECKED)))
        demand(_required(work, customer.customer_id, amount_minor, liveness, policy), _shown_factors(made))
        work.references.used(customer.customer_id, at=at)
    elif Factor.PHONE in made.factors:
        demand_phone_pin(work, customer.customer_id, amount_minor, policy, at=at)
    if not work.authentications.use(authentication_id, at=at):
        raise AssertionUsedError(authentication_id)
    return Payer(customer.customer_id, masked(customer.name), customer.phone_hash)


def demand_phone_pin(work: Work, customer_id: str, amount_minor: int, policy: StepUpPolicy, *, at: datetime) -> None:
    """Make sure that a phone number and a PIN are enough for a payment, with what they paid in a day before it.

    Raises:
        StepUpRequiredError: They are not.
    """
    day_minor = work.authentications.phone_use(customer_id, since=at - DAY)
    check_phone_pin(amount_minor, day_minor=day_minor, policy=policy)


def wallet_code_unknown() -> FlowError:
    """Return the refusal of a code that is unknown, used or over: which of them, nobody learns."""
    return FlowError("wallet_code_unknown", "This code is not in force.")


def _check_shown(work: Work, shop: Shop, shown: Shown, kiosk: Caller, at: datetime) -> Priced:
    found = shown.whole or priced(work, shop, find(work, shown.basket_id, kiosk), at=at)
    quote = found.quote
    now = (quote.digest, quote.total.minor, shop.payee)
    if now != (shown.digest, shown.amount_minor, shown.payee):
        raise BasketChangedError(shown.digest, quote.digest)
    return found


def _for_payer(
    work: Work, shop: Shop, found: Priced, shown: Shown, customer: Customer, *, at: datetime
) -> tuple[Priced, Shown]:
    """Price the basket for whoever was recognised, with their prices and coupons: it may only become cheaper.

    Nobody is told: the kiosk has it with the approval, and shows it before anybody confirms.
    """
    row = found.row
    if not shown.with_own or row.member_phone_hash is not None or work.baskets.locked(row.basket_id) != row:
        return found, shown
    mine = for_member(work, shop, replace(row, version=row.version + 1, updated_at=at), customer, at=at)
    better = priced(work, shop, mine, at=at)
    if better.quote.total.minor >= found.quote.total.minor:
        return found, shown
    work.baskets.put(mine)
    return better, replace(shown, digest=better.quote.digest, amount_minor=better.quote.total.minor)


def _check_evidence(evidence: Evidence) -> None:
    if evidence.liveness is Liveness.FAILED:
        raise LivenessFailedError("face")
    numbers = (evidence.score, evidence.threshold, 0.0 if evidence.margin is None else evidence.margin)
    if not all(math.isfinite(number) for number in numbers) or evidence.score < evidence.threshold:
        raise FlowError("face_no_match", "The face fits nobody on file well enough.")
    alone = evidence.candidates == 1
    if evidence.candidates > MAX_CANDIDATES or (not alone and (evidence.margin or 0.0) < MIN_MARGIN):
        raise FaceAmbiguousError(evidence.candidates)


def _make(
    shown: Shown, customer: Customer, kiosk: Caller, factors: tuple[str, ...], *, at: datetime, life: timedelta
) -> Authentication:
    return Authentication(
        authentication_id=shown.authentication_id,
        customer_id=customer.customer_id,
        kiosk_id=kiosk.subject,
        basket_id=shown.basket_id,
        digest=shown.digest,
        amount_minor=shown.amount_minor,
        payee=shown.payee,
        factors=factors,
        evidence=None,
        step_up_reason=None,
        pin_at=None,
        made_at=at,
        expires_at=at + life,
        used_at=None,
    )


def _keep(work: Work, made: Authentication) -> None:
    if not work.authentications.add(made):
        raise FlowError("authentication_exists", "There is an approval under this id already.")


def _check_alive(made: Authentication, at: datetime) -> None:
    if made.used_at is not None:
        raise AssertionUsedError(made.authentication_id)
    if at >= made.expires_at:
        raise AssertionExpiredError(made.authentication_id, made.expires_at)


def _assertion(made: Authentication) -> Assertion:
    return Assertion(
        id=made.authentication_id,
        subject=made.customer_id,
        factors=_shown_factors(made),
        digest=made.digest,
        amount=_money(made.amount_minor),
        payee=made.payee,
        expires_at=made.expires_at,
        used_at=made.used_at,
    )


def _money(minor: int) -> Money:
    return Money(minor, EUR)  # a store has one currency: amounts are only compared here, so any one will do


def _shown_factors(made: Authentication) -> frozenset[Factor]:
    return frozenset(Factor(factor) for factor in made.factors)


def _required(work: Work, customer_id: str, amount_minor: int, liveness: Liveness, policy: StepUpPolicy) -> Required:
    since = work.authentications.face_use(customer_id)
    return required_factors(
        amount_minor,
        liveness=liveness,
        since_pin=SincePin(since.payments, since.sum_minor),
        policy=policy,
        look_alike=any(each.pin_always for each in work.references.of(customer_id)),
    )


def _needs_nothing(work: Work, customer_id: str, policy: StepUpPolicy) -> Required:
    """Return what is left by face alone, after a PIN: everything."""
    return _required(work, customer_id, 0, Liveness.PASSED, policy)


def _approval(
    work: Work, shop: Shop, found: Priced, made: Authentication, customer: Customer, required: Required, *, at: datetime
) -> Approval:
    means = means_of(work, found, customer.customer_id, customer.phone_hash, at=at, order=shop.rules.tender_order)
    own_minor = means.due.minor - means.voucher_minor - means.cashback_min_minor
    earned = outlook(work, shop, customer.customer_id, own_minor, at=at)
    is_new = found.row.member_phone_hash == customer.phone_hash and found.row.updated_at == at
    return Approval(made, customer, required, means, earned, show(shop, found) if is_new else None)
