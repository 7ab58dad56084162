"""The kiosk's own web server, asked over ASGI."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from kiosk.loop import Loop
from kiosk.ports import CameraOffError, LookTold
from kiosk.ui.news import News
from kiosk.ui.pictures import FRAME_AT_MOST, PICTURE_AT_MOST
from kiosk.ui.server import House, build
from kiosk.visit.sight import Role
from tests.kiosk.builders import welcomed
from tests.kiosk.fakes import MemoryOfOne, a_clock
from tests.kiosk.serving import serving
from vision.errors import PictureUnreadableError


class Pictures:
    """Cameras that note what they are shown."""

    def __init__(self) -> None:
        self.lent: list[bytes] = []
        self.flashes: list[tuple[str, int, int]] = []
        self.viewers: list[Callable[[bytes], None]] = []
        self.watched = threading.Event()

    def watch(self, role: Role, show: Callable[[bytes], None]) -> Callable[[], None]:
        assert role is Role.SCAN
        self.viewers.append(show)
        self.watched.set()
        return lambda: self.viewers.remove(show)

    def lend(self, role: Role, jpeg: bytes) -> None:
        assert role is Role.SCAN
        self.lent.append(jpeg)

    def flash_shown(self, look_id: str, place: int, at_ns: int) -> None:
        self.flashes.append((look_id, place, at_ns))

    def show_picture(self, role: Role, content: bytes) -> "Future[int]":
        if role is Role.FACE:
            raise CameraOffError(role)
        if content == b"broken":
            raise PictureUnreadableError("damaged", "It cannot be decoded.")
        found: Future[int] = Future()
        found.set_result(1)
        return found


class Rig:
    def __init__(self, page: Path) -> None:
        self.pictures = Pictures()
        self.news = News(welcomed())
        self.loop = Loop(
            welcomed(), memory=MemoryOfOne(), clock=a_clock(), ask_shop=lambda _: None, carry_out=lambda _: None
        )
        self.loop.listen(self.news.show)
        self.app = build(House(self.loop, self.pictures, self.news, page))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    rig.loop.start()
    yield rig
    rig.loop.stop()


def test_the_time_of_a_colour_is_taken_when_the_page_says_that_it_shows_it(rig: Rig) -> None:
    before_ns = time.monotonic_ns()

    answer = ask(rig, "POST", "/flashes", json={"look_id": "l", "place": 3})
    wrong = ask(rig, "POST", "/flashes", json={"look_id": "l", "place": -1})

    ((look_id, place, at_ns),) = rig.pictures.flashes
    assert (answer.status_code, wrong.status_code) == (204, 422)
    assert (look_id, place) == ("l", 3)
    assert before_ns <= at_ns <= time.monotonic_ns()


def ask(rig: Rig, method: str, path: str, **more: object) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app=rig.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://kiosk") as client:
            return await client.request(method, path, **more)  # type: ignore[arg-type]  # passed on as it is

    return asyncio.run(once())


def test_the_act_is_taken_when_the_screen_offers_it(rig: Rig) -> None:
    answer = ask(rig, "POST", "/acts", json={"act": "open_search"})

    assert answer.status_code == 202
    assert answer.json() == {"seq": 1}
    assert ask(rig, "GET", "/screen").json()["panel"]["name"] == "search"


def test_the_page_learns_what_is_possible_when_an_act_is_not(rig: Rig) -> None:
    answer = ask(rig, "POST", "/acts", json={"act": "confirm"})

    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["code"] == "act_not_possible"
    assert "scan" in answer.json()["possible"]


@pytest.mark.parametrize(
    "body",
    [
        {"act": "scan"},
        {"act": "scan", "code": "x" * 513},
        {"act": "digits", "digits": "12a4"},
        {"act": "dance"},
        {"act": "change_quantity", "line_id": "l", "quantity": -1},
        ["scan"],
    ],
)
def test_the_field_is_named_when_an_act_is_malformed(rig: Rig, body: object) -> None:
    answer = ask(rig, "POST", "/acts", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_act")
    assert answer.json()["errors"]


def test_nothing_is_taken_when_another_site_sends_an_act(rig: Rig) -> None:
    answer = ask(rig, "POST", "/acts", json={"act": "open_search"}, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert rig.loop.seq == 0


def test_the_page_says_how_it_is_built_when_it_is_not(rig: Rig) -> None:
    answer = ask(rig, "GET", "/")

    assert answer.status_code == 503
    assert "webbuild" in answer.json()["hint"]


def test_no_file_outside_is_served_when_a_path_climbs(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "secret.txt").write_text("secret")

    answer = ask(rig, "GET", "/assets/..%2Fsecret.txt")

    assert answer.status_code == 404


def test_a_qr_is_drawn_when_a_text_is_given(rig: Rig) -> None:
    answer = ask(rig, "GET", "/qr.svg", params={"text": "SESAME:X:abc"})

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg")
    assert ask(rig, "GET", "/qr.svg").status_code == 422


def test_a_still_is_looked_at_when_it_is_a_picture(rig: Rig) -> None:
    assert ask(rig, "POST", "/cameras/scan/pictures", content=b"jpeg").json()["found"] == 1


@pytest.mark.parametrize(
    ("path", "content", "status", "code"),
    [
        ("/cameras/scan/pictures", b"broken", 422, "picture_unreadable"),
        ("/cameras/scan/pictures", b"x" * (PICTURE_AT_MOST + 1), 413, "picture_too_large"),
        ("/cameras/face/pictures", b"jpeg", 409, "camera_off"),
        ("/cameras/ceiling/pictures", b"jpeg", 422, "malformed_act"),
    ],
)
def test_the_reason_is_told_when_a_still_is_not_looked_at(
    rig: Rig, path: str, content: bytes, status: int, code: str
) -> None:
    answer = ask(rig, "POST", path, content=content)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_frames_arrive_when_the_page_lends_its_camera(rig: Rig) -> None:
    with serving(rig.app) as address, connect(f"ws://{address}/cameras/scan/frames") as socket:
        socket.send(b"one")
        socket.send(b"x" * (FRAME_AT_MOST + 1))
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=60)

    assert rig.pictures.lent == [b"one"]


def test_the_newest_picture_is_sent_when_a_page_watches(rig: Rig) -> None:
    with serving(rig.app) as address, connect(f"ws://{address}/cameras/scan/preview") as socket:
        assert rig.pictures.watched.wait(60)
        rig.pictures.viewers[0](b"jpeg")
        assert socket.recv(timeout=60) == b"jpeg"


def test_no_picture_is_sent_when_another_site_watches(rig: Rig) -> None:
    with serving(rig.app) as address, pytest.raises(InvalidStatus):
        connect(f"ws://{address}/cameras/scan/preview", origin=Origin("https://evil.example"))

    assert not rig.pictures.viewers


def test_nothing_is_sent_twice_when_screen_and_look_stay_the_same() -> None:
    async def listen() -> list[str]:
        news, hold_still = News(welcomed()), LookTold(Role.FACE, None, "hold_still", 0.5)
        lines = news.lines()
        told = [await anext(lines)]
        news.tell(hold_still)
        told.append(await anext(lines))
        waiting = asyncio.ensure_future(anext(lines))
        news.show(welcomed(), 7)
        news.tell(hold_still)
        for _ in range(10):  # turns of the loop, far more than the two that it takes
            await asyncio.sleep(0)
        assert not waiting.done()
        news.show(welcomed(locale="en"), 8)
        news.tell(hold_still)
        told += [await waiting, await anext(lines)]
        await lines.aclose()  # type: ignore[attr-defined]  # an async generator
        return told

    told = asyncio.run(listen())

    kinds = [line.split("event: ")[1].split("\n")[0] for line in told]
    assert kinds == ["screen", "look", "screen", "look"]  # a new panel has forgotten the looks of the one before


def test_the_newest_screen_comes_first_when_a_page_listens() -> None:
    async def listen() -> list[str]:
        news = News(welcomed())
        lines = news.lines()
        first = await anext(lines)
        news.show(welcomed(locale="fr"), 5)
        news.show(welcomed(locale="zh"), 6)  # a slow page skips to the newest
        news.tell(LookTold(Role.FACE, (0.1, 0.2, 0.3, 0.4), "ok", 0.5))
        told = [first, await anext(lines), await anext(lines)]
        await lines.aclose()  # type: ignore[attr-defined]  # an async generator
        return told

    first, screen, look = asyncio.run(listen())

    assert first.startswith("id: 0\nevent: screen\n")
    assert screen.startswith("id: 6\nevent: screen\n")
    assert json.loads(look.split("data: ")[1]) == {
        "role": "face",
        "box": [0.1, 0.2, 0.3, 0.4],
        "hint": "ok",
        "progress": 0.5,
    }
