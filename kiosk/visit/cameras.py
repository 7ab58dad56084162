"""How the cameras are, as the visit knows it. A lost one stands in nobody's way; to a frozen one somebody goes."""

from dataclasses import replace
from datetime import datetime

from kiosk.visit import calls
from kiosk.visit.events import CameraChanged
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.states import FACES
from kiosk.visit.visit import Visit


def on_camera(visit: Visit, event: CameraChanged, now: datetime) -> Outcome:
    """Remember how a camera is; tell who stands before it of trouble, and call a colleague to one that is frozen.

    A picture that stands still is a driver that hangs, or one that somebody holds before the till on purpose. Staff are
    called once until it moves again: going dark between two looks mends nothing.
    """
    role, state = event.role, event.state
    before = dict(visit.cameras).get(role)
    visit = replace(visit, cameras=tuple((k, state if k == role else s) for k, s in visit.cameras))
    if state == "on":
        visit = replace(visit, frozen=tuple(other for other in visit.frozen if other != role))
    if state == before or state not in {"lost", "frozen"}:
        return nothing(visit)
    visit = _said(visit, role, state, now)
    if state == "lost" or role in visit.frozen:
        return nothing(visit)
    is_first = not visit.frozen  # one camera for both roles is one call
    visit, key = replace(visit, frozen=(*visit.frozen, role)).fresh_id()
    return visit, ask(calls.OpenIntervention(key, "camera_frozen", None, {"camera": role})) if is_first else ()


def _said(visit: Visit, role: str, state: str, now: datetime) -> Visit:
    if role == "scan":
        return visit.say("warn", f"camera_{state}", now)
    if visit.state not in FACES:
        return visit  # one camera for both roles: nobody is being looked at
    return visit.say("warn", f"face_camera_{state}", now)
