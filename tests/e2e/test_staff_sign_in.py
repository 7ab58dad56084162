"""Staff add a passkey and an authenticator app, sign in with either, and pair a kiosk, in real Chromium."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.stack import COMPILED, Service, free_port, stocked

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], Path]


class Store:
    """A store whose kiosk is off, and where a password alone opens nothing."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(stocked(), folder, dirs_exist_ok=True)
        port = free_port()
        environment = (
            os.environ
            | COMPILED
            | {
                "SESAME_SERVER_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
                "SESAME_SERVER_VAR_DIR": str(folder / "server"),
                "SESAME_SERVER_PORT": str(port),
                "SESAME_SERVER_STAFF_SECOND_FACTOR": "required",
            }
        )
        rows = (folder / "server" / "demo-logins.txt").read_text().splitlines()
        self.logins = dict(row.split()[-2:] for row in rows)
        # A name and not a number: passkeys are bound to names.
        self.url = f"http://localhost:{port}"
        arguments = ["server", "run"]
        self.service = Service("server", arguments, environment, f"http://127.0.0.1:{port}", folder / "server.log")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("store"))
    opened.service.start()
    yield opened
    opened.service.stop()


def enter(page: Page, store: Store, login: str) -> None:
    """Type name and password."""
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(store.logins[login])
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_opens_the_board_when_it_was_added_after_the_first_password(
    store: Store, open_page: OpenPage, picture: Picture
) -> None:
    page = open_page(f"{store.url}/staff", PHONE)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    authenticator = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    enter(page, store, "amal")
    expect(page.get_by_text("A password alone is not enough here")).to_be_visible()
    picture(page, "staff-first-factor")

    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Codes for recovery")).to_be_visible()
    picture(page, "staff-recovery")
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Who needs help")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Who needs help")).to_be_visible()
    page.get_by_role("button", name="Sign-in and safety").click()
    expect(page.get_by_text("This page", exact=True)).to_be_visible()
    picture(page, "staff-security")
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("button", name="Manage").click()
    page.get_by_label("Name, such as Kiosk 3").fill("Kiosk 7")
    page.get_by_role("button", name="Make a pairing code").click()
    expect(page.get_by_text(re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}"))).to_be_visible()
    picture(page, "staff-manage")


def test_the_app_is_asked_for_when_it_was_added(store: Store, open_page: OpenPage, picture: Picture) -> None:
    page = open_page(f"{store.url}/marketing", PHONE)
    enter(page, store, "marc")
    page.get_by_role("button", name="Add an app").click()
    secret = page.locator("code").inner_text()
    picture(page, "staff-app")
    app = pyotp.TOTP(secret)
    page.get_by_label("Code").fill(app.now())
    page.get_by_role("button", name="Confirm the code").click()
    paper = page.locator("ul.codes code").first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()

    enter(page, store, "marc")
    page.get_by_label("Code").fill(paper)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)
