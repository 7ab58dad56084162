"""Ids of a kiosk: nobody else makes or guesses them; what is written together lies together in the store's indexes."""

from datetime import datetime
from uuid import UUID, uuid5

_HASH_BITS = (1 << 62) - 1


def timed_id(at: datetime, secret: UUID, number: int) -> str:
    """Return the id that a secret gives to a number at a time (UUID 8, RFC 9562).

    Milliseconds of the time (48 bits), the number's last 12 bits, and 62 bits of a hash of secret and number: as no
    number is asked for twice, no id is given twice, whatever the clock does.
    """
    milliseconds = int(at.timestamp() * 1000)
    begin = milliseconds << 80 | 0x8 << 76 | (number & 0xFFF) << 64
    return str(UUID(int=begin | 1 << 63 | uuid5(secret, str(number)).int & _HASH_BITS))
