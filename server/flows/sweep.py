"""End what was left half done: hand over young holds whose second step never came, give old ones back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from checkout import BasketState
from checkout.errors import CheckoutError
from server.flows import phone_codes
from server.flows.baskets import put_away
from server.flows.capture import Minted, capture, give_back
from server.flows.errors import FlowError
from server.flows.hand_over import leave_alone
from server.flows.ports import Database, Work
from server.flows.shop import Shop

log = logging.getLogger(__name__)

HEAL_AFTER = timedelta(seconds=10)
"""A second step takes milliseconds; after ten seconds its request is lost, and the shopper stands waiting."""
KEEP_ANSWERS = timedelta(days=30)
"""How long a repeated request still gets its first answer; a kiosk gives up after a day."""
KEEP_SESSIONS = timedelta(days=1)
"""Sessions that are over say nothing any more; the day helps whoever looks for a reason."""
KEEP_UNUSED = timedelta(minutes=30)
"""A kiosk opens a basket ahead and puts it away after five minutes; one that lost its power never does."""
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Swept:
    """What one round ended."""

    captured: int
    given_back: int
    answers_forgotten: int


async def sweep(database: Database, shop: Shop, mint: Callable[[], Minted], *, at: datetime) -> Swept:
    """Go through the holds once, each in a transaction of its own, so that one that fails stops no other."""
    waiting = await database.read_async(lambda work: work.payments.held_since(at - HEAL_AFTER, limit=AT_ONCE))
    ended = [await _end(database, shop, payment_id, mint(), at=at) for payment_id in waiting]
    forgotten = await database.write_async(partial(_forget, at))
    return Swept(ended.count("captured"), ended.count("voided"), forgotten)


def _forget(at: datetime, work: Work) -> int:
    work.used_words.forget(at)
    work.bounds.forget(at)
    work.phone_codes.forget(at - phone_codes.KEPT)
    leave_alone(work, at=at)
    put_away_unused(work, at - KEEP_UNUSED, at=at)
    work.sessions.forget(at - KEEP_SESSIONS)
    work.attendances.forget(at - KEEP_SESSIONS)
    return work.answers.forget(at - KEEP_ANSWERS)


def put_away_unused(work: Work, before: datetime, *, at: datetime) -> int:
    """Put away the baskets that were opened and never used; return how many."""
    unused = work.baskets.unused_since(before, limit=AT_ONCE)
    for basket_id in unused:
        row = work.baskets.locked(basket_id)
        if row is not None and row.state is BasketState.OPEN and not row.lines:
            put_away(work, row, at=at)
    return len(unused)


async def _end(database: Database, shop: Shop, payment_id: str, minted: Minted, *, at: datetime) -> str:
    payment = await database.read_async(lambda work: work.payments.get(payment_id))
    try:
        if payment is None or at >= payment.expires_at:
            closed = await database.write_async(lambda work: give_back(work, payment_id, at=at))
        else:
            closed = await database.write_async(lambda work: capture(work, shop, payment_id, minted, at=at))
    except (CheckoutError, FlowError) as error:
        log.warning("payment %s could not be ended: %s", payment_id, error)
        return "held"
    return closed.status
