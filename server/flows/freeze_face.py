"""Stop a face from paying until its owner says otherwise; nothing is forgotten, and code and PIN go on working.

Somebody who stands at a kiosk and reads another's name there stops that other's face: a likeness that errs once errs
again. Only the owner, with the PIN, lets it pay again.
"""

from datetime import datetime, timedelta

from checkout.assertion import Factor
from server.flows.authenticate import to_step_up
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.diary import FACE_FROZEN, FACE_REFUSED, FACE_THAWED, note
from server.flows.errors import FlowError
from server.flows.narrow import candidates
from server.flows.ports import Caller, Work

NOT_ME_WITHIN = timedelta(minutes=15)
"""How long after an approval the kiosk's word counts: the receipt is still on its screen."""


def freeze(work: Work, customer_id: str, *, by: str, where: str, at: datetime) -> bool:
    """Let the face pay nothing from now on; False when none may pay, or it rests already."""
    work.customers.lock_row(customer_id)
    if not work.consents.freeze(customer_id, FACE_PAYMENT, at=at):
        return False
    work.authentications.void_faces(customer_id, at=at)
    note(work, [customer_id], FACE_FROZEN, where, at=at)
    work.events.record(by, "face.frozen", customer_id, at=at)
    return True


def thaw(work: Work, customer_id: str, *, at: datetime) -> None:
    """Let the face pay again: its owner's PIN was just proven.

    Raises:
        FlowError: `face_not_frozen`.
    """
    if not work.consents.thaw(customer_id, FACE_PAYMENT):
        raise FlowError("face_not_frozen", "No face of this account is blocked.")
    note(work, [customer_id], FACE_THAWED, "page", at=at)
    work.events.record("customer", "face.thawed", customer_id, at=at)


def not_me(work: Work, authentication_id: str, *, kiosk: Caller, at: datetime) -> bool:
    """Stop the face that a kiosk took somebody else for; an approval without a face stops nothing.

    Raises:
        FlowError: `authentication_not_found`.
    """
    made, customer = to_step_up(work, authentication_id, kiosk)
    if Factor.FACE not in made.factors or at - made.made_at > NOT_ME_WITHIN:
        return False
    return freeze(work, customer.customer_id, by=kiosk.subject, where=kiosk.name, at=at)


def refused_looks(work: Work, digits: str, *, where: str, at: datetime) -> int:
    """Tell everybody behind four digits that somebody looked in vain, and return how many they are."""
    found = {reference.customer_id for reference in candidates(work, digits)}
    note(work, sorted(found), FACE_REFUSED, where, at=at)
    return len(found)
