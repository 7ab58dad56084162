"""What waits for a second person: listed, agreed to, refused, by whoever may do the same alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from server.api.dependencies import AsDecider, TheHouse, admitted
from server.api.problems import instant
from server.flows.configure import changes, configure
from server.flows.own_refund import end_call
from server.flows.ports import Caller, Work
from server.flows.ports.staff import Request as Asked
from server.flows.refund import Returned, refund
from server.flows.second_person import LISTED, decide

router = APIRouter(tags=["requests"])


DECIDES = {"refund": "staff_manager", "config": "admin"}
"""Which role decides about which kind."""


@router.get("/v1/requests")
async def waiting(house: TheHouse, who: AsDecider) -> dict[str, Any]:
    """Return what waits for a second person of one's role, oldest first."""
    found = await house.database.read_async(lambda work: work.requests.waiting(limit=LISTED))
    return {"items": [request_json(each) for each in found if DECIDES[each.kind] in who.roles]}


@router.post("/v1/requests/{request_id}:approve")
async def approve(request_id: str, house: TheHouse, who: AsDecider) -> dict[str, Any]:
    """Agree; what was asked for happens in the same transaction, or neither does."""
    at, store_id = house.now(), house.shop.store_id

    def flow(work: Work) -> dict[str, Any]:
        asked = _decide(work, request_id, who, is_approved=True, at=at)
        both = f"{asked.asked_by[:31]}+{who.subject[:31]}"
        return request_json(asked) | ACTS[asked.kind](work, asked, store_id, both, at)

    return await house.database.write_async(flow)


@router.post("/v1/requests/{request_id}:refuse")
async def refuse(request_id: str, house: TheHouse, who: AsDecider) -> dict[str, Any]:
    """Refuse; nothing happens, and the log keeps who said so."""
    at = house.now()
    return request_json(
        await house.database.write_async(lambda work: _decide(work, request_id, who, is_approved=False, at=at))
    )


def _decide(work: Work, request_id: str, who: Caller, *, is_approved: bool, at: datetime) -> Asked:
    known = work.requests.get(request_id)
    if known is not None:
        admitted(who, DECIDES[known.kind])
    decided = decide(work, request_id, is_approved=is_approved, by=who.subject, at=at)
    end_call(work, request_id, at=at)
    return decided


def _refund(work: Work, asked: Asked, store_id: str, both: str, at: datetime) -> dict[str, Any]:
    body = asked.body
    returned = Returned(body["refund_id"], body["ticket_id"], body["quantities"], body["reason"])
    return {"refund": refund(work, returned, store_id=store_id, by=both, at=at).body}


def _config(work: Work, asked: Asked, store_id: str, both: str, at: datetime) -> dict[str, Any]:
    return {"config": configure(work, asked.body, store_id=store_id, by=both, at=at)}


ACTS: dict[str, Callable[[Work, Asked, str, str, datetime], dict[str, Any]]] = {"refund": _refund, "config": _config}


def request_json(asked: Asked) -> dict[str, Any]:
    """Return a request as it is shown."""
    return {
        "request_id": asked.request_id,
        "kind": asked.kind,
        "state": asked.state,
        "asked_by": asked.asked_by,
        "asked_at": instant(asked.asked_at),
        "amount_minor": asked.body.get("amount_minor"),
        "reason": asked.body.get("reason", ""),
        "changes": changes(asked.body) if asked.kind == "config" else [],
    }
