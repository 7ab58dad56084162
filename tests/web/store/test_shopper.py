"""A shopper's own page: open an account, add sandbox money, pay by code, share, withdraw the face."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.axe import violations
from tests.web.store.builders import sign_in_shopper
from tests.web.store.mock_store import MockStore

pytestmark = pytest.mark.e2e


def test_account_opens_at_zero_when_name_number_and_pin_are_given(page: Page, store: MockStore) -> None:
    page.goto("/me")
    page.get_by_role("button", name="Open an account").click()
    page.get_by_label("First and last name").fill("Noa Petit")
    page.get_by_label("Phone number").fill("+33 6 12 34 56 78")
    page.get_by_label("Choose a PIN").fill("4827")
    page.get_by_label("The same PIN again").fill("4828")
    page.get_by_role("button", name="Open the account").click()
    expect(page.get_by_text("The two PINs differ.")).to_be_visible()
    assert store.account["name"] == "Lina Durand"

    page.get_by_label("The same PIN again").fill("4827")
    page.get_by_role("button", name="Open the account").click()

    expect(page.get_by_role("heading", name="Good day, Noa Petit")).to_be_visible()
    expect(page.locator(".figure")).to_have_text("€0.00")
    expect(page.get_by_text("No face is kept for you.")).to_be_visible()


def test_account_opens_when_the_code_from_the_message_is_typed_where_the_store_wants_the_number_proven(
    page: Page, store: MockStore
) -> None:
    store.proven = "nothing yet"
    page.goto("/me")
    page.get_by_role("button", name="Open an account").click()
    page.get_by_label("First and last name").fill("Noa Petit")
    page.get_by_label("Phone number").fill("+33 6 12 34 56 78")
    page.get_by_label("Choose a PIN").fill("4827")
    page.get_by_label("The same PIN again").fill("4827")
    page.get_by_role("button", name="Open the account").click()
    expect(page.get_by_text("A code is on its way to *** 5678.")).to_contain_text("The code is 482913.")

    page.get_by_label("Code from the message").fill("482914")
    page.get_by_role("button", name="Open the account").click()
    expect(page.get_by_role("alert")).to_have_text("That is another code. Tries left: 4.")
    page.get_by_label("Code from the message").fill("482913")
    page.get_by_role("button", name="Open the account").click()

    expect(page.get_by_role("heading", name="Good day, Noa Petit")).to_be_visible()


def test_the_number_that_the_privacy_officer_asks_for_is_on_the_page(page: Page, store: MockStore) -> None:
    sign_in_shopper(page)

    expect(page.get_by_role("region", name="Who looked").locator("code")).to_have_text(store.account["customer_id"])


def test_sign_in_is_refused_in_words_when_the_pin_is_wrong(page: Page, store: MockStore) -> None:
    page.goto("/me")
    page.get_by_label("Phone number").fill("0612345678")
    page.get_by_label("PIN").fill("1379")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_have_text("This PIN does not match the phone number. Tries left: 4.")
    assert store.account


def test_balance_grows_and_says_sandbox_when_money_is_added(page: Page, store: MockStore) -> None:
    sign_in_shopper(page)
    expect(page.get_by_text("no real card is asked for")).to_be_visible()

    page.get_by_role("button", name="+ €20.00").click()

    expect(page.get_by_role("status").filter(has_text="€20.00 added. New balance: €62.82.")).to_be_visible()
    expect(page.locator(".figure")).to_have_text("€62.82")
    assert store.account["balance_minor"] == 6282


def test_pay_code_counts_down_when_shown(page: Page, store: MockStore) -> None:
    sign_in_shopper(page)
    assert store.account

    page.get_by_role("button", name="Show a pay code").click()

    qr = page.get_by_role("img", name="QR code to pay with")
    assert "SESAME%3AW%3A40718236" in str(qr.get_attribute("src"))
    expect(page.get_by_text("4071 8236", exact=True)).to_be_visible()
    expect(page.locator(".code .chip")).to_have_text(re.compile(r"^(2:00|1:5\d) left$"))
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(qr).to_have_count(0)


def test_link_shows_with_qr_when_a_coupon_is_shared_without_a_share_sheet(page: Page, store: MockStore) -> None:
    page.add_init_script("delete Navigator.prototype.share")
    sign_in_shopper(page)

    page.get_by_role("button", name="Share").click()

    dialog = page.get_by_role("dialog", name="Share the coupon")
    expect(dialog.get_by_label("Link")).to_have_value(page.url.replace("/me", "/c/open-gift"))
    expect(dialog.get_by_role("img", name="QR code of the link")).to_be_visible()
    assert store.account["coupons"][0]["state"] == "shared"


def test_share_sheet_gets_the_link_when_the_phone_has_one(page: Page, store: MockStore) -> None:
    page.add_init_script("Navigator.prototype.share = async (what) => { window.shared = what; }")
    sign_in_shopper(page)
    assert store.account

    page.get_by_role("button", name="Share").click()

    page.wait_for_function("window.shared !== undefined")
    assert page.evaluate("window.shared.url") == page.url.replace("/me", "/c/open-gift")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_face_is_blocked_at_one_press_and_freed_by_the_pin_alone(page: Page, store: MockStore) -> None:
    sign_in_shopper(page)

    page.get_by_role("button", name="Block paying by face").click()
    expect(page.get_by_role("heading", name="Blocked since")).to_be_visible()
    assert store.account["face"]["frozen_at"] is not None
    page.get_by_label("Your PIN, to unblock it").fill("0000")
    page.get_by_role("button", name="Unblock").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Your PIN, to unblock it").fill("4821")
    page.get_by_role("button", name="Unblock").click()

    expect(page.get_by_role("button", name="Block paying by face")).to_be_visible()
    assert store.account["face"]["frozen_at"] is None


def test_face_is_gone_with_a_receipt_when_withdrawn(page: Page, store: MockStore) -> None:
    sign_in_shopper(page)
    page.get_by_role("button", name="Withdraw my face").click()
    page.get_by_role("button", name="Keep it").click()
    assert store.account["face"]["enrolled"]

    page.get_by_role("button", name="Withdraw my face").click()
    page.get_by_role("button", name="Yes, erase it").click()
    expect(page.get_by_text("A PIN has 4 to 6 digits.")).to_be_visible()
    page.get_by_role("dialog").get_by_label("PIN").fill("1379")
    page.get_by_role("button", name="Yes, erase it").click()
    expect(page.get_by_role("alert")).to_have_text("This PIN does not match the phone number. Tries left: 4.")
    assert store.account["face"]["enrolled"]

    page.get_by_role("button", name="Withdraw my face").click()
    page.get_by_role("dialog").get_by_label("PIN").fill("4827")
    page.get_by_role("button", name="Yes, erase it").click()

    expect(page.get_by_role("heading", name="Receipt of erasure")).to_be_visible()
    expect(page.get_by_text("References erased: 1")).to_be_visible()
    expect(page.get_by_text("waiting for its answer")).to_be_visible()
    # The receipt asks again by itself until each kiosk has confirmed.
    expect(page.get_by_text("confirmed at")).to_have_count(2)
    expect(page.get_by_text("No face is kept for you.")).to_be_visible()
    assert not store.account["face"]["enrolled"]


def test_a_household_is_joined_and_left_when_a_code_is_read_out(page: Page, store: MockStore) -> None:
    sign_in_shopper(page)
    home = page.get_by_role("region", name="Household")

    home.get_by_role("button", name="Let somebody in").click()
    expect(home.get_by_text("8765 4321")).to_be_visible()
    home.get_by_label("Code of another household").fill("1234 5678")
    home.get_by_role("button", name="Join").click()
    expect(home.get_by_text("You are 3 people together.")).to_be_visible()
    home.get_by_role("button", name="Leave the household").click()

    expect(home.get_by_text("You are on your own here.")).to_be_visible()
    assert store.people == 1


def test_all_is_erased_with_a_receipt_when_somebody_leaves_after_their_money_was_paid_out(
    page: Page, store: MockStore
) -> None:
    sign_in_shopper(page)
    page.get_by_role("button", name="See what happens").click()
    expect(page.get_by_text("ten years, as the law on accounts asks")).to_be_visible()
    expect(page.get_by_role("button", name="Erase everything")).to_have_count(0)
    page.locator("[name=leave_pin]").fill("4827")
    page.get_by_role("button", name="Have it paid out at the desk").click()
    expect(page.get_by_text("0417")).to_be_visible()
    page.get_by_role("button", name="I have the money").click()
    expect(page.get_by_text("You give up €3.20")).to_be_visible()

    page.get_by_role("button", name="Erase everything").click()
    page.locator("[name=leave_sure_pin]").fill("4827")
    page.get_by_role("button", name="Yes, erase everything").click()

    expect(page.get_by_role("heading", name="Everything is erased")).to_be_visible()
    (asked,) = store.closed
    assert asked["gives_up_minor"] == 320
    expect(page.get_by_text(asked["closing_id"])).to_be_visible()
    expect(page.get_by_text("confirmed at")).to_have_count(2)
    assert violations(page, best_practice=True) == []
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_an_item_goes_back_when_its_buyer_says_what_is_wrong(page: Page, store: MockStore) -> None:
    page.goto("/t/ticket-1")
    expect(page.get_by_text("Sign in on your page")).to_be_visible()
    sign_in_shopper(page)
    page.goto("/t/ticket-1")

    page.get_by_role("button", name="Choose items").click()
    act = page.get_by_role("button", name="Ask for the money back")
    expect(act).to_be_disabled()
    page.get_by_role("combobox").first.select_option("1")
    page.get_by_role("button", name="Damaged").click()
    act.click()

    expect(page.get_by_text("€1.20 go back the way you paid.")).to_be_visible()
    (asked,) = store.returned
    assert (asked["ticket_id"], asked["reason"], [one["quantity"] for one in asked["lines"]]) == (
        "ticket-1",
        "damaged",
        [1],
    )


def test_shelves_of_a_voucher_are_named_in_the_language_of_the_page(page: Page, store: MockStore) -> None:
    store.account["vouchers"][0]["categories"] = ["pasta", "hot-drinks", "a shelf of its own"]
    sign_in_shopper(page)
    expect(page.get_by_text("For pasta, coffee, tea and hot chocolate and a shelf of its own")).to_be_visible()

    page.get_by_role("button", name="Français").click()

    expect(page.get_by_text("Pour pâtes, cafés, thés et chocolats chauds et a shelf of its own")).to_be_visible()
