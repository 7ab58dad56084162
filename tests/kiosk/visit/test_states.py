"""The table of the visit: what leads where, and that there is always a way home."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.visit.acts import Act
from kiosk.visit.states import ACTS, BARS, FACES, VISIT_TABLE, State


def homes_from(state: State) -> bool:
    seen, waiting = {state}, [state]
    while waiting:
        here = waiting.pop()
        for (before, _), after in VISIT_TABLE.rows.items():
            if before is here and after not in seen:
                seen.add(after)
                waiting.append(after)
    return State.WELCOME in seen


@given(st.sampled_from(State))
def test_welcome_is_reached_when_walking_from_any_state(state: State) -> None:
    assert homes_from(state)


def test_every_state_has_its_acts_when_the_page_asks() -> None:
    known = {kind.__dataclass_fields__["act"].default for kind in Act.__args__}

    assert set(ACTS) == set(State)
    assert {act for acts in ACTS.values() for act in acts} | {"choose_locale", "ask_help", "stay"} == known


def test_no_state_looks_for_codes_and_faces_when_one_device_serves_both() -> None:
    assert not BARS & FACES


def test_money_under_way_is_never_left_when_a_visit_ends() -> None:
    leads = {after for (before, _), after in VISIT_TABLE.rows.items() if before is State.PAYING}

    assert leads == {State.RECEIPT, State.REVIEW, State.CONFIRMING, State.CHECKING}
