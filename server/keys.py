"""Keys that must not lie in the database: whoever takes a copy of it can neither find a phone number nor sign."""

import os
from pathlib import Path
from secrets import token_bytes
from tempfile import mkstemp

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_BYTES = 32


def load_pepper(var_dir: Path) -> bytes:
    """Return the key for hashes of phone numbers, made at the first start and readable by its owner alone.

    Losing it means that nobody's number is recognised any more: it belongs into the backup, apart from the database.

    Raises:
        ValueError: The file is there and does not hold a key.
    """
    return _kept(var_dir, "pepper.key")


def load_signing_key(var_dir: Path) -> Ed25519PrivateKey:
    """Return the key that the store signs with, made at the first start: catalogues, and what holds without a network.

    Kiosks keep its public half from their pairing; a new key means pairing them again.

    Raises:
        ValueError: The file is there and does not hold a key.
    """
    return Ed25519PrivateKey.from_private_bytes(_kept(var_dir, "signing.key"))


def _kept(var_dir: Path, name: str) -> bytes:
    path = var_dir / name
    var_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written apart and linked into place: two servers that start at once agree on one key, whole or not at all.
        descriptor, fresh = mkstemp(prefix=f".{name}-", dir=var_dir)  # readable by its owner alone
        with os.fdopen(descriptor, "wb") as file:
            file.write(token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another process was first; its key is the key
        finally:
            Path(fresh).unlink()
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path.name} holds {len(key)} bytes where a key has {KEY_BYTES}")
    return key
