"""The codes that people type and the tokens that links carry: neither can be guessed, the first can be read aloud."""

from functools import lru_cache
from secrets import choice, token_hex, token_urlsafe

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 of Douglas Crockford: no I, L, O or U, so that nothing is mistaken for a digit."""
GROUPS = 3
GROUP_LENGTH = 4
TOKEN_BYTES = 16
"""128 bits: who tries a billion links a second needs longer than the world has stood."""
NODE_BYTES = 6
"""48 bits: names for counting, not secrets."""
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_coupon_code() -> str:
    """Return 60 bits of chance as three groups of four, such as `7KQ2-9DXM-04RA`."""
    return "-".join("".join(choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def new_share_token() -> str:
    """Return 128 bits of chance as 22 letters that fit a link."""
    return token_urlsafe(TOKEN_BYTES)


def new_node() -> str:
    """Return a name for a place in the tree of shares: it opens nothing, and says nothing of a code or a person."""
    return token_hex(NODE_BYTES)


@lru_cache(4096)
def read_coupon_code(typed: str) -> str:
    """Return a typed or scanned code as it is kept: capitals, O read as 0, I and L as 1, in groups of four.

    Examples:
        >>> read_coupon_code("sesame:c:7kq2 9dxm-o4ra")
        '7KQ2-9DXM-04RA'
    """
    bare = typed.upper().strip().removeprefix("SESAME:C:")
    signs = "".join(sign for sign in bare if sign.isalnum()).translate(_MISREAD)
    return "-".join(signs[start : start + GROUP_LENGTH] for start in range(0, len(signs), GROUP_LENGTH))
