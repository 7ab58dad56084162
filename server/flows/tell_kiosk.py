"""Pause a kiosk, open it again, say something on its screen: by staff, from afar or standing before it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.proofs import KioskRow


@dataclass(frozen=True, slots=True)
class Told:
    """What a kiosk is told; None leaves that part as it is, an empty message takes it off the screen."""

    is_paused: bool | None = None
    reason: str = ""
    message: str | None = None


def tell_kiosk(work: Work, kiosk_id: str, told: Told, *, store_id: str, by: str, at: datetime) -> KioskRow:
    """Keep what a kiosk is told, tell it at once, and write down who did; told twice is told once.

    A paused kiosk ends the visit that it is in, and begins no other.

    Raises:
        FlowError: `kiosk_not_found`.
    """
    row = work.kiosks.locked(kiosk_id)
    if row is None or row.store_id != store_id:
        raise FlowError("kiosk_not_found", "There is no such kiosk here.", device_id=kiosk_id)
    after = row
    if told.is_paused is True and row.paused_at is None:
        after = replace(after, paused_at=at, pause_reason=told.reason)
        work.events.record(by, "pause_kiosk", kiosk_id, at=at, reason=told.reason)
    if told.is_paused is False and row.paused_at is not None:
        after = replace(after, paused_at=None, pause_reason=None)
        work.events.record(by, "open_kiosk", kiosk_id, at=at)
    if told.message is not None and (told.message or None) != row.message:
        after = replace(after, message=told.message or None)
        work.events.record(by, "tell_kiosk", kiosk_id, at=at, reason=told.message)
    if after != row:
        work.kiosks.tell(after)
        work.events.tell(store_id, "kiosk.told", {"kiosk_id": kiosk_id} | told_json(after), at=at)
    return after


def told_json(kiosk: KioskRow) -> dict[str, Any]:
    """Return what a kiosk is told, as it and the board get it."""
    is_paused = kiosk.paused_at is not None
    return {
        "paused": is_paused,
        "pause_reason": kiosk.pause_reason if is_paused else None,
        "message": kiosk.message or "",
    }
