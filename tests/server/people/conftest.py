"""Fixtures of the people side: what it needs beyond a database, and a whole application to ask."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn

from server.api.detached import StoreProtocol
from server.app import create_app
from server.db.database import Database
from server.flows.people import People
from server.flows.ports import Work
from server.flows.ports.people import Customer, Reference
from server.settings import Settings
from tests.server.builders import KIOSK_TOKEN
from tests.server.people.builders import a_customer, a_face, some_people
from tests.server.people.callers import Caller
from tests.server.people.served import Announced, Served
from tests.server.stocked import a_small_store


@pytest.fixture
def people() -> People:
    """Return what the people side needs."""
    return some_people()


@pytest.fixture
def enrolled(database: Database, people: People) -> tuple[Customer, Reference]:
    """Return somebody with money who has joined with a face, and that face."""

    def enrol(work: Work) -> tuple[Customer, Reference]:
        customer = a_customer(work, people, balance_minor=100_000)
        return customer, a_face(work, customer)

    return database.write(enrol)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Yield a whole store server over SQLite on a port of its own; hashes are cheap, everything else is as it runs."""
    url = a_small_store(tmp_path / "app.db")
    settings = Settings(database_url=url, var_dir=tmp_path, staff_second_factor="offered", phone_codes="offered")
    app = create_app(settings)
    listening = socket.create_server(("127.0.0.1", 0))
    server = Announced(uvicorn.Config(app, http=StoreProtocol, log_level="warning", access_log=False))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    assert server.ready.wait(60)
    app.state.house.people = some_people()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=20) as http:
            yield Served(http, app.state.house)
    finally:
        server.should_exit = True
        thread.join(60)
        listening.close()


@pytest.fixture
def kiosk(served: Served) -> Caller:
    """Return who asks as the kiosk."""
    return Caller(served, KIOSK_TOKEN)


@pytest.fixture
def public(served: Served) -> Caller:
    """Return who asks without a token."""
    return Caller(served)
