"""A merchant's own page: sales as they happen, what each day brought, all of it as a sheet."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.store.builders import sign_in_crew
from tests.web.store.mock_store import MockStore, a_sale

pytestmark = pytest.mark.e2e


def test_a_sale_stands_first_and_in_the_sums_when_it_happens_while_a_merchant_looks(
    page: Page, store: MockStore
) -> None:
    sign_in_crew(page, "/merchant")
    rows = page.locator(".sales li")
    expect(rows).to_have_count(10)
    expect(page.get_by_text("Live")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("Guest")
    expect(rows.nth(1)).to_contain_text("Refunded")
    expect(rows.nth(2)).to_contain_text("Refunded €3.20")

    store.sell(a_sale(104, payer="A*** B.", amount_minor=1999, cashback_minor=0))

    expect(page.get_by_text("Paid: €19.99, A*** B.", exact=True)).to_be_visible()
    expect(rows.first).to_contain_text("€19.99")
    expect(page.locator("section", has_text="Left").first).to_contain_text("64")
    page.get_by_role("button", name="Older sales").click()
    expect(rows).to_have_count(61)  # ten and the new one, fifty more
    page.get_by_role("button", name="Older sales").click()
    expect(rows).to_have_count(64)
    expect(page.get_by_role("button", name="Older sales")).not_to_be_visible()


def test_another_day_is_shown_until_today_is_chosen_again_when_a_merchant_looks_back(page: Page) -> None:
    sign_in_crew(page, "/merchant")

    page.get_by_role("button", name="Show Sun").click()

    expect(page.get_by_text("No sale on this day yet.")).to_be_visible()
    page.get_by_role("button", name="Show Today").click()
    expect(page.locator(".sales li").first).to_contain_text("€12.40")


def test_every_sum_of_a_day_is_in_view_when_the_screen_is_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in_crew(page, "/merchant")
    today = page.get_by_role("row", name="Today")

    sums = today.get_by_role("cell").filter(visible=True)
    expect(sums).to_have_count(4)
    for value in sums.all():
        box = value.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    expect(today).to_contain_text("€")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_another_day_keeps_to_itself_when_older_sales_of_the_one_before_come_late(page: Page) -> None:
    held: list[Route] = []
    page.route("**/sales?*cursor=*", lambda route: held.append(route))  # noqa: PLW0108 - the library marks what it is given
    sign_in_crew(page, "/merchant")
    with page.expect_request("**/sales?*cursor=*"):
        page.get_by_role("button", name="Older sales").click()
    page.get_by_role("button", name="Show Sun").click()
    expect(page.get_by_text("No sale on this day yet.")).to_be_visible()

    with page.expect_response("**/sales?*cursor=*") as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("() => new Promise((drawn) => setTimeout(() => requestAnimationFrame(drawn), 0))")

    expect(page.locator(".sales li")).to_have_count(0)


def test_a_sheet_is_saved_when_its_days_were_put_in_order(page: Page, store: MockStore, tmp_path: Path) -> None:
    sign_in_crew(page, "/merchant")
    page.get_by_label("First day").fill("2026-11-30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text("Choose a first and a last day, 31 days at most.")

    page.get_by_label("First day").fill("2026-11-02")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save").click()

    saving.value.save_as(tmp_path / "sheet.csv")
    assert (tmp_path / "sheet.csv").read_text() == "Ticket,Date\n"
    assert saving.value.suggested_filename == "ventes-demo-2026-11-02-2026-11-23.csv"
    assert store.sheets == [("2026-11-02", "2026-11-23", "en")]
    expect(page.get_by_text("The sheet is saved.")).to_be_visible()


def test_nothing_of_the_sales_is_shown_when_somebody_else_signs_in(page: Page, store: MockStore) -> None:
    store.roles = ["staff_assist"]

    sign_in_crew(page, "/merchant")

    expect(page.get_by_text("This is not a merchant’s account.")).to_be_visible()


def test_money_goes_back_or_a_manager_is_asked_when_a_merchant_names_goods_and_a_reason(
    page: Page, store: MockStore
) -> None:
    sign_in_crew(page, "/merchant")
    page.get_by_role("button", name="Refund ticket 103").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("You may give back €50.00 more today by yourself")).to_be_visible()
    expect(dialog.get_by_text("Pâtes")).to_have_count(0)  # all of it came back before
    act = dialog.get_by_role("button", name="Refund", exact=True)

    act.click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose at least one item.")
    expect(dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Nutella, €7.98").select_option("1")
    dialog.get_by_label("Reason").fill("the jar was open")
    act.click()

    expect(dialog.get_by_role("status")).to_have_text("€3.99 refunded: Wallet.")
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Refund ticket 101").click()
    dialog.get_by_label("Nutella, €7.98").select_option("2")
    dialog.get_by_label("Reason").fill("both were open")
    act.click()
    expect(dialog.get_by_role("status")).to_contain_text("A manager decides about €7.98")
    asked = [(each["payment_id"], each["lines"], each["reason"]) for each in store.given_back]
    assert asked == [
        ("payment-103", [{"line_id": "l1", "quantity": 1}], "the jar was open"),
        ("payment-101", [{"line_id": "l1", "quantity": 2}], "both were open"),
    ]
    expect(page.get_by_role("button", name="Refund ticket 102")).to_have_count(0)  # nothing of it is left
