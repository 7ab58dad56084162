"""Four eyes: one asks, another agrees, and only then it happens. What is asked for is kept as it was asked."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.staff import Request

LISTED = 100


def ask_second(work: Work, request_id: str, kind: str, body: dict[str, Any], *, by: str, at: datetime) -> Request:
    """Keep what somebody asks for; the same id again is the same request.

    Raises:
        FlowError: `request_exists` when the id belongs to another.
    """
    made = Request(request_id, kind, body, by, at, "waiting")
    if work.requests.add(made):
        work.events.record(by, f"ask_{kind}", request_id, at=at)
        return made
    known = work.requests.get(request_id)
    if known is None or (known.kind, known.body, known.asked_by) != (kind, body, by):
        raise FlowError("request_exists", "This id belongs to another request.")
    return known


def decide(work: Work, request_id: str, *, is_approved: bool, by: str, at: datetime) -> Request:
    """Agree to what somebody else asked for, or do not.

    Raises:
        FlowError: `request_not_found`; `own_request`; `request_decided` when somebody was first.
    """
    found = work.requests.get(request_id)
    if found is None:
        raise FlowError("request_not_found", "There is no such request.")
    if found.asked_by == by:
        raise FlowError("own_request", "Nobody agrees to what they ask for themselves.")
    state = "approved" if is_approved else "refused"
    if not work.requests.decide(request_id, state, by=by, at=at):
        raise FlowError("request_decided", "Somebody has decided about it already.")
    work.events.record(by, f"{state}_{found.kind}", request_id, at=at, reason=f"asked by {found.asked_by}")
    return replace(found, state=state, decided_by=by, decided_at=at)
