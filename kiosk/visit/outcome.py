"""What a step returns, and the few words that every part of the step uses."""

from kiosk.visit.calls import Approval, Call
from kiosk.visit.effects import Ask, Effect
from kiosk.visit.visit import Visit, sure

Outcome = tuple[Visit, tuple[Effect, ...]]


class ActNotPossibleError(Exception):
    """The page asked for what this state does not offer; a tap that came a moment late does so."""

    code = "act_not_possible"

    def __init__(self, act: str, screen: str, possible: tuple[str, ...]) -> None:
        super().__init__(f"{act} is not possible on the screen {screen}")
        self.act = act
        self.screen = screen
        self.possible = possible


def ask(*calls: Call) -> tuple[Effect, ...]:
    """Return the effects that send these calls in order."""
    return tuple(Ask(call) for call in calls)


def nothing(visit: Visit) -> Outcome:
    """Return the visit as it is."""
    return visit, ()


def approval_of(visit: Visit) -> Approval:
    """Return what a shopper would agree to now. There must be a basket."""
    basket = sure(visit.basket)
    return Approval(basket.basket_id, basket.digest, basket.total_minor, basket.payee)
