"""A new store key, closed for one kiosk."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kiosk.adapters.key_wrap import WrapBrokenError, _agreeing, unwrap, wrap
from vision.matching import SealKey, key_id

OLD, NEW, OTHER = (SealKey(bytes([number]) * 32) for number in (1, 2, 3))
OWN, ELSE = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def closed(new: SealKey = NEW) -> bytes:
    return wrap(new, before=OLD, kiosk_id="kiosk-1", public_key=OWN.public_key().public_bytes_raw())


def test_the_key_comes_out_when_the_kiosk_has_its_own_and_the_one_before() -> None:
    opened = unwrap(closed(), before=OLD, kiosk_id="kiosk-1", own=OWN, to_key_id=key_id(NEW))

    assert opened == NEW
    assert NEW.secret not in closed()


@pytest.mark.parametrize(
    ("before", "kiosk_id", "own", "to_key_id"),
    [
        (OTHER, "kiosk-1", OWN, key_id(NEW)),  # the store alone, or a thief of the kiosk's own key alone
        (OLD, "kiosk-1", ELSE, key_id(NEW)),  # a thief of the key before alone
        (OLD, "kiosk-2", OWN, key_id(NEW)),
        (OLD, "kiosk-1", OWN, key_id(OTHER)),
    ],
)
def test_nothing_comes_out_when_one_of_both_keys_or_the_name_is_another(
    before: SealKey, kiosk_id: str, own: Ed25519PrivateKey, to_key_id: str
) -> None:
    with pytest.raises(WrapBrokenError):
        unwrap(closed(), before=before, kiosk_id=kiosk_id, own=own, to_key_id=to_key_id)


@pytest.mark.parametrize(
    "content",
    [b"", b"SW1", b"SW1" + bytes(120), b"XX1" + bytes(120), closed()[:-1]],
    ids=["empty", "a head alone", "nothing sealed", "another head", "cut short"],
)
def test_nothing_comes_out_when_the_bytes_are_others(content: bytes) -> None:
    with pytest.raises(WrapBrokenError):
        unwrap(content, before=OLD, kiosk_id="kiosk-1", own=OWN, to_key_id=key_id(NEW))


def test_nothing_comes_out_when_any_byte_was_changed() -> None:
    content = closed()

    for place in range(3, len(content)):
        if place == 34:
            continue  # the highest bit of a point is not read (RFC 7748, section 5); below, all of it is
        broken = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        with pytest.raises(WrapBrokenError):
            unwrap(broken, before=OLD, kiosk_id="kiosk-1", own=OWN, to_key_id=key_id(NEW))


def test_both_curves_agree_when_a_signing_key_is_used_to_agree() -> None:
    for own in (Ed25519PrivateKey.generate() for _ in range(20)):
        seed = hashlib.sha512(own.private_bytes_raw()).digest()[:32]
        expected = X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()

        assert _agreeing(own.public_key().public_bytes_raw()) == expected


def test_a_key_of_another_size_is_refused_when_something_is_closed_for_it() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        wrap(NEW, before=OLD, kiosk_id="kiosk-1", public_key=b"short")
