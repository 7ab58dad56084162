"""Credit for many people by a sponsor: a list, its money, its sending, what is called back, and sums over many."""

from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from server.api.dependencies import AsSponsor, NeedsKey, TheHouse
from server.api.idempotency import Answer, once
from server.api.problems import instant
from server.api.routes.campaigns import Label
from server.api.schemas import Body, ClientId, DayOrInstant, Minor, ShortText
from server.flows.credit_batch import Wish, draft_batch, faults_json, fund_batch, mine, recall_batch, report, send_batch
from server.flows.credit_file import read_credit_file
from server.flows.days import upto_day
from server.flows.ports import Work
from server.flows.ports.wallet import BatchRow

router = APIRouter(prefix="/v1/credit-batches", tags=["sponsors"])


class NewBatch(Body):
    """A list of people with amounts as CSV, and what it is good for. `dry_run` looks and keeps nothing."""

    batch_id: ClientId
    file_name: ShortText
    csv: Annotated[
        str, Field(min_length=1, max_length=1_000_000, examples=["name,phone,amount\\nLina Durand,0199005678,20.00"])
    ]
    name: Label
    message: Annotated[str, Field(max_length=500)] = ""
    categories: Annotated[list[ShortText], Field(max_length=50, default_factory=list)]
    expires_at: DayOrInstant
    """The last day belongs to it."""
    dry_run: bool = False


class Funding(Body):
    """A sandbox transfer: no real money moves."""

    amount_minor: Minor
    reference: ShortText


@router.post("", status_code=201, dependencies=[NeedsKey], responses={200: {"description": "What a list holds"}})
async def draft(request: Request, body: NewBatch, house: TheHouse, who: AsSponsor) -> Response:
    """Keep a list, or with `dry_run` only say what it holds and everything that is wrong in it."""
    at = house.now()
    found = read_credit_file(body.csv, house.people.phones)
    if body.dry_run:
        looked = {
            "people": len(found.rows),
            "total_minor": found.total_minor,
            "faults": len(found.faults),
            "errors": faults_json(found),
        }
        return Answer(200, looked).response()
    wish = Wish(
        batch_id=body.batch_id,
        name=body.name.model_dump(),
        message=body.message,
        categories=tuple(body.categories),
        expires_at=upto_day(body.expires_at, house.shop.timezone),
        file_name=body.file_name,
        file_sha256=sha256(body.csv.encode()).hexdigest(),
    )
    shop = house.shop

    def flow(work: Work) -> Answer:
        made = draft_batch(
            work, wish, found, sponsor_id=who.subject, store_id=shop.store_id, currency_code=shop.currency.code, at=at
        )
        return Answer(201, batch_json(made))

    return await once(request, who, flow)


@router.get("")
async def listed(house: TheHouse, who: AsSponsor) -> dict[str, Any]:
    """Return one's own batches, newest first."""
    found = await house.database.read_async(lambda work: work.batches.of(who.subject))
    return {"items": [batch_json(each) for each in found]}


@router.get("/{batch_id}")
async def one(batch_id: str, house: TheHouse, who: AsSponsor) -> dict[str, Any]:
    """Return one of one's own batches."""
    return batch_json(await house.database.read_async(lambda work: mine(work, batch_id, who.subject)))


@router.post("/{batch_id}:fund")
async def fund(batch_id: str, body: Funding, house: TheHouse, who: AsSponsor) -> dict[str, Any]:
    """Fund a batch in full, by a sandbox transfer."""
    at = house.now()
    made = await house.database.write_async(
        lambda work: fund_batch(work, batch_id, body.amount_minor, body.reference, sponsor_id=who.subject, at=at)
    )
    return batch_json(made)


@router.post("/{batch_id}:send")
async def send(batch_id: str, house: TheHouse, who: AsSponsor) -> dict[str, Any]:
    """Give everybody on the list their credit."""
    at = house.now()
    made = await house.database.write_async(lambda work: send_batch(work, batch_id, sponsor_id=who.subject, at=at))
    return batch_json(made)


@router.post("/{batch_id}:recall")
async def recall(batch_id: str, house: TheHouse, who: AsSponsor) -> dict[str, Any]:
    """Take back what is unspent, or drop what was not sent."""
    at = house.now()
    made = await house.database.write_async(lambda work: recall_batch(work, batch_id, sponsor_id=who.subject, at=at))
    return batch_json(made)


@router.get("/{batch_id}/report")
async def told(batch_id: str, house: TheHouse, who: AsSponsor) -> dict[str, Any]:
    """Return what a batch has done, as sums over at least twenty people, and twenty more before they change."""
    return await house.database.write_async(lambda work: report(work, batch_id, sponsor_id=who.subject))


def batch_json(batch: BatchRow) -> dict[str, Any]:
    """Return a batch as its sponsor sees it: never who is on the list."""
    moments = {name: getattr(batch, name) for name in ("created_at", "funded_at", "sent_at", "closed_at", "expires_at")}
    return {
        "batch_id": batch.batch_id,
        "state": batch.state,
        "name": dict(batch.name),
        "message": batch.message,
        "categories": list(batch.categories),
        "file_name": batch.file_name,
        "people": batch.people,
        "total_minor": batch.total_minor,
        "recalled_minor": batch.recalled_minor,
        "currency": batch.currency,
        "sandbox": True,
    } | {name: None if at is None else instant(at) for name, at in moments.items()}
