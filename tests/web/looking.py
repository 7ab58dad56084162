"""How the kiosk's page is shown and looked at: one panel at a time, by rules that a machine can check."""

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.web.builders import Json
from tests.web.mock_kiosk import MockKiosk

PICTURES = Path(__file__).resolve().parents[2] / "var" / "pictures" / "states"
LEAST_TARGET_PX = 72  # a kiosk's own bar; the rule is 48
HALF_A_LINE_PX = 12  # fonts differ a little between machines
# Every control that a finger could want, measured as it is drawn; a checkbox counts with the label around it.
SMALL_TARGETS = """least => [...document.querySelectorAll('button, input:not([type=range])')]
  .map(one => (one.type === 'checkbox' ? one.closest('label') : one))
  .filter(one => one.getClientRects().length && !one.closest('.visually-hidden'))
  .map(one => [one.textContent || one.id, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < least - 0.5 || (box.width < least - 0.5))
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
# What a person reads or hears that is no language: a key, a place for a fact left open, a value that was missing.
RAW_WORDS = """() => [document.querySelector('.frame').innerText,
    ...[...document.querySelectorAll('[aria-label]')].map(one => one.getAttribute('aria-label'))]
  .flatMap(text => text.match(/[{}]|undefined|NaN|\\[object|\\b(?:__NAMES__)\\.[a-z_]+\\b/g) ?? [])"""
# Something cut off by its own box: words wider than the button, line or card that holds them.
CUT_OFF = """() => [...document.querySelectorAll('button, h1, h2, p, dt, dd, .chip, .card, .slip')]
  .filter(one => one.getClientRects().length && !one.closest('.visually-hidden'))
  .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline')
  .map(one => `${one.tagName} ${one.className}: ${one.textContent}`)"""
# What would be reached out of the page's own order.
TAB_STOPS = """() => [...document.querySelectorAll('a, button, input, [tabindex]')]
  .filter(one => one.getClientRects().length && !one.disabled && one.tabIndex > 0).map(one => one.outerHTML)"""


def newly(page: Page, kiosk: MockKiosk, screen: Json, between: Json) -> None:
    """Show a screen as somebody sees it who comes to its panel: nothing is left of another screen of the same panel."""
    if page.locator(".frame").get_attribute("data-panel") == screen["panel"]["name"]:
        show(page, kiosk, between)
    show(page, kiosk, screen)


def show(page: Page, kiosk: MockKiosk, screen: Json) -> None:
    """Show a screen and wait until its panel stands there in its language."""
    kiosk.show(screen)
    page.wait_for_function(
        "([name, locale]) => document.querySelector('.frame')?.dataset.panel === name"
        " && document.documentElement.lang === locale",
        arg=[screen["panel"]["name"], screen["locale"]],
    )


def out_of_reach(page: Page) -> list[object]:
    """Return what scrolls sideways, is cut off, or is too small for a finger."""
    wide = "[document.documentElement, document.querySelector('main')].some(e => e.scrollWidth > e.clientWidth)"
    sideways: list[object] = ["scrolls sideways"] if page.evaluate(wide) else []
    return [*sideways, *page.evaluate(SMALL_TARGETS, LEAST_TARGET_PX), *page.evaluate(CUT_OFF)]


def runs_beneath(page: Page) -> list[object]:
    """Return by how much a panel is longer than the page, where that is more than half a line."""
    beneath = page.evaluate("(main => main.scrollHeight - main.clientHeight)(document.querySelector('main'))")
    return [f"runs {beneath} px beneath the page"] if beneath > HALF_A_LINE_PX else []


def keep_picture(page: Page, name: str) -> None:
    """Save what is seen, where pictures are wanted."""
    if os.environ.get("SESAME_KEEP_PICTURES") == "1":
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
