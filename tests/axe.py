"""What axe has to say about a page as it stands: the rules of WCAG 2.2 AA."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page, *, best_practice: bool = False) -> list[str]:
    """Return what is broken, as "rule: target, and how to mend it"."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # half a megabyte: given to a page once, not for each look at it
    rules = {
        "runOnly": [*WCAG, "best-practice"] if best_practice else WCAG,
        "resultTypes": ["violations"],  # nobody reads the rest, and listing it takes as long as looking
    }
    found = page.evaluate("rules => axe.run(document, rules).then(result => result.violations)", rules)
    return [f"{one['id']}: {node['target']} {node.get('failureSummary', '')}" for one in found for node in one["nodes"]]
