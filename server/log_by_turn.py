"""Lines of log that reach their file together: those of one turn of the event loop in one write."""

import asyncio
import logging
from typing import TextIO


class TurnHandler(logging.StreamHandler[TextIO]):
    """Writes what one turn of the event loop has told at the turn's end; outside a loop, and at the end, at once.

    A batch of sales answers fifty requests in one turn. A write for each lets the thread that settles go first, and the
    loop then waits 5 ms for its own next turn.
    """

    _is_due = False

    def flush(self) -> None:
        """Write, or see to it that it is written at the end of this turn."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            super().flush()
            return
        if not self._is_due:
            self._is_due = True
            loop.call_soon(self._write)

    def _write(self) -> None:
        self._is_due = False
        super().flush()
