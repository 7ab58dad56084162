"""The help of an attendant: it has one resolver, and ends once."""

from enum import StrEnum

from checkout.transitions import TransitionTable


class InterventionState(StrEnum):
    """Where a call for help stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    ESCALATED = "escalated"


class InterventionEvent(StrEnum):
    """What happens to a call for help."""

    CLAIM = "claim"
    RESOLVE = "resolve"
    HAND_BACK = "hand_back"
    ESCALATE = "escalate"
    CANCEL = "cancel"


INTERVENTION_TABLE = TransitionTable(
    name="intervention",
    start=InterventionState.OPEN,
    rows={
        (InterventionState.OPEN, InterventionEvent.CLAIM): InterventionState.CLAIMED,
        (InterventionState.OPEN, InterventionEvent.CANCEL): InterventionState.CANCELLED,
        (InterventionState.CLAIMED, InterventionEvent.RESOLVE): InterventionState.RESOLVED,
        (InterventionState.CLAIMED, InterventionEvent.HAND_BACK): InterventionState.OPEN,
        (InterventionState.CLAIMED, InterventionEvent.ESCALATE): InterventionState.ESCALATED,
        (InterventionState.CLAIMED, InterventionEvent.CANCEL): InterventionState.CANCELLED,
        (InterventionState.ESCALATED, InterventionEvent.CLAIM): InterventionState.CLAIMED,
        (InterventionState.ESCALATED, InterventionEvent.CANCEL): InterventionState.CANCELLED,
    },
)
