"""Devices: paired once by a code, let in by a signature, shut out at once."""

from base64 import b64decode, b64encode
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Literal

import segno
from fastapi import APIRouter, Request, Response
from pydantic import Field

from server.api.dependencies import AsAnyone, AsDeviceKeeper, TheHouse, address_of
from server.api.problems import instant
from server.api.schemas import Body, ShortText
from server.flows.challenges import Challenges
from server.flows.devices import CHALLENGE_LIFE, PURPOSE, invite, pair, revoke, sign_in
from server.flows.errors import FlowError
from server.flows.ports import Work

router = APIRouter(tags=["devices"])

PAIRING_PREFIX = "SESAME:P:"
"""`python -m kiosk setup --scan` knows a code by it."""
KEY_BYTES = 32
SIGNATURE_BYTES = 64

PublicKey = Annotated[str, Field(pattern="^[A-Za-z0-9+/]{43}=$", examples=[b64encode(bytes(KEY_BYTES)).decode()])]
Signature = Annotated[
    str, Field(pattern="^[A-Za-z0-9+/]{86}==$", examples=[b64encode(bytes(SIGNATURE_BYTES)).decode()])
]
DeviceId = Annotated[str, Field(min_length=1, max_length=64)]


class NewPairingCode(Body):
    """Which device shall be let in."""

    kind: Literal["kiosk", "gate"]
    name: ShortText


class Pairing(Body):
    """The code that was typed at the device, and the public half of its key (Ed25519, base64 of 32 bytes)."""

    code: Annotated[str, Field(min_length=8, max_length=32)]
    public_key: PublicKey


class ChallengeAsked(Body):
    """Which device wants to be let in."""

    kiosk_id: DeviceId


class ChallengeSigned(Body):
    """The challenge with the device's signature over `sesame-device-session-1`, its id and the challenge, by lines."""

    kiosk_id: DeviceId
    challenge: Annotated[str, Field(min_length=1, max_length=300)]
    signature: Signature


class Revocation(Body):
    """Why a device is shut out."""

    reason: Annotated[str, Field(min_length=3, max_length=200)]


@router.post("/v1/pairing-codes", status_code=201)
async def new_code(body: NewPairingCode, house: TheHouse, who: AsDeviceKeeper) -> dict[str, Any]:
    """Make a code that pairs one device within fifteen minutes."""
    store_id, at = house.shop.store_id, house.now()
    made = await house.database.write_async(
        lambda work: invite(
            work, house.people.phones.keyed, body.name, body.kind, store_id=store_id, by=who.subject, at=at
        )
    )
    # Drawn here and not under an address of its own: a code in an address stands in logs.
    picture = segno.make(f"{PAIRING_PREFIX}{made.code}", error="m", micro=False).svg_data_uri(scale=6, border=4)
    return {"code": made.code, "qr": picture, "kiosk_id": made.device_id, "expires_at": instant(made.expires_at)}


@router.post("/v1/kiosks:pair", status_code=201)
async def pair_device(request: Request, body: Pairing, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Let a device's key in under a code. The same code with the same key is answered alike."""
    at = house.now()
    await house.people.doors.take(house.database, f"pair:{address_of(request)}", at=at)
    key = b64decode(body.public_key)
    device = await house.database.write_async(lambda work: pair(work, house.people.phones.keyed, body.code, key, at=at))
    return {"kiosk_id": device.device_id, "kind": device.kind, "name": device.name, "store_id": device.store_id}


@router.post("/v1/device-challenges", status_code=201)
async def challenge(body: ChallengeAsked, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Return words to sign. Any id gets some: who is paired here is nobody's business."""
    at = house.now()
    words = Challenges(house.people.phones.keyed).make(
        PURPOSE, body.kiosk_id, house.new_token(), at=at, life=CHALLENGE_LIFE
    )
    return {"challenge": words, "expires_at": instant(at + CHALLENGE_LIFE)}


@router.post("/v1/device-sessions", status_code=201)
async def open_session(body: ChallengeSigned, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Open a short session for a device that has signed a challenge, once."""
    at, signature = house.now(), b64decode(body.signature)
    open_ = partial(
        sign_in,
        challenges=Challenges(house.people.phones.keyed),
        device_id=body.kiosk_id,
        challenge=body.challenge,
        signature=signature,
        token=house.new_token(),
        at=at,
        life=timedelta(minutes=house.settings.device_session_minutes),
    )
    try:
        opened = await house.database.write_async(open_)
    except FlowError:
        await house.people.strangers.take(house.database, f"device:{body.kiosk_id}", at=at)
        raise
    seconds = int((opened.expires_at - at).total_seconds())
    return {"token": opened.token, "expires_at": instant(opened.expires_at), "expires_in_seconds": seconds}


@router.post("/v1/kiosks/{kiosk_id}:revoke", status_code=204)
async def shut_out(kiosk_id: str, body: Revocation, house: TheHouse, who: AsDeviceKeeper) -> Response:
    """Shut a device out at once; pairing it again lets it in."""
    at, store_id = house.now(), house.shop.store_id

    def flow(work: Work) -> None:
        revoke(work, kiosk_id, store_id=store_id, by=who.subject, reason=body.reason, at=at)

    await house.database.write_async(flow)
    return Response(status_code=204)
