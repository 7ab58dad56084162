"""Money between people in a browser, on the whole store: an order in words, plain words, the PIN, the statement."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from checkout import EUR, PSP_SANDBOX, Money, Posting, Transfer, TransferKind, main_account
from server.api.detached import StoreProtocol
from server.app import create_app
from server.db.database import Database
from server.flows.ports import Work
from server.settings import Settings
from tests.server.builders import NOON, an_id
from tests.server.people.builders import PIN, a_customer, some_people
from tests.server.people.served import Announced
from tests.server.stocked import a_small_store

pytestmark = pytest.mark.e2e
LINA, BEN = "+33199007101", "+33199007102"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Yield the address of a whole store with two shoppers, one of whom has 50.00."""
    url = a_small_store(tmp_path / "store.db")
    people = some_people()
    app = create_app(Settings(database_url=url, var_dir=tmp_path))
    listening = socket.create_server(("127.0.0.1", 0))
    server = Announced(uvicorn.Config(app, http=StoreProtocol, log_level="warning", access_log=False))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    assert server.ready.wait(60)
    app.state.house.people = people

    def two_shoppers(work: Work) -> None:
        lina = a_customer(work, people, phone=LINA)
        a_customer(work, people, phone=BEN, name="Ben Martin")
        posting = Posting(PSP_SANDBOX, main_account(lina.customer_id), Money(5000, EUR))
        work.ledger.post([Transfer(an_id(), TransferKind.TOPUP, "test", (posting,))], at=NOON)

    database = Database(url)
    database.write(two_shoppers)
    database.close()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)
        listening.close()


def signed_in(browser: Browser, address: str, phone: str) -> Page:
    context = browser.new_context(base_url=address, viewport={"width": 375, "height": 760}, locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto("/me")
    page.get_by_label("Phone number").fill(phone)
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("region", name="Between people").wait_for()
    return page


def test_an_order_in_words_becomes_money_with_a_friend_and_a_request_comes_back(browser: Browser, address: str) -> None:
    lina = signed_in(browser, address, LINA)
    people = lina.get_by_role("region", name="Between people")

    people.get_by_label("In one sentence").fill(f"envoyer 20,000 euros à {BEN} pizza 🍕")
    people.get_by_role("button", name="Fill in the form").click()
    people.get_by_role("button", name="€20.00").click()
    people.get_by_label("Keep this number under the name").fill("Luc")
    people.get_by_role("button", name="Go on").click()
    expect(people.get_by_role("heading", name="You send €20.00 to Luc (*** 7102).")).to_be_focused()
    expect(people.get_by_text("They see your name like this: “Lina D.”")).to_be_visible()
    expect(people.get_by_role("alert")).to_contain_text("Only adults send money.")
    people.get_by_role("button", name="I am 18 or over").click()
    people.get_by_label("Your PIN").fill("9999")
    people.get_by_role("button", name="Send €20.00").click()
    expect(people.get_by_role("alert")).to_contain_text("Tries left: 4.")
    people.get_by_label("Your PIN").fill(PIN)
    people.get_by_role("button", name="Send €20.00").click()

    expect(people.get_by_text("Done: €20.00 sent to Luc (*** 7102).")).to_be_visible()
    expect(lina.locator(".figure")).to_have_text("€30.00")
    movement = lina.get_by_role("region", name="Movements").locator("li").first
    expect(movement).to_contain_text("Sent to Luc")
    expect(movement).to_contain_text("pizza 🍕")

    ben = signed_in(browser, address, BEN)
    his = ben.get_by_role("region", name="Between people")
    expect(ben.locator(".figure")).to_have_text("€20.00")
    expect(his.get_by_text("From Lina D.")).to_be_visible()
    his.get_by_role("button", name="Ask", exact=True).click()
    his.get_by_label("To whom").fill(LINA)
    his.get_by_label("Amount").fill("5")
    his.get_by_role("button", name="Go on").click()
    his.get_by_role("button", name="Ask for €5.00").click()
    expect(his.get_by_text("Asked: €5.00 of L*** D. (*** 7101).")).to_be_visible()

    lina.reload()
    people.get_by_role("button", name="Pay €5.00").click()
    people.get_by_label("Your PIN").first.fill(PIN)
    people.get_by_role("button", name="Send €5.00").click()
    expect(lina.locator(".figure")).to_have_text("€25.00")
    people.get_by_role("button", name="Luc", exact=True).click()
    people.get_by_role("button", name="Forget the name Luc (*** 7102)").click()
    expect(people.get_by_text("Luc (*** 7102) is forgotten.")).to_be_visible()
    expect(people.get_by_role("button", name="Luc", exact=True)).to_have_count(0)
    lina.context.close()
    ben.context.close()
