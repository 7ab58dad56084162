"""Enrol a face: consent and reference in one transaction, or neither.

A reference without a consent in force never exists, not for a moment (I13).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from checkout.errors import PinWrongError
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.face_keys import demand_kept_under
from server.flows.forget import erase
from server.flows.open_account import demand_open, draft_customer, open_account, phone_known
from server.flows.people import People
from server.flows.pins import prove_pin
from server.flows.ports import Database, Work
from server.flows.ports.people import Consent, Customer, Reference


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Somebody on file whom the kiosk finds like the newcomer.

    Attributes:
        score: A cosine.
        pin_always: Too near for the face alone to tell them apart.
    """

    reference_id: str
    score: float
    pin_always: bool = True


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody asks for at a kiosk, with what the kiosk made of their face."""

    enrolment_id: str
    purpose: str
    version: str
    locale: str
    given: bool
    over_15: bool
    name: str
    phone: str
    pin: str
    reference_id: str
    model_id: str
    sealed: bytes
    captures: int
    mode: str = "gallery"
    look_alikes: tuple[LookAlike, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who is enrolled now, and the consent as a receipt. ``look_alike``: the face alone will never pay."""

    customer: Customer
    consent: Consent
    look_alike: bool = False


async def prepare(database: Database, people: People, asked: Enrolment, *, at: datetime) -> Customer:
    """Check all that can be refused, and return who it is: somebody known, or the customer that will be added.

    Raises:
        FlowError: `too_young`, `consent_missing`, `malformed_phone`, `pin_weak`, `name_missing`, or `phone_known` when
            the number has an account under another PIN.
        PinLockedError: Too many wrong PINs for that account.
    """
    if not asked.over_15:
        raise FlowError("too_young", "Paying by face is open from 15 years on.")
    if not asked.given or asked.purpose != FACE_PAYMENT:
        raise FlowError(
            "consent_missing", "There is no tick under the text.", purpose=FACE_PAYMENT, version=people.texts.version
        )
    people.texts.check(asked.version)
    phone = people.phones.parse(asked.phone)
    phone_hash = people.phones.hash(phone)
    known = await database.read_async(lambda work: work.customers.by_phone(phone_hash))
    if known is not None:
        try:
            await prove_pin(database, people.secrets, known, asked.pin, clock=lambda: at, where="kiosk")
        except PinWrongError as error:
            raise phone_known() from error
        return known
    return await draft_customer(
        people,
        customer_id=asked.enrolment_id,
        name=asked.name,
        phone=phone,
        pin=asked.pin,
        locale=asked.locale,
        at=at,
    )


def enrol(
    work: Work,
    asked: Enrolment,
    customer: Customer,
    *,
    store_id: str,
    at: datetime,
    new_id: Callable[[], str] = lambda: str(uuid4()),
) -> Enrolled:
    """Put consent and reference on file; an earlier reference is erased and announced as such.

    Raises:
        FlowError: `phone_known` when somebody else took the number a moment ago; `enrolment_exists`; `face_key_changed`
            when the face was kept under another key than the store's; `shopper_unknown` when the account was closed.
    """
    if asked.mode == "gallery":
        demand_kept_under(work, store_id, asked.model_id)
    if work.customers.get(customer.customer_id) is None:
        open_account(work, customer)
    demand_open(work, customer)  # of two enrolments at once the second replaces the first
    if work.references.of(customer.customer_id):
        erase(work, customer.customer_id, erasure_id=new_id(), store_id=store_id, at=at)
    consent = Consent(
        consent_id=new_id(),
        customer_id=customer.customer_id,
        purpose=asked.purpose,
        version=asked.version,
        locale=asked.locale,
        channel="kiosk",
        given_at=at,
        withdrawn_at=None,
    )
    work.consents.give(consent)
    # Both are flagged, in one order of rows whoever enrols at the same time; whoever left meanwhile flags nobody.
    alike = sorted(asked.look_alikes, key=lambda one: one.reference_id)
    here = [
        one for one in alike if work.references.note_likeness(one.reference_id, one.score, pin_always=one.pin_always)
    ]
    pin_always = any(one.pin_always for one in here)
    reference = Reference(
        reference_id=asked.reference_id,
        customer_id=customer.customer_id,
        model_id=asked.model_id,
        sealed=asked.sealed,
        captures=asked.captures,
        created_at=at,
        last_used_at=None,
        mode=asked.mode,
        likeness=max((one.score for one in here), default=None),
        pin_always=pin_always,
    )
    if not work.references.add(reference):
        raise FlowError("enrolment_exists", "There is a reference under this id already.")
    work.events.record("kiosk", "face.enrolled", customer.customer_id, at=at)
    return Enrolled(customer, consent, look_alike=pin_always)
