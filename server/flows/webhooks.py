"""Tell other systems what happened: signed, repeated with growing pauses, given up after a while, and replayable.

Events reach an endpoint at least once and mostly in order; its `webhook-id` is the same for each try, so that whoever
gets one twice can tell. Only what the event stream of the store carries goes out: ids and amounts, nothing of a person.

Source: Standard Webhooks 1.0 (headers, retries, 410 means gone).
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_bytes
from urllib.parse import urlsplit

from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.ports import Work
from server.flows.ports.webhooks import Delivery, Endpoint
from server.flows.sealing import Keyed, seal

PURPOSE = "webhook secrets"
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 36_000))
"""After each failed try; eight tries spread over 18 hours, then the delivery is dead and waits for a person."""
AT_ONCE = 50
TAKEN_FOR = timedelta(seconds=60)
"""Longer than a try may take, so that a process that dies in between delays an event by a minute and loses none."""
MOST_ENDPOINTS = 20
GONE = 410
FINE = range(200, 300)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def register(
    work: Work, keyed: Keyed, endpoint_id: str, url: str, kinds: tuple[str, ...], *, by: str, at: datetime
) -> str:
    """Keep an endpoint and return its secret, which is shown this once.

    Raises:
        FlowError: `webhook_address` for an address that is not https (or of this machine); `too_many_webhooks`;
            `webhook_exists`.
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or parts.username is not None:
        raise FlowError("webhook_address", "A webhook goes to an https address without a name or password in it.")
    if work.webhooks.get(endpoint_id) is not None:
        raise FlowError("webhook_exists", "This id belongs to another webhook.")
    if sum(each.stopped_at is None for each in work.webhooks.all()) >= MOST_ENDPOINTS:
        raise FlowError("too_many_webhooks", f"There are {MOST_ENDPOINTS} webhooks already.")
    secret = f"whsec_{b64encode(token_bytes(32)).decode()}"
    newest = work.events.newest()
    work.webhooks.add(Endpoint(endpoint_id, url, kinds, seal(keyed, PURPOSE, secret), by, at, newest))
    work.events.record(by, "add_webhook", endpoint_id, at=at, reason=parts.hostname)
    return secret


def stop(work: Work, endpoint_id: str, *, by: str, at: datetime) -> None:
    """Tell an endpoint no more.

    Raises:
        FlowError: `webhook_not_found`.
    """
    if not work.webhooks.stop(endpoint_id, at=at):
        raise webhook_not_found()
    work.events.record(by, "stop_webhook", endpoint_id, at=at)


def replay(work: Work, endpoint_id: str, event_id: int, *, by: str, at: datetime) -> None:
    """Send one event once more.

    Raises:
        FlowError: `webhook_not_found`.
    """
    if not work.webhooks.again(endpoint_id, event_id, at=at):
        raise webhook_not_found()
    work.events.record(by, "replay_webhook", f"{endpoint_id}/{event_id}", at=at)


def due(work: Work, *, at: datetime) -> Sequence[tuple[Endpoint, Delivery]]:
    """Lay new events out and take what is due, each with where it goes."""
    work.webhooks.put_on_the_way(at=at, limit=10 * AT_ONCE)
    found = []
    for delivery in work.webhooks.take_due(at=at, until=at + TAKEN_FOR, limit=AT_ONCE):
        endpoint = work.webhooks.get(delivery.endpoint_id)
        if endpoint is not None:
            found.append((endpoint, delivery))
    return found


def message_of(delivery: Delivery) -> tuple[str, str]:
    """Return the id and the body of what goes out."""
    body = {"type": delivery.kind, "timestamp": instant(delivery.event_at), "data": delivery.body}
    return f"evt_{delivery.event_id}", json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def answered(work: Work, delivery: Delivery, status: int | None, *, at: datetime) -> str:
    """Write down how a try ended (`status` None: nobody answered) and return the delivery's state."""
    if status == GONE:
        work.webhooks.stop(delivery.endpoint_id, at=at)
    if status is not None and status in FINE:
        state, next_at = "delivered", at
    elif status == GONE or delivery.tries > len(PAUSES):
        state, next_at = "dead", at
    else:
        state, next_at = "pending", at + PAUSES[delivery.tries - 1]
    work.webhooks.settle(delivery.endpoint_id, delivery.event_id, state, status=status, next_at=next_at, at=at)
    return state


def webhook_not_found() -> FlowError:
    """Return the refusal of an unknown webhook or delivery."""
    return FlowError("webhook_not_found", "There is no such webhook or delivery.")
