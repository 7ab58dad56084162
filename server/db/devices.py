"""Devices, the codes that pair them, and words that count once, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from server.db.insert_new import insert_new
from server.db.tables import kiosk, pairing_code, used_word
from server.flows.ports.devices import Device, Invitation
from server.flows.tokens import token_hash


class DeviceStore:
    """Kiosks and gates by the keys that they prove themselves with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, device_id: str) -> Device | None:
        """Return a device, or None."""
        return self._one(kiosk.c.kiosk_id == device_id)

    def by_key(self, public_key: bytes) -> Device | None:
        """Return whose key it is, or None."""
        return self._one(kiosk.c.public_key == public_key)

    def put(self, device: Device) -> None:
        """Let a device in, or give the one of this id another key."""
        facts = {
            "store_id": device.store_id,
            "name": device.name,
            "kind": device.kind,
            "public_key": device.public_key,
            "revoked_at": device.revoked_at,
        }
        if not insert_new(self._connection, kiosk, kiosk_id=device.device_id, **facts):
            self._connection.execute(update(kiosk).where(kiosk.c.kiosk_id == device.device_id).values(**facts))

    def kiosks(self, store_id: str) -> Sequence[Device]:
        """Return the kiosks of a store that are paired under a key and not shut out."""
        rows = self._connection.execute(
            select(kiosk)
            .where(
                kiosk.c.store_id == store_id,
                kiosk.c.kind == "kiosk",
                kiosk.c.public_key.is_not(None),
                kiosk.c.revoked_at.is_(None),
            )
            .order_by(kiosk.c.kiosk_id)
        )
        return [_device(row) for row in rows]

    def revoke(self, device_id: str, *, at: datetime) -> bool:
        """Shut a device out; False when there is none, or it is out already."""
        shut = update(kiosk).where(kiosk.c.kiosk_id == device_id, kiosk.c.revoked_at.is_(None)).values(revoked_at=at)
        return self._connection.execute(shut).rowcount == 1

    def invite(self, code_hash: str, invitation: Invitation) -> None:
        """Keep what a code stands for."""
        self._connection.execute(
            insert(pairing_code).values(
                code_hash=code_hash,
                device_id=invitation.device_id,
                store_id=invitation.store_id,
                name=invitation.name,
                kind=invitation.kind,
                expires_at=invitation.expires_at,
            )
        )

    def invitation(self, code_hash: str) -> Invitation | None:
        """Return what a code stands for, used or not, and keep others from using it until this transaction ends."""
        row = self._connection.execute(
            select(pairing_code).where(pairing_code.c.code_hash == code_hash).with_for_update()
        ).one_or_none()
        if row is None:
            return None
        return Invitation(row.device_id, row.store_id, row.name, row.kind, row.expires_at, row.public_key)

    def accept(self, code_hash: str, public_key: bytes) -> bool:
        """Use a code up for a key; False when another key has."""
        mine = or_(pairing_code.c.public_key.is_(None), pairing_code.c.public_key == public_key)
        accepted = update(pairing_code).where(pairing_code.c.code_hash == code_hash, mine).values(public_key=public_key)
        return self._connection.execute(accepted).rowcount == 1

    def _one(self, which: ColumnElement[bool]) -> Device | None:
        row = self._connection.execute(select(kiosk).where(which)).one_or_none()
        return None if row is None else _device(row)


class UsedWordStore:
    """Words that count once; kept as hashes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def use(self, word: str, *, expires_at: datetime) -> bool:
        """Note a word; False when it was noted before."""
        return insert_new(self._connection, used_word, word_hash=token_hash(word), expires_at=expires_at)

    def forget(self, before: datetime) -> int:
        """Drop the words that are too old by themselves, and return how many."""
        return self._connection.execute(delete(used_word).where(used_word.c.expires_at < before)).rowcount


def _device(row: Row[Any]) -> Device:
    return Device(row.kiosk_id, row.store_id, row.name, row.kind, row.public_key, row.revoked_at)
