"""Call a member of staff to a kiosk."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from checkout import INTERVENTION_TABLE, InterventionEvent, InterventionState
from server.flows.ports import Work
from server.flows.ports.help import Intervention

GONE = "gone"
"""How a call ended that needed no answer any more."""


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


def close_calls(work: Work, basket_id: str, *, at: datetime) -> None:
    """End the calls of a basket that is paid or left: nobody waits for them any more."""
    for call in work.interventions.waiting(basket_id):
        cancel_call(work, call, at=at)


def cancel_call(work: Work, call: Intervention, *, at: datetime) -> Intervention:
    """End a call without anybody's answer, and tell the staff; one that was closed stays as it was closed."""
    if not work.interventions.cancel(call.intervention_id, GONE, at=at):
        return work.interventions.get(call.intervention_id) or call
    after = INTERVENTION_TABLE.after(InterventionState(call.state), InterventionEvent.CANCEL)
    gone = replace(call, state=after.value, resolved_at=at, resolution=GONE)
    work.events.tell(call.store_id, "intervention.resolved", intervention_json(gone), at=at)
    return gone


def intervention_json(call: Intervention) -> dict[str, Any]:
    """Return the call as it goes out: to the board of the staff and to the kiosk."""
    return {
        "intervention_id": call.intervention_id,
        "type": call.type,
        "kiosk_id": call.kiosk_id,
        "basket_id": call.basket_id,
        "line_id": call.line_id,
        # Whoever listens needs to know one thing of a cancelled call: nobody has to come any more.
        "state": InterventionState.RESOLVED.value if call.state == InterventionState.CANCELLED else call.state,
        "opened_at": _instant(call.opened_at),
        "claimed_by": call.claimed_by,
        "claimed_by_name": call.claimed_by_name,
        "resolved_at": None if call.resolved_at is None else _instant(call.resolved_at),
        "resolution": call.resolution,
        "detail": call.detail,
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
