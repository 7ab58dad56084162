"""Who a token belongs to: a paired device, or somebody who logged in."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from server.db import tables
from server.db.insert_new import insert_new
from server.flows.ports import Caller


class CallerStore:
    """Read devices and sessions by the hash of their token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_token(self, token_hash: str, *, at: datetime) -> Caller | None:
        """Return whose token it is; None when unknown, revoked or over."""
        device = tables.kiosk
        row = self._connection.execute(
            select(device.c.kind, device.c.kiosk_id, device.c.store_id).where(
                device.c.token_hash == token_hash, device.c.revoked_at.is_(None)
            )
        ).one_or_none()
        if row is not None:
            return Caller(row.kind, row.kiosk_id, row.store_id)
        session = tables.session
        login = self._connection.execute(
            select(session).where(
                session.c.token_hash == token_hash, session.c.revoked_at.is_(None), session.c.expires_at > at
            )
        ).one_or_none()
        return None if login is None else Caller(login.kind, login.subject, roles=frozenset(login.roles))

    def pair(self, kiosk_id: str, store_id: str, name: str, token_hash: str, *, kind: str = "kiosk") -> None:
        """Let a device in under a token; pairing again replaces the token."""
        facts = {"store_id": store_id, "name": name, "token_hash": token_hash, "kind": kind, "revoked_at": None}
        if not insert_new(self._connection, tables.kiosk, kiosk_id=kiosk_id, **facts):
            self._connection.execute(update(tables.kiosk).where(tables.kiosk.c.kiosk_id == kiosk_id).values(**facts))

    def name_of(self, kiosk_id: str) -> str | None:
        """Return what a device is called."""
        device = tables.kiosk
        name: str | None = self._connection.execute(
            select(device.c.name).where(device.c.kiosk_id == kiosk_id)
        ).scalar_one_or_none()
        return name
