"""Texts for the time without a store: read as they were written, and nothing else; floors that nobody passes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    Grant,
    Line,
    OfflineDraw,
    OfflineRules,
    OfflineSale,
    ProvisionalExit,
    SignedExit,
    WalletPass,
    WalletPassCode,
    pin_verifier,
    read_code,
    read_grant,
    read_provisional_exit,
    read_wallet_pass,
)
from checkout.errors import OfflineLimitError

NUMBERS = st.integers(0, 2**53)
WORDS = st.text(max_size=40)
GRANT = Grant("demo", "kiosk-1", "k" * 43, 1_795_000_000)
PASS = WalletPass("demo", "p" * 32, "L*** D.", 3000, 1_795_000_000, "2026-11-23", "v" * 22)
EXIT = ProvisionalExit(7, 1_795_000_000, "n" * 16)
SALE = OfflineSale(
    payment_id="p-1",
    ticket_id="t-1",
    number=1,
    previous="",
    basket_id="b-1",
    digest="d" * 64,
    amount_minor=718,
    currency="EUR",
    payee="Sésame",
    wallet_pass="token",
    taken_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    age_verified=False,
    lines=(Line("l-1", "milk", 2, "3017620422003"),),
)


@given(WORDS, WORDS, WORDS, NUMBERS, st.binary(min_size=1, max_size=64))
def test_a_grant_is_read_as_it_was_written_when_it_comes_back(
    store: str, kiosk: str, key: str, until: int, signature: bytes
) -> None:
    written = Grant(store, kiosk, key, until)

    assert read_grant(written.token(signature)) == (written, signature)


@given(WORDS, NUMBERS, NUMBERS, st.integers(0, 10_000), st.binary(min_size=1, max_size=64))
def test_a_pass_is_read_as_it_was_written_when_it_comes_back(
    subject: str, floor: int, until: int, check_bp: int, signature: bytes
) -> None:
    written = replace(PASS, subject=subject, floor_minor=floor, expires_at_s=until, check_bp=check_bp)

    assert read_wallet_pass(written.token(signature)) == (written, signature)


def test_a_way_out_is_read_with_its_grant_when_it_comes_back() -> None:
    token = EXIT.token(b"mine", GRANT.token(b"theirs"))

    assert read_provisional_exit(token) == SignedExit(EXIT, b"mine", GRANT, b"theirs")


def test_a_way_out_ends_with_its_grant_when_that_ends_first() -> None:
    signed = SignedExit(EXIT, b"", replace(GRANT, expires_at_s=5), b"")

    assert signed.expires_at_s == 5


@pytest.mark.parametrize(
    "token",
    [
        "",
        EXIT.token(b"mine", "G.AA.AA"),
        f"2.AA.AA.{GRANT.token(b'x')}",
        GRANT.token(b"x"),
        PASS.token(b"x"),
        "P.AA.AA",
    ],
)
def test_nothing_is_a_way_out_when_it_was_not_written_as_one(token: str) -> None:
    assert read_provisional_exit(token) is None


@given(st.text(max_size=200))
def test_nothing_is_read_when_it_is_any_text(text: str) -> None:
    assert (read_grant(text), read_wallet_pass(text), read_provisional_exit(text)) == (None, None, None)


def test_codes_fit_into_a_qr_code_when_names_are_long() -> None:
    long = Grant("store-of-the-north-12", "self-checkout-kiosk-number-27", "k" * 43, 1_795_000_000)
    way_out = EXIT.token(bytes(64), long.token(bytes(64)))

    assert read_code(f"SESAME:X:{way_out}", "qr") != read_code("SESAME:X:", "qr")
    assert len(way_out) <= 480
    token = PASS.token(bytes(64))
    assert read_code(f"SESAME:O:{token}", "qr") == WalletPassCode(token)


def test_what_is_signed_says_what_it_is_when_keys_sign_several_things() -> None:
    words = {GRANT.words(), PASS.words(), EXIT.words(), SALE.words(), SALE.draw("w").words()}

    assert len({one.split(b"\n")[0] for one in words}) == 5


def test_the_check_of_a_pin_needs_pin_pass_and_key_when_it_is_made() -> None:
    made = pin_verifier("1397", "pass", b"k" * 32)

    others = [
        pin_verifier("1398", "pass", b"k" * 32),
        pin_verifier("1397", "pass2", b"k" * 32),
        pin_verifier("1397", "pass", b"l" * 32),
    ]
    assert made == pin_verifier("1397", "pass", b"k" * 32)
    assert made not in others
    assert len(made) == 22


def test_another_sale_has_another_hash_when_anything_of_it_differs() -> None:
    others = [
        replace(SALE, amount_minor=719),
        replace(SALE, number=2),
        replace(SALE, lines=(Line("l-1", "milk", 3, "3017620422003"),)),
        replace(SALE, age_verified=True),
        replace(SALE, draw_nth=1, draw_proof="x"),
        replace(SALE, draw_nth=1, draw_proof="y"),
    ]

    assert len({SALE.hash, *(other.hash for other in others)}) == 7
    assert replace(SALE).hash == SALE.hash


def test_each_roll_is_as_likely_when_a_key_signs_many_draws() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    draws = [OfflineDraw(f"{wallet}", day, nth) for wallet in range(25) for day in range(10) for nth in range(1, 9)]

    rolls = [OfflineDraw.roll(key.sign(draw.words())) for draw in draws]

    below = [sum(roll < bound for roll in rolls) for bound in (0, 500, 5000, 9500, 10_000)]
    assert (below[0], below[-1]) == (0, 2000)
    assert all(abs(found - 2000 * part) < 100 for found, part in zip(below[1:4], (0.05, 0.5, 0.95), strict=True))
    assert SALE.draw("w").words() == b"sesame-offline-check\nw 20780 0"


@pytest.mark.parametrize(
    ("amount", "floor", "of_person", "of_kiosk", "left"),
    [
        (3001, 9999, 0, 0, 3000),  # the store's bound for one person
        (2001, 2000, 0, 0, 2000),  # what lay in the wallet
        (1501, 3000, 1500, 1500, 1500),
        (101, 3000, 0, 29_900, 100),  # the bound of the kiosk
        (1, 3000, 3000, 3000, 0),
        (1, 1000, 2000, 2000, 0),
    ],
)
def test_a_payment_is_refused_with_what_is_left_when_it_passes_a_floor(
    amount: int, floor: int, of_person: int, of_kiosk: int, left: int
) -> None:
    rules = OfflineRules()

    with pytest.raises(OfflineLimitError) as refused:
        rules.demand(amount, floor_minor=floor, of_person_minor=of_person, of_kiosk_minor=of_kiosk)

    assert refused.value.left_minor == left
    if left:
        rules.demand(left, floor_minor=floor, of_person_minor=of_person, of_kiosk_minor=of_kiosk)


def test_nothing_may_be_paid_when_a_store_sets_a_bound_to_zero() -> None:
    assert [OfflineRules(0, 100).room_minor, OfflineRules(100, 0).room_minor, OfflineRules().room_minor] == [0, 0, 3000]
