"""Builders for the people side: customers, references, campaigns, approvals, with sensible defaults."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any

from argon2 import PasswordHasher

from checkout.assertion import Liveness
from checkout.errors import CheckoutError
from checkout.ledger import PSP_SANDBOX, Posting, Transfer, TransferKind, main_account
from checkout.money import EUR, Money
from server.flows.authenticate import Evidence, Shown
from server.flows.baskets import find, priced
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.enrol import Enrolment
from server.flows.errors import FlowError
from server.flows.people import People
from server.flows.phone import PhoneBook
from server.flows.pins import Secrets
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow
from server.flows.ports.people import Consent, Customer, Reference
from server.flows.run_campaign import Plan, create_campaign
from server.flows.scan import open_basket, scan
from server.flows.shop import Shop
from tests.server.builders import KIOSK, NOON, NUTELLA, an_id

PIN = "2718"
CHEAP = Secrets(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""The real hash at the lowest cost that it takes: tests try hundreds."""
PIN_HASH = CHEAP.hasher.hash(PIN)
MINUTE = timedelta(seconds=60)
_numbers = count(10_000_000)


def some_people() -> People:
    """Return what the people side needs, with a key of the tests and cheap hashes."""
    return People(PhoneBook("FR", b"p" * 32), secrets=CHEAP)


def a_number(last4: str = "5678") -> str:
    """Return a French number that no other call returns, with these last digits."""
    return f"+336{next(_numbers) % 10_000:04d}{last4}"


def a_customer(
    work: Work, people: People, *, phone: str | None = None, name: str = "Lina Durand", balance_minor: int = 0
) -> Customer:
    """Add a customer whose PIN is :data:`PIN`."""
    number = people.phones.parse(phone or a_number())
    customer = Customer(an_id(), name, people.phones.hash(number), number.last4, PIN_HASH, 0, None, "fr", NOON)
    assert work.customers.add(customer)
    if balance_minor:
        posting = Posting(PSP_SANDBOX, main_account(customer.customer_id), Money(balance_minor, EUR))
        work.ledger.post([Transfer(an_id(), TransferKind.TOPUP, "test", (posting,))], at=NOON)
    return customer


def a_face(work: Work, customer: Customer, *, at: datetime = NOON, used_at: datetime | None = None) -> Reference:
    """Enrol a customer's face, with the consent that it needs."""
    work.consents.give(Consent(an_id(), customer.customer_id, FACE_PAYMENT, "2026-11-2", "fr", "kiosk", at, None))
    reference = Reference(an_id(), customer.customer_id, "model-1", b"sealed", 3, at, used_at)
    assert work.references.add(reference)
    return reference


def an_enrolment(**facts: Any) -> Enrolment:
    """Return what somebody asks for at a kiosk; all of it is in order unless a fact says otherwise."""
    defaults: dict[str, Any] = {
        "enrolment_id": an_id(),
        "purpose": FACE_PAYMENT,
        "version": "2026-11-2",
        "locale": "fr",
        "given": True,
        "over_15": True,
        "name": "Lina Durand",
        "phone": a_number(),
        "pin": PIN,
        "reference_id": an_id(),
        "model_id": "model-1",
        "sealed": b"sealed",
        "captures": 3,
    }
    return Enrolment(**(defaults | facts))


def a_basket_shown(work: Work, shop: Shop, *codes: str, quantity: int = 1, at: datetime = NOON) -> Shown:
    """Fill a basket at the kiosk and return what its screen shows, for a new approval."""
    basket_id = an_id()
    open_basket(work, shop, basket_id, KIOSK, channel="kiosk", at=at)
    for code in codes or (NUTELLA,):
        scan(
            work,
            shop,
            basket_id,
            KIOSK,
            line_id=an_id(),
            code=code,
            symbology=None,
            quantity=quantity,
            at=at,
            intervention_id=an_id(),
        )
    return shown(work, shop, basket_id, at=at)


def shown(work: Work, shop: Shop, basket_id: str, *, at: datetime = NOON) -> Shown:
    """Return what the screen shows of a basket as it stands."""
    quote = priced(work, shop, find(work, basket_id), at=at).quote
    return Shown(an_id(), basket_id, quote.digest, quote.total.minor, shop.payee)


def evidence(**facts: Any) -> Evidence:
    """Return what a kiosk measures of somebody whom it recognises well."""
    defaults: dict[str, Any] = {
        "score": 0.71,
        "margin": 0.3,
        "threshold": 0.414,
        "candidates": 2,
        "liveness": Liveness.PASSED,
    }
    return Evidence(**(defaults | facts))


def a_plan(**facts: Any) -> Plan:
    """Return a campaign that may be launched: 2.00 off from 10.00, copies for friends."""
    defaults: dict[str, Any] = {
        "campaign_id": an_id(),
        "name": "Autumn",
        "label": {"fr": "2 € offerts", "en": "€2 off", "zh": "减 €2"},
        "effect_kind": "amount",
        "effect_value": 200,
        "min_basket_minor": 1000,
        "budget_minor": 100_000,
        "limit_coupons": 100,
        "limit_per_person": 2,
        "limit_generations": 3,
        "starts_at": NOON - timedelta(days=1),
        "ends_at": NOON + timedelta(days=30),
        "share_mode": "copy",
        "issue_on_ticket": True,
        "launch": True,
    }
    return Plan(**(defaults | facts))


def a_campaign(work: Work, **facts: Any) -> CampaignRow:
    """Launch a campaign."""
    return create_campaign(work, a_plan(**facts), store_id="demo", by="marc", at=NOON)


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run acts in threads that start together; return what each returned or raised, in order."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except (CheckoutError, FlowError) as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
