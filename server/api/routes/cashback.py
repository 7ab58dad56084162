"""The cashback of the store: at which rate, up to how much a year, and who pays which part."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from server.api.dependencies import AsAnyone, AsMarketer, TheHouse
from server.api.routes.campaigns import Label
from server.api.schemas import Body, ClientId, Minor
from server.flows.cashback import demand_programme
from server.flows.ports import Work
from server.flows.ports.wallet import FunderRow, ProgrammeRow

router = APIRouter(prefix="/v1/cashback", tags=["wallet"])


class NewFunder(Body):
    """Who pays a part, and the most that they pay in all."""

    funder_id: ClientId
    name: Label
    weight: Annotated[int, Field(ge=0, le=10_000)]
    budget_minor: Minor


class NewProgramme(Body):
    """The whole programme; it takes the place of the one before."""

    rate_bp: Annotated[int, Field(ge=0, le=10_000)]
    yearly_cap_minor: Minor
    funders: Annotated[list[NewFunder], Field(max_length=20)]


@router.get("")
async def programme(house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Return what shoppers get back and who pays it; budgets are nobody's business."""
    found = house.shop.cashback
    if found is None:
        return {"rate_bp": 0, "yearly_cap_minor": 0, "funders": []}
    funders = [{"funder_id": each.funder_id, "name": dict(each.name), "weight": each.weight} for each in found.funders]
    return {"rate_bp": found.rate_bp, "yearly_cap_minor": found.yearly_cap_minor, "funders": funders}


@router.put("")
async def write(body: NewProgramme, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Write the programme anew; what was spent of a budget stays spent. The tills know it within seconds."""
    at, store_id = house.now(), house.shop.store_id
    funders = tuple(
        FunderRow(each.funder_id, each.name.model_dump(), each.weight, each.budget_minor) for each in body.funders
    )
    wanted = ProgrammeRow(store_id, body.rate_bp, body.yearly_cap_minor, funders)

    def flow(work: Work) -> dict[str, Any]:
        kept = demand_programme(work, wanted, by=who.subject, at=at)
        return {
            "rate_bp": kept.rate_bp,
            "yearly_cap_minor": kept.yearly_cap_minor,
            "funders": [
                {
                    "funder_id": each.funder_id,
                    "name": dict(each.name),
                    "weight": each.weight,
                    "budget_minor": each.budget_minor,
                    "spent_minor": each.spent_minor,
                }
                for each in kept.funders
            ],
        }

    return await house.database.write_async(flow)
