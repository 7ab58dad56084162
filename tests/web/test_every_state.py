"""Every state of the visit, in every language, on the page that shoppers see.

With ``SESAME_KEEP_PICTURES=1`` each is photographed into ``var/pictures/states``.
"""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kiosk.visit.states import State
from tests.axe import violations
from tests.web import looking
from tests.web.builders import every_screen
from tests.web.mock_kiosk import MockKiosk

pytestmark = pytest.mark.e2e

LOCALES = ["fr", "en", "zh"]
SHAPES = {"landscape": (1280, 800), "portrait": (1080, 1920)}
SAMPLE = ["shopping", "search_category", "review", "method", "confirming_pin", "receipt", "enrol_consent"]
GO_ON = """() => {
  const stop = document.activeElement;
  if (window.stops.includes(stop)) return "around";
  window.stops.push(stop);
  return "further";
}"""
PLACES_OF_STOPS = """() => {
  const all = [...document.querySelectorAll("body, body *")];
  return window.stops.filter((stop) => stop.isConnected).map((stop) => all.indexOf(stop));
}"""
MESSAGES = Path(__file__).resolve().parents[2] / "kiosk" / "ui" / "messages"
AREAS = "|".join(json.loads((MESSAGES / "en.json").read_text(encoding="utf-8")))
RAW_WORDS = looking.RAW_WORDS.replace("__NAMES__", AREAS)
PLACES = re.compile(r"\{(\w+)[:}]")


def test_every_state_of_the_visit_has_a_screen_to_look_at() -> None:
    shown = {screen["panel"]["name"] for screen in every_screen("fr").values()}

    assert shown == {state.value for state in State}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_reads_well_and_is_reached_when_it_is_shown(page: Page, kiosk: MockKiosk, locale: str) -> None:
    wrong: dict[str, object] = {}

    screens = every_screen(locale)
    for name, screen in screens.items():
        looking.newly(page, kiosk, screen, screens["out_of_order"])
        colours = locale == LOCALES[0]  # they are the same in every language
        found = [*violations(page, colours=colours), *looking.out_of_reach(page), *page.evaluate(RAW_WORDS)]
        found += looking.runs_beneath(page)
        if found := [*found, *page.evaluate(looking.TAB_STOPS)]:
            wrong[name] = found
        looking.keep_picture(page, f"landscape-{locale}-{name}")

    assert wrong == {}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("width", "height"), [(768, 1024), (1080, 1500)])
def test_every_way_to_begin_is_seen_when_the_upright_screen_is_short(
    page: Page, kiosk: MockKiosk, locale: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    screens = every_screen(locale)

    looking.newly(page, kiosk, screens["welcome"], screens["out_of_order"])

    looking.keep_picture(page, f"short-{width}-{locale}-welcome")
    assert looking.out_of_reach(page) == []
    assert looking.runs_beneath(page) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_fits_when_the_screen_stands_upright(page: Page, kiosk: MockKiosk, locale: str) -> None:
    width, height = SHAPES["portrait"]
    page.set_viewport_size({"width": width, "height": height})
    wrong: dict[str, object] = {}

    screens = every_screen(locale)
    for name, screen in screens.items():
        looking.newly(page, kiosk, screen, screens["out_of_order"])
        if found := looking.out_of_reach(page):
            wrong[name] = found
        looking.keep_picture(page, f"portrait-{locale}-{name}")

    assert wrong == {}


@pytest.mark.parametrize("name", SAMPLE)
def test_tab_goes_through_a_panel_as_it_is_read(page: Page, kiosk: MockKiosk, name: str) -> None:
    """From part to part in the page's own order: what is above, the panel, what is below, and around again."""
    looking.show(page, kiosk, every_screen("fr")[name])
    page.evaluate("() => { window.stops = [] }")

    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(GO_ON) == "around":
            break

    # Told at once for all, so that a part that comes or goes meanwhile moves nobody's place.
    stops: list[int] = page.evaluate(PLACES_OF_STOPS)
    first = stops.index(min(stops))
    assert len(stops) > 5
    assert [*stops[first:], *stops[:first]] == sorted(stops)


def test_words_keep_their_facts_when_they_are_translated() -> None:
    words = {locale: json.loads((MESSAGES / f"{locale}.json").read_text(encoding="utf-8")) for locale in LOCALES}
    flat = {
        locale: {f"{area}.{key}": text for area, texts in areas.items() for key, text in texts.items()}
        for locale, areas in words.items()
    }

    for locale in LOCALES:
        assert flat[locale].keys() == flat["en"].keys()
        assert [key for key, text in flat[locale].items() if not text.strip()] == []
        other = [
            key
            for key, text in flat[locale].items()
            if set(PLACES.findall(text)) != set(PLACES.findall(flat["en"][key]))
        ]
        assert other == []
    untranslated = [key for key, text in flat["zh"].items() if not re.search(r"[\u4e00-\u9fff]", text)]
    assert untranslated == []
