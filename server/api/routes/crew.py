"""Staff: how they prove who they are, where they are signed in, and who works here."""

from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import segno
from fastapi import APIRouter, Request, Response
from pydantic import Field

from server.api.dependencies import AsAdmin, AsAnyone, AsStaff, TheHouse, address_of
from server.api.house import House
from server.api.problems import instant
from server.api.schemas import Body, ShortText
from server.flows.challenges import Challenges
from server.flows.crew import (
    add_member,
    confirm_app,
    end_session,
    enter_by_passkey,
    keep_passkey,
    offer_app,
    reset_member,
    set_roles,
)
from server.flows.errors import FlowError
from server.flows.passkeys import Site, registration_options, sign_in_options
from server.flows.ports import Work
from server.flows.sessions import LoggedIn

router = APIRouter(tags=["crew"])

Login = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Role = Literal[
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
]
Roles = Annotated[list[Role], Field(max_length=10)]


class AppCode(Body):
    """Six digits that the authenticator app shows."""

    code: Annotated[str, Field(min_length=6, max_length=16)]


class NewPasskey(Body):
    """What the browser made, and what its owner calls it."""

    name: ShortText
    credential: dict[str, Any]


class PasskeySignature(Body):
    """What the browser signed."""

    credential: dict[str, Any]


class NewMember(Body):
    """Somebody who begins to work here."""

    login: Login
    name: ShortText
    roles: Roles


class NewRoles(Body):
    """What somebody may do from now on."""

    roles: Roles


@router.get("/v1/staff/me")
async def me(house: TheHouse, who: AsStaff) -> dict[str, Any]:
    """Return who is signed in here, with what, and where else."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        member = work.staff.get(who.subject)
        passkeys = work.factors.passkeys(who.subject)
        return {
            "login": who.subject,
            "name": member.name if member else who.subject,
            "roles": sorted(who.roles),
            "totp": work.factors.totp(who.subject) is not None,
            "recovery_left": work.factors.recovery_left(who.subject),
            "passkeys": [
                {
                    "credential_id": each.credential_id,
                    "name": each.name,
                    "added_at": instant(each.added_at),
                    "used_at": None if each.used_at is None else instant(each.used_at),
                }
                for each in passkeys
            ],
            "sessions": [
                {
                    "session_id": each.session_id,
                    "opened_at": None if each.opened_at is None else instant(each.opened_at),
                    "expires_at": instant(each.expires_at),
                    "factor": each.factor,
                    "agent": each.agent,
                    "is_this": each.session_id == who.session_id,
                }
                for each in work.sessions.open_of("staff", who.subject, at=at)
            ],
        }

    return await house.database.read_async(flow)


@router.delete("/v1/staff/sessions/{session_id}", status_code=204)
async def end(session_id: str, house: TheHouse, who: AsStaff) -> Response:
    """End one of one's own sessions; `current` is this one."""
    at = house.now()
    which = who.session_id if session_id == "current" else session_id
    await house.database.write_async(lambda work: end_session(work, who.subject, which, at=at))
    return Response(status_code=204)


@router.post("/v1/staff/totp", status_code=201)
async def app_secret(house: TheHouse, who: AsStaff) -> dict[str, Any]:
    """Return a secret for an authenticator app; it counts once a code of it is confirmed."""
    keyed, shop = house.people.phones.keyed, house.shop.name
    secret, uri = await house.database.write_async(lambda work: offer_app(work, keyed, who.subject, shop))
    picture = segno.make(uri, error="m", micro=False).svg_data_uri(scale=6, border=4)
    return {"secret": secret, "uri": uri, "qr": picture}


@router.post("/v1/staff/totp:confirm", status_code=201)
async def app_confirmed(request: Request, body: AppCode, house: TheHouse, who: AsStaff) -> dict[str, Any]:
    """Let the app count from now on; return codes for recovery, once, and a session with all roles."""
    at = house.now()
    await house.people.strangers.take(house.database, f"totp:{who.subject}", at=at)
    confirm = partial(confirm_app, keyed=house.people.phones.keyed, login=who.subject, code=body.code)
    opened, codes = await house.database.write_async(
        lambda work: confirm(work, session=house.staff_session(agent_of(request)), at=at)
    )
    return pass_json(opened, house) | {"recovery_codes": codes}


@router.post("/v1/staff/passkeys:options")
async def passkey_options(request: Request, house: TheHouse, who: AsStaff) -> dict[str, Any]:
    """Return what a browser needs to make a passkey."""
    site, at, nonce = site_of(request, house), house.now(), house.new_token()
    return await house.database.read_async(
        lambda work: registration_options(work, challenges(house), site, who.subject, nonce=nonce, at=at)
    )


@router.post("/v1/staff/passkeys", status_code=201)
async def passkey_made(request: Request, body: NewPasskey, house: TheHouse, who: AsStaff) -> dict[str, Any]:
    """Keep a passkey; return codes for recovery with the first factor, and a session with all roles."""
    site, at = site_of(request, house), house.now()
    opened, codes = await house.database.write_async(
        lambda work: keep_passkey(
            work,
            house.people.phones.keyed,
            site,
            who.subject,
            body.name,
            body.credential,
            session=house.staff_session(agent_of(request)),
            at=at,
        )
    )
    return pass_json(opened, house) | {"recovery_codes": codes}


@router.delete("/v1/staff/passkeys/{credential_id}", status_code=204)
async def passkey_gone(credential_id: str, house: TheHouse, who: AsStaff) -> Response:
    """Forget one of one's own passkeys."""
    at = house.now()

    def flow(work: Work) -> None:
        if not work.factors.drop_passkey(who.subject, credential_id):
            raise FlowError("passkey_not_found", "You have no such passkey.")
        work.events.record(who.subject, "drop_passkey", who.subject, at=at)

    await house.database.write_async(flow)
    return Response(status_code=204)


@router.post("/v1/staff/passkey-challenges")
async def passkey_challenge(request: Request, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Return what a browser needs to sign in with a passkey of this address."""
    return sign_in_options(challenges(house), site_of(request, house), nonce=house.new_token(), at=house.now())


@router.post("/v1/staff/passkey-sessions", status_code=201)
async def passkey_session(request: Request, body: PasskeySignature, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Open a session for whoever has signed."""
    site, at = site_of(request, house), house.now()
    await house.people.doors.take(house.database, f"staff:{address_of(request)}", at=at)
    opened = await house.database.write_async(
        lambda work: enter_by_passkey(
            work, challenges(house), site, body.credential, session=house.staff_session(agent_of(request)), at=at
        )
    )
    return pass_json(opened, house)


@router.get("/v1/staff")
async def members(house: TheHouse, _who: AsAdmin) -> dict[str, Any]:
    """Return who works here."""
    found = await house.database.read_async(lambda work: work.staff.all())
    return {"items": [{"login": each.login, "name": each.name, "roles": list(each.roles)} for each in found]}


@router.post("/v1/staff", status_code=201)
async def add(body: NewMember, house: TheHouse, who: AsAdmin) -> dict[str, Any]:
    """Let somebody work here; the password is told once, to be handed over."""
    at, password, store_id = house.now(), house.new_password(), house.shop.store_id
    hashed = await house.people.secrets.hash(password)
    await house.database.write_async(
        lambda work: add_member(
            work, body.login, body.name, tuple(body.roles), hashed, store_id=store_id, by=who.subject, at=at
        )
    )
    return {"login": body.login, "password": password}


@router.put("/v1/staff/{login}/roles", status_code=204)
async def change_roles(login: str, body: NewRoles, house: TheHouse, who: AsAdmin) -> Response:
    """Change what somebody may do; their sessions end, so that it holds at once. No role: they may do nothing."""
    at, roles, store_id = house.now(), tuple(body.roles), house.shop.store_id
    await house.database.write_async(
        lambda work: set_roles(work, login, roles, store_id=store_id, by=who.subject, at=at)
    )
    return Response(status_code=204)


@router.post("/v1/staff/{login}:reset")
async def reset(login: str, house: TheHouse, who: AsAdmin) -> dict[str, Any]:
    """Give somebody who lost phone and codes a new password; their factors and sessions are gone."""
    at, password = house.now(), house.new_password()
    hashed = await house.people.secrets.hash(password)
    await house.database.write_async(lambda work: reset_member(work, login, hashed, by=who.subject, at=at))
    return {"login": login, "password": password}


def challenges(house: House) -> Challenges:
    """Return what makes and knows challenges."""
    return Challenges(house.people.phones.keyed)


def site_of(request: Request, house: House) -> Site:
    """Return what passkeys are bound to: the public address, or else the one that was asked."""
    found = urlsplit(house.settings.public_url or str(request.base_url))
    return Site(f"{found.scheme}://{found.netloc}", found.hostname or "localhost")


def agent_of(request: Request) -> str:
    """Return what a browser says of itself, to be told apart in the list of sessions."""
    return request.headers.get("user-agent", "")[:120]


def pass_json(opened: LoggedIn, house: House) -> dict[str, Any]:
    """Return a session to its owner, with the store whose events and sales their page asks for."""
    return {
        "store_id": house.shop.store_id,
        "token": opened.token,
        "name": opened.name,
        "roles": list(opened.roles),
        "expires_at": instant(opened.expires_at),
        "factor": opened.factor,
        "must_enrol": opened.must_enrol,
    }
