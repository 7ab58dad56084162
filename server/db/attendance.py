"""Staff at the kiosks, in SQL."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from server.db.insert_new import insert_new
from server.db.tables import attendance, price_set, staff_badge, staff_pin
from server.db.tries import charge_try
from server.flows.ports.attendance import Attendance, Badge, PriceSet, StaffPin

_PIN = select(staff_pin.c.login, staff_pin.c.number, staff_pin.c.pin_hash)


class AttendanceStore:
    """Badges, numbers with their PINs, who stands where, and prices set by hand."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def give_badge(self, badge: Badge) -> None:
        """Keep a badge that is shown now; others of the same person end."""
        self._connection.execute(
            delete(staff_badge).where(staff_badge.c.login == badge.login, staff_badge.c.used_for.is_(None))
        )
        values = {"code_hash": badge.code_hash, "login": badge.login, "expires_at": badge.expires_at}
        self._connection.execute(insert(staff_badge).values(**values))

    def badge(self, code_hash: str) -> Badge | None:
        """Return a badge, used or not, and keep others from using it until this transaction ends."""
        query = select(staff_badge).where(staff_badge.c.code_hash == code_hash).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Badge(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def use_badge(self, code_hash: str, used_for: str) -> None:
        """Note what a locked badge has opened."""
        which = staff_badge.c.code_hash == code_hash
        self._connection.execute(update(staff_badge).where(which).values(used_for=used_for))

    def pin_of(self, login: str) -> StaffPin | None:
        """Return somebody's number and PIN."""
        row = self._connection.execute(_PIN.where(staff_pin.c.login == login)).one_or_none()
        return None if row is None else StaffPin(*row)

    def by_number(self, number: str) -> StaffPin | None:
        """Return whose number it is, or None."""
        row = self._connection.execute(_PIN.where(staff_pin.c.number == number)).one_or_none()
        return None if row is None else StaffPin(*row)

    def put_pin(self, pin: StaffPin) -> bool:
        """Keep number and PIN, and forget the tries; False where the number is somebody else's."""
        if insert_new(self._connection, staff_pin, login=pin.login, number=pin.number, pin_hash=pin.pin_hash):
            return True
        mine = update(staff_pin).where(staff_pin.c.login == pin.login, staff_pin.c.number == pin.number)
        changed = self._connection.execute(mine.values(pin_hash=pin.pin_hash, failures=0, locked_until=None))
        return changed.rowcount == 1

    def drop_pin(self, login: str) -> None:
        """Forget somebody's number and PIN."""
        self._connection.execute(delete(staff_pin).where(staff_pin.c.login == login))

    def charge_try(self, number: str, *, limit: int, at: datetime, lock_until: datetime) -> int | None:
        """Count a try before it is made."""
        which = staff_pin.c.number
        return charge_try(self._connection, staff_pin, which, number, limit=limit, at=at, lock_until=lock_until)

    def clear_tries(self, number: str) -> None:
        """Forget the tries: the PIN was right."""
        mine = update(staff_pin).where(staff_pin.c.number == number)
        self._connection.execute(mine.values(failures=0, locked_until=None))

    def open(self, opened: Attendance) -> bool:
        """Keep an attendance; False when its id is known."""
        return insert_new(
            self._connection,
            attendance,
            attendance_id=opened.attendance_id,
            kiosk_id=opened.kiosk_id,
            login=opened.login,
            opened_at=opened.opened_at,
            expires_at=opened.expires_at,
        )

    def locked(self, attendance_id: str) -> Attendance | None:
        """Return an attendance that no other transaction changes before this one ends."""
        query = select(attendance).where(attendance.c.attendance_id == attendance_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Attendance(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def extend(self, attendance_id: str, *, until: datetime) -> None:
        """Let a locked attendance last until then."""
        mine = update(attendance).where(attendance.c.attendance_id == attendance_id)
        self._connection.execute(mine.values(expires_at=until))

    def end(self, attendance_id: str, *, at: datetime) -> None:
        """End a locked attendance."""
        mine = update(attendance).where(attendance.c.attendance_id == attendance_id)
        self._connection.execute(mine.values(ended_at=at))

    def note_price(self, made: PriceSet) -> None:
        """Keep a price that was set by hand."""
        values = {name: getattr(made, name) for name in price_set.c.keys()}  # noqa: SIM118 - the names of a column collection
        self._connection.execute(insert(price_set).values(**values))

    def taken_off(self, basket_id: str) -> int:
        """Return what was taken off a basket by hand so far, in minor units."""
        query = select(func.coalesce(func.sum(price_set.c.off_minor), 0)).where(price_set.c.basket_id == basket_id)
        return int(self._connection.execute(query).scalar_one())

    def forget(self, before: datetime) -> None:
        """Drop badges and attendances that were over before then; prices that were set stay."""
        self._connection.execute(delete(staff_badge).where(staff_badge.c.expires_at < before))
        self._connection.execute(delete(attendance).where(attendance.c.expires_at < before))
