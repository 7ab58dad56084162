"""Who a token belongs to: a device that signed a challenge, or somebody who logged in."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

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
        row = self._connection.execute(_asked(), {"token_hash": token_hash, "now": at}).one_or_none()
        if row is None:
            return None
        return Caller(row.kind, row.subject, row.store_id or "", frozenset(row.roles), row.session_id or "")


@cache
def _asked() -> Select[Any]:
    """Return the question; each request asks it, so it is put into words once."""
    is_device = session.c.kind.in_(DEVICES)
    let_in = and_(kiosk.c.kiosk_id == session.c.subject, kiosk.c.kind == session.c.kind, kiosk.c.revoked_at.is_(None))
    return (
        select(session.c.kind, session.c.subject, session.c.roles, session.c.session_id, _STORE)
        .select_from(session.outerjoin(kiosk, and_(is_device, let_in)))
        .where(
            session.c.token_hash == bindparam("token_hash"),
            session.c.revoked_at.is_(None),
            session.c.expires_at > bindparam("now"),
            or_(~is_device, kiosk.c.kiosk_id.is_not(None)),
        )
    )
