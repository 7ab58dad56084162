"""Forget a face: at once here, announced to every kiosk, with a receipt that shows who has confirmed.

The transaction that withdraws the consent deletes the reference; there is no queue between a wish and its fulfilment.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from checkout import TEMPLATE_TABLE, TemplateEvent, TemplateState
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.people import Acknowledgement, Erasure

SWEEP = 200
"""Customers forgotten in one transaction of the sweeper, so that none of them is long."""


def erase(
    work: Work,
    customer_id: str,
    *,
    erasure_id: str,
    store_id: str,
    at: datetime,
    event: TemplateEvent = TemplateEvent.ERASE,
) -> Erasure:
    """Erase all references of a customer, end the consent and every open approval by face, and tell the kiosks.

    The same id again returns the first receipt. The record of acts says whether its owner asked or its time was over.

    Raises:
        FlowError: `erasure_not_found` when the id belongs to another customer's receipt.
    """
    if (before := work.erasures.get(erasure_id)) is not None:
        if before.customer_id != customer_id:
            raise _not_found(erasure_id)
        return before
    work.customers.lock_row(customer_id)
    reference_ids = tuple(work.references.erase(customer_id))
    work.consents.withdraw(customer_id, FACE_PAYMENT, at=at)
    work.authentications.void_faces(customer_id, at=at)
    work.authentications.forget_evidence(customer_id)
    asked = tuple(Acknowledgement(kiosk.kiosk_id, None) for kiosk in work.kiosks.of(store_id)) if reference_ids else ()
    receipt = Erasure(erasure_id, customer_id, reference_ids, at, asked)
    work.erasures.add(receipt)
    if reference_ids:
        body = {"erasure_id": erasure_id, "reference_ids": list(reference_ids)}
        work.events.tell(store_id, "face.erased", body, at=at)
    ended = TEMPLATE_TABLE.after(TemplateState.ACTIVE, event)
    by = "retention" if event is TemplateEvent.EXPIRE else "customer"
    work.events.record(by, f"face.{ended.value}", customer_id, at=at)
    return receipt


def receipt_of(work: Work, erasure_id: str) -> Erasure:
    """Return a receipt to whoever holds its id, which cannot be guessed.

    Raises:
        FlowError: `erasure_not_found`.
    """
    if (receipt := work.erasures.get(erasure_id)) is None:
        raise _not_found(erasure_id)
    return receipt


def acknowledge(work: Work, erasure_id: str, kiosk_id: str, *, at: datetime) -> None:
    """Note that a kiosk has forgotten too.

    Raises:
        FlowError: `erasure_not_found`, also for a kiosk that was not asked.
    """
    if not work.erasures.acknowledge(erasure_id, kiosk_id, at=at):
        raise _not_found(erasure_id)


def forget_idle(
    work: Work, before: datetime, *, store_id: str, at: datetime, new_id: Callable[[], str] = lambda: str(uuid4())
) -> int:
    """Erase the references that were not used since `before` (PR6) and return how many customers that were."""
    idle = work.references.idle(before, limit=SWEEP)
    for customer_id in idle:
        erase(work, customer_id, erasure_id=new_id(), store_id=store_id, at=at, event=TemplateEvent.EXPIRE)
    return len(idle)


def _not_found(erasure_id: str) -> FlowError:
    return FlowError("erasure_not_found", "There is no such receipt.", erasure_id=erasure_id)
