"""What people do at the kiosk, in the words of its screens."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Locator, Page, expect

from tests import wedge
from tests.e2e.stack import Camera, Stack


def begin(page: Page) -> None:
    """Bring the kiosk to its welcome screen, whatever the visitor before left behind."""
    for act in ("new_visit", "cancel_visit"):
        page.request.post(f"{page.url.rstrip('/')}/acts", data={"act": act})
    expect(page.get_by_role("heading", name="Scan your first item")).to_be_visible()


def press(page: Page, name: str) -> None:
    """Press the button of that name."""
    page.get_by_role("button", name=name, exact=False).first.click()


def type_code(page: Page, code: str) -> None:
    """Type a code as a keyboard-wedge scanner does: in one go, and ended with Enter."""
    wedge.type_code(page, code)


def line_of(page: Page, name: str) -> Locator:
    """Return the basket's line of a product."""
    return page.get_by_role("listitem").filter(has_text=name)


def key_in(page: Page, digits: str) -> None:
    """Type digits where the screen takes them from the keyboard."""
    page.keyboard.type(digits)


def enrol(page: Page, face: Camera, photographs: list[Path], *, name: str, phone: str, pin: str) -> None:
    """Join with a face: consent, details, three captures."""
    press(page, "Pay with my face")
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        expect(box).not_to_be_checked()
        box.check()
    press(page, "I agree, continue")
    page.get_by_label("First and last name").fill(name)
    page.get_by_label("Phone number").fill(phone)
    page.get_by_label("Choose a PIN").fill(pin)
    page.get_by_label("The PIN once more").fill(pin)
    press(page, "Continue")
    prove(page)
    for taken, photograph in enumerate(photographs, start=1):
        face.show(photograph)
        page.get_by_role("button", name=f"Take picture {taken} of {len(photographs)}").click()
        if taken < len(photographs):
            expect(page.get_by_role("button", name=f"Take picture {taken + 1} of {len(photographs)}")).to_be_visible()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    face.clear()


def prove(page: Page) -> None:
    """Show at the kiosk that the number is theirs, by the code that a demonstration shows."""
    page.get_by_label("The six digits of the message").fill(code_shown(page))
    press(page, "Continue")


def to_methods(page: Page) -> None:
    """Go from the basket to the ways of paying."""
    press(page, "Check and pay")
    page.get_by_role("button", name=re.compile("^Pay €")).click()
    expect(page.get_by_role("heading", name="How would you like to pay?")).to_be_visible()


def look(page: Page, face: Camera, photograph: Path, digits: str) -> None:
    """Choose the face, type the last four digits, look into the camera."""
    press(page, "With my face")
    expect(page.get_by_role("heading", name="Last 4 digits of your phone")).to_be_visible()
    key_in(page, digits)
    face.show(photograph)
    press(page, "Turn the camera on")


def confirm(page: Page, stack: Stack, pin: str) -> None:
    """Pay; with the PIN where the screen asks for it (a photograph proves no liveness, so it may)."""
    if panel(stack)["pin_needed"]:
        key_in(page, pin)
        press(page, "Continue")
    page.get_by_role("button", name=re.compile("^Pay €")).click()
    expect(page.get_by_role("heading", name="Paid:")).to_be_visible()


def pay_with_pin(page: Page, *, phone: str, pin: str) -> None:
    """Choose phone number and PIN, and go on to the confirmation."""
    press(page, "With phone and PIN")
    page.get_by_label("Phone number").fill(phone)
    page.get_by_role("textbox", name="PIN").fill(pin)
    press(page, "Go on to confirm")


def show_packs(page: Page, scan: Camera, packs: dict[Path, str]) -> None:
    """Hold one photographed pack after the other before the scan camera and see each become a line."""
    for photograph, name in packs.items():
        scan.show(photograph)
        expect(line_of(page, name)).to_be_visible()
    scan.clear()


def top_up(page: Page) -> None:
    """Put 50.00 of sandbox money into the wallet."""
    press(page, "€50")
    expect(page.get_by_text("€50.00").first).to_be_visible()


def claim(page: Page, phone: str) -> str:
    """Claim the shared coupon that the page shows; return the text of its QR code."""
    press(page, "Take this coupon")
    page.get_by_label("Phone number").fill(phone)
    press(page, "Keep it for me")
    expect(page.get_by_text("It is yours")).to_be_visible()
    [text] = [text for text in qr_texts(page) if text.startswith("SESAME:C:")]
    return text


def qr_texts(page: Page) -> list[str]:
    """Return what the QR codes on the page say."""
    addresses = [image.get_attribute("src") or "" for image in page.locator("img[src*='qr.svg']").all()]
    return [parse_qs(urlparse(address).query)["text"][0] for address in addresses]


def open_account(page: Page, stack: Stack, *, name: str, phone: str, pin: str) -> None:
    """Open an account on the shopper's page."""
    page.goto(f"{stack.server.url}/me")
    press(page, "Open an account")
    page.get_by_label("First and last name").fill(name)
    page.get_by_label("Phone number").fill(phone)
    page.get_by_label("Choose a PIN").fill(pin)
    page.get_by_label("The same PIN again").fill(pin)
    press(page, "Open the account")
    page.get_by_label("Code from the message").fill(code_shown(page))
    press(page, "Open the account")


def code_shown(page: Page) -> str:
    """Return the code that a demonstration shows instead of sending it."""
    told = page.get_by_text(re.compile(r"[Tt]he code is \d{6}"))
    expect(told).to_be_visible()
    found = re.search(r"\d{6}", told.inner_text())
    assert found is not None
    return found.group()


def sign_in(page: Page, stack: Stack, *, phone: str, pin: str) -> None:
    """Sign in on the shopper's page."""
    page.goto(f"{stack.server.url}/me")
    page.get_by_label("Phone number").fill(phone)
    page.get_by_role("textbox", name="PIN").fill(pin)
    page.get_by_role("button", name="Sign in").last.click()
    expect(page.get_by_text("Balance").first).to_be_visible()


def staff_sign_in(page: Page, stack: Stack, login: str, path: str) -> None:
    """Sign in to the attendants' or the marketing page."""
    page.goto(f"{stack.server.url}{path}")
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(stack.logins[login])
    page.get_by_role("button", name="Sign in").click()


def panel(stack: Stack) -> Any:
    """Return the panel that the kiosk shows, as data."""
    return stack.screen()["panel"]
