"""Write docs/access.md: every route with the roles that it lets in."""

from pathlib import Path

from server.api.access import as_markdown, table
from server.api.routes import ROUTERS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "access.md"


def drawn() -> str:
    """Return the page as it should be."""
    return as_markdown(table(route for router in ROUTERS for route in router.routes))


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
