"""What a shopper does once, after their own PIN was asked once more."""

from collections.abc import Callable

from fastapi import Request, Response

from server.api.house import House
from server.api.idempotency import Answer, in_flight, once_claimed, replay_of
from server.flows.log_in import prove_own_pin
from server.flows.ports import Caller, Work
from server.flows.ports.people import Customer


async def once_with_pin(
    request: Request, house: House, who: Caller, pin: str, flow: Callable[[Work, Customer], Answer]
) -> Response:
    """Do something once, after the PIN: a repeated request gets its first answer, and no PIN is tried for it."""
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        me = await prove_own_pin(house.database, house.people, who, pin, clock=house.now)
        return await once_claimed(request, who, lambda work: flow(work, me))
