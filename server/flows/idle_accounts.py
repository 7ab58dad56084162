"""Close accounts that nobody has used for years: told first, a month later without name, number, PIN and face.

Only accounts without money are closed. One with money is kept and counted, until somebody decides what becomes of it.
We have no number to write to, only its hash, so the notice is an event (`account.closing`): whoever knows the customer
by other means receives it as a webhook. Signing in, approving a payment or topping up takes the notice back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from checkout import TemplateEvent
from server.flows.forget import erase
from server.flows.ports import Work

NOTICE = timedelta(days=30)
AT_ONCE = 200
"""Accounts of one round, so that none of its transactions is long."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    told: int
    closed: int
    kept: int


def close_idle(work: Work, before: datetime, *, store_id: str, at: datetime, new_id: Callable[[], str]) -> Round:
    """Tell of accounts that were not used since `before`, and close those whose notice is over."""
    kept = work.idle_accounts.withdraw_notices(before)
    due = work.idle_accounts.due(before, at, limit=AT_ONCE)
    for customer_id in due:
        work.customers.lock_row(customer_id)  # nobody signs in or pays while it is closed
        erase(work, customer_id, erasure_id=new_id(), store_id=store_id, at=at, event=TemplateEvent.EXPIRE)
        work.sessions.end_all("shopper", customer_id, at=at)
        work.idle_accounts.close(customer_id, at=at)
        work.events.record("retention", "account.closed", customer_id, at=at)
    told = work.idle_accounts.empty(before, limit=AT_ONCE)
    for customer_id in told:
        work.idle_accounts.tell(customer_id, closes_at=at + NOTICE)
        body = {"customer_id": customer_id, "closes_at": (at + NOTICE).isoformat()}
        work.events.tell(store_id, "account.closing", body, at=at)
    return Round(len(told), len(due), kept)
