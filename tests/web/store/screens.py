"""Photograph every page of the store in each language and lay the pictures side by side, to be looked at.

``python -m tests.web.store.screens [FOLDER] [fr,zh] [phone,desk] [name,...]``; ``narrow`` is a phone of 320 px,
``dark`` a desk at night.
"""

import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests.web.screens import CHROMIUM, say, sheets
from tests.web.store.builders import sideways_px
from tests.web.store.conftest import Served
from tests.web.store.test_every_page import STATES

SHAPES = {"phone": (390, 844), "narrow": (320, 640), "desk": (1280, 800), "dark": (1280, 800)}
LOCALES = {"fr": "Français", "en": "English", "zh": "中文"}
CHOOSE = "name => [...document.querySelectorAll('.languages button')].find(one => one.innerText === name).click()"


def main(folder: Path, locales: list[str], shapes: list[str], names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    served = Served()
    url = served.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for shape in shapes:
            width, height = SHAPES[shape]
            taken: dict[str, list[Path]] = {locale: [] for locale in locales}
            for name, reach in STATES.items():
                if names and name not in names:
                    continue
                served.store.reset()
                context = browser.new_context(
                    base_url=url,
                    viewport={"width": width, "height": height},
                    locale="en-GB",
                    reduced_motion="reduce",
                    color_scheme="dark" if shape == "dark" else "light",
                )
                page = context.new_page()
                page.on("pageerror", lambda error: say(f"page error: {error}"))
                try:
                    reach(page)
                except Error as error:
                    say(f"{shape} {name}: {error}")
                for locale in locales:
                    page.evaluate(CHOOSE, LOCALES[locale])
                    page.wait_for_function("locale => document.documentElement.lang === locale", arg=locale)
                    if wide := sideways_px(page):
                        say(f"{shape} {locale} {name}: {wide} px too wide")
                    taken[locale].append(folder / f"{shape}-{locale}-{name.replace(' ', '_')}.png")
                    page.screenshot(path=taken[locale][-1], animations="disabled", full_page=True)
                context.close()
            for locale, pictures in taken.items():
                for sheet in sheets(pictures, shape, folder / f"sheet-{shape}-{locale}"):
                    say(str(sheet))
        browser.close()
    served.stop()


if __name__ == "__main__":
    given = [*sys.argv[1:], *["", "", "", ""]]
    main(
        Path(given[0] or "var/screens"),
        (given[1] or "fr,en,zh").split(","),
        (given[2] or "phone,desk").split(","),
        [name for name in given[3].split(",") if name],
    )
