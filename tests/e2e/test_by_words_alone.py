"""Visits of people whom nobody shows how: one who only reads the screen, one in a hurry."""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import Stack
from tests.e2e.test_main_job import faces, packs

__all__ = ["faces", "packs"]  # fixtures

pytestmark = pytest.mark.e2e

BEN = {"name": "Ben Morel", "phone": "+33687654321", "pin": "8264"}
LINA = {"name": "Lina Durand", "phone": "+33612345678", "pin": "7391"}
NOE = {"name": "Noe Faure", "phone": "+33611223344", "pin": "5926"}
OpenPage = Callable[..., Page]

CODES = ["0000105000011", "0000105000196", "0000105000219", "0000105000318", "3017620422003"]
"""Of the demonstration's products: what a scanner types."""
MOST_SECONDS = 60
MOST_STEPS = 15
MOST_TABS = 40
SAID_BY_FOCUS = """() => {
  const stop = document.activeElement;
  return stop === document.body ? "" : stop.innerText || stop.ariaLabel || "";  // the page itself says everything
}"""
A_PERSONS_PAUSE_MS = 80
"""Between keys: what comes quicker is a scanner's."""


def tell(words: str) -> None:
    """Print past pytest's capture: the time of a visit is a result."""
    sys.__stdout__.write(f"\n{words}\n")  # type: ignore[union-attr] # a terminal or a file


def account(open_page: OpenPage, shop: Stack, who: dict[str, str]) -> None:
    page = open_page(shop.server.url, PHONE)
    people.open_account(page, shop, **who)
    people.top_up(page)


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def buttons(page: Page) -> list[str]:
    """Return the words of the buttons that can be pressed, as a person sees them."""
    return [
        " ".join(words.split())
        for one in page.get_by_role("main").get_by_role("button").all()
        if one.is_enabled() and (words := one.inner_text())
    ]


def press_words(page: Page, words: str) -> None:
    page.get_by_role("main").get_by_role("button").filter(has_text=re.compile(words)).first.click()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads one language and knows no more than its words: which to look for, in the order of what they want."""

    language: str
    begin: str
    type_code: str
    add: str
    total: str
    phone: str
    pin: str
    ways_on: tuple[str, ...]
    paying: str
    paid: str


READERS = {
    "en": Reader(
        "English", "Scan", "Type a code", "Add", "Total", "Phone number", "PIN",
        ("phone and PIN", "[Pp]ay", "[Cc]onfirm"), "Paying", "Paid",
    ),
    "fr": Reader(
        "Français", "Scannez", "Taper un code", "Ajouter", "Total", "Numéro de téléphone", "Code PIN",
        ("Téléphone et code PIN", "[Pp]ayer", "confirmation"), "Paiement", "Payé",
    ),
    "zh": Reader(
        "中文", "扫描", "输入条码", "添加", "合计", "手机号", "密码",
        ("手机号与密码", "并付款|支付", "确认"), "正在付款", "已付款",
    ),
}  # fmt: skip
NEWCOMERS = {
    "en": BEN,
    "fr": {"name": "Ines Petit", "phone": "+33622334455", "pin": "6482"},
    "zh": {"name": "Lin Chen", "phone": "+33633445566", "pin": "9357"},
}


@pytest.mark.parametrize("language", READERS)
def test_newcomer_who_only_reads_the_screen_finishes_a_visit(shop: Stack, open_page: OpenPage, language: str) -> None:
    who, read = NEWCOMERS[language], READERS[language]
    account(open_page, shop, who)
    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)
    since = time.monotonic()
    kiosk.get_by_role("button", name=read.language).click()
    expect(kiosk.get_by_role("heading", level=1)).to_contain_text(read.begin)
    press_words(kiosk, read.type_code)
    dialog = kiosk.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(CODES[0])  # the only field there is, for the digits under the bars
    dialog.get_by_role("button", name=read.add).click()
    expect(kiosk.get_by_text(read.total, exact=True)).to_be_visible()

    seen: list[str] = []
    for _ in range(MOST_STEPS):
        title = heading(kiosk)
        seen.append(title)
        if title.startswith(read.paid):
            break
        for label, said in ((read.phone, who["phone"]), (read.pin, who["pin"])):
            field = kiosk.get_by_role("textbox", name=label)
            if field.count() and field.first.is_visible():
                field.first.fill(said)
        ways_on = kiosk.get_by_role("main").get_by_role("button", disabled=False)
        expect(ways_on.filter(has_text=re.compile("|".join(read.ways_on))).first).to_be_visible()
        offered = buttons(kiosk)
        wish = next((word for word in read.ways_on if any(re.search(word, one) for one in offered)), None)
        if wish is None:
            continue  # the screen went on between the two looks at it
        press_words(kiosk, wish)
        expect(kiosk.get_by_role("heading", level=1)).not_to_have_text(title)
        expect(kiosk.get_by_role("heading", level=1)).not_to_have_text(re.compile(read.paying))

    assert seen[-1].startswith(read.paid)
    tell(f"newcomer in {language}, 1 item, phone and PIN: {time.monotonic() - since:.1f} s over {len(seen)} screens")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus says these words."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if words in page.evaluate(SAID_BY_FOCUS):
            return
    raise AssertionError(f"Tab never came to {words!r}")


def test_a_keyboard_alone_does_a_whole_visit(shop: Stack, open_page: OpenPage) -> None:
    """From a typed code to the receipt with Tab, Enter and digits: no pointer, no camera, no scanner."""
    account(open_page, shop, NOE)
    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)
    keys = kiosk.keyboard

    tab_to(kiosk, "Type a code")
    keys.press("Enter")
    expect(kiosk.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    keys.type(CODES[0], delay=A_PERSONS_PAUSE_MS)
    keys.press("Enter")
    expect(kiosk.locator(".line")).to_have_count(1)
    for words, next_heading in (("Check and pay", "All right so far?"), ("Pay €", "How would you like to pay?")):
        tab_to(kiosk, words)
        keys.press("Enter")
        expect(kiosk.get_by_role("heading", name=next_heading)).to_be_focused()
    tab_to(kiosk, "With phone and PIN")
    keys.press("Enter")
    expect(kiosk.get_by_role("textbox", name="Phone number")).to_be_focused()
    keys.type(NOE["phone"], delay=A_PERSONS_PAUSE_MS)
    keys.press("Enter")
    expect(kiosk.get_by_role("textbox", name="PIN")).to_be_focused()
    keys.type(NOE["pin"], delay=A_PERSONS_PAUSE_MS)
    keys.press("Enter")
    expect(kiosk.get_by_role("heading", name=re.compile("^Pay €"))).to_be_focused()
    tab_to(kiosk, "Pay €")
    keys.press("Enter")

    expect(kiosk.get_by_role("heading", name="Paid:")).to_be_focused()
    assert people.panel(shop)["subject"] == "N*** F."


@pytest.mark.data
def test_twelve_items_are_paid_by_face_within_a_minute(
    shop: Stack, open_page: OpenPage, faces: dict[str, list[Path]], packs: dict[Path, str]
) -> None:
    lina = faces["John_Salley"]
    kiosk, phone = open_page(shop.kiosk.url), open_page(shop.server.url, PHONE)
    people.begin(kiosk)
    people.enrol(kiosk, shop.face, lina[:3], **LINA)
    people.press(kiosk, "Done")
    people.sign_in(phone, shop, phone=LINA["phone"], pin=LINA["pin"])
    people.top_up(phone)
    since = time.monotonic()

    people.show_packs(kiosk, shop.scan, packs)
    for number, code in enumerate([*CODES[:4], *CODES[:4], CODES[0]], start=len(packs) + 1):
        people.type_code(kiosk, code)
        expect(kiosk.locator(".basket-head .chip")).to_have_text(f"{number} items")
    people.to_methods(kiosk)
    people.look(kiosk, shop.face, lina[5], LINA["phone"][-4:])
    expect(kiosk.get_by_text("L*** D.")).to_be_visible()
    shop.face.clear()
    people.confirm(kiosk, shop, LINA["pin"])

    taken = time.monotonic() - since
    tell(f"12 items by scan, paid by face: {taken:.1f} s")
    assert sum(line["quantity"] for line in shop.screen()["basket"]["lines"]) == 12
    assert taken < MOST_SECONDS
