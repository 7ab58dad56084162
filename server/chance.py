"""Chance from the system, drawn many ids at a time.

Each question to the system lets other threads of Python go first: while a batch is settled, whoever asks waits 5 ms for
their next turn. So it is asked once for hundreds of ids. Nothing is handed out twice, in whatever thread or process:
taking from a deque is one step, and a process that was forked begins with none.
"""

import os
from base64 import urlsafe_b64encode
from collections import deque
from uuid import UUID

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
    """Return an id that nobody else makes (UUID, version 4)."""
    return str(UUID(bytes=chance(), version=4))


def new_token() -> str:
    """Return 256 bits of chance in letters that fit a link."""
    return urlsafe_b64encode(chance() + chance()).rstrip(b"=").decode()
