"""One look at a face: which challenge it sets, and until when."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from kiosk.visit import calls
from kiosk.visit.outcome import Outcome, ask
from kiosk.visit.visit import Look, Visit


def begin_look(visit: Visit, basket_id: str | None, digits: str, now: datetime) -> Outcome:
    """Open the face camera for one try, while the store looks up who may stand behind the digits."""
    visit, look_id = visit.fresh_id()
    until = now + timedelta(seconds=visit.rules.look_timeout_seconds)
    look = Look(look_id, challenge=_challenge(visit, look_id), until=until)
    return replace(visit, look=look), ask(calls.FetchCandidates(basket_id, digits))


def _challenge(visit: Visit, look_id: str) -> str:
    if visit.rules.challenge == "none" or (visit.challenge or visit.rules.challenge) == "flash":
        return visit.rules.challenge
    return "turn_left" if UUID(look_id).int % 2 else "turn_right"
