"""What waits for a second person: listed, agreed to, refused."""

from typing import Any

from fastapi import APIRouter

from server.api.dependencies import AsManager, TheHouse
from server.api.problems import instant
from server.flows.ports import Work
from server.flows.ports.staff import Request as Asked
from server.flows.refund import Returned, refund
from server.flows.second_person import LISTED, decide

router = APIRouter(tags=["requests"])


@router.get("/v1/requests")
async def waiting(house: TheHouse, _who: AsManager) -> dict[str, Any]:
    """Return what waits for a second person, oldest first."""
    found = await house.database.read_async(lambda work: work.requests.waiting(limit=LISTED))
    return {"items": [request_json(each) for each in found]}


@router.post("/v1/requests/{request_id}:approve")
async def approve(request_id: str, house: TheHouse, who: AsManager) -> dict[str, Any]:
    """Agree; what was asked for happens in the same transaction, or neither does."""
    at, store_id = house.now(), house.shop.store_id

    def flow(work: Work) -> dict[str, Any]:
        asked = decide(work, request_id, is_approved=True, by=who.subject, at=at)
        both = f"{asked.asked_by[:31]}+{who.subject[:31]}"
        body = asked.body
        returned = Returned(body["refund_id"], body["ticket_id"], body["quantities"], body["reason"])
        made = refund(work, returned, store_id=store_id, by=both, at=at)
        return request_json(asked) | {"refund": made.body}

    return await house.database.write_async(flow)


@router.post("/v1/requests/{request_id}:refuse")
async def refuse(request_id: str, house: TheHouse, who: AsManager) -> dict[str, Any]:
    """Refuse; nothing happens, and the log keeps who said so."""
    at = house.now()
    return request_json(
        await house.database.write_async(
            lambda work: decide(work, request_id, is_approved=False, by=who.subject, at=at)
        )
    )


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
    }
