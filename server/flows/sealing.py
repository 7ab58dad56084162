"""Secrets that this server must be able to read again lie sealed in the database, with a key that does not."""

from base64 import urlsafe_b64encode
from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken

Keyed = Callable[[str, str], str]
"""`PhoneBook.keyed`: (purpose, text) to a keyed hash of 32 bytes in hex."""


class UnsealError(Exception):
    """It was sealed with another key, or is not sealed at all."""


def seal(keyed: Keyed, purpose: str, secret: str) -> bytes:
    """Close a secret, for one purpose."""
    return _sealer(keyed, purpose).encrypt(secret.encode())


def unseal(keyed: Keyed, purpose: str, sealed: bytes) -> str:
    """Open a secret.

    Raises:
        UnsealError: It was sealed with another key or for another purpose.
    """
    try:
        return _sealer(keyed, purpose).decrypt(sealed).decode()
    except InvalidToken as error:
        raise UnsealError(purpose) from error


def _sealer(keyed: Keyed, purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(bytes.fromhex(keyed("seal", purpose))))
