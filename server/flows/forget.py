"""Forget a face: at once here, announced to every kiosk, with a receipt that shows who has confirmed.

The transaction that withdraws the consent deletes the reference; there is no queue between a wish and its fulfilment.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from checkout import TEMPLATE_TABLE, TemplateEvent, TemplateState
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.intervene import open_intervention
from server.flows.ports import Work
from server.flows.ports.people import Acknowledgement, Erasure

SWEEP = 200
"""Customers forgotten in one transaction of the sweeper, so that none of them is long."""


CONFIRM_WITHIN = timedelta(minutes=15)
"""A kiosk confirms within a second, and one that was off as soon as it starts; after this a person looks."""
SILENCE = UUID("5e5a0e00-0000-4000-8000-00000000e7a5")
"""Makes one call of one silence, however often the sweeper finds it."""


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
    asked = (
        tuple(Acknowledgement(kiosk.kiosk_id, kiosk.name) for kiosk in work.kiosks.of(store_id))
        if reference_ids
        else ()
    )
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


def call_for_silent(work: Work, *, at: datetime) -> int:
    """Call a person to each kiosk that has not confirmed an erasure in time, once, and return how many calls there are.

    What the kiosk holds opens nothing any more, as the consent is gone; but that it is gone there too must be seen.
    """
    silent = work.erasures.silent(at - CONFIRM_WITHIN, limit=SWEEP)
    for each in silent:
        open_intervention(
            work,
            intervention_id=str(uuid5(SILENCE, f"{each.erasure_id} {each.kiosk_id}")),
            store_id=each.store_id,
            kiosk_id=each.kiosk_id,
            basket_id=None,
            line_id=None,
            kind="erasure_unconfirmed",
            detail={"erasure_id": each.erasure_id},
            at=at,
        )
    return len(silent)
