"""Port for staff who stand at a kiosk: what they prove it with, how long it holds, what they set by hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Badge:
    """A code on somebody's screen. `used_for` is what it opened, None while it opened nothing."""

    code_hash: str
    login: str
    expires_at: datetime
    used_for: str | None = None


@dataclass(frozen=True, slots=True)
class StaffPin:
    """The number that somebody types at a kiosk, and the hash of their PIN."""

    login: str
    number: str
    pin_hash: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody at a kiosk: it ends by itself at `expires_at`, or at `ended_at` before."""

    attendance_id: str
    kiosk_id: str
    login: str
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceSet:
    """A price set by hand: what it took off, below zero where an earlier one is taken back; `second` agreed."""

    act_id: str
    basket_id: str
    sku: str
    login: str
    second: str | None
    pieces: int
    off_minor: int
    reason: str
    at: datetime


class Attendances(Protocol):
    """Staff at the kiosks."""

    def give_badge(self, badge: Badge) -> None:
        """Keep a badge that is shown now; others of the same person end."""
        ...

    def badge(self, code_hash: str) -> Badge | None:
        """Return a badge, used or not, and keep others from using it until this transaction ends."""
        ...

    def use_badge(self, code_hash: str, used_for: str) -> None:
        """Note what a locked badge has opened."""
        ...

    def pin_of(self, login: str) -> StaffPin | None:
        """Return somebody's number and PIN."""
        ...

    def by_number(self, number: str) -> StaffPin | None:
        """Return whose number it is, or None."""
        ...

    def put_pin(self, pin: StaffPin) -> bool:
        """Keep number and PIN, and forget the tries; False where the number is somebody else's."""
        ...

    def drop_pin(self, login: str) -> None:
        """Forget somebody's number and PIN."""
        ...

    def charge_try(self, number: str, *, limit: int, at: datetime, lock_until: datetime) -> int | None:
        """Count a try before it is made; as :meth:`Customers.charge_try`."""
        ...

    def clear_tries(self, number: str) -> None:
        """Forget the tries: the PIN was right."""
        ...

    def open(self, attendance: Attendance) -> bool:
        """Keep an attendance; False when its id is known."""
        ...

    def locked(self, attendance_id: str) -> Attendance | None:
        """Return an attendance that no other transaction changes before this one ends."""
        ...

    def extend(self, attendance_id: str, *, until: datetime) -> None:
        """Let a locked attendance last until then."""
        ...

    def end(self, attendance_id: str, *, at: datetime) -> None:
        """End a locked attendance."""
        ...

    def note_price(self, made: PriceSet) -> None:
        """Keep a price that was set by hand."""
        ...

    def taken_off(self, basket_id: str) -> int:
        """Return what was taken off a basket by hand so far, in minor units."""
        ...

    def forget(self, before: datetime) -> None:
        """Drop badges and attendances that were over before then; prices that were set stay."""
        ...
