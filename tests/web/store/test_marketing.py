"""Campaigns: judged at each field before they are sent, shown live, ended only after a second thought."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import violations
from tests.web.store.builders import sign_in_crew
from tests.web.store.conftest import Served
from tests.web.store.mock_store import MockStore

pytestmark = pytest.mark.e2e


def _fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"input[name={name}]").fill(value)


def test_campaign_is_created_when_a_bad_field_was_corrected(page: Page, store: MockStore) -> None:
    sign_in_crew(page, "/marketing")
    page.get_by_role("button", name="New campaign").click()
    _fill(page, name="Printemps", label_fr="3 € offerts", label_en="€3 off", label_zh="立减 3 欧元")
    _fill(page, value="30", min_basket="20", budget="300,50")

    page.get_by_role("button", name="Save and launch").click()
    basket = page.get_by_label("From a basket of, in euros")
    expect(basket).to_be_focused()
    expect(basket).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert").first).to_have_text("1 field to correct.")
    assert len(store.campaigns) == 3
    _fill(page, value="3")
    expect(basket).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Save and launch").click()

    expect(page.get_by_role("status").filter(has_text="“Printemps” is saved.")).to_be_visible()
    made = store.campaigns[-1]
    assert made["effect"] == {"kind": "amount", "value": 300}
    assert (made["min_basket_minor"], made["budget_minor"], made["state"]) == (2000, 30050, "live")
    assert made["label"]["zh"] == "立减 3 欧元"
    assert [len(made[name]) for name in ("starts_at", "ends_at")] == [10, 10]  # days: the store knows its clock


def test_preview_follows_when_the_offer_is_typed(page: Page, store: MockStore) -> None:
    sign_in_crew(page, "/marketing")
    page.get_by_role("button", name="New campaign").click()
    assert store.campaigns

    _fill(page, label_en="€5 for a friend", value="5", budget="60")
    page.get_by_role("radio", name="Copy").check()

    preview = page.get_by_role("complementary", name="Preview")
    expect(preview).to_contain_text("€5 for a friend")
    expect(preview).to_contain_text("You get one of your own")
    expect(preview).to_contain_text("The budget carries 12 coupons of €5.00 at most.")


def test_campaign_ends_only_after_a_second_thought_when_end_is_pressed(page: Page, store: MockStore) -> None:
    sign_in_crew(page, "/marketing")
    card = page.locator("[data-campaign=campaign-1]")
    card.get_by_role("button", name="End").click()
    page.get_by_role("button", name="Cancel").click()
    assert store.campaigns[0]["state"] == "live"

    card.get_by_role("button", name="End").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()

    expect(card).to_contain_text("Ended")
    expect(card.get_by_role("button")).to_have_text(["Spread and worth"])
    assert store.campaigns[0]["state"] == "ended"


def test_funnel_and_fuel_follow_when_a_coupon_is_redeemed_elsewhere(page: Page, store: MockStore) -> None:
    sign_in_crew(page, "/marketing")
    page.get_by_text("Live", exact=True).first.wait_for()
    card = page.locator("[data-campaign=campaign-1]")
    expect(card.locator(".funnel .redeemed")).to_contain_text("31")
    store.campaigns[0]["funnel"]["redeemed"] = 32
    store.campaigns[0]["spent_minor"] = 6400

    store.tell("coupon.redeemed", {"campaign_id": "campaign-1"})

    expect(card.locator(".funnel .redeemed")).to_contain_text("32")
    expect(card.locator(".fuel .spent")).to_contain_text("€64.00")
    expect(card.locator(".fuel .left")).to_contain_text("€132.00")


def test_a_campaign_tells_what_it_did_in_words_and_figures_when_it_is_asked(page: Page) -> None:
    sign_in_crew(page, "/marketing")
    card = page.locator("[data-campaign]").first

    card.get_by_role("button", name="Spread and worth").click()

    expect(card.get_by_role("row", name="Claimed 80 80")).to_be_visible()
    expect(card.get_by_role("row", name="Seen 190 –")).to_be_visible()
    expect(card.get_by_text("60 received, 18 used")).to_be_visible()
    expect(card.get_by_text("Each holder brings 0.67 friends (K-factor).")).to_be_visible()
    expect(card.get_by_text("Came back to buy: +12% against those left out")).to_be_visible()


def test_a_campaign_asks_for_days_people_and_limits_when_the_folds_are_filled(page: Page, store: MockStore) -> None:
    sign_in_crew(page, "/marketing")
    page.get_by_role("button", name="New campaign").click()
    _fill(page, name="Samedi", label_fr="2 € offerts", label_en="€2 off", label_zh="减 €2")
    for fold in ("For whom and for which goods", "Days and hours", "Beside other coupons", "More limits"):
        page.get_by_text(fold, exact=True).click()

    page.get_by_role("checkbox", name="come at least once a month").check()
    expect(page.get_by_text("fewer than 20 people now")).to_be_visible()
    for day in ("Tue", "Wed", "Thu", "Fri", "Sun"):
        page.get_by_role("button", name=day).click()
    _fill(
        page, opens="09:00", closes="09:00", per_store="40", per_household="2", joint="autumn", categories="pasta, rice"
    )
    page.get_by_role("radio", name="Pool").check()
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.get_by_role("alert").first).to_have_text("2 fields to correct.")
    expect(page.get_by_text("It ends when it starts.")).to_be_visible()
    _fill(page, closes="12:00", width="5")
    preview = page.get_by_role("complementary", name="Preview")
    expect(preview).to_contain_text("On Monday, Saturday.")
    assert violations(page) == []
    page.get_by_role("button", name="Keep as draft").click()

    expect(page.get_by_role("status").filter(has_text="“Samedi” is saved.")).to_be_visible()
    made = store.campaigns[-1]
    assert made["conditions"] == {
        "opens": "09:00",
        "closes": "12:00",
        "days": [1, 6],
        "stores": [],
        "segments": ["regular"],
        "members_only": False,
        "first_purchase_only": False,
    }
    assert (made["limits"]["per_store"], made["limits"]["per_household"], made["limits"]["width"]) == (40, 2, 5)
    assert (made["joint"], made["categories"], made["share_mode"]) == ("autumn", ["pasta", "rice"], "pool")


def test_a_draft_is_mended_then_tried_by_a_few_when_marketing_is_not_sure(page: Page, store: MockStore) -> None:
    draft = next(one for one in store.campaigns if one["state"] == "draft")
    sign_in_crew(page, "/marketing")
    card = page.locator(f"[data-campaign={draft['campaign_id']}]")

    card.get_by_role("button", name="Edit").click()
    _fill(page, name="Mended")
    page.get_by_role("button", name="Keep as draft").click()
    card.get_by_role("button", name="Try it").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone numbers, one a line").fill("0612345678\n0687654321")
    dialog.get_by_role("button", name="Give 2 coupons").click()

    expect(dialog.get_by_text("TEST-0001-ABCD")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Close").click()
    assert (draft["name"], draft["state"]) == ("Mended", "test")


def test_a_branch_is_closed_with_a_reason_when_it_spreads_too_far(page: Page, store: MockStore) -> None:
    sign_in_crew(page, "/marketing")
    card = page.locator("[data-campaign]").first
    card.get_by_role("button", name="Spread and worth").click()

    card.get_by_role("button", name="Close branch").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Close", exact=True).click()
    assert store.cut is None
    dialog.get_by_label("Why").fill("posted on a forum")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Close", exact=True).click()

    expect(card.get_by_text("3 links closed, 2 coupons taken back.")).to_be_visible()
    assert store.cut is not None
    assert store.cut[1:] == ("posted on a forum", True)


def test_days_are_the_stores_when_the_browser_stands_on_the_other_side_of_the_world(
    browser: Browser, served: tuple[Served, str], store: MockStore
) -> None:
    span = {"starts_at": "2026-10-24T22:00:00Z", "ends_at": "2026-11-23T23:00:00Z"}
    store.campaigns[0] |= span | {"state": "draft"}
    store.campaigns[1] |= {"starts_at": "2026-11-01T23:30:00Z", "ends_at": "2026-11-23T17:00:00Z"}
    context = browser.new_context(base_url=served[1], locale="en-GB", timezone_id="Pacific/Auckland")
    page = context.new_page()
    try:
        sign_in_crew(page, "/marketing")
        cards = [page.locator(f"[data-campaign={store.campaigns[n]['campaign_id']}]") for n in range(2)]
        expect(cards[0].get_by_text("25 October 2026 to 23 November 2026")).to_be_visible()
        expect(cards[1].get_by_text("2 Nov 2026, 00:30 to 23 Nov 2026, 18:00")).to_be_visible()

        cards[0].get_by_role("button", name="Edit").click()

        expect(page.locator("input[name=starts]")).to_have_value("2026-10-25")
        expect(page.locator("input[name=ends]")).to_have_value("2026-11-23")
    finally:
        context.close()
