"""Chance from the system, drawn many ids at a time.

Each question to the system lets other threads of Python go first: while a batch is settled, whoever asks waits 5 ms for
their next turn. So it is asked once for hundreds of ids. Nothing is handed out twice, in whatever thread or process:
taking from a deque is one step, and a process that was forked begins with none.
"""

import os
import time
from base64 import urlsafe_b64encode
from collections import deque

PART_BYTES = 16
PARTS = 256
"""Drawn at once: 4 KiB."""
_drawn: deque[bytes] = deque()
os.register_at_fork(after_in_child=_drawn.clear)


def chance() -> bytes:
    """Return 16 bytes that nobody guesses and nobody else has."""
    while True:
        try:
            return _drawn.popleft()
        except IndexError:
            block = os.urandom(PART_BYTES * PARTS)
            _drawn.extend(block[start : start + PART_BYTES] for start in range(0, len(block), PART_BYTES))


def new_id() -> str:
    """Return an id that nobody else makes or guesses, larger than those of earlier milliseconds (UUID 7, RFC 9562).

    What is written together then lies together in each index. With ids in no order every index changed a page of its
    own for every row: of 22 pages of a checkout 11, more the larger the store grew.
    """
    milliseconds = time.time_ns() // 1_000_000
    drawn = int.from_bytes(chance()[:10], "big")  # 12 bits beside the version, 62 beside the variant
    rest = (drawn >> 64 & 0xFFF | 0x7000) << 64 | drawn & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    digits = f"{milliseconds << 80 | rest:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def new_token() -> str:
    """Return 256 bits of chance in letters that fit a link."""
    return urlsafe_b64encode(chance() + chance()).rstrip(b"=").decode()
