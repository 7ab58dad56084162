"""Bounds on tries: counted once for all servers of a shop, and given back to whoever was right; both engines."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest

from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.errors import FlowError
from server.flows.limits import Bound
from tests.server.builders import NOON
from tests.server.people.builders import at_once

FIVE_MINUTES = timedelta(minutes=5)
THREE = Bound("three", 3, FIVE_MINUTES)
TEN = Bound("ten", 10, FIVE_MINUTES)
Result = TypeVar("Result")
pytestmark = pytest.mark.anyio


async def test_a_bound_opens_again_when_its_oldest_act_has_passed(database: Database) -> None:
    for second in range(3):
        await THREE.take(database, "a", at=NOON + timedelta(seconds=second))

    with pytest.raises(FlowError) as refused:
        await THREE.take(database, "a", "b", at=NOON + timedelta(seconds=10))

    assert refused.value.code == "too_many_requests"
    assert refused.value.facts["retry_after_seconds"] == 290
    for _ in range(3):
        await THREE.take(database, "b", at=NOON + timedelta(seconds=10))  # what was refused counted under no key
    await THREE.take(database, "a", at=NOON + FIVE_MINUTES)
    await Bound("others", 3, FIVE_MINUTES).take(database, "b", at=NOON + timedelta(seconds=10))


def test_no_more_are_let_through_than_are_allowed_when_several_servers_are_asked_at_once(
    doors: list[Database],
) -> None:
    others = [*doors, Database(doors[0].engine.url.render_as_string(hide_password=False))]

    def ask(n: int) -> None:
        others[n % len(others)].write(lambda work: TEN.count(work, "a", "b", at=NOON + timedelta(seconds=n)))

    outcomes = at_once([lambda n=n: ask(n) for n in range(40)])  # type: ignore[misc] # n is bound as it is now
    others[-1].close()

    assert outcomes.count(None) == 10
    assert {outcome.code for outcome in outcomes if isinstance(outcome, FlowError)} == {"too_many_requests"}


async def test_only_wrong_guesses_count_when_somebody_tries(database: Database) -> None:
    async def try_with(outcome: str) -> None:
        async with THREE.guess(database, "kiosk-1", at=NOON, wrong={"wrong"}):
            if outcome != "right":
                raise FlowError(outcome, "it is not as it should be")

    for _ in range(5):
        await try_with("right")
        with pytest.raises(FlowError, match="not as it should be"):
            await try_with("something_else")
    for _ in range(3):
        with pytest.raises(FlowError, match="not as it should be"):
            await try_with("wrong")

    with pytest.raises(FlowError) as refused:
        await try_with("right")  # whoever guesses on does not learn of a hit

    assert refused.value.code == "too_many_requests"


@dataclass
class Crowded:
    """A database that takes no more writes once it is full."""

    database: Database
    is_full: bool = False

    async def write_async(self, flow: Callable[[UnitOfWork], Result]) -> Result:
        if self.is_full:
            raise FlowError("busy", "Enough writes wait already.", retry_after_seconds=1)
        return await self.database.write_async(flow)


@pytest.mark.parametrize("refusal", [None, "something_else"])
async def test_the_outcome_of_a_guess_is_told_when_the_database_is_too_busy_to_take_it_back(
    database: Database, refusal: str | None
) -> None:
    crowded = Crowded(database)

    def look() -> None:
        crowded.is_full = True
        if refusal is not None:
            raise FlowError(refusal, "it is not as it should be")

    with nullcontext() if refusal is None else pytest.raises(FlowError, match="not as it should be"):
        async with THREE.guess(crowded, "kiosk-1", at=NOON, wrong={"wrong"}):  # type: ignore[arg-type] # all it asks of
            look()

    for _ in range(2):
        await THREE.take(database, "kiosk-1", at=NOON)
    with pytest.raises(FlowError, match="At most 3"):  # the first stayed counted, which errs on the safe side
        await THREE.take(database, "kiosk-1", at=NOON)
    await THREE.take(database, "kiosk-1", at=NOON + FIVE_MINUTES)


async def test_so_many_at_once_have_no_more_guesses_when_each_looks_before_it_is_told(database: Database) -> None:
    looked = 0

    async def guess() -> None:
        nonlocal looked
        async with TEN.guess(database, "kiosk-1", at=NOON):
            looked += 1
            raise FlowError("wrong", "it is not as it should be")

    outcomes = await asyncio.gather(*(guess() for _ in range(30)), return_exceptions=True)

    assert looked == 10
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, FlowError)]
    assert (codes.count("wrong"), codes.count("too_many_requests")) == (10, 20)


async def test_nothing_is_kept_when_it_does_not_count_any_more(database: Database) -> None:
    await THREE.take(database, "a", at=NOON)

    early = database.write(lambda work: work.bounds.forget(NOON + timedelta(minutes=4)))
    late = database.write(lambda work: work.bounds.forget(NOON + timedelta(minutes=6)))

    assert (early, late) == (0, 1)
