"""Tokens are kept as hashes: whoever reads the database can pass for nobody."""

from hashlib import sha256


def token_hash(token: str) -> str:
    """Return the hex digest a token is kept under.

    A plain SHA-256 is enough for 256 bits of chance; only what people choose (PINs, passwords) needs a slow hash.
    """
    return sha256(token.encode()).hexdigest()
