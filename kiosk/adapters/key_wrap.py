"""A new store key on its way to one kiosk: opened by that kiosk's own key and the key before, together.

The kiosk's own pair was made to sign (Ed25519); the same pair, seen as points of the other curve, agrees on a secret
(RFC 7748, section 4.1; libsodium and age do so as well). The key before goes into the secret too, so that whoever
carries the wrap, the store above all, cannot put a key of their own in its place; and a thief of the key before has
nothing without the kiosk's own.
"""

import hashlib
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vision.matching import SealKey, key_id

_VERSION: Final = b"SW1"
_POINT_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_PRIME: Final = 2**255 - 19
_SIGN: Final = 1 << 255


class WrapBrokenError(Exception):
    """What was carried here is not the store's new key for this kiosk."""


def wrap(new: SealKey, *, before: SealKey, kiosk_id: str, public_key: bytes) -> bytes:
    """Close a new store key for one kiosk.

    Args:
        new: The key to carry.
        before: The key that the kiosk has now.
        kiosk_id: Who shall open it.
        public_key: Of that kiosk, Ed25519, 32 bytes.

    Raises:
        ValueError: That is no public key.
    """
    once = X25519PrivateKey.generate()
    point, theirs = once.public_key().public_bytes_raw(), _agreeing(public_key)
    shared = once.exchange(X25519PublicKey.from_public_bytes(theirs))
    nonce = secrets.token_bytes(_NONCE_BYTES)
    bound = _bound(kiosk_id, key_id(before), key_id(new))
    closed = AESGCM(_derived(shared, before, point + theirs)).encrypt(nonce, new.secret, bound)
    return _VERSION + point + nonce + closed


def unwrap(wrapped: bytes, *, before: SealKey, kiosk_id: str, own: Ed25519PrivateKey, to_key_id: str) -> SealKey:
    """Return the new store key.

    Raises:
        WrapBrokenError: It was closed for another kiosk, after another key, or changed on its way.
    """
    head = len(_VERSION) + _POINT_BYTES + _NONCE_BYTES
    if not wrapped.startswith(_VERSION) or len(wrapped) <= head:
        raise WrapBrokenError("This is no closed key of this version.")
    point, nonce = wrapped[len(_VERSION) : head - _NONCE_BYTES], wrapped[head - _NONCE_BYTES : head]
    mine = X25519PrivateKey.from_private_bytes(hashlib.sha512(own.private_bytes_raw()).digest()[:_POINT_BYTES])
    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(point))
        key = _derived(shared, before, point + mine.public_key().public_bytes_raw())
        secret = AESGCM(key).decrypt(nonce, wrapped[head:], _bound(kiosk_id, key_id(before), to_key_id))
    except (InvalidTag, ValueError) as problem:  # ValueError: a point on which no secret can be agreed
        raise WrapBrokenError("The closed key does not open here.") from problem
    new = SealKey(secret)
    if key_id(new) != to_key_id:
        raise WrapBrokenError("The closed key is not the one that was announced.")
    return new


def _agreeing(public_key: bytes) -> bytes:
    """Return the X25519 form of an Ed25519 public key: u = (1 + y) / (1 - y)."""
    if len(public_key) != _POINT_BYTES:
        raise ValueError("an Ed25519 public key has 32 bytes")
    y = int.from_bytes(public_key, "little") % _SIGN
    return int((1 + y) * pow(1 - y, -1, _PRIME) % _PRIME).to_bytes(_POINT_BYTES, "little")


def _derived(shared: bytes, before: SealKey, points: bytes) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=points, info=b"sesame store key 1")
    return derive.derive(shared + before.secret)


def _bound(kiosk_id: str, from_key_id: str, to_key_id: str) -> bytes:
    return f"sesame store key\n{kiosk_id}\n{from_key_id}\n{to_key_id}".encode()
