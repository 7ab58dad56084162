"""Webhooks: who is told of what happens, what is on its way, what never arrived."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from server.api.dependencies import AsAdmin, TheHouse
from server.api.problems import instant
from server.api.schemas import Body, ClientId
from server.flows.ports import Work
from server.flows.webhooks import register, replay, stop, webhook_not_found

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

LISTED = 100
Kind = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]*$", max_length=32, examples=["payment."])]
EventId = Annotated[int, Path(ge=1, lt=2**63)]


class NewWebhook(Body):
    """Who is told, and of what: kinds of events, or beginnings such as `payment.`; none means everything."""

    endpoint_id: ClientId
    url: Annotated[str, Field(min_length=9, max_length=500, examples=["https://books.example/sesame"])]
    kinds: Annotated[list[Kind], Field(max_length=20)]


@router.post("", status_code=201)
async def add(body: NewWebhook, house: TheHouse, who: AsAdmin) -> Response:
    """Tell an address from now on; its secret is in this answer alone. If the answer is lost, add another."""
    at, keyed = house.now(), house.people.phones.keyed

    # Not through `once`, which would keep the secret in the database as part of the answer.
    secret = await house.database.write_async(
        lambda work: register(work, keyed, body.endpoint_id, body.url, tuple(body.kinds), by=who.subject, at=at)
    )
    told = {"endpoint_id": body.endpoint_id, "secret": secret}
    return JSONResponse(told, 201, {"Cache-Control": "no-store"})


@router.get("")
async def listed(house: TheHouse, _who: AsAdmin) -> dict[str, Any]:
    """Return who is told."""
    found = await house.database.read_async(lambda work: work.webhooks.all())
    return {
        "items": [
            {
                "endpoint_id": each.endpoint_id,
                "url": each.url,
                "kinds": list(each.kinds),
                "created_by": each.created_by,
                "created_at": instant(each.created_at),
                "stopped_at": None if each.stopped_at is None else instant(each.stopped_at),
            }
            for each in found
        ]
    }


@router.delete("/{endpoint_id}", status_code=204)
async def end(endpoint_id: str, house: TheHouse, who: AsAdmin) -> Response:
    """Tell an address no more."""
    at = house.now()
    await house.database.write_async(lambda work: stop(work, endpoint_id, by=who.subject, at=at))
    return Response(status_code=204)


@router.get("/{endpoint_id}/deliveries")
async def deliveries(
    endpoint_id: str,
    house: TheHouse,
    _who: AsAdmin,
    state: Annotated[Literal["pending", "delivered", "dead"] | None, Query()] = None,
) -> dict[str, Any]:
    """Return what went, goes, or never arrived, newest first."""

    def flow(work: Work) -> list[dict[str, Any]]:
        if work.webhooks.get(endpoint_id) is None:
            raise webhook_not_found()
        return [
            {
                "event_id": each.event_id,
                "kind": each.kind,
                "state": each.state,
                "tries": each.tries,
                "status": each.status,
                "next_at": instant(each.next_at),
                "delivered_at": None if each.delivered_at is None else instant(each.delivered_at),
            }
            for each in work.webhooks.of(endpoint_id, state, limit=LISTED)
        ]

    return {"items": await house.database.read_async(flow)}


@router.post("/{endpoint_id}/deliveries/{event_id}:replay", status_code=202)
async def once_more(endpoint_id: str, event_id: EventId, house: TheHouse, who: AsAdmin) -> dict[str, Any]:
    """Send one event once more, from the first try on."""
    at = house.now()
    await house.database.write_async(lambda work: replay(work, endpoint_id, event_id, by=who.subject, at=at))
    return {"event_id": event_id, "state": "pending"}
