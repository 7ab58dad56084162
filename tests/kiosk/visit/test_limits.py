"""A phone number and a PIN have a bound: the kiosk says what goes further, and loses nothing of the visit."""

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from tests.kiosk.builders import an_authentication, asked, at, walked


def test_the_pay_code_is_asked_for_when_number_and_pin_do_not_go_that_far() -> None:
    visit, effects = walked(at(State.CODE), acts.Identify("0612345678", None, "2718"))
    (call,) = asked(effects)
    assert isinstance(call, calls.AuthenticatePin)

    visit, _ = walked(visit, events.Refused(call, "step_up_required", {}))

    assert visit.state is State.CODE
    assert visit.notice is not None
    assert visit.notice.code == "phone_pin_limit"
    assert "identify" in possible(visit)


@pytest.mark.parametrize(("factors", "state"), [(("phone", "pin"), State.REVIEW), (("face",), State.CONFIRMING)])
def test_the_review_returns_when_the_limit_was_reached_after_the_approval(
    factors: tuple[str, ...], state: State
) -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication(factors=factors)), acts.Confirm())

    visit, _ = walked(visit, events.Refused(asked(effects)[0], "step_up_required", {}))

    assert visit.state is state
