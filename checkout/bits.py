"""Sets of lines as the bits of a number."""

from functools import lru_cache


@lru_cache(maxsize=4096)  # a pricing asks for the same few masks over and over
def bits(mask: int) -> tuple[int, ...]:
    """Return the places of the bits that are set, the lowest first.

    Examples:
        >>> bits(0b10110)
        (1, 2, 4)
    """
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return tuple(found)
