"""What the board of the attendants is told of a kiosk."""

import httpx

from kiosk.adapters.heartbeat import Heartbeat, state_of
from kiosk.visit.states import State
from tests.kiosk.builders import NOON, a_basket, a_line, an_authentication, at, welcomed


def test_nothing_about_the_shopper_is_told_when_somebody_pays() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication(), digits="5678")

    state = state_of(visit, NOON)

    assert set(state) == {"screen", "locale", "basket_id", "items", "total_minor", "emoji", "devices", "since"}
    assert "L***" not in repr(state)
    assert "5678" not in repr(state)
    assert state["devices"] == {"scan_camera": "off", "face_camera": "off"}
    assert state["since"] == "2026-11-02T12:00:00Z"


def test_pieces_are_counted_as_the_kiosks_own_screen_counts_them_when_staff_look() -> None:
    lines = (a_line(quantity=5), a_line(quantity=1, weight_g=742))

    state = state_of(at(State.SHOPPING, basket=a_basket(lines=lines)), NOON)

    assert state["items"] == 6


def test_the_newest_state_goes_to_this_kiosk_alone_when_the_heart_beats() -> None:
    sent: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(204)

    with httpx.Client(base_url="http://store", transport=httpx.MockTransport(take)) as client:
        heart = Heartbeat(client, lambda: NOON)
        assert not heart.beat()
        heart.show(at(State.REVIEW))
        heart.show(welcomed())
        assert heart.beat()

    (request,) = sent
    assert (request.method, request.url.path) == ("PUT", "/v1/kiosks/kiosk-1/state")
    assert b'"screen":"welcome"' in request.content


def test_the_kiosk_goes_on_when_the_store_does_not_hear_the_heart() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    with httpx.Client(base_url="http://store", transport=httpx.MockTransport(lost)) as client:
        heart = Heartbeat(client, lambda: NOON)
        heart.show(welcomed())

        assert not heart.beat()
