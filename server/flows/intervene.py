"""Call a member of staff to a kiosk."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from checkout import INTERVENTION_TABLE
from server.flows.ports import Work
from server.flows.ports.help import Intervention


def open_intervention(  # noqa: PLR0913 - the facts of one call, each by name
    work: Work,
    *,
    intervention_id: str,
    store_id: str,
    kiosk_id: str,
    basket_id: str | None,
    line_id: str | None,
    kind: str,
    detail: Mapping[str, Any],
    at: datetime,
) -> Intervention:
    """Open a call for help and tell the staff; a second arrival under the same id is the same call."""
    call = Intervention(
        intervention_id=intervention_id,
        store_id=store_id,
        kiosk_id=kiosk_id,
        basket_id=basket_id,
        line_id=line_id,
        type=kind,
        state=INTERVENTION_TABLE.start.value,
        detail=dict(detail),
        opened_at=at,
        claimed_by=None,
        claimed_at=None,
        resolved_by=None,
        resolved_at=None,
        resolution=None,
        reason=None,
    )
    if not work.interventions.add(call):
        return work.interventions.get(intervention_id) or call
    work.events.tell(store_id, "intervention.opened", intervention_json(call), at=at)
    return call


def intervention_json(call: Intervention) -> dict[str, Any]:
    """Return the call as it goes out: to the board of the staff and to the kiosk."""
    return {
        "intervention_id": call.intervention_id,
        "type": call.type,
        "kiosk_id": call.kiosk_id,
        "basket_id": call.basket_id,
        "line_id": call.line_id,
        "state": call.state,
        "opened_at": _instant(call.opened_at),
        "claimed_by": call.claimed_by,
        "claimed_by_name": call.claimed_by_name,
        "resolved_at": None if call.resolved_at is None else _instant(call.resolved_at),
        "resolution": call.resolution,
        "detail": call.detail,
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
