"""Log in and out: shoppers by phone and PIN, staff by login and password.

A number or login that nobody has is answered like a wrong secret, after the same work and with the same limit.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from checkout.errors import PinLockedError, PinWrongError
from server.flows.errors import FlowError
from server.flows.names import masked
from server.flows.open_account import demand_open, own_account
from server.flows.people import People
from server.flows.pins import LOCK, TRIES, prove_pin
from server.flows.ports import Caller, Database, Work
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Session
from server.flows.second_factor import prove_factor
from server.flows.sessions import LoggedIn, NewSession, has_factor, open_staff
from server.flows.tokens import token_hash


async def find_shopper(
    database: Database, people: People, phone_text: str, pin: str, *, at: datetime, where: str = "page"
) -> Customer:
    """Return whose number and PIN these are.

    Raises:
        FlowError: `malformed_phone`, `shopper_unknown` or `too_many_requests`.
        PinWrongError: It is another PIN.
        PinLockedError: Too many wrong ones.
    """
    phone_hash = people.phones.hash(people.phones.parse(phone_text))
    customer = await database.read_async(lambda work: work.customers.by_phone(phone_hash))
    if customer is None:
        await people.absent.take(database, f"phone:{phone_hash}", at=at)
        await people.secrets.fits_nobody(pin)
        raise FlowError("shopper_unknown", "There is no account for this number.")
    await prove_pin(database, people.secrets, customer, pin, clock=lambda: at, where=where)
    return customer


async def prove_own_pin(
    database: Database, people: People, who: Caller, pin: str, *, clock: Callable[[], datetime]
) -> Customer:
    """Return the shopper whose session it is, after their PIN was asked once more.

    Raises:
        FlowError: `shopper_unknown`: the account was closed.
        PinWrongError: It is another PIN.
        PinLockedError: Too many wrong ones.
    """
    customer = await database.read_async(lambda work: own_account(work, who.subject))
    await prove_pin(database, people.secrets, customer, pin, clock=clock)
    return customer


async def log_in_shopper(
    database: Database, people: People, *, phone: str, pin: str, token: str, at: datetime, life: timedelta
) -> LoggedIn:
    """Open a session for a shopper.

    Raises:
        FlowError: `login_wrong`, for an unknown number and a wrong PIN alike.
        PinLockedError: Too many wrong ones.
    """
    try:
        customer = await find_shopper(database, people, phone, pin, at=at)
    except PinWrongError as error:
        raise _wrong() from error
    except FlowError as error:
        if error.code == "shopper_unknown":
            raise _wrong() from error
        if error.code == "too_many_requests":
            raise PinLockedError(at + LOCK) from error
        raise
    session = Session("shopper", customer.customer_id, (), at + life)

    def enter(work: Work) -> None:
        try:
            demand_open(work, customer)
        except FlowError as error:
            raise _wrong() from error
        work.sessions.open(token_hash(token), session)
        work.idle_accounts.seen(customer.customer_id, at=at)

    await database.write_async(enter)
    return LoggedIn(token, masked(customer.name), (), session.expires_at, "pin")


async def log_in_staff(
    database: Database,
    people: People,
    *,
    login: str,
    password: str,
    code: str | None,
    session: NewSession,
    at: datetime,
    needs_factor: bool,
) -> LoggedIn:
    """Open a session for one who works here.

    `code` is what the authenticator app shows, or a code for recovery; None when it was not asked for yet. Where a
    factor is needed, who has none yet gets a session that can only add one.

    Raises:
        FlowError: `login_wrong`, `login_locked`, `second_factor_needed` or `second_factor_wrong`.
    """
    member = await database.read_async(lambda work: work.staff.get(login))
    if member is None:
        try:
            await people.absent.take(database, f"login:{login}", at=at)
        except FlowError as error:
            raise (_locked() if error.code == "too_many_requests" else error) from error
        await people.secrets.fits_nobody(password)
        raise _wrong()
    left = await database.write_async(partial(_charge_staff, login, at))
    if left is None:
        raise _locked()
    if not await people.secrets.fits(member.password_hash, password):
        raise _wrong() if left else _locked()

    def enter(work: Work) -> LoggedIn | list[str]:
        if not has_factor(work, login):
            return open_staff(work, member, session, factor="password", at=at, must_enrol=needs_factor)
        if code is None:
            work.staff.give_back_try(login)  # the password was right; tries at the code are counted in full
            methods = ["totp"] if work.factors.totp(login) else []
            methods += ["passkey"] if work.factors.passkeys(login) else []
            return methods
        factor = prove_factor(work, people.phones.keyed, login, code, at=at)
        if factor == "recovery":
            work.events.record(login, "use_recovery_code", login, at=at)
        return open_staff(work, member, session, factor=factor, at=at)

    found = await database.write_async(enter)
    if isinstance(found, LoggedIn):
        return found
    raise FlowError("second_factor_needed", "The password is right; show the second factor.", methods=found)


def log_out(work: Work, token: str, *, at: datetime) -> None:
    """End the session behind a token."""
    work.sessions.revoke(token_hash(token), at=at)


def _charge_staff(login: str, at: datetime, work: Work) -> int | None:
    return work.staff.charge_try(login, limit=TRIES, at=at, lock_until=at + LOCK)


def _wrong() -> FlowError:
    return FlowError("login_wrong", "These two do not belong together.")


def _locked() -> FlowError:
    seconds = int(LOCK.total_seconds())
    return FlowError("login_locked", "Too many wrong tries; this login rests a while.", retry_after_seconds=seconds)
