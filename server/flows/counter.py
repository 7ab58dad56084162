"""A merchant's code on the counter: made, withdrawn, read; their picture; and whether they may be paid at all.

A merchant is the owner of a store's sales. What is printed names the store and the code under the store's signature, so
nobody makes one that leads to another, and nobody finds one by trying.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkout import CounterCode, VatClass, read_counter_code, vat_rate_bp
from server.flows.days import day_of
from server.flows.errors import FlowError
from server.flows.names import clean_name
from server.flows.ports import Work
from server.flows.ports.counters import CounterRow, MerchantRow
from server.flows.shop import Shop

MOST_CODES: Final = 20
"""Codes in force of one store: a counter has one, and what is lost can be withdrawn."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A code that was read, with whom it leads to.

    Attributes:
        amount_minor: What the code asks for; 0 where the payer types it.
    """

    row: CounterRow
    merchant: MerchantRow
    amount_minor: int


def read_counter(work: Work, shop: Shop, token: str, store_key: Ed25519PublicKey) -> Counter:
    """Return whose code it is, also where nobody can be paid by it any more.

    Raises:
        FlowError: `counter_code_wrong`: this store has not signed it.
    """
    found = read_counter_code(token)
    wrong = FlowError("counter_code_wrong", "This code is not one of this store.")
    if found is None or found.code.store_id != shop.store_id:
        raise wrong
    try:
        store_key.verify(found.signature, found.code.words())
    except InvalidSignature as error:
        raise wrong from error
    row = work.counters.code(found.code.code_id)
    if row is None or row.store_id != shop.store_id:
        raise wrong
    return Counter(row, work.counters.merchant(shop.store_id), found.code.amount_minor)


def open_counter(work: Work, shop: Shop, token: str, store_key: Ed25519PublicKey) -> Counter:
    """Return whose code it is, where it can be paid by.

    Raises:
        FlowError: `counter_code_wrong`; `counter_code_withdrawn`, `merchant_suspended`, with the store's name.
    """
    counter = read_counter(work, shop, token, store_key)
    if counter.row.withdrawn_at is not None:
        raise FlowError("counter_code_withdrawn", "The merchant has withdrawn this code.", store=shop.name)
    if counter.merchant.suspended_at is not None:
        raise FlowError("merchant_suspended", "Nobody is paid by this code for now.", store=shop.name)
    return counter


def make_code(
    work: Work, shop: Shop, code_id: str, name: str, vat_class: VatClass, *, by: str, at: datetime
) -> CounterRow:
    """Make a code; the same id again is the same code.

    Raises:
        VatRateNotFoundError: No such rate is on record in the store's country.
        FlowError: `counter_name_missing`, `counter_code_exists`, `too_many_codes`.
    """
    work.counters.lock_merchant(shop.store_id)
    shown = clean_name(name)
    if not shown:
        raise FlowError("counter_name_missing", "The counter needs a name.")
    if (known := work.counters.code(code_id)) is not None:
        if (known.store_id, known.name, known.vat_class) != (shop.store_id, shown, vat_class.value):
            raise FlowError("counter_code_exists", "This id belongs to another code.")
        return known
    if len(work.counters.codes(shop.store_id)) >= MOST_CODES:
        raise FlowError("too_many_codes", f"A store has {MOST_CODES} codes in force.", most=MOST_CODES)
    vat_rate_bp(shop.country, vat_class, on=day_of(at, shop.timezone))
    row = CounterRow(code_id, shop.store_id, shown, vat_class.value, at, by)
    work.counters.add_code(row)
    work.events.record(by, "counter_code.made", code_id, at=at, reason=shown)
    return row


def withdraw_code(work: Work, shop: Shop, code_id: str, *, by: str, at: datetime) -> None:
    """Let a code pay nobody from now on; what says so is whoever scans it. Once more changes nothing.

    Raises:
        FlowError: `counter_code_not_found`.
    """
    own_code(work, shop, code_id)
    if work.counters.withdraw(code_id, by=by, at=at):
        work.events.record(by, "counter_code.withdrawn", code_id, at=at)


def asking(work: Work, shop: Shop, code_id: str, amount_minor: int) -> CounterCode:
    """Return what is to be signed so that a code in force asks for an amount.

    Raises:
        FlowError: `counter_code_not_found`; `counter_code_withdrawn`.
    """
    if own_code(work, shop, code_id).withdrawn_at is not None:
        raise FlowError("counter_code_withdrawn", "This code was withdrawn.", store=shop.name)
    return CounterCode(shop.store_id, code_id, amount_minor)


def own_code(work: Work, shop: Shop, code_id: str) -> CounterRow:
    """Return a code of this store.

    Raises:
        FlowError: `counter_code_not_found`.
    """
    row = work.counters.code(code_id)
    if row is None or row.store_id != shop.store_id:
        raise FlowError("counter_code_not_found", "This store has no such code.")
    return row


def suspend(work: Work, shop: Shop, why: str | None, *, by: str, at: datetime) -> MerchantRow:
    """Let nobody pay at this store's counters, for a reason; with none they may again. Twice changes nothing."""
    before = work.counters.lock_merchant(shop.store_id)
    if (before.suspended_at is None) is (why is None):
        return before
    work.counters.suspend(shop.store_id, why, by=by, at=at)
    act = "merchant.resumed" if why is None else "merchant.suspended"
    work.events.record(by, act, shop.store_id, at=at, reason=why or "")
    return work.counters.merchant(shop.store_id)


def put_picture(work: Work, shop: Shop, picture: bytes | None, sha256: str | None, *, by: str, at: datetime) -> None:
    """Show another picture to whoever scans a code, or none."""
    work.counters.lock_merchant(shop.store_id)
    work.counters.put_picture(shop.store_id, picture, sha256)
    work.events.record(by, "merchant.picture", shop.store_id, at=at, reason=sha256 or "")
