"""What staff prove themselves with, and what waits for a second person, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from server.db.insert_new import insert_new
from server.db.tables import passkey, recovery_code, second_request, staff
from server.flows.ports.staff import Passkey, Request


class FactorStore:
    """Authenticator apps, codes for recovery, passkeys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def totp(self, login: str) -> bytes | None:
        """Return the sealed secret of the authenticator app that is in force, or None."""
        return self._connection.execute(select(staff.c.totp_sealed).where(staff.c.login == login)).scalar()

    def pending_totp(self, login: str) -> bytes | None:
        """Return the sealed secret that was shown and not yet confirmed, or None."""
        return self._connection.execute(select(staff.c.totp_pending).where(staff.c.login == login)).scalar()

    def offer_totp(self, login: str, sealed: bytes) -> None:
        """Keep a secret that is shown now; it counts for nothing before it is confirmed."""
        self._connection.execute(update(staff).where(staff.c.login == login).values(totp_pending=sealed))

    def confirm_totp(self, login: str, step: int) -> None:
        """Let the secret that was shown be in force; the code of this step is used."""
        self._connection.execute(
            update(staff)
            .where(staff.c.login == login, staff.c.totp_pending.is_not(None))
            .values(totp_sealed=staff.c.totp_pending, totp_pending=None, totp_step=step)
        )

    def use_step(self, login: str, step: int) -> bool:
        """Use a code's step up; False when it, or a later one, was used."""
        fresh = or_(staff.c.totp_step.is_(None), staff.c.totp_step < step)
        used = update(staff).where(staff.c.login == login, fresh).values(totp_step=step)
        return self._connection.execute(used).rowcount == 1

    def put_recovery(self, login: str, hashes: Sequence[str]) -> None:
        """Replace the codes for recovery."""
        self._connection.execute(delete(recovery_code).where(recovery_code.c.login == login))
        self._connection.execute(insert(recovery_code), [{"code_hash": each, "login": login} for each in hashes])

    def use_recovery(self, login: str, code_hash: str, *, at: datetime) -> bool:
        """Use a code for recovery up; False when it is none, or was used."""
        kept = recovery_code.c
        mine = (kept.code_hash == code_hash, kept.login == login, kept.used_at.is_(None))
        return self._connection.execute(update(recovery_code).where(*mine).values(used_at=at)).rowcount == 1

    def recovery_left(self, login: str) -> int:
        """Return how many codes for recovery are unused."""
        unused = (recovery_code.c.login == login, recovery_code.c.used_at.is_(None))
        return int(self._connection.execute(select(func.count()).where(*unused)).scalar_one())

    def passkeys(self, login: str) -> Sequence[Passkey]:
        """Return somebody's passkeys, oldest first."""
        rows = self._connection.execute(select(passkey).where(passkey.c.login == login).order_by(passkey.c.added_at))
        return [_passkey(row) for row in rows]

    def passkey(self, credential_id: str) -> Passkey | None:
        """Return a passkey, or None."""
        row = self._connection.execute(select(passkey).where(passkey.c.credential_id == credential_id)).one_or_none()
        return None if row is None else _passkey(row)

    def add_passkey(self, made: Passkey) -> bool:
        """Keep a passkey; False when it is known."""
        return insert_new(
            self._connection,
            passkey,
            credential_id=made.credential_id,
            login=made.login,
            name=made.name,
            public_key=made.public_key,
            sign_count=made.sign_count,
            added_at=made.added_at,
        )

    def used_passkey(self, credential_id: str, *, sign_count: int, at: datetime) -> None:
        """Note that a passkey was used."""
        self._connection.execute(
            update(passkey).where(passkey.c.credential_id == credential_id).values(sign_count=sign_count, used_at=at)
        )

    def drop_passkey(self, login: str, credential_id: str) -> bool:
        """Forget a passkey; False when the person has no such one."""
        mine = (passkey.c.login == login, passkey.c.credential_id == credential_id)
        return self._connection.execute(delete(passkey).where(*mine)).rowcount == 1

    def reset(self, login: str) -> None:
        """Forget all factors of a person: the next sign-in sets them up anew."""
        self._connection.execute(delete(passkey).where(passkey.c.login == login))
        self._connection.execute(delete(recovery_code).where(recovery_code.c.login == login))
        self._connection.execute(
            update(staff).where(staff.c.login == login).values(totp_sealed=None, totp_pending=None, totp_step=None)
        )


class RequestStore:
    """What waits for a second person."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request: Request) -> bool:
        """Keep a request; False when its id is known."""
        return insert_new(
            self._connection,
            second_request,
            request_id=request.request_id,
            kind=request.kind,
            body=request.body,
            asked_by=request.asked_by,
            asked_at=request.asked_at,
            state=request.state,
        )

    def get(self, request_id: str) -> Request | None:
        """Return a request, or None."""
        row = self._connection.execute(
            select(second_request).where(second_request.c.request_id == request_id)
        ).one_or_none()
        return None if row is None else Request(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def waiting(self, *, limit: int) -> Sequence[Request]:
        """Return what waits, oldest first."""
        rows = self._connection.execute(
            select(second_request)
            .where(second_request.c.state == "waiting")
            .order_by(second_request.c.asked_at)
            .limit(limit)
        )
        return [Request(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def open_of(self, asked_by: str, kind: str) -> int:
        """Return how many requests of somebody and of this kind wait."""
        of = second_request.c
        mine = of.asked_by == asked_by, of.kind == kind, of.state == "waiting"
        return self._connection.execute(select(func.count()).select_from(second_request).where(*mine)).scalar_one()

    def decide(self, request_id: str, state: str, *, by: str, at: datetime) -> bool:
        """Close a request; False when somebody was first."""
        open_ = (second_request.c.request_id == request_id, second_request.c.state == "waiting")
        decided = update(second_request).where(*open_).values(state=state, decided_by=by, decided_at=at)
        return self._connection.execute(decided).rowcount == 1


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
