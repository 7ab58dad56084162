"""Photograph every panel and lay the pictures side by side, to be looked at.

``python -m tests.web.screens [FOLDER] [fr,zh] [landscape,portrait] [name,...]``
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from tests.web import looking
from tests.web.builders import every_screen
from tests.web.mock_kiosk import MockKiosk, Served

SHAPES = {"landscape": (1280, 800), "portrait": (1080, 1920)}
CHROMIUM = "/usr/bin/chromium"
ON_A_SHEET = {
    "landscape": (3, 3, 640),
    "portrait": (5, 2, 400),
    "phone": (7, 1, 390),
    "narrow": (8, 1, 320),
    "desk": (3, 2, 640),
    "dark": (3, 2, 640),
}
"""Columns, rows and the width of one picture."""
MOST_HIGH_PX = 2400


def say(words: str) -> None:
    print(words)  # noqa: T201 - this is a program that speaks to a person


def main(folder: Path, locales: list[str], shapes: list[str], names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kiosk = MockKiosk(every_screen("fr")["welcome"])
    with Served(kiosk.app) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for shape in shapes:
            width, height = SHAPES[shape]
            page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
            page.on("pageerror", lambda error: say(f"page error: {error}"))
            page.on("console", lambda message: say(f"console: {message.text}") if message.type == "error" else None)
            page.goto(served.url)
            for locale in locales:
                screens = every_screen(locale)
                taken = []
                for name, screen in screens.items():
                    if names and name not in names:
                        continue
                    looking.newly(page, kiosk, screen, screens["out_of_order"])
                    page.wait_for_timeout(150)  # the camera's first picture
                    taken.append(folder / f"{shape}-{locale}-{name}.png")
                    page.screenshot(path=taken[-1], animations="disabled")
                    tall = page.evaluate("(m => m.scrollHeight - m.clientHeight)(document.querySelector('main'))")
                    if tall > 0:
                        say(f"{shape} {locale} {name}: scrolls {tall} px")
                for sheet in sheets(taken, shape, folder / f"sheet-{shape}-{locale}"):
                    say(str(sheet))
            page.close()
        browser.close()


def sheets(pictures: list[Path], shape: str, name: Path) -> Iterable[Path]:
    """Lay the pictures side by side, as many as can be looked at at once; yield the places of the sheets."""
    columns, rows, width = ON_A_SHEET[shape]
    for begin in range(0, len(pictures), columns * rows):
        tiles = []
        for picture in pictures[begin : begin + columns * rows]:
            seen = cv2.imread(str(picture))
            assert seen is not None
            high = round(seen.shape[0] * width / seen.shape[1])
            tile = cv2.resize(seen, (width, high), interpolation=cv2.INTER_AREA)[:MOST_HIGH_PX]
            strip = np.zeros((22, width, 3), np.uint8)
            words = picture.stem.split("-", 2)[-1]
            cv2.putText(strip, words, (4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
            tiles.append(np.vstack([strip, tile]))
        # Pages are as long as they are: beside each other they are made as high as the longest.
        most = max(tile.shape[0] for tile in tiles)
        tiles = [np.vstack([tile, np.zeros((most - tile.shape[0], width, 3), np.uint8)]) for tile in tiles]
        tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
        sheet = np.vstack([np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)])
        place = name.with_name(f"{name.name}-{begin // (columns * rows) + 1}.png")
        cv2.imwrite(str(place), sheet)
        yield place


if __name__ == "__main__":
    given = [*sys.argv[1:], *["", "", "", ""]]
    main(
        Path(given[0] or "var/screens"),
        (given[1] or "fr,en,zh").split(","),
        (given[2] or "landscape,portrait").split(","),
        [name for name in given[3].split(",") if name],
    )
