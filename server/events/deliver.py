"""Carry webhooks out: take what is due, sign it, post it, write down how it ended."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

import httpx
from standardwebhooks import Webhook

from server.flows.ports import Database, Work
from server.flows.ports.webhooks import Delivery, Endpoint
from server.flows.sealing import Keyed, UnsealError, unseal
from server.flows.webhooks import PURPOSE, answered, due, message_of

log = logging.getLogger(__name__)

SECONDS = 10.0
"""How long an endpoint may take to say yes; what it does with the event is its own time."""


class Courier:
    """One round at a time; several processes share the work, as each takes what the others have not."""

    def __init__(
        self, database: Database, keyed: Keyed, clock: Callable[[], datetime], client: httpx.AsyncClient
    ) -> None:
        self._database = database
        self._keyed = keyed
        self._clock = clock
        self._client = client

    async def round(self) -> int:
        """Send what is due, all at once, and return how many tries there were."""
        found = await self._database.write_async(partial(due, at=self._clock()))
        await asyncio.gather(*(self._carry(endpoint, delivery) for endpoint, delivery in found))
        return len(found)

    async def _carry(self, endpoint: Endpoint, delivery: Delivery) -> None:
        status = await self._post(endpoint, delivery)
        at = self._clock()

        def note(work: Work) -> str:
            return answered(work, delivery, status, at=at)

        state = await self._database.write_async(note)
        if state == "dead":
            log.error("webhook %s gave event %d up: status %s", endpoint.endpoint_id, delivery.event_id, status)

    async def _post(self, endpoint: Endpoint, delivery: Delivery) -> int | None:
        """Return the endpoint's status, or None where nobody answered in time."""
        message_id, body = message_of(delivery)
        at = self._clock()
        try:
            signature = Webhook(unseal(self._keyed, PURPOSE, endpoint.sealed)).sign(message_id, at, body)
            headers = {
                "content-type": "application/json",
                "webhook-id": message_id,
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": signature,
            }
            answer = await self._client.post(endpoint.url, content=body, headers=headers, timeout=SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL, UnsealError) as problem:
            log.info("webhook %s: %s", endpoint.endpoint_id, type(problem).__name__)
            return None
        return answer.status_code
