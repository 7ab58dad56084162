"""Before the store is away: what a kiosk needs to take payments without it, and the pass that a shopper pays with."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from checkout import OFFLINE_CODE, Grant, WalletPass, main_account, pin_verifier, receivable_account
from checkout.signed_text import signs
from server.flows.errors import FlowError
from server.flows.names import masked
from server.flows.ports import Work
from server.flows.ports.people import Customer
from server.flows.shop import Shop

GRANT_LIFE = timedelta(hours=72)
"""A long weekend without a network. A stolen kiosk can sign for as long at most: passes of revoked ones die with it."""
PASS_LIFE = timedelta(hours=24)
_DAY = timedelta(days=1)
Keyed = Callable[[str, str], str]
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Granted:
    """What a kiosk keeps: its grant, and the store's keys of some days, that the checks of PINs are made with."""

    grant: str
    pass_keys: dict[str, str]
    expires_at: datetime


def series_of(public_key: bytes) -> str:
    """Return the name of the series of numbers that a kiosk with this key counts in."""
    return sha256(public_key).hexdigest()


def pass_key(keyed: Keyed, store_id: str, day: str) -> bytes:
    """Return the store's key of a day (32 bytes): it never leaves the store but to its kiosks."""
    return bytes.fromhex(keyed("offline-pass", f"{store_id}:{day}"))


def grant(work: Work, keyed: Keyed, sign: Sign, *, kiosk_id: str, store_id: str, at: datetime) -> Granted:
    """Let a kiosk take payments by itself for some days.

    Raises:
        FlowError: `kiosk_not_found`; `offline_blocked`: its numbers do not follow each other, somebody looks first.
    """
    device = work.devices.get(kiosk_id)
    if device is None or device.public_key is None:
        raise FlowError("kiosk_not_found", "This kiosk has no key.", device_id=kiosk_id)
    if work.offline.is_blocked(series_of(device.public_key)):
        raise FlowError("offline_blocked", "Its payments without the store do not follow each other.")
    until = at + GRANT_LIFE
    told = Grant(store_id, kiosk_id, signs(device.public_key), int(until.timestamp()))
    # The day before: a pass lasts until the next one ends. The days ahead: passes are made while the kiosk is away.
    days = [(at + step * _DAY).astimezone(UTC).date().isoformat() for step in range(-1, GRANT_LIFE // _DAY + 1)]
    keys = {day: b64encode(pass_key(keyed, store_id, day)).decode() for day in days}
    return Granted(told.token(sign(told.words())), keys, until)


def pass_check(keyed: Keyed, shop: Shop, customer: Customer, pin: str, *, at: datetime) -> tuple[str, str, str]:
    """Return the pass's id, its day, and the check of a PIN that was just proved; takes a tenth of a second."""
    pass_id = keyed("offline-pass-id", customer.customer_id)[:32]
    day = at.astimezone(UTC).date().isoformat()
    return pass_id, day, pin_verifier(pin, pass_id, pass_key(keyed, shop.store_id, day))


def give_pass(
    work: Work, sign: Sign, shop: Shop, customer: Customer, check: tuple[str, str, str], *, at: datetime
) -> tuple[str, int, datetime]:
    """Give a shopper a pass for a day; return its text, its floor and its end.

    A person has one id for all passes, so that kiosks count what they pay together.

    Raises:
        FlowError: `offline_off`: the store takes nothing without a network; `offline_debt_open`; `offline_pass_empty`:
            nothing is in the wallet.
    """
    owed = -work.ledger.balance_of(receivable_account(customer.customer_id))
    if owed > 0:
        raise FlowError("offline_debt_open", "A payment without the network is not paid yet.", owed_minor=owed)
    if not shop.rules.offline.room_minor:
        raise FlowError("offline_off", "This store takes no payment without its network.")
    floor = min(shop.rules.offline.person_day_minor, work.ledger.balance_of(main_account(customer.customer_id)))
    if floor <= 0:
        raise FlowError("offline_pass_empty", "Nothing is in the wallet to pay with.")
    pass_id, day, verifier = check
    until = at + PASS_LIFE
    subject = masked(customer.name)
    policy = shop.row.limits.check
    checks = work.checks.outcomes_of(customer.phone_hash, limit=max(1, policy.trusted_after))
    made = WalletPass(
        shop.store_id, pass_id, subject, floor, int(until.timestamp()), day, verifier, policy.chance_bp(checks)
    )
    work.offline.give_pass(pass_id, customer.customer_id, at=at)
    return OFFLINE_CODE + made.token(sign(made.words())), floor, until
