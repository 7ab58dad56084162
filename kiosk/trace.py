"""When each stage from a camera's frame to the page was reached: a line each in the log, for whoever measures.

Off unless ``SESAME_KIOSK_TRACE`` is set; ``tests/bench/stages.py`` makes a table of it. A line holds the stage, what it
is about, and the instant as monotonic ns, which all processes of one machine share. No code that was read is in it.
"""

import logging
import time
from typing import Final

TRACE: Final = "kiosk.trace"
_LOG = logging.getLogger(TRACE)


def begin() -> None:
    """Write from now on."""
    _LOG.setLevel(logging.DEBUG)


def reached(stage: str, about: str = "", at_ns: int | None = None) -> None:
    """Note a stage.

    Args:
        stage: One word.
        about: What it concerns: a kind of event or of call.
        at_ns: When it was reached, monotonic; None for now.
    """
    if _LOG.isEnabledFor(logging.DEBUG):
        _LOG.debug("%s %s %d", stage, about or "-", time.monotonic_ns() if at_ns is None else at_ns)
