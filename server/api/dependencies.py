"""Who is calling and what they may do: every route names one of these as a parameter."""

from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Annotated, cast

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.api.house import House
from server.flows.errors import FlowError
from server.flows.hearing import HEARS, MERCHANTS
from server.flows.ports import Caller, Work
from server.flows.tokens import token_hash

PUBLIC = Caller("public")
bearer = HTTPBearer(auto_error=False, description="A kiosk's, gate's, staff member's or shopper's token.")


def house(request: Request) -> House:
    """Return the parts behind the routes."""
    return cast("House", request.app.state.house)  # Starlette keeps application state untyped


TheHouse = Annotated[House, Depends(house)]


async def caller(
    at_home: TheHouse, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller | None:
    """Return who the token belongs to: the public without one, None for one that nobody has."""
    if credentials is None:
        return PUBLIC
    found = partial(_by_token, at_home, token_hash(credentials.credentials))
    return await at_home.database.read_async(found)


def _by_token(at_home: House, hashed: str, work: Work) -> Caller | None:
    return work.callers.by_token(hashed, at=at_home.now())


def address_of(request: Request) -> str:
    """Return where a request comes from, for bounds on what the public may ask for.

    Of IPv6 the first 64 bits: whoever has one address has all that begin alike.
    """
    host = request.client.host if request.client else "unknown"
    try:
        found = ip_address(host)
    except ValueError:
        return f"address:{host}"  # a proxy wrote something else, or a test has no network
    if found.version == 6:  # noqa: PLR2004 - the number is its name
        found = found.ipv4_mapped or ip_network((found, 64), strict=False).network_address
    return f"address:{found}"


SomeCaller = Annotated[Caller | None, Depends(caller)]


def only(*allowed: str, newcomers: bool = False) -> Callable[[Caller | None], Awaitable[Caller]]:
    """Make the dependency that lets in the named kinds of caller, or staff with one of the named roles.

    Staff who have yet to add a second factor have no role; they are let in where `newcomers` are.

    Raises:
        FlowError: `kiosk_unknown` or `unauthorized` for a token that nobody has, `forbidden_role` for somebody else's.
    """

    async def check(who: SomeCaller) -> Caller:
        return admitted(who, *allowed, newcomers=newcomers)

    # For `server.api.access`, which draws the table of routes and roles from here.
    check.allowed = allowed  # type: ignore[attr-defined] # a function may carry facts
    check.newcomers = newcomers  # type: ignore[attr-defined] # likewise
    return check


def admitted(who: Caller | None, *allowed: str, newcomers: bool = False) -> Caller:
    """Return the caller if they are of an allowed kind or have an allowed role.

    Raises:
        FlowError: As `only` says.
    """
    if who is None and "kiosk" in allowed:
        raise FlowError("kiosk_unknown", "No kiosk is paired under this token.")
    if who is None or (who.kind == "public" and "public" not in allowed):
        raise FlowError("unauthorized", "This needs a token that is known here.")
    is_newcomer = who.kind == "staff" and not who.roles and not newcomers and "public" not in allowed
    if (who.kind not in allowed or is_newcomer) and not who.roles & set(allowed):
        raise FlowError("forbidden_role", f"A {who.kind} may not do that.", allowed=sorted(allowed))
    return who


def token_of(*allowed: str) -> Callable[[HTTPAuthorizationCredentials | None], Awaitable[str]]:
    """Make the dependency of a route that looks who asks inside its own transaction (`admitted`): the token's hash."""

    async def hashed(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
        return "" if credentials is None else token_hash(credentials.credentials)

    hashed.allowed = allowed  # type: ignore[attr-defined] # for `server.api.access`, as above
    return hashed


AsKiosk = Annotated[Caller, Depends(only("kiosk"))]
AsKioskOrStaff = Annotated[Caller, Depends(only("kiosk", "staff"))]
AsKioskOrAssist = Annotated[Caller, Depends(only("kiosk", "staff_assist", "staff_manager"))]
AsKioskOrShopper = Annotated[Caller, Depends(only("kiosk", "shopper"))]
AsGate = Annotated[Caller, Depends(only("gate"))]
AsGateOrStaff = Annotated[Caller, Depends(only("gate", "staff_assist", "staff_manager"))]
AsShopper = Annotated[Caller, Depends(only("shopper"))]
AsAssist = Annotated[Caller, Depends(only("staff_assist", "staff_manager"))]
AsBoardReader = Annotated[Caller, Depends(only("staff_assist", "staff_manager", "admin"))]
AsManager = Annotated[Caller, Depends(only("staff_manager"))]
AsDecider = Annotated[Caller, Depends(only("staff_manager", "admin"))]
AsDeviceKeeper = Annotated[Caller, Depends(only("staff_manager", "admin"))]
AsFaceKeeper = Annotated[Caller, Depends(only("staff_manager", "privacy_officer", "admin"))]
AsAdmin = Annotated[Caller, Depends(only("admin"))]
AsStaff = Annotated[Caller, Depends(only("staff", newcomers=True))]
AsFinance = Annotated[Caller, Depends(only("finance"))]
AsPrivacyOfficer = Annotated[Caller, Depends(only("privacy_officer"))]
AsMarketer = Annotated[Caller, Depends(only("marketer", "marketing_lead"))]
AsSponsor = Annotated[Caller, Depends(only("sponsor_admin"))]
AsListener = Annotated[Caller, Depends(only("kiosk", *HEARS))]
AsMerchant = Annotated[Caller, Depends(only(*sorted(MERCHANTS)))]
AsMerchantOwner = Annotated[Caller, Depends(only("merchant_owner"))]


Anybody = Annotated[Caller, Depends(only("public", "kiosk", "gate", "staff", "shopper"))]
"""Not for a route itself: how often the public may ask is bounded, by `AsAnyone` or `AsPricer`."""


async def passer(request: Request, at_home: TheHouse, who: Anybody) -> Caller:
    """Let anybody in; the public, who show no token, so often from one address and no more.

    Raises:
        FlowError: `too_many_requests`.
    """
    if who.kind == "public":
        route = getattr(request.scope.get("route"), "path", "-")
        at_home.people.passers.take(f"{route} {address_of(request)}", at=at_home.now())
    return who


AsAnyone = Annotated[Caller, Depends(passer)]


async def pricer(request: Request, at_home: TheHouse, who: Anybody) -> Caller:
    """Let anybody in who asks what goods cost; the public as often as all phones of a store do at its busiest.

    Raises:
        FlowError: `too_many_requests`.
    """
    if who.kind == "public":
        at_home.people.pricers.take(address_of(request), at=at_home.now())
    return who


AsPricer = Annotated[Caller, Depends(pricer)]

KEY_LENGTH = 96


async def idempotency_key(request: Request, key: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> None:
    """Keep the request's key for `server.api.idempotency.once`.

    Raises:
        FlowError: `idempotency_key_missing`.
    """
    if key is None or not 0 < len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise FlowError("idempotency_key_missing", f"This needs an Idempotency-Key of 1 to {KEY_LENGTH} plain letters.")
    request.state.idempotency_key = key


NeedsKey = Depends(idempotency_key)
