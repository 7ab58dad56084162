"""Who may do what: every route with the roles that it lets in, read from the routes themselves (product.md 5.4).

`docs/access.md` shows the table, and a test asks every route as every role whether the table tells the truth.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

ROLES = (
    "guest",
    "shopper",
    "kiosk",
    "gate",
    "newcomer",
    "staff_assist",
    "staff_manager",
    "merchant_owner",
    "merchant_cashier",
    "marketer",
    "marketing_lead",
    "sponsor_admin",
    "privacy_officer",
    "finance",
    "admin",
)
"""All of them. A guest shows no token; a newcomer is staff who have yet to add a second factor."""
KINDS = frozenset({"guest", "shopper", "kiosk", "gate", "newcomer"})


@dataclass(frozen=True, slots=True)
class Access:
    """One route and whom it lets in."""

    method: str
    path: str
    roles: frozenset[str]


class UnguardedError(Exception):
    """A route asks nobody who they are, and is not among those that need not."""


OPEN = frozenset({"/health", "/ready", "/metrics", "/v1/errors", "/qr.svg"})
"""What answers without asking who is there: nothing of it is about a person or moves anything."""


def table(routes: Iterable[object]) -> Iterator[Access]:
    """Yield the row of each route, in their order.

    Raises:
        UnguardedError: A route names no role; give it one of `server.api.dependencies`.
    """
    for route in routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        allowed = _allowed(route.dependant)
        if allowed is None and route.path not in OPEN:
            raise UnguardedError(f"{route.path} lets in whoever comes: name who may (server.api.dependencies)")
        roles = frozenset(ROLES) if allowed is None else _roles(*allowed)
        for method in sorted(route.methods or ()):
            yield Access(method, route.path, roles)


def _allowed(dependant: Dependant) -> tuple[frozenset[str], bool] | None:
    """Return what `server.api.dependencies.only` was given, wherever it hangs."""
    for below in dependant.dependencies:
        allowed = getattr(below.call, "allowed", None)
        found = (frozenset(allowed), bool(getattr(below.call, "newcomers", False))) if allowed else _allowed(below)
        if found is not None:
            return found
    return None


def _roles(allowed: frozenset[str], newcomers: bool) -> frozenset[str]:  # noqa: FBT001 - a pair, taken apart
    roles = {role for role in ROLES if role in allowed}
    if "public" in allowed:
        roles |= {"guest", "newcomer"}
    if "staff" in allowed:
        roles |= set(ROLES) - KINDS
    if newcomers:
        roles.add("newcomer")
    return frozenset(roles)


def as_markdown(rows: Iterable[Access]) -> str:
    """Return the table as a page."""
    lines = [
        "# Who may do what",
        "",
        "Drawn from the routes by `python scripts/draw_access.py`; a test asks every route as every role.",
        "A guest shows no token. A newcomer is staff who have yet to add a second factor.",
        "",
        "| | " + " | ".join(role.replace("_", " ") for role in ROLES) + " |",
        "|---|" + "---|" * len(ROLES),
    ]
    lines += [
        f"| `{row.method} {row.path}` | " + " | ".join("x" if role in row.roles else "" for role in ROLES) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"
