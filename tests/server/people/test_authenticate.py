"""Approvals: bound to what was shown, used once, and no further by face alone than the policy allows; both engines."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from checkout import main_account
from checkout.assertion import DEFAULT_STEP_UP, Liveness, StepUpPolicy, StepUpReason
from checkout.errors import (
    AssertionExpiredError,
    AssertionMismatchError,
    AssertionUsedError,
    BasketChangedError,
    ConsentMissingError,
    FaceAmbiguousError,
    LivenessFailedError,
    StepUpRequiredError,
)
from server.db.database import Database
from server.flows.authenticate import (
    Approval,
    Evidence,
    Payer,
    Shown,
    authenticate_face,
    authenticate_pin,
    step_up,
    use_assertion,
)
from server.flows.errors import FlowError
from server.flows.forget import erase
from server.flows.narrow import MAX_CANDIDATES, candidates
from server.flows.pay import Approved, hold_payment
from server.flows.people import People
from server.flows.ports import Work
from server.flows.ports.people import Customer, Reference
from server.flows.scan import scan
from server.flows.shop import Shop
from server.flows.wallet_code import mint_wallet_code, owner_of_code
from tests.server.builders import KIOSK, NOON, NUTELLA, PASTA, an_id
from tests.server.people.builders import (
    MINUTE,
    a_basket_shown,
    a_customer,
    a_face,
    a_number,
    at_once,
    evidence,
    shown,
)


def approve(
    database: Database,
    shop: Shop,
    screen: Shown,
    reference: Reference,
    seen: Evidence | None = None,
    *,
    at: datetime = NOON,
) -> Approval:
    return database.write(
        lambda work: authenticate_face(
            work, shop, screen, reference.reference_id, seen or evidence(), kiosk=KIOSK, at=at, life=MINUTE
        )
    )


def use(database: Database, screen: Shown, *, at: datetime = NOON, **other: Any) -> Payer:
    facts: dict[str, Any] = {
        "basket_id": screen.basket_id,
        "digest": screen.digest,
        "amount_minor": screen.amount_minor,
        "payee": screen.payee,
        "kiosk_id": "kiosk-1",
        "policy": DEFAULT_STEP_UP,
    }
    facts |= other
    return database.write(lambda work: use_assertion(work, screen.authentication_id, at=at, **facts))


def fill(database: Database, shop: Shop, quantity: int = 1, code: str = NUTELLA) -> Shown:
    return database.write(lambda work: a_basket_shown(work, shop, code, quantity=quantity))


def test_an_approval_names_its_payer_in_outline_when_it_is_used(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    customer, reference = enrolled
    screen = fill(database, shop)
    approval = approve(database, shop, screen, reference)

    payer = use(database, screen)

    assert approval.shortfall_minor == 0
    assert payer == Payer(customer.customer_id, "L*** D.", customer.phone_hash)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("basket_id", "another"),
        ("digest", "0" * 64),
        ("amount_minor", 1),
        ("payee", "Somebody else"),
        ("kiosk_id", "kiosk-2"),
    ],
)
def test_an_approval_is_void_when_anything_changed_after_it(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference], field: str, value: Any
) -> None:
    screen = fill(database, shop)
    approve(database, shop, screen, enrolled[1])

    with pytest.raises(AssertionMismatchError):
        use(database, screen, **{field: value})


def test_an_approval_is_refused_when_the_basket_is_not_what_was_shown(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    screen = fill(database, shop)
    stale = replace(screen, amount_minor=screen.amount_minor - 1)
    with pytest.raises(BasketChangedError):
        approve(database, shop, stale, enrolled[1])
    with pytest.raises(BasketChangedError):
        approve(database, shop, replace(screen, payee="Somebody else"), enrolled[1])
    database.write(
        lambda work: scan(
            work,
            shop,
            screen.basket_id,
            KIOSK,
            line_id=an_id(),
            code=PASTA,
            symbology=None,
            quantity=1,
            at=NOON,
            intervention_id=an_id(),
        )
    )

    with pytest.raises(BasketChangedError):
        approve(database, shop, screen, enrolled[1])

    now = database.read(lambda work: shown(work, shop, screen.basket_id))
    approve(database, shop, now, enrolled[1])


def test_an_approval_is_used_once_when_many_use_it_at_once(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    screen = fill(database, shop)
    approve(database, shop, screen, enrolled[1])

    outcomes = at_once([partial(use, database, screen)] * 16)

    assert Counter(type(each) for each in outcomes) == {Payer: 1, AssertionUsedError: 15}


def test_an_approval_is_over_when_its_minute_is(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    screen = fill(database, shop)
    approve(database, shop, screen, enrolled[1])

    with pytest.raises(AssertionExpiredError):
        use(database, screen, at=NOON + MINUTE)

    use(database, screen, at=NOON + MINUTE - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("seen", "refusal"),
    [
        ({"liveness": Liveness.FAILED}, LivenessFailedError),
        ({"margin": 0.049}, FaceAmbiguousError),
        ({"margin": None}, FaceAmbiguousError),
        ({"margin": float("nan")}, FlowError),
        ({"candidates": MAX_CANDIDATES + 1}, FaceAmbiguousError),
        ({"score": 0.413}, FlowError),
        ({"score": float("inf")}, FlowError),
    ],
)
def test_no_approval_is_made_when_the_evidence_is_not_enough(
    database: Database,
    shop: Shop,
    enrolled: tuple[Customer, Reference],
    seen: dict[str, Any],
    refusal: type[Exception],
) -> None:
    screen = fill(database, shop)

    with pytest.raises(refusal):
        approve(database, shop, screen, enrolled[1], evidence(**seen))

    assert database.read(lambda work: work.authentications.get(screen.authentication_id)) is None


def test_a_single_candidate_needs_no_margin_when_there_is_no_runner_up(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    approval = approve(database, shop, fill(database, shop), enrolled[1], evidence(candidates=1, margin=None))

    assert approval.authentication.factors == ("face",)


@pytest.mark.parametrize(
    ("quantity", "liveness", "reason"),
    [
        (12, Liveness.PASSED, None),  # 47.88
        (13, Liveness.PASSED, "amount_over_limit"),  # 51.87
        (5, Liveness.NOT_CHECKED, None),  # 19.95
        (6, Liveness.NOT_CHECKED, "liveness_not_checked"),  # 23.94
    ],
)
def test_the_pin_is_asked_when_a_face_alone_does_not_go_that_far(
    database: Database,
    shop: Shop,
    enrolled: tuple[Customer, Reference],
    quantity: int,
    liveness: Liveness,
    reason: str | None,
) -> None:
    screen = fill(database, shop, quantity)

    approval = approve(database, shop, screen, enrolled[1], evidence(liveness=liveness))

    assert approval.authentication.step_up_reason == reason
    if reason is not None:
        with pytest.raises(StepUpRequiredError):
            use(database, screen)
        database.write(lambda work: step_up(work, shop, screen.authentication_id, kiosk=KIOSK, at=NOON))
    use(database, screen)


def test_the_pin_is_asked_for_any_sum_when_somebody_on_file_looks_like_the_payer(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    database.write(lambda work: work.references.note_likeness(enrolled[1].reference_id, 0.6, pin_always=True))
    screen = fill(database, shop)

    approval = approve(database, shop, screen, enrolled[1])

    assert approval.required.reason is StepUpReason.LOOK_ALIKE
    with pytest.raises(StepUpRequiredError):
        use(database, screen)
    database.write(lambda work: step_up(work, shop, screen.authentication_id, kiosk=KIOSK, at=NOON))
    assert use(database, screen).customer_id == enrolled[0].customer_id


def test_the_pin_is_asked_again_when_five_or_150_were_paid_by_face_since_the_last(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    reference = enrolled[1]
    reasons = []
    for number in range(7):
        at = NOON + timedelta(minutes=number)
        screen = fill(database, shop)
        approval = approve(database, shop, screen, reference, at=at)
        reasons.append(approval.authentication.step_up_reason)
        if approval.required.reason is not None:
            database.write(partial(step_up, shop=shop, authentication_id=screen.authentication_id, kiosk=KIOSK, at=at))
        use(database, screen, at=at)
    assert reasons == [None] * 5 + ["count_over_limit", None]

    sums = []
    for number in range(4):
        at = NOON + timedelta(minutes=20 + number)
        screen = fill(database, shop, 12)  # 47.88 each, after 3.99 since the PIN
        sums.append(approve(database, shop, screen, reference, at=at).authentication.step_up_reason)
        if sums[-1] is None:
            use(database, screen, at=at)
    assert sums == [None, None, None, "sum_over_limit"]


def test_the_limit_holds_when_approvals_made_side_by_side_are_used_at_once(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    screens = [fill(database, shop) for _ in range(8)]
    for screen in screens:
        approve(database, shop, screen, enrolled[1])

    outcomes = at_once([partial(use, database, screen) for screen in screens])

    assert Counter(type(each) for each in outcomes) == {Payer: 5, StepUpRequiredError: 3}


def by_phone(database: Database, shop: Shop, screen: Shown, customer: Customer, *, at: datetime = NOON) -> Approval:
    return database.write(
        lambda work: authenticate_pin(work, shop, screen, customer, code_hash=None, kiosk=KIOSK, at=at, life=MINUTE)
    )


def test_a_number_and_a_pin_go_no_further_when_150_at_once_or_300_in_a_day_are_reached(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    customer, _ = enrolled
    with pytest.raises(StepUpRequiredError) as refused:
        by_phone(database, shop, fill(database, shop, 38), customer)  # 151.62
    assert (refused.value.needed, refused.value.reason) == (("wallet_code", "face", "desk"), "amount_over_limit")

    for quantity in (37, 37):  # 147.63 each
        screen = fill(database, shop, quantity)
        by_phone(database, shop, screen, customer)
        use(database, screen)
    with pytest.raises(StepUpRequiredError) as refused:
        by_phone(database, shop, fill(database, shop, 2), customer)
    assert refused.value.reason == "sum_over_limit"

    later = NOON + timedelta(hours=24)
    screen = fill(database, shop, 37)
    by_phone(database, shop, screen, customer, at=later)
    use(database, screen, at=later)


def test_the_days_limit_holds_when_approvals_by_number_made_side_by_side_are_used_at_once(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    screens = [fill(database, shop, 25) for _ in range(6)]  # 99.75 each
    for screen in screens:
        by_phone(database, shop, screen, enrolled[0])

    outcomes = at_once([partial(use, database, screen) for screen in screens])

    assert Counter(type(each) for each in outcomes) == {Payer: 3, StepUpRequiredError: 3}


def test_a_stricter_shop_is_obeyed_when_the_approval_is_used(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    strict = replace(shop, step_up=StepUpPolicy(single_minor=100, single_unchecked_minor=100))
    customer, reference = enrolled
    screen = fill(database, strict)
    assert approve(database, strict, screen, reference).authentication.step_up_reason == "amount_over_limit"
    asked = Approved(
        an_id(), screen.basket_id, screen.digest, screen.amount_minor, screen.payee, screen.authentication_id
    )

    with pytest.raises(StepUpRequiredError):
        database.write(lambda work: hold_payment(work, strict, asked, KIOSK, at=NOON, hold_seconds=180))

    assert database.read(lambda work: work.payments.of_basket(screen.basket_id)) is None
    assert database.read(lambda work: work.ledger.balance_of(main_account(customer.customer_id))) == 100_000


def test_a_face_proves_nothing_when_its_consent_was_withdrawn_after_the_approval(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    customer, reference = enrolled
    screen = fill(database, shop)
    approve(database, shop, screen, reference)
    database.write(lambda work: erase(work, customer.customer_id, erasure_id=an_id(), store_id="demo", at=NOON))

    with pytest.raises((AssertionExpiredError, ConsentMissingError)):
        use(database, screen)
    with pytest.raises(ConsentMissingError):
        approve(database, shop, fill(database, shop), reference)


def test_a_wallet_code_is_used_once_when_many_pay_with_it_at_once(
    database: Database, shop: Shop, people: People
) -> None:
    customer = database.write(lambda work: a_customer(work, people, balance_minor=1000))
    code, _ = database.write(
        lambda work: mint_wallet_code(work, people.phones, customer.customer_id, at=NOON, life=2 * MINUTE)
    )
    hashed = people.phones.code_hash(code)
    screens = [fill(database, shop) for _ in range(8)]

    def pay(screen: Shown) -> Approval:
        return database.write(
            lambda work: authenticate_pin(
                work, shop, screen, customer, code_hash=hashed, kiosk=KIOSK, at=NOON, life=MINUTE
            )
        )

    outcomes = at_once([partial(pay, screen) for screen in screens])

    assert Counter(type(each) for each in outcomes) == {Approval: 1, FlowError: 7}
    with pytest.raises(FlowError):
        database.read(lambda work: owner_of_code(work, people.phones, code, at=NOON))


def test_a_wallet_code_is_over_when_two_minutes_are(database: Database, people: People) -> None:
    customer = database.write(lambda work: a_customer(work, people))
    code, ends = database.write(
        lambda work: mint_wallet_code(work, people.phones, customer.customer_id, at=NOON, life=2 * MINUTE)
    )

    found = database.read(lambda work: owner_of_code(work, people.phones, code, at=ends - MINUTE))

    assert found.customer_id == customer.customer_id
    with pytest.raises(FlowError):
        database.read(lambda work: owner_of_code(work, people.phones, code, at=ends))


def test_the_kiosk_learns_a_shortfall_and_no_balance_when_the_wallet_is_too_empty(
    database: Database, shop: Shop, people: People
) -> None:
    customer = database.write(lambda work: a_customer(work, people, balance_minor=100))
    screen = fill(database, shop)

    approval = database.write(
        lambda work: authenticate_pin(work, shop, screen, customer, code_hash=None, kiosk=KIOSK, at=NOON, life=MINUTE)
    )

    assert approval.shortfall_minor == 299
    assert approval.authentication.factors == ("phone", "pin")


def test_candidates_are_those_with_a_consent_when_some_withdrew(database: Database, people: People) -> None:
    def enrol(work: Work) -> list[tuple[Customer, Reference]]:
        made = [a_customer(work, people, phone=a_number("4242")) for _ in range(3)]
        return [(customer, a_face(work, customer)) for customer in made]

    (_, first), (gone, _), (_, third) = database.write(enrol)
    database.write(lambda work: work.consents.withdraw(gone.customer_id, "face_payment", at=NOON))

    found = database.read(lambda work: candidates(work, "4242"))

    assert [each.reference_id for each in found] == sorted([first.reference_id, third.reference_id])
    assert database.read(lambda work: work.references.uncovered("face_payment")) == 1
    assert database.read(lambda work: candidates(work, "0000")) == []


def test_no_face_is_handed_out_when_more_than_sixteen_share_their_digits(database: Database, people: People) -> None:
    def enrol(work: Work) -> None:
        for _ in range(MAX_CANDIDATES + 1):
            a_face(work, a_customer(work, people, phone=a_number("4242")))

    database.write(enrol)

    with pytest.raises(FlowError) as refused:
        database.read(lambda work: candidates(work, "4242"))
    assert refused.value.code == "too_many_candidates"
