"""Who a token belongs to: a device that signed a challenge, or somebody who logged in."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from server.db.questions import Among, Asked, Question, ask
from server.db.tables import kiosk, session
from server.flows.ports import Caller

DEVICES = ("kiosk", "gate")


_STORE = func.coalesce(kiosk.c.store_id, session.c.store_id).label("store_id")


class CallerStore:
    """Read sessions by the hash of their token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_token(self, token_hash: str, *, at: datetime) -> Caller | None:
        """Return whose token it is; None when unknown, revoked or over, or when its device was shut out."""
        (rows,) = ask(self._connection, whose([token_hash], at=at))
        return dict(rows).get(token_hash)


def whose(token_hashes: Collection[str], *, at: datetime) -> Asked:
    """Return the question whose tokens these are: a pair for each that lets somebody in."""
    return _WHOSE.of(token_hashes, now=at)


def _whose() -> Select[Any]:
    is_device = session.c.kind.in_(DEVICES)
    let_in = and_(kiosk.c.kiosk_id == session.c.subject, kiosk.c.kind == session.c.kind, kiosk.c.revoked_at.is_(None))
    return (
        select(session.c.token_hash, session.c.kind, session.c.subject, session.c.roles, session.c.session_id, _STORE)
        .select_from(session.outerjoin(kiosk, and_(is_device, let_in)))
        .where(
            Among(session.c.token_hash),
            session.c.revoked_at.is_(None),
            session.c.expires_at > bindparam("now", required=False),
            or_(~is_device, kiosk.c.kiosk_id.is_not(None)),
        )
    )


def _caller(
    token_hash: str, kind: str, subject: str, roles: list[str], session_id: str | None, store_id: str | None
) -> tuple[str, Caller]:
    return token_hash, Caller(kind, subject, store_id or "", frozenset(roles), session_id or "")


_WHOSE = Question(_whose(), _caller)
"""Put into words once: every request asks."""
