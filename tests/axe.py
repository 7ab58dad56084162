"""What axe has to say about a page as it stands: the rules of WCAG 2.2 AA."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = "color-contrast"
"""The rule about colours, which takes more time than all others together."""


def violations(page: Page, *, best_practice: bool = False, colours: bool = True) -> list[str]:
    """Return what is broken, as "rule: target, and how to mend it".

    Args:
        page: As it stands.
        best_practice: Look for what no law asks for, too.
        colours: Look at them as well; not where the same ones were looked at before.
    """
    return _broken(
        page,
        {
            "runOnly": {"type": "tag", "values": [*WCAG, "best-practice"] if best_practice else WCAG},
            "rules": {} if colours else {COLOURS: {"enabled": False}},
        },
    )


def faint(page: Page) -> list[str]:
    """Return what cannot be read well in the colours of now: enough, where nothing but they has changed."""
    return _broken(page, {"runOnly": {"type": "rule", "values": [COLOURS]}})


def _broken(page: Page, rules: dict[str, object]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # half a megabyte: given to a page once, not for each look at it
    rules["resultTypes"] = ["violations"]  # nobody reads the rest, and listing it takes as long as looking
    found = page.evaluate("rules => axe.run(document, rules).then(result => result.violations)", rules)
    return [f"{one['id']}: {node['target']} {node.get('failureSummary', '')}" for one in found for node in one["nodes"]]
