"""A wallet code: eight digits on a phone that stand for a wallet for two minutes, once, and only with the PIN."""

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import randbelow

from server.flows.authenticate import wallet_code_unknown
from server.flows.errors import FlowError
from server.flows.phone import PhoneBook
from server.flows.ports import Work
from server.flows.ports.people import Customer

DIGITS = 8
DRAWS = 4
"""Digits drawn before we give up: with a million codes kept, four draws all meet a known one once in 10^8 times."""


def new_wallet_code() -> str:
    """Return eight digits of chance."""
    return f"{randbelow(10**DIGITS):0{DIGITS}d}"


def mint_wallet_code(
    work: Work,
    phones: PhoneBook,
    customer_id: str,
    *,
    at: datetime,
    life: timedelta,
    draw: Callable[[], str] = new_wallet_code,
) -> tuple[str, datetime]:
    """Give a wallet a code and return it with its end.

    Raises:
        FlowError: `not_ready` when every draw met a code that was given before.
    """
    for _ in range(DRAWS):
        code = draw()
        if work.wallet_codes.add(phones.code_hash(code), customer_id, expires_at=at + life):
            return code, at + life
    raise FlowError("not_ready", "No free code was found; try again.")


def owner_of_code(work: Work, phones: PhoneBook, code: str, *, at: datetime) -> Customer:
    """Return whose code it is; it is used up only when the PIN is right too.

    Raises:
        FlowError: `wallet_code_unknown`.
    """
    customer_id = work.wallet_codes.owner(phones.code_hash(code), at=at)
    customer = work.customers.get(customer_id) if customer_id else None
    if customer is None:
        raise wallet_code_unknown()
    return customer
