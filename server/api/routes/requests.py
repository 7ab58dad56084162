"""What waits for a second person: listed, agreed to, refused, by whoever may do the same alone."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter

from server.api.dependencies import AsDecider, TheHouse, admitted
from server.api.problems import instant
from server.flows.configure import changes, configure
from server.flows.own_refund import end_call, is_of_shopper
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
    """Agree; what was asked for happens in the same transaction, or neither does.

    Where a shopper asks, whoever agrees is the first manager: above what one decides alone nothing happens.
    """
    at, store_id, alone_minor = house.now(), house.shop.store_id, house.refund_alone_minor

    def flow(work: Work) -> dict[str, Any]:
        asked = _decide(work, request_id, who, is_approved=True, at=at)
        both = f"{asked.asked_by[:31]}+{who.subject[:31]}"
        if asked.kind == "config":
            return request_json(asked) | {"config": configure(work, asked.body, store_id=store_id, by=both, at=at)}
        alone = alone_minor if is_of_shopper(asked) else None
        made = refund(work, _returned(asked), store_id=store_id, by=both, at=at, alone_minor=alone)
        return request_json(asked) | {"refund": made.body}

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


def _returned(asked: Asked) -> Returned:
    body = asked.body
    return Returned(body["refund_id"], body["ticket_id"], body["quantities"], body["reason"])


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
