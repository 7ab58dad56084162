"""Wait for what another thread does, with an end."""

import time
from collections.abc import Callable


def wait_for(happened: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Return as soon as it happened; fail where it does not."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)
