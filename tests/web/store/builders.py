"""How a person uses the store's pages, in verbs."""

from playwright.sync_api import FilePayload, Page


def sign_in_crew(page: Page, path: str, *, known: bool = True) -> None:
    page.goto(path)
    page.get_by_label("Name").fill("bilal")
    page.get_by_label("Password").fill("open" if known else "shut")
    page.get_by_role("button", name="Sign in").click()


def sign_in_shopper(page: Page) -> None:
    page.goto("/me")
    page.get_by_label("Phone number").fill("06 12 34 56 78")
    page.get_by_label("PIN").fill("4827")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Good day").wait_for()


def sideways_px(page: Page) -> int:
    """Return by how much the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def small_targets(page: Page) -> list[str]:
    """Return buttons and fields that are lower or narrower than 48 px."""
    script = """() => [...document
        .querySelectorAll('button, .button, .brand, input:not([type=radio], [type=checkbox])')]
        .filter((one) => one.checkVisibility())
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 47.5 || box.width < 47.5)
        .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
    return list(page.evaluate(script))


def choose_list(page: Page, csv: str) -> None:
    """Choose a sponsor's list from the disk."""
    chosen: FilePayload = {"name": "list.csv", "mimeType": "text/csv", "buffer": csv.encode()}
    page.get_by_label("List (CSV)").set_input_files(chosen)
