"""Customers, consents, references and receipts of erasures, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Float, Row, and_, case, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from server.db.insert_new import insert_new
from server.db.tables import (
    Instant,
    consent,
    customer,
    erasure,
    erasure_acknowledgement,
    face_reference,
    face_reference_next,
    kiosk,
)
from server.db.tries import charge_try
from server.flows.ports.people import (
    Acknowledgement,
    Consent,
    ConsentCount,
    Customer,
    Erasure,
    Reference,
    Silence,
)


class CustomerStore:
    """Who has a wallet here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, customer_id: str) -> Customer | None:
        """Return the customer, or None."""
        return self._one(customer.c.customer_id == customer_id)

    def by_phone(self, phone_hash: str) -> Customer | None:
        """Return who registered that number, or None."""
        return self._one(customer.c.phone_hash == phone_hash)

    def add(self, customer_: Customer) -> bool:
        """Add a customer; False when the number or the id is already known."""
        return insert_new(
            self._connection,
            customer,
            customer_id=customer_.customer_id,
            name=customer_.name,
            phone_hash=customer_.phone_hash,
            phone_last4=customer_.phone_last4,
            pin_hash=customer_.pin_hash,
            pin_failures=customer_.pin_failures,
            locale=customer_.locale,
            created_at=customer_.created_at,
        )

    def charge_try(self, customer_id: str, *, limit: int, at: datetime, lock_until: datetime) -> int | None:
        """Count a PIN try before it is made and return how many are left after it; None while locked."""
        return charge_try(
            self._connection,
            customer,
            customer.c.customer_id,
            customer_id,
            limit=limit,
            at=at,
            lock_until=lock_until,
        )

    def clear_tries(self, customer_id: str) -> None:
        """Forget the tries: the PIN was right."""
        self._connection.execute(
            update(customer).where(customer.c.customer_id == customer_id).values(pin_failures=0, pin_locked_until=None)
        )

    def lock_row(self, customer_id: str) -> None:
        """Keep other transactions from deciding about this customer (SQLite writes one at a time anyway)."""
        self._connection.execute(
            select(customer.c.customer_id).where(customer.c.customer_id == customer_id).with_for_update()
        )

    def _one(self, which: ColumnElement[bool]) -> Customer | None:
        row = self._connection.execute(select(customer).where(which)).one_or_none()
        return None if row is None else Customer(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


class ConsentStore:
    """Who agreed to what, and until when."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def give(self, given: Consent) -> None:
        """Write a consent down; an earlier live one for the same purpose ends with it."""
        self.withdraw(given.customer_id, given.purpose, at=given.given_at)
        self._connection.execute(
            insert(consent).values(
                consent_id=given.consent_id,
                customer_id=given.customer_id,
                purpose=given.purpose,
                version=given.version,
                locale=given.locale,
                channel=given.channel,
                given_at=given.given_at,
            )
        )

    def withdraw(self, customer_id: str, purpose: str, *, at: datetime) -> int:
        """End the live consents for a purpose and return how many there were."""
        return self._connection.execute(
            update(consent)
            .where(
                consent.c.customer_id == customer_id,
                consent.c.purpose == purpose,
                consent.c.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=at)
        ).rowcount

    def counted(self) -> Sequence[ConsentCount]:
        """Return how many agreed to each version of each text."""
        text = (consent.c.purpose, consent.c.version)
        query = select(*text, func.count(), func.count(consent.c.withdrawn_at)).group_by(*text).order_by(*text)
        return [ConsentCount(*row) for row in self._connection.execute(query)]

    def live(self, customer_id: str, purpose: str) -> Consent | None:
        """Return the consent in force, or None."""
        row = self._connection.execute(
            select(consent).where(
                consent.c.customer_id == customer_id,
                consent.c.purpose == purpose,
                consent.c.withdrawn_at.is_(None),
            )
        ).first()
        return None if row is None else Consent(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def freeze(self, customer_id: str, purpose: str, *, at: datetime) -> bool:
        """Let the consent in force rest; False when there is none, or it rests already."""
        return self._rest(customer_id, purpose, consent.c.frozen_at.is_(None), at)

    def thaw(self, customer_id: str, purpose: str) -> bool:
        """End the rest of the consent in force; False when it does not rest."""
        return self._rest(customer_id, purpose, consent.c.frozen_at.is_not(None), None)

    def _rest(self, customer_id: str, purpose: str, before: ColumnElement[bool], at: datetime | None) -> bool:
        live = (consent.c.customer_id == customer_id, consent.c.purpose == purpose, consent.c.withdrawn_at.is_(None))
        return self._connection.execute(update(consent).where(*live, before).values(frozen_at=at)).rowcount > 0

    def of(self, customer_id: str) -> Sequence[Consent]:
        """Return all consents of a customer, newest first."""
        rows = self._connection.execute(
            select(consent).where(consent.c.customer_id == customer_id).order_by(consent.c.given_at.desc())
        )
        return [Consent(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


class ReferenceStore:
    """The gallery, as sealed bytes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, reference: Reference) -> bool:
        """Put a reference on file; False when its id is known."""
        values = {name: getattr(reference, name) for name in face_reference.c.keys()}  # noqa: SIM118 - the names of a column collection
        return insert_new(self._connection, face_reference, **values)

    def of(self, customer_id: str) -> Sequence[Reference]:
        """Return what is on file for a customer, covered or not."""
        rows = self._connection.execute(select(face_reference).where(face_reference.c.customer_id == customer_id))
        return [_reference(row) for row in rows]

    def live(self, reference_id: str, purpose: str) -> Reference | None:
        """Return the reference if its owner's consent is in force and does not rest, else None."""
        row = self._connection.execute(
            select(face_reference).where(face_reference.c.reference_id == reference_id, _usable(purpose))
        ).one_or_none()
        return None if row is None else _reference(row)

    def candidates(self, phone_last4: str, purpose: str, *, limit: int) -> Sequence[Reference]:
        """Return references whose owner's number ends so and whose consent is in force and active, at most `limit`."""
        rows = self._connection.execute(
            select(face_reference)
            .join(customer, customer.c.customer_id == face_reference.c.customer_id)
            .where(customer.c.phone_last4 == phone_last4, _usable(purpose))
            .order_by(face_reference.c.reference_id)  # by an opaque id: the order tells nothing
            .limit(limit)
        )
        return [_reference(row) for row in rows]

    def gallery(self, purpose: str, *, after: str, limit: int) -> Sequence[Reference]:
        """Return references that the store's key opens, by id from behind `after` on, whose consent is in force."""
        rows = self._connection.execute(
            select(face_reference)
            .where(face_reference.c.reference_id > after, face_reference.c.mode == "gallery", covered(purpose))
            .order_by(face_reference.c.reference_id)
            .limit(limit)
        )
        return [_reference(row) for row in rows]

    def note_likeness(self, reference_id: str, score: float, *, pin_always: bool) -> bool:
        """Note that somebody looks so much like this reference; the larger and stricter stays."""
        known = face_reference.c.likeness
        larger = case((or_(known.is_(None), known < score), literal(score, Float())), else_=known)
        return (
            self._connection.execute(
                update(face_reference)
                .where(face_reference.c.reference_id == reference_id)
                .values(likeness=larger, **({"pin_always": True} if pin_always else {}))
            ).rowcount
            == 1
        )

    def erase(self, customer_id: str) -> Sequence[str]:
        """Delete all references of a customer and return their ids."""
        rows = self._connection.execute(
            delete(face_reference)
            .where(face_reference.c.customer_id == customer_id)
            .returning(face_reference.c.reference_id)
        )
        gone = sorted(row.reference_id for row in rows)
        if gone:  # a gallery on its way to another key forgets as well
            self._connection.execute(delete(face_reference_next).where(face_reference_next.c.reference_id.in_(gone)))
        return gone

    def used(self, customer_id: str, *, at: datetime) -> None:
        """Note that the customer's face was used."""
        self._connection.execute(
            update(face_reference).where(face_reference.c.customer_id == customer_id).values(last_used_at=at)
        )

    def idle(self, before: datetime, *, limit: int) -> Sequence[str]:
        """Return the customers whose newest use of a reference lies before `before`."""
        newest = func.max(func.coalesce(face_reference.c.last_used_at, face_reference.c.created_at))
        rows = self._connection.execute(
            select(face_reference.c.customer_id)
            .group_by(face_reference.c.customer_id)
            .having(newest < before)
            .order_by(newest)
            .limit(limit)
        )
        return [row.customer_id for row in rows]

    def uncovered(self, purpose: str) -> int:
        """Return how many references have no consent in force."""
        return int(
            self._connection.execute(
                select(func.count()).select_from(face_reference).where(~covered(purpose))
            ).scalar_one()
        )


class ErasureStore:
    """The receipts of erasures."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, receipt: Erasure) -> None:
        """Write a receipt down."""
        self._connection.execute(
            insert(erasure).values(
                erasure_id=receipt.erasure_id,
                customer_id=receipt.customer_id,
                reference_ids=list(receipt.reference_ids),
                erased_at=receipt.erased_at,
            )
        )
        if receipt.kiosks:
            self._connection.execute(
                insert(erasure_acknowledgement),
                [
                    {"erasure_id": receipt.erasure_id, "kiosk_id": each.kiosk_id, "acknowledged_at": None}
                    for each in receipt.kiosks
                ],
            )

    def of_faces(self, *, limit: int) -> Sequence[Erasure]:
        """Return the receipts kiosks were told of: those not confirmed first, oldest first, then the newest."""
        asked = erasure_acknowledgement.c
        told = select(asked.erasure_id).where(asked.erasure_id == erasure.c.erasure_id)
        silent = told.join(kiosk, kiosk.c.kiosk_id == asked.kiosk_id).where(
            asked.acknowledged_at.is_(None), kiosk.c.revoked_at.is_(None)
        )
        receipts = select(erasure.c.erasure_id)
        waiting = receipts.where(silent.exists()).order_by(erasure.c.erased_at, erasure.c.erasure_id)
        done = receipts.where(told.exists(), ~silent.exists()).order_by(
            erasure.c.erased_at.desc(), erasure.c.erasure_id
        )
        ids = list(self._connection.execute(waiting.limit(limit)).scalars())
        if len(ids) < limit:
            ids += self._connection.execute(done.limit(limit - len(ids))).scalars()
        return [receipt for receipt in map(self.get, ids) if receipt is not None]

    def get(self, erasure_id: str) -> Erasure | None:
        """Return a receipt, or None."""
        row = self._connection.execute(select(erasure).where(erasure.c.erasure_id == erasure_id)).one_or_none()
        if row is None:
            return None
        told = self._connection.execute(
            select(erasure_acknowledgement, kiosk.c.name, kiosk.c.revoked_at)
            .join(kiosk, kiosk.c.kiosk_id == erasure_acknowledgement.c.kiosk_id)
            .where(erasure_acknowledgement.c.erasure_id == erasure_id)
            .order_by(erasure_acknowledgement.c.kiosk_id)
        )
        kiosks = tuple(
            Acknowledgement(each.kiosk_id, each.name, each.acknowledged_at, each.revoked_at) for each in told
        )
        return Erasure(row.erasure_id, row.customer_id, tuple(row.reference_ids), row.erased_at, kiosks)

    def silent(self, before: datetime, *, limit: int) -> Sequence[Silence]:
        """Return the kiosks that were told of an erasure before `before` and have not confirmed it, oldest first."""
        asked = erasure_acknowledgement.c
        rows = self._connection.execute(
            select(asked.erasure_id, asked.kiosk_id, kiosk.c.store_id, erasure.c.erased_at)
            .join(erasure, erasure.c.erasure_id == asked.erasure_id)
            .join(kiosk, kiosk.c.kiosk_id == asked.kiosk_id)
            .where(asked.acknowledged_at.is_(None), erasure.c.erased_at < before, kiosk.c.revoked_at.is_(None))
            .order_by(erasure.c.erased_at)
            .limit(limit)
        )
        return [Silence(row.erasure_id, row.kiosk_id, row.store_id, row.erased_at) for row in rows]

    def acknowledge(self, erasure_id: str, kiosk_id: str, *, at: datetime) -> bool:
        """Note that a kiosk has forgotten too; False when it was not asked. The first time stays."""
        noted = erasure_acknowledgement.c.acknowledged_at
        return (
            self._connection.execute(
                update(erasure_acknowledgement)
                .where(
                    erasure_acknowledgement.c.erasure_id == erasure_id,
                    erasure_acknowledgement.c.kiosk_id == kiosk_id,
                )
                .values(acknowledged_at=func.coalesce(noted, literal(at, Instant())))
            ).rowcount
            == 1
        )


def covered(purpose: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on a reference that its owner's consent is in force."""
    return exists(
        select(consent.c.consent_id).where(
            and_(
                consent.c.customer_id == face_reference.c.customer_id,
                consent.c.purpose == purpose,
                consent.c.withdrawn_at.is_(None),
                *more,
            )
        )
    )


def _usable(purpose: str) -> ColumnElement[bool]:
    """Return what holds for a reference that may pay: covered, and not resting."""
    return covered(purpose, consent.c.frozen_at.is_(None))


def _reference(row: Row[tuple[object, ...]]) -> Reference:
    return Reference(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
