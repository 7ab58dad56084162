"""Who a token belongs to: a device that signed a challenge, or somebody who logged in."""

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

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
        is_device = session.c.kind.in_(DEVICES)
        let_in = and_(
            kiosk.c.kiosk_id == session.c.subject, kiosk.c.kind == session.c.kind, kiosk.c.revoked_at.is_(None)
        )
        row = self._connection.execute(
            select(session.c.kind, session.c.subject, session.c.roles, session.c.session_id, _STORE)
            .select_from(session.outerjoin(kiosk, and_(is_device, let_in)))
            .where(
                session.c.token_hash == token_hash,
                session.c.revoked_at.is_(None),
                session.c.expires_at > at,
                or_(~is_device, kiosk.c.kiosk_id.is_not(None)),
            )
        ).one_or_none()
        if row is None:
            return None
        return Caller(row.kind, row.subject, row.store_id or "", frozenset(row.roles), row.session_id or "")
