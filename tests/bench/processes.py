"""What processes use, as the kernel counts it: processor time and memory of a process with all that it began."""

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


def family(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    children: dict[int, list[int]] = {}
    for place in PROC.iterdir():
        if place.name.isdigit() and (fields := _stat(int(place.name))):
            children.setdefault(int(fields[1]), []).append(int(place.name))
    waiting = [pid]
    while waiting:
        yield (now := waiting.pop())
        waiting += children.get(now, [])


def named(pid: int, word: str) -> list[int]:
    """Return those of a family whose program bears a word in its name."""
    return [one for one in family(pid) if word in _name(one)]


def cpu_seconds(pids: list[int]) -> float:
    """Return the user and system time that these processes have used and that their ended children did."""
    return sum(sum(map(int, fields[11:15])) for pid in pids if (fields := _stat(pid))) / TICKS


def memory_mib(pids: list[int]) -> float:
    """Return the memory that these processes alone hold: what several share is counted once a sharer."""
    total = 0.0
    for pid in pids:
        try:
            _, resident, shared, *_ = (PROC / str(pid) / "statm").read_text().split()
        except OSError:
            continue  # it ended meanwhile
        total += (int(resident) - int(shared)) * PAGE_MIB
    return total


def _stat(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text()
    except OSError:
        return ""
