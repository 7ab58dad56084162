"""Other systems are told what happened: signed, again after a failure, given up in the end, and replayed when asked."""

from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from server.db.database import Database
from server.events.deliver import Courier
from server.flows.errors import FlowError
from server.flows.people import People
from server.flows.ports import Work
from server.flows.ports.proofs import Session
from server.flows.ports.webhooks import Delivery
from server.flows.tokens import token_hash
from server.flows.webhooks import PAUSES, register, replay, stop
from tests.server.apps import open_shopfront
from tests.server.builders import NOON, an_id
from tests.server.people.builders import some_people

URL = "https://books.example/sesame"
ADMIN = "admin-token-of-the-tests"
pytestmark = pytest.mark.anyio


@pytest.fixture
def people() -> People:
    return some_people()


class Listener:
    """A system that is told things, and answers as the test wants."""

    def __init__(self) -> None:
        self.status = 204
        self.is_away = False
        self.heard: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.is_away:
            raise httpx.ConnectError("away")
        self.heard.append(request)
        return httpx.Response(self.status)


class Post:
    """A courier, its listener, and a clock that the test sets."""

    def __init__(self, database: Database, people: People) -> None:
        self.database = database
        self.listener = Listener()
        self.now = datetime.now().astimezone()  # a signature is of the moment
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.listener))
        self.courier = Courier(database, people.phones.keyed, lambda: self.now, client)

    def deliveries(self, endpoint_id: str) -> list[Delivery]:
        return list(self.database.read(lambda work: work.webhooks.of(endpoint_id, None, limit=9)))


def an_endpoint(database: Database, people: People, *kinds: str) -> tuple[str, str]:
    """Register an endpoint; return its id and its secret."""
    endpoint_id = an_id()
    keyed = people.phones.keyed
    return endpoint_id, database.write(lambda work: register(work, keyed, endpoint_id, URL, kinds, by="ada", at=NOON))


def happen(database: Database, kind: str = "payment.captured", **facts: Any) -> None:
    database.write(lambda work: work.events.tell("demo", kind, facts, at=NOON))


async def test_what_happened_arrives_signed_when_somebody_wants_to_know(database: Database, people: People) -> None:
    happen(database, payment_id="before")
    _, secret = an_endpoint(database, people, "payment.")
    post = Post(database, people)
    happen(database, payment_id="p1")
    happen(database, "basket.changed", basket_id="b1")

    first, again = await post.courier.round(), await post.courier.round()

    (heard,) = post.listener.heard
    assert (first, again) == (1, 0)
    told = Webhook(secret).verify(heard.content, dict(heard.headers))
    assert (told["type"], told["data"]) == ("payment.captured", {"payment_id": "p1"})
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(heard.content.replace(b"p1", b"p2"), dict(heard.headers))


async def test_tries_grow_apart_and_end_when_nobody_answers(database: Database, people: People) -> None:
    endpoint_id, _ = an_endpoint(database, people)
    post = Post(database, people)
    post.listener.is_away = True
    happen(database)

    for pause in PAUSES:
        assert await post.courier.round() == 1
        post.now += pause - timedelta(seconds=1)
        assert await post.courier.round() == 0
        post.now += timedelta(seconds=2)
    await post.courier.round()
    post.now += timedelta(days=30)
    assert await post.courier.round() == 0

    (dead,) = post.deliveries(endpoint_id)
    assert (dead.state, dead.tries) == ("dead", len(PAUSES) + 1)


async def test_a_dead_one_arrives_under_its_id_when_it_is_replayed(database: Database, people: People) -> None:
    endpoint_id, _ = an_endpoint(database, people)
    post = Post(database, people)
    post.listener.status = 500
    happen(database)
    await post.courier.round()
    (failed,) = post.deliveries(endpoint_id)
    post.listener.status = 200

    database.write(lambda work: replay(work, endpoint_id, failed.event_id, by="ada", at=post.now))
    await post.courier.round()

    (arrived,) = post.deliveries(endpoint_id)
    assert (failed.state, failed.status, arrived.state) == ("pending", 500, "delivered")
    assert len({request.headers["webhook-id"] for request in post.listener.heard}) == 1


async def test_an_endpoint_is_told_no_more_when_it_is_gone(database: Database, people: People) -> None:
    endpoint_id, _ = an_endpoint(database, people)
    post = Post(database, people)
    post.listener.status = 410
    happen(database)
    await post.courier.round()
    happen(database)

    assert await post.courier.round() == 0

    (delivery,) = post.deliveries(endpoint_id)
    assert delivery.state == "dead"


async def test_an_event_is_tried_again_when_its_carrier_died(database: Database, people: People) -> None:
    an_endpoint(database, people)
    post = Post(database, people)
    happen(database)
    until = post.now + timedelta(seconds=60)

    def take(work: Work) -> int:
        work.webhooks.put_on_the_way(at=post.now, limit=10)
        return len(work.webhooks.take_due(at=post.now, until=until, limit=10))

    assert database.write(take) == 1  # and then nothing is heard of this process any more

    assert await post.courier.round() == 0
    post.now = until
    assert await post.courier.round() == 1
    assert len(post.listener.heard) == 1


@pytest.mark.parametrize(
    "url", ["http://books.example/", "https://", "ftp://x.example", "https://me:pw@books.example/"]
)
def test_no_endpoint_is_kept_when_its_address_is_not_safe(database: Database, people: People, url: str) -> None:
    with pytest.raises(FlowError) as refused:
        database.write(lambda work: register(work, people.phones.keyed, an_id(), url, (), by="ada", at=NOON))

    assert refused.value.code == "webhook_address"


@pytest.mark.parametrize(
    "act",
    [
        lambda work: stop(work, "nobody", by="ada", at=NOON),
        lambda work: replay(work, "nobody", 1, by="ada", at=NOON),
    ],
)
def test_nothing_happens_when_a_webhook_is_unknown(database: Database, act: Callable[[Work], None]) -> None:
    with pytest.raises(FlowError, match="no such webhook"):
        database.write(act)


async def test_an_admin_sees_the_secret_once_when_a_webhook_is_added(database: Database, tmp_path: Path) -> None:
    session = Session("staff", "ada", ("admin",), NOON.replace(year=NOON.year + 50))
    database.write(lambda work: work.sessions.open(token_hash(ADMIN), session))
    async with open_shopfront(database.engine.url.render_as_string(hide_password=False), tmp_path) as front:
        body = {"endpoint_id": an_id(), "url": URL, "kinds": ["payment."]}
        made = await front.ask("POST", "/v1/webhooks", body, token=ADMIN)
        listed = await front.ask("GET", "/v1/webhooks", token=ADMIN)
        way = await front.ask("GET", f"/v1/webhooks/{body['endpoint_id']}/deliveries", token=ADMIN)
        ended = await front.ask("DELETE", f"/v1/webhooks/{body['endpoint_id']}", token=ADMIN)

    assert len(b64decode(made.json()["secret"].removeprefix("whsec_"))) == 32
    assert "secret" not in listed.json()["items"][0]
    assert way.json() == {"items": []}
    assert ended.status_code == 204
