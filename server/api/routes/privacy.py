"""What a privacy officer sees: consents, erasures, who looked at whom. No money, no purchase, no face, no number."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from server.api.dependencies import AsPrivacyOfficer, TheHouse
from server.api.people_json import consents_json, erasure_json
from server.api.problems import instant
from server.flows.diary import INSPECTED, SHOWN, note
from server.flows.open_account import unclosed_account
from server.flows.ports import Work

router = APIRouter(prefix="/v1/privacy", tags=["privacy"])


@router.get("/consents")
async def consents(house: TheHouse, _who: AsPrivacyOfficer) -> dict[str, Any]:
    """Return how many people agreed to each version of each text, and how many of them have withdrawn."""
    found = await house.database.read_late_async(lambda work: work.consents.counted())
    return {
        "items": [
            {
                "purpose": each.purpose,
                "version": each.version,
                "given": each.given,
                "withdrawn": each.withdrawn,
                "in_force": each.given - each.withdrawn,
            }
            for each in found
        ]
    }


@router.get("/erasures")
async def erasures(
    house: TheHouse, _who: AsPrivacyOfficer, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """Return the receipts of erased faces, those not confirmed first, oldest first; `more`: some are not shown."""
    found = await house.database.read_async(lambda work: work.erasures.of_faces(limit=limit + 1))
    items = [{"customer_id": each.customer_id} | erasure_json(each) for each in found[:limit]]
    return {"items": items, "more": len(found) > limit}


@router.get("/customers/{customer_id}")
async def customer(customer_id: str, house: TheHouse, who: AsPrivacyOfficer) -> dict[str, Any]:
    """Return a person's consents and access diary; that it was read stands in the diary from now on."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        unclosed_account(work, customer_id)  # closing deleted the diary: a look must not begin another
        rows = work.diary.of(customer_id, limit=SHOWN)
        note(work, [customer_id], INSPECTED, who.name, at=at)
        work.events.record(who.subject, "privacy.inspected", customer_id, at=at)
        return {
            "customer_id": customer_id,
            "consents": consents_json(work.consents.of(customer_id)),
            "diary": [{"at": instant(each.at), "act": each.act, "where": each.where} for each in rows],
        }

    return await house.database.write_async(flow)
