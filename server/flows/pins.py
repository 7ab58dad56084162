"""PINs and passwords: chosen by people, so hashed slowly, refused when anybody would guess them, tried five times.

A try is counted *before* it is made, in a transaction of its own. So a hundred tries at once are not a hundred tries,
a refusal does not undo its own count, and the slow hash runs outside of every transaction.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from checkout import weakness_of
from checkout.errors import PinLockedError, PinWrongError
from server.flows.diary import PIN_REFUSED, note
from server.flows.errors import FlowError
from server.flows.ports import Database, Work
from server.flows.ports.people import Customer

TRIES = 5
LOCK = timedelta(minutes=15)


def check_pin_choice(pin: str, *, phone_last4: str) -> None:
    """Refuse a PIN that is not 4 to 6 digits, or that a stranger would try first.

    Raises:
        FlowError: `pin_weak`.
    """
    why = weakness_of(pin, phone_last4=phone_last4)
    if why:
        fields = [{"field": "pin", "message": why, "fix": "Choose 4 to 6 digits without a pattern."}]
        raise FlowError("pin_weak", f"This PIN cannot be used: {why}.", errors=fields)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Hash and compare what people choose. The default costs of argon2-cffi: about 0.1 s and 64 MiB each."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    async def hash(self, secret: str) -> str:
        """Hash a secret, off the event loop."""
        return await asyncio.to_thread(self.hasher.hash, secret)

    async def fits(self, hashed: str, secret: str) -> bool:
        """Compare a secret with its hash, off the event loop."""
        return await asyncio.to_thread(self.fits_now, hashed, secret)

    def fits_now(self, hashed: str, secret: str) -> bool:
        """Compare a secret with its hash."""
        try:
            return self.hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    async def fits_nobody(self, secret: str) -> None:
        """Work as long as for somebody who exists, so that an answer's time tells nothing."""
        await asyncio.to_thread(self.hasher.hash, secret)


async def prove_pin(
    database: Database,
    secrets: Secrets,
    customer: Customer,
    pin: str,
    *,
    clock: Callable[[], datetime],
    where: str = "page",
) -> None:
    """Make sure that it is the customer's PIN; a wrong one is told to the customer, with `where` it was given.

    Raises:
        PinLockedError: Too many wrong ones; ``until`` says for how long.
        PinWrongError: It is another.
    """
    at = clock()
    left = await database.write_async(partial(_charge, customer.customer_id, at))
    if left is None:
        now = await database.read_async(lambda work: work.customers.get(customer.customer_id))
        raise PinLockedError((now and now.pin_locked_until) or at + LOCK)
    if not await secrets.fits(customer.pin_hash, pin):
        await database.write_async(partial(_note_refusal, customer.customer_id, where, at))
        if left == 0:
            raise PinLockedError(at + LOCK)
        raise PinWrongError(left)
    await database.write_async(lambda work: work.customers.clear_tries(customer.customer_id))


def _note_refusal(customer_id: str, where: str, at: datetime, work: Work) -> None:
    note(work, [customer_id], PIN_REFUSED, where, at=at)


def _charge(customer_id: str, at: datetime, work: Work) -> int | None:
    return work.customers.charge_try(customer_id, limit=TRIES, at=at, lock_until=at + LOCK)
