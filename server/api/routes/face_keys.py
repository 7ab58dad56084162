"""The key that faces are kept under: which one is in force, and its change in one step."""

from base64 import b64decode, b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from server.api.dependencies import AsFaceKeeper, AsKiosk, TheHouse
from server.api.problems import instant
from server.api.routes.enrolment import Sealed
from server.api.routes.identify import KeyId
from server.api.schemas import Body, ClientId, ShortText
from server.flows.face_keys import allow, announce, begin, finish, lay_ready
from server.flows.ports import Work
from server.flows.ports.face_keys import KeptAnew, Wrap

router = APIRouter(tags=["face keys"])

READY_AT_MOST = 250
"""References laid ready at once: some 0.5 MB as text, half of what a body may have."""
KIOSKS_AT_MOST = 500
DeviceId = Annotated[str, Field(min_length=1, max_length=64)]


class KeyHeld(Body):
    """The public name of the key that this kiosk has."""

    key_id: KeyId


class Allowance(Body):
    """Why the key shall be changed."""

    reason: Annotated[str, Field(min_length=3, max_length=200)]


class KeyChange(Body):
    """From which key to which."""

    from_key_id: KeyId
    to_key_id: KeyId


class Kept(Body):
    """One reference under the next key."""

    reference_id: ClientId
    model_id: ShortText
    sealed: Sealed


class KeptPart(Body):
    """A part of the gallery under the next key."""

    references: Annotated[list[Kept], Field(max_length=READY_AT_MOST)]


class ClosedKey(Body):
    """The next key, closed for one kiosk."""

    kiosk_id: DeviceId
    wrapped: Sealed


class KeysClosed(Body):
    """The next key for every kiosk that shall go on."""

    from_key_id: KeyId
    wraps: Annotated[list[ClosedKey], Field(max_length=KIOSKS_AT_MOST)]


@router.post("/v1/face-keys")
async def key_in_force(body: KeyHeld, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Return the key in force, the way to it from the key that the kiosk has, and the store's half of the rotation."""
    at, keyed = house.now(), house.people.phones.keyed
    found = await house.database.write_async(
        lambda work: announce(work, keyed, body.key_id, store_id=who.store_id, kiosk_id=who.subject, at=at)
    )
    return {
        "key_id": found.key_id,
        "salt": b64encode(found.salt).decode(),
        "wraps": [
            {
                "from_key_id": wrap.from_key_id,
                "to_key_id": wrap.to_key_id,
                "wrapped": b64encode(wrap.wrapped).decode(),
            }
            for wrap in found.wraps
        ],
    }


@router.post("/v1/kiosks/{kiosk_id}:allow-face-key", status_code=201)
async def let_change(kiosk_id: str, body: Allowance, house: TheHouse, who: AsFaceKeeper) -> dict[str, Any]:
    """Let one kiosk change the key within the hour: `python -m kiosk new-face-key`, there."""
    at, store_id = house.now(), house.shop.store_id
    until = await house.database.write_async(
        lambda work: allow(work, kiosk_id, store_id=store_id, by=who.subject, reason=body.reason, at=at)
    )
    return {"kiosk_id": kiosk_id, "allowed_until": instant(until)}


@router.post("/v1/face-keys/changes", status_code=201)
async def begin_change(body: KeyChange, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Begin a change; answers with the new salt and the kiosks to close the new key for."""
    at, keyed = house.now(), house.people.phones.keyed

    def flow(work: Work) -> dict[str, Any]:
        begun = begin(work, keyed, body.from_key_id, body.to_key_id, store_id=who.store_id, kiosk_id=who.subject, at=at)
        kiosks = [
            {"kiosk_id": each.device_id, "name": each.name, "public_key": b64encode(each.public_key or b"").decode()}
            for each in begun.kiosks
        ]
        return {"salt": b64encode(begun.salt).decode(), "kiosks": kiosks}

    return await house.database.write_async(flow)


@router.put("/v1/face-keys/{key_id}/references", status_code=204)
async def put_part(key_id: str, body: KeptPart, house: TheHouse, who: AsKiosk) -> Response:
    """Lay a part of the gallery ready under the next key; nothing of the gallery changes yet."""
    at = house.now()
    part = [KeptAnew(each.reference_id, each.model_id, b64decode(each.sealed)) for each in body.references]
    await house.database.write_async(
        lambda work: lay_ready(work, key_id, part, store_id=who.store_id, kiosk_id=who.subject, at=at)
    )
    return Response(status_code=204)


@router.post("/v1/face-keys/{key_id}:put-in-force")
async def put_in_force(key_id: str, body: KeysClosed, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Put what was laid ready in the place of the gallery, all of it in one transaction, and tell the kiosks."""
    at = house.now()
    wraps = [Wrap(each.kiosk_id, body.from_key_id, key_id, b64decode(each.wrapped)) for each in body.wraps]
    moved = await house.database.write_async(
        lambda work: finish(work, key_id, wraps, store_id=who.store_id, kiosk_id=who.subject, at=at)
    )
    await house.database.scrub_async()  # nothing of the gallery under the old key may stand in a file
    return {"key_id": key_id, "references": moved}
