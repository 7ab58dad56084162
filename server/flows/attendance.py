"""Staff at a kiosk: a badge or a number with its PIN opens an attendance, bound to the kiosk and minutes long.

A badge is a code that the staff page shows for a minute, to somebody who is signed in there with a second factor. The
number is no secret; its PIN is tried three times. What somebody may do is looked up anew with each act, so that a role
that was taken away counts at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import randbelow

from server.flows.coupon_codes import read_coupon_code
from server.flows.errors import FlowError
from server.flows.people import People
from server.flows.pins import LOCK, check_pin_choice
from server.flows.ports import Database, Work
from server.flows.ports.attendance import Attendance, Badge, StaffPin
from server.flows.ports.proofs import StaffMember
from server.flows.tokens import token_hash

BADGE_PREFIX = "SESAME:A:"
BADGE_LIFE = timedelta(minutes=1)
"""Long enough to walk up to the kiosk with the phone in hand; the page shows the next one by itself."""
LIFE = timedelta(minutes=3)
"""From one act to the next; the kiosk itself ends it sooner when nobody touches it."""
LONGEST = timedelta(minutes=30)
"""Of one attendance, whatever is done in it."""
TRIES = 3
NUMBERS = 10_000
ROLES = frozenset({"staff_assist", "staff_manager"})


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows at a kiosk: a badge, or a login whose number and PIN were proven a moment ago."""

    badge: str | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Attendant:
    """Who stands at the kiosk, and until when without another act."""

    attendance: Attendance
    member: StaffMember


def give_badge(work: Work, login: str, code: str, *, at: datetime) -> datetime:
    """Keep a badge for the code that is shown now, and return when it ends."""
    work.attendances.give_badge(Badge(_hash(code), login, at + BADGE_LIFE))
    return at + BADGE_LIFE


def check_staff_pin(pin: str, number: str) -> None:
    """Refuse a PIN that is not six digits, or that somebody would guess.

    Raises:
        FlowError: `pin_weak`.
    """
    check_pin_choice(pin, phone_last4=number)


def choose_pin(
    work: Work, login: str, pin_hash: str, *, at: datetime, draw: Callable[[int], int] = randbelow
) -> StaffPin:
    """Keep somebody's PIN, under the number that they have or get now."""
    known = work.attendances.pin_of(login)
    while True:
        number = known.number if known is not None else f"{draw(NUMBERS):04}"
        made = StaffPin(login, number, pin_hash)
        if work.attendances.put_pin(made):
            work.events.record(login, "choose_kiosk_pin", login, at=at)
            return made


async def prove_number(
    database: Database, people: People, number: str, pin: str, *, kiosk_id: str, at: datetime
) -> str:
    """Return whose number and PIN these are; a try is counted before the slow hash, which runs in no transaction.

    Raises:
        FlowError: `staff_pin_wrong`, for a number that nobody has and a wrong PIN alike; `staff_pin_locked`;
            `too_many_requests`.
    """
    async with people.strangers.guess(database, f"staff-pin:{kiosk_id}", at=at):
        known = await database.read_async(lambda work: work.attendances.by_number(number))
        if known is None:
            await people.secrets.fits_nobody(pin)
            raise _wrong()
        left = await database.write_async(
            lambda work: work.attendances.charge_try(number, limit=TRIES, at=at, lock_until=at + LOCK)
        )
        if left is None:
            raise _locked()
        if not await people.secrets.fits(known.pin_hash, pin):
            raise _wrong() if left else _locked()
        await database.write_async(lambda work: work.attendances.clear_tries(number))
        return known.login


def open_attendance(work: Work, attendance_id: str, proof: Proof, *, kiosk_id: str, at: datetime) -> Attendant:
    """Let somebody act at a kiosk; the same id with the same proof again is the same attendance.

    Raises:
        FlowError: `badge_unknown`; `forbidden_role`; `attendance_exists` when the id belongs to another.
    """
    member = member_of(work, proof, used_for=attendance_id, at=at)
    made = Attendance(attendance_id, kiosk_id, member.login, at, at + LIFE)
    if work.attendances.open(made):
        work.events.record(member.login, "attend_kiosk", kiosk_id, at=at)
        return Attendant(made, member)
    known = work.attendances.locked(attendance_id)
    if known is None or (known.kiosk_id, known.login) != (kiosk_id, member.login) or known.ended_at is not None:
        raise FlowError("attendance_exists", "This id belongs to another attendance.")
    return Attendant(known, member)


def member_of(work: Work, proof: Proof, *, used_for: str, at: datetime) -> StaffMember:
    """Return who shows a proof; a badge opens one thing and nothing after it.

    Raises:
        FlowError: `badge_unknown`; `forbidden_role`.
    """
    login = proof.login
    if login is None:
        code_hash = _hash(proof.badge or "")
        badge = work.attendances.badge(code_hash)
        if badge is None or at >= badge.expires_at or badge.used_for not in {None, used_for}:
            raise FlowError("badge_unknown", "This badge opens nothing.")
        work.attendances.use_badge(code_hash, used_for)
        login = badge.login
    member = work.staff.get(login)
    if member is None or not ROLES & set(member.roles):
        raise FlowError("forbidden_role", "Nobody of this role acts at a kiosk.", allowed=sorted(ROLES))
    return member


def attending(work: Work, attendance_id: str, *, kiosk_id: str, at: datetime) -> Attendant:
    """Return who acts at a kiosk, and let their attendance last on.

    Raises:
        FlowError: `attendance_over`: it has ended, never was, is another kiosk's, or the person's role was taken away.
    """
    found = work.attendances.locked(attendance_id)
    is_open = found is not None and found.kiosk_id == kiosk_id and found.ended_at is None and at < found.expires_at
    member = work.staff.get(found.login) if found is not None and is_open else None
    if found is None or member is None or not ROLES & set(member.roles):
        raise FlowError("attendance_over", "Nobody attends to this kiosk under this id.")
    until = min(at + LIFE, found.opened_at + LONGEST)
    work.attendances.extend(attendance_id, until=until)
    return Attendant(replace(found, expires_at=until), member)


def end_attendance(work: Work, attendance_id: str, *, kiosk_id: str, at: datetime) -> None:
    """Let nobody act under it any more; one that is over stays over."""
    found = work.attendances.locked(attendance_id)
    if found is not None and found.kiosk_id == kiosk_id and found.ended_at is None:
        work.attendances.end(attendance_id, at=at)
        work.events.record(found.login, "leave_kiosk", kiosk_id, at=at)


def _hash(badge: str) -> str:
    return token_hash(read_coupon_code(badge.upper().removeprefix(BADGE_PREFIX)))


def _wrong() -> FlowError:
    return FlowError("staff_pin_wrong", "Number and PIN do not belong together.")


def _locked() -> FlowError:
    seconds = int(LOCK.total_seconds())
    return FlowError("staff_pin_locked", "Too many wrong tries; this number rests.", retry_after_seconds=seconds)
