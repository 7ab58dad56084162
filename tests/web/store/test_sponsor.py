"""Credit for many: a list with a fault is not kept, and what was done with it is told as sums over many."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.store.builders import choose_list, sign_in_crew
from tests.web.store.mock_store import MockStore

pytestmark = pytest.mark.e2e

HEAD = "name,phone,amount\n"


def test_a_list_is_kept_funded_and_sent_when_its_fault_was_mended(page: Page, store: MockStore) -> None:
    sign_in_crew(page, "/sponsor")
    page.get_by_role("button", name="New list").click()
    for language in ("French", "English", "Chinese"):
        page.get_by_label(f"In {language}").fill("Welcome")

    choose_list(page, HEAD + "Lina,0612345678,10\nBen,nonsense,10\n")
    expect(page.get_by_role("row", name="3 phone This is no phone number.")).to_be_visible()
    expect(page.get_by_role("button", name="Keep the list")).to_be_disabled()
    choose_list(page, HEAD + "Lina,0612345678,10\nBen,0687654321,10\n")
    expect(page.get_by_text("2 people, €20.00 in all: nothing is wrong.")).to_be_visible()
    page.get_by_role("button", name="Keep the list").click()
    card = page.locator("[data-batch]").first
    for verb in ("Fund", "Send"):
        card.get_by_role("button", name=verb).click()
        page.get_by_role("dialog").get_by_role("button", name=verb).click()
        expect(page.get_by_role("dialog")).not_to_be_visible()

    expect(card).to_contain_text("Sent")
    assert store.batches[0]["state"] == "sent"


def test_figures_are_told_for_many_and_not_for_few_when_a_sponsor_asks(page: Page) -> None:
    sign_in_crew(page, "/sponsor")
    many, few = page.locator("[data-batch=batch-1]"), page.locator("[data-batch=batch-2]")

    many.get_by_role("button", name="Report").click()
    few.get_by_role("button", name="Report").click()

    expect(many).to_contain_text("€182.10")
    expect(few).to_contain_text("Told from 20 people on.")
    expect(few).to_contain_text("€450.00")
