"""Approvals, wallet codes, sessions, staff and kiosks, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, func, insert, null, select, update

from checkout.peer import PeerState
from server.db.insert_new import insert_new
from server.db.tables import authentication, kiosk, peer_transfer, session, staff, wallet_code
from server.db.tries import charge_try
from server.flows.ports.proofs import Authentication, FaceUse, KioskRow, Session, StaffMember


class AuthenticationStore:
    """Approvals, each used at most once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: Authentication) -> bool:
        """Keep an approval; False when its id is known."""
        values = {name: getattr(made, name) for name in authentication.c.keys()}  # noqa: SIM118 - the names of a column collection
        return insert_new(self._connection, authentication, **(values | {"factors": list(made.factors)}))

    def get(self, authentication_id: str) -> Authentication | None:
        """Return an approval, or None."""
        row = self._connection.execute(
            select(authentication).where(authentication.c.authentication_id == authentication_id)
        ).one_or_none()
        if row is None:
            return None
        return Authentication(**{**row._mapping, "factors": tuple(row.factors)})  # noqa: SLF001 - SQLAlchemy's public name

    def of_customer(self, customer_id: str) -> Sequence[Authentication]:
        """Return a customer's approvals, newest first."""
        rows = self._connection.execute(
            select(authentication)
            .where(authentication.c.customer_id == customer_id)
            .order_by(authentication.c.made_at.desc())
        )
        return [Authentication(**{**row._mapping, "factors": tuple(row.factors)}) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def prove_pin(self, authentication_id: str, factors: tuple[str, ...], *, at: datetime) -> bool:
        """Add the PIN to an approval that is neither used nor over; False when it is."""
        return (
            self._connection.execute(
                update(authentication)
                .where(authentication.c.authentication_id == authentication_id, *_still_open(authentication, at))
                .values(factors=list(factors), pin_at=at)
            ).rowcount
            == 1
        )

    def use(self, authentication_id: str, *, at: datetime) -> bool:
        """Use an approval up; False when somebody already did or its time is over."""
        return (
            self._connection.execute(
                update(authentication)
                .where(authentication.c.authentication_id == authentication_id, *_still_open(authentication, at))
                .values(used_at=at)
            ).rowcount
            == 1
        )

    def face_use(self, customer_id: str) -> FaceUse:
        """Return what was paid by face alone since the last PIN."""
        mine = authentication.c.customer_id == customer_id
        last_pin = select(func.coalesce(func.max(authentication.c.pin_at), 0)).where(mine).scalar_subquery()
        row = self._connection.execute(
            select(func.count(), func.coalesce(func.sum(authentication.c.amount_minor), 0)).where(
                mine, authentication.c.pin_at.is_(None), authentication.c.used_at > last_pin
            )
        ).one()
        return FaceUse(int(row[0]), int(row[1]))

    def phone_use(self, customer_id: str, *, since: datetime) -> int:
        """Return what was paid, or sent to people, by phone number and PIN after `since`, in minor units."""
        rows = self._connection.execute(
            select(authentication.c.factors, authentication.c.amount_minor).where(
                authentication.c.customer_id == customer_id, authentication.c.used_at > since
            )
        )
        sent = select(func.coalesce(func.sum(peer_transfer.c.amount_minor), 0)).where(
            peer_transfer.c.sender_id == customer_id,
            peer_transfer.c.proof == "pin",
            peer_transfer.c.created_at > since,
            peer_transfer.c.state.in_((PeerState.WAITING.value, PeerState.CLAIMED.value)),
        )
        paid: int = sum(row.amount_minor for row in rows if "phone" in row.factors)
        return paid + int(self._connection.execute(sent).scalar_one())

    def void_faces(self, customer_id: str, *, at: datetime) -> None:
        """End the open approvals that rest on a face alone."""
        self._connection.execute(
            update(authentication)
            .where(
                authentication.c.customer_id == customer_id,
                authentication.c.pin_at.is_(None),
                *_still_open(authentication, at),
            )
            .values(expires_at=at)
        )

    def forget_evidence(self, customer_id: str) -> None:
        """Delete what was measured of a customer's face in all approvals; who approved what stays."""
        self._connection.execute(
            update(authentication).where(authentication.c.customer_id == customer_id).values(evidence=null())
        )


class WalletCodeStore:
    """Eight digits that stand for a wallet for two minutes, once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code_hash: str, customer_id: str, *, expires_at: datetime) -> bool:
        """Keep a code; False when these digits were given out before."""
        return insert_new(
            self._connection, wallet_code, code_hash=code_hash, customer_id=customer_id, expires_at=expires_at
        )

    def owner(self, code_hash: str, *, at: datetime) -> str | None:
        """Return whose open code it is, without using it."""
        return self._connection.execute(
            select(wallet_code.c.customer_id).where(wallet_code.c.code_hash == code_hash, *_still_open(wallet_code, at))
        ).scalar()

    def use(self, code_hash: str, *, at: datetime) -> bool:
        """Use a code up; False when it is used or over."""
        return (
            self._connection.execute(
                update(wallet_code)
                .where(wallet_code.c.code_hash == code_hash, *_still_open(wallet_code, at))
                .values(used_at=at)
            ).rowcount
            == 1
        )


class SessionStore:
    """Who is logged in. Only hashes of tokens are kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, token_hash: str, opened: Session) -> None:
        """Keep a session."""
        self._connection.execute(
            insert(session).values(
                token_hash=token_hash,
                kind=opened.kind,
                subject=opened.subject,
                roles=list(opened.roles),
                expires_at=opened.expires_at,
                session_id=opened.session_id or None,
                opened_at=opened.opened_at,
                factor=opened.factor or None,
                agent=opened.agent or None,
                store_id=opened.store_id or None,
            )
        )

    def revoke(self, token_hash: str, *, at: datetime) -> None:
        """End a session."""
        self._connection.execute(update(session).where(session.c.token_hash == token_hash).values(revoked_at=at))

    def open_of(self, kind: str, subject: str, *, at: datetime) -> Sequence[Session]:
        """Return the open sessions of one person, newest first."""
        rows = self._connection.execute(
            select(session).where(*_mine(kind, subject, at)).order_by(session.c.opened_at.desc())
        )
        return [
            Session(
                row.kind,
                row.subject,
                tuple(row.roles),
                row.expires_at,
                row.session_id or "",
                row.opened_at,
                row.factor or "",
                row.agent or "",
                row.store_id or "",
            )
            for row in rows
        ]

    def end_one(self, kind: str, subject: str, session_id: str, *, at: datetime) -> bool:
        """End a session of this person; False when there is none such."""
        which = (*_mine(kind, subject, at), session.c.session_id == session_id)
        return self._connection.execute(update(session).where(*which).values(revoked_at=at)).rowcount == 1

    def end_all(self, kind: str, subject: str, *, at: datetime) -> int:
        """End all sessions of one device or person, and return how many were open."""
        return self._connection.execute(update(session).where(*_mine(kind, subject, at)).values(revoked_at=at)).rowcount

    def forget(self, before: datetime) -> int:
        """Drop the sessions that were over before `before`, and return how many."""
        return self._connection.execute(delete(session).where(session.c.expires_at < before)).rowcount


class StaffStore:
    """Who works here, and how often a password was tried."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, login: str) -> StaffMember | None:
        """Return the person, or None."""
        row = self._connection.execute(select(staff).where(staff.c.login == login)).one_or_none()
        return None if row is None else _member(row)

    def put(self, member: StaffMember) -> None:
        """Add a person, or replace name, password, roles and store."""
        values = {
            "name": member.name,
            "password_hash": member.password_hash,
            "roles": list(member.roles),
            "store_id": member.store_id or None,
        }
        if not insert_new(self._connection, staff, login=member.login, **values):
            self._connection.execute(update(staff).where(staff.c.login == member.login).values(**values))

    def all(self) -> Sequence[StaffMember]:
        """Return everybody, by login."""
        rows = self._connection.execute(select(staff).order_by(staff.c.login))
        return [_member(row) for row in rows]

    def lock_row(self, login: str) -> None:
        """Keep other acts that count on this person from going on before this transaction ends."""
        self._connection.execute(select(staff.c.login).where(staff.c.login == login).with_for_update())

    def give_back_try(self, login: str) -> None:
        """Take back one counted try, which was right as far as it went."""
        fewer = update(staff).where(staff.c.login == login, staff.c.failures > 0).values(failures=staff.c.failures - 1)
        self._connection.execute(fewer)

    def charge_try(self, login: str, *, limit: int, at: datetime, lock_until: datetime) -> int | None:
        """Count a password try before it is made."""
        return charge_try(self._connection, staff, staff.c.login, login, limit=limit, at=at, lock_until=lock_until)

    def clear_tries(self, login: str) -> None:
        """Forget the tries: the password was right."""
        self._connection.execute(update(staff).where(staff.c.login == login).values(failures=0, locked_until=None))


def _member(row: Row[Any]) -> StaffMember:
    return StaffMember(row.login, row.name, row.password_hash, tuple(row.roles), row.store_id or "")


_KIOSKS = select(
    kiosk.c.kiosk_id,
    kiosk.c.store_id,
    kiosk.c.name,
    kiosk.c.state,
    kiosk.c.last_seen_at,
    kiosk.c.paused_at,
    kiosk.c.pause_reason,
    kiosk.c.message,
).where(kiosk.c.kind == "kiosk", kiosk.c.revoked_at.is_(None))


class KioskStore:
    """The kiosks of the shop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def say(self, kiosk_id: str, state: dict[str, object], *, at: datetime) -> None:
        """Keep what a kiosk says of itself."""
        self._connection.execute(update(kiosk).where(kiosk.c.kiosk_id == kiosk_id).values(state=state, last_seen_at=at))

    def of(self, store_id: str) -> Sequence[KioskRow]:
        """Return the paired kiosks of a store, by name."""
        rows = self._connection.execute(_KIOSKS.where(kiosk.c.store_id == store_id).order_by(kiosk.c.name))
        return [KioskRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def get(self, kiosk_id: str) -> KioskRow | None:
        """Return a paired kiosk, or None."""
        return self._one(_KIOSKS.where(kiosk.c.kiosk_id == kiosk_id))

    def locked(self, kiosk_id: str) -> KioskRow | None:
        """Return a paired kiosk that nobody else tells anything before this transaction ends."""
        return self._one(_KIOSKS.where(kiosk.c.kiosk_id == kiosk_id).with_for_update())

    def tell(self, told: KioskRow) -> None:
        """Keep what a locked kiosk is told."""
        values = {name: getattr(told, name) for name in ("paused_at", "pause_reason", "message")}
        self._connection.execute(update(kiosk).where(kiosk.c.kiosk_id == told.kiosk_id).values(**values))

    def _one(self, query: Select[Any]) -> KioskRow | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else KioskRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def _mine(kind: str, subject: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    whose = (session.c.kind == kind, session.c.subject == subject)
    return (*whose, session.c.revoked_at.is_(None), session.c.expires_at > at)


def _still_open(table: Table, at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return what holds for a row that is neither used nor over."""
    return table.c.used_at.is_(None), table.c.expires_at > at
