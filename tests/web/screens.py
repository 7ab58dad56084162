"""Photograph every panel: ``python tests/web/screens.py FOLDER [fr,zh] [landscape,portrait] [name,...]``."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.web.builders import every_screen
from tests.web.mock_kiosk import MockKiosk, Served

SHAPES = {"landscape": (1280, 800), "portrait": (1080, 1920)}
CHROMIUM = "/usr/bin/chromium"


def say(words: str) -> None:
    print(words)  # noqa: T201 - this is a program that speaks to a person


def main(folder: Path, locales: list[str], shapes: list[str], names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kiosk = MockKiosk(every_screen("fr")["welcome"])
    with Served(kiosk.app) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for shape in shapes:
            width, height = SHAPES[shape]
            page = browser.new_page(viewport={"width": width, "height": height})
            page.on("pageerror", lambda error: say(f"page error: {error}"))
            page.on("console", lambda message: say(f"console: {message.text}") if message.type == "error" else None)
            page.goto(served.url)
            for locale in locales:
                for name, screen in every_screen(locale).items():
                    if names and name not in names:
                        continue
                    kiosk.show(screen)
                    page.locator(f".frame[data-panel={screen['panel']['name']}]").wait_for()
                    kiosk.see({"role": "scan", "box": [0.37, 0.41, 0.27, 0.32], "hint": "ok", "progress": 0})
                    page.wait_for_timeout(650)
                    page.screenshot(path=folder / f"{shape}-{locale}-{name}.png")
                    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                    tall = page.evaluate("(m => m.scrollHeight - m.clientHeight)(document.querySelector('main'))")
                    say(f"{shape} {locale} {name}: sideways={wide} main scrolls={tall}px")
            page.close()
        browser.close()


if __name__ == "__main__":
    given = [*sys.argv[1:], *["", "", ""]]
    main(
        Path(given[0] or "var/screens"),
        (given[1] or "fr,zh").split(","),
        (given[2] or "landscape,portrait").split(","),
        [name for name in given[3].split(",") if name],
    )
