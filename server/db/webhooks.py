"""Endpoints of webhooks and what is on its way to them, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from server.db.insert_new import insert_new
from server.db.tables import outbox, webhook, webhook_delivery
from server.flows.hearing import ENDED
from server.flows.ports.webhooks import Delivery, Endpoint

_way = webhook_delivery.c


class WebhookStore:
    """Keep endpoints and deliveries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, endpoint: Endpoint) -> None:
        """Keep an endpoint."""
        self._connection.execute(
            insert(webhook).values(
                endpoint_id=endpoint.endpoint_id,
                url=endpoint.url,
                kinds=list(endpoint.kinds),
                sealed=endpoint.sealed,
                created_by=endpoint.created_by,
                created_at=endpoint.created_at,
                upto=endpoint.upto,
            )
        )

    def get(self, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        row = self._connection.execute(select(webhook).where(webhook.c.endpoint_id == endpoint_id)).one_or_none()
        return None if row is None else _endpoint(row)

    def all(self) -> Sequence[Endpoint]:
        """Return all endpoints, oldest first."""
        return [_endpoint(row) for row in self._connection.execute(select(webhook).order_by(webhook.c.created_at))]

    def stop(self, endpoint_id: str, *, at: datetime) -> bool:
        """Tell an endpoint no more; False when it is unknown or stopped."""
        mine = (webhook.c.endpoint_id == endpoint_id, webhook.c.stopped_at.is_(None))
        return self._connection.execute(update(webhook).where(*mine).values(stopped_at=at)).rowcount == 1

    def put_on_the_way(self, *, at: datetime, limit: int) -> int:
        """Lay the outbox's new events out for every endpoint that wants them; return how many there were."""
        count = 0
        open_ = select(webhook).where(webhook.c.stopped_at.is_(None)).with_for_update()
        for endpoint in [_endpoint(row) for row in self._connection.execute(open_)]:
            events = self._connection.execute(
                select(outbox).where(outbox.c.event_id > endpoint.upto).order_by(outbox.c.event_id).limit(limit)
            ).all()
            for event in events:
                if event.kind != ENDED and (not endpoint.kinds or event.kind.startswith(endpoint.kinds)):
                    facts = {"endpoint_id": endpoint.endpoint_id, "event_id": event.event_id}
                    count += insert_new(self._connection, webhook_delivery, **facts, state="pending", next_at=at)
            if events:
                mine = webhook.c.endpoint_id == endpoint.endpoint_id
                self._connection.execute(update(webhook).where(mine).values(upto=events[-1].event_id))
        return count

    def take_due(self, *, at: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """Take what is due; nobody else takes it before `until`."""
        due = (
            _deliveries()
            .join(webhook, webhook.c.endpoint_id == _way.endpoint_id)
            .where(_way.state == "pending", _way.next_at <= at, webhook.c.stopped_at.is_(None))
            .order_by(_way.next_at, _way.event_id)
            .limit(limit)
        )
        taken = []
        for row in self._connection.execute(due).all():
            mine = (_way.endpoint_id == row.endpoint_id, _way.event_id == row.event_id, _way.next_at == row.next_at)
            claimed = update(webhook_delivery).where(*mine, _way.state == "pending")
            if self._connection.execute(claimed.values(next_at=until, tries=_way.tries + 1)).rowcount:
                taken.append(_delivery(row, tries=row.tries + 1))
        return taken

    def settle(
        self, endpoint_id: str, event_id: int, state: str, *, status: int | None, next_at: datetime, at: datetime
    ) -> None:
        """Write down how a try ended."""
        delivered_at = at if state == "delivered" else None
        self._connection.execute(
            update(webhook_delivery)
            .where(_way.endpoint_id == endpoint_id, _way.event_id == event_id)
            .values(state=state, status=status, next_at=next_at, delivered_at=delivered_at)
        )

    def of(self, endpoint_id: str, state: str | None, *, limit: int) -> Sequence[Delivery]:
        """Return an endpoint's deliveries, newest first."""
        query = _deliveries().where(_way.endpoint_id == endpoint_id).order_by(_way.event_id.desc()).limit(limit)
        query = query if state is None else query.where(_way.state == state)
        return [_delivery(row, tries=row.tries) for row in self._connection.execute(query)]

    def again(self, endpoint_id: str, event_id: int, *, at: datetime) -> bool:
        """Send one once more, from the first try on; False when there is none such."""
        mine = (_way.endpoint_id == endpoint_id, _way.event_id == event_id)
        sent = update(webhook_delivery).where(*mine).values(state="pending", tries=0, next_at=at)
        return self._connection.execute(sent).rowcount == 1


def _deliveries() -> Select[Any]:
    told = outbox.c
    return select(webhook_delivery, told.kind, told.body, told.at.label("event_at")).join(
        outbox, told.event_id == _way.event_id
    )


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(**{**row._mapping, "kinds": tuple(row.kinds)})  # noqa: SLF001 - SQLAlchemy's public name


def _delivery(row: Row[Any], *, tries: int) -> Delivery:
    return Delivery(
        row.endpoint_id,
        row.event_id,
        row.kind,
        row.body,
        row.event_at,
        row.state,
        tries,
        row.next_at,
        row.status,
        row.delivered_at,
    )
