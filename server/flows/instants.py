"""Moments on the wire."""

from datetime import UTC, datetime


def instant(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, to the millisecond, ending in Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
