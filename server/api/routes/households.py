"""Households, for shoppers themselves: let somebody in by a code, join by one, leave."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from server.api.dependencies import AsShopper, TheHouse
from server.api.problems import instant
from server.api.schemas import Body
from server.flows import household
from server.flows.open_account import own_account
from server.flows.ports import Caller, Work

router = APIRouter(prefix="/v1/households/mine", tags=["shoppers"])


class HouseholdCode(Body):
    """Eight digits that somebody of the household has read out."""

    code: Annotated[str, Field(pattern=r"^[0-9]{8}$", examples=["40718265"])]


@router.get("")
async def mine(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return how many live together; who they are is told to nobody."""
    return await house.database.read_async(lambda work: _json(household.home_of(work, _phone_of(work, who))))


@router.post(":invite", status_code=201)
async def invite(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Make a code that lets one more person in for ten minutes; a household begins with the first."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        phone_hash = _phone_of(work, who)
        code, until = household.invite(work, house.people.phones, phone_hash, at=at, new_id=house.new_id)
        return {"code": code, "expires_at": instant(until)} | _json(household.home_of(work, phone_hash))

    return await house.database.write_async(flow)


@router.post(":join")
async def join(body: HouseholdCode, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Join the household that a code leads into; guesses are bounded."""
    at, people, guesses = house.now(), house.people, f"household:{who.subject}"
    async with people.strangers.guess(house.database, guesses, at=at, wrong={"household_code_unknown"}):
        return await house.database.write_async(
            lambda work: _json(household.join(work, people.phones, _phone_of(work, who), body.code, at=at))
        )


@router.post(":leave")
async def leave(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Leave; offers that count by household count you alone again, with what you have used."""
    return await house.database.write_async(lambda work: _json(household.leave(work, _phone_of(work, who))))


def _json(home: household.Home) -> dict[str, Any]:
    return {"people": home.people}


def _phone_of(work: Work, who: Caller) -> str:
    return own_account(work, who.subject).phone_hash
