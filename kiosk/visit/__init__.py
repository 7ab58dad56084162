"""The visit, decided in one pure place: an event in, the next visit and the effects out."""

from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.visit import Rules, Visit

__all__ = ["Rules", "State", "Visit", "step"]
