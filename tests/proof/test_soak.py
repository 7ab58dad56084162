"""Two hours of shoppers in some minutes: the memory of kiosk and store stays flat, and every basket has its end."""

import os
import sys
import time
from pathlib import Path

from tests.e2e.matrix import finish
from tests.e2e.shopper import CODE, Shopper
from tests.e2e.stack import Service, open_shop

VISITS = 180
"""A visit of some three items takes 40 s of a shopper: so many fill two hours."""
WARM = 40
"""Visits until every cache is full."""
CODES = (CODE, "0000105000196", "0000105000011")
GROWTH = 1.10


def resident_mb(service: Service) -> float:
    """Return the memory of a process that is really in use."""
    assert service.process is not None
    pages = int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_memory_is_flat_when_shoppers_come_for_two_hours(tmp_path: Path) -> None:
    stack = open_shop(tmp_path, wired=True)
    began = time.monotonic()
    told: list[tuple[int, float, float]] = []
    try:
        shopper = Shopper(stack)
        for number in range(VISITS):
            shopper.panel("welcome")
            for code in CODES:
                shopper.go(({"act": "scan", "code": code},))
            lines = len(CODES)
            shopper.wait(lambda screen: bool(screen["basket"]) and len(screen["basket"]["lines"]) == lines, "lines")  # noqa: B023 - waited for here
            if number % 20 == 0:
                assert finish(stack, shopper) == 1
            else:
                if number % 10 == 5 and stack.wire is not None:
                    stack.wire.cut()
                    shopper.go(({"act": "review"},))
                    stack.wire.mend()
                    shopper.wait(lambda screen: screen["shop"] == "online", "store")
                shopper.go(({"act": "cancel_visit"},))
            if number % 20 == 19:
                told.append((number + 1, resident_mb(stack.kiosk), resident_mb(stack.server)))
                sys.stdout.write("after {} visits: kiosk {:.0f} MB, store {:.0f} MB\n".format(*told[-1]))
    finally:
        stack.stop()
    sys.stdout.write(f"{VISITS} visits in {time.monotonic() - began:.0f} s\n")

    (_, kiosk_before, store_before) = next(row for row in told if row[0] >= WARM)
    (_, kiosk_after, store_after) = told[-1]
    assert kiosk_after < kiosk_before * GROWTH
    assert store_after < store_before * GROWTH
