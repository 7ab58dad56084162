"""Kiosks and gates prove themselves with keys: paired once by a code, then let in for minutes by a signature.

The private half of a key is made on the device and never leaves it, so the store has nothing that could pass for a
device. A code is typed once, at the device, and pairs exactly one key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import choice

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkout.catalog import fold
from server.flows.challenges import Challenges, use_up
from server.flows.coupon_codes import ALPHABET, read_coupon_code
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.devices import Device, DeviceKind, Invitation
from server.flows.ports.proofs import Session
from server.flows.tokens import token_hash

PAIRING_LIFE = timedelta(minutes=15)
"""Long enough to walk to the kiosk and type eight signs."""
CHALLENGE_LIFE = timedelta(seconds=60)
"""The replay window: a signature older than this opens nothing, and a younger one opens once."""
PURPOSE = "device-session"
Keyed = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Invited:
    """A pairing code as the one who made it sees it: the only time."""

    code: str
    device_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A device's session; the token is seen here alone."""

    token: str
    device: Device
    expires_at: datetime


def signed_words(device_id: str, challenge: str) -> bytes:
    """Return what a device signs to be let in; `kiosk.adapters.pairing` says the same words."""
    return f"sesame-device-session-1\n{device_id}\n{challenge}".encode()


def device_id_of(name: str) -> str:
    """Return the id of a device by its name; it stands in addresses, so it is plain.

    Raises:
        FlowError: `device_name_missing`: no Latin letter or digit is in it.

    Examples:
        >>> device_id_of("Caisse É 1")
        'caisse-e-1'
    """
    device_id = "-".join("".join(sign for sign in fold(name) if sign.isascii()).split())[:64]
    if not device_id:
        raise FlowError("device_name_missing", "A name has at least one Latin letter or digit.")
    return device_id


def invite(work: Work, keyed: Keyed, name: str, kind: DeviceKind, *, store_id: str, by: str, at: datetime) -> Invited:
    """Make a code that pairs one device under a name. A known name gets another key once the code is used.

    Raises:
        FlowError: `device_name_missing`.
    """
    device_id = device_id_of(name)
    known = work.devices.get(device_id)
    if known is not None and known.kind != kind:
        raise FlowError("device_name_taken", f"There is a {known.kind} of this name.", device_id=device_id)
    code = "-".join("".join(choice(ALPHABET) for _ in range(4)) for _ in range(2))
    expires_at = at + PAIRING_LIFE
    work.devices.invite(keyed("pairing", code), Invitation(device_id, store_id, name.strip(), kind, expires_at))
    work.events.record(by, "invite_device", device_id, at=at)
    return Invited(code, device_id, expires_at)


def pair(work: Work, keyed: Keyed, code: str, public_key: bytes, *, at: datetime) -> Device:
    """Let a key in under a code; the same key with the same code again is the same device.

    Raises:
        FlowError: `pairing_code_unknown` for a code that is unknown, over or used by another key; `device_key_known`
            when the key belongs to another device; `malformed_request` when it is no key.
    """
    _key(public_key)
    code_hash = keyed("pairing", read_coupon_code(code))
    invitation = work.devices.invitation(code_hash)
    if invitation is None or at >= invitation.expires_at or invitation.public_key not in {None, public_key}:
        raise FlowError("pairing_code_unknown", "This code pairs nothing.")
    owner = work.devices.by_key(public_key)
    if owner is not None and owner.device_id != invitation.device_id:
        raise FlowError("device_key_known", "This key belongs to another device.")
    device = Device(
        invitation.device_id, invitation.store_id, invitation.name, invitation.kind, public_key, revoked_at=None
    )
    if invitation.public_key is None:
        work.devices.accept(code_hash, public_key)
        work.devices.put(device)
        work.sessions.end_all(device.kind, device.device_id, at=at)  # of the key before
        work.events.record(device.device_id, "pair_device", device.device_id, at=at)
        work.events.tell(device.store_id, "device.paired", {"device_id": device.device_id}, at=at)
    return device


def sign_in(
    work: Work,
    challenges: Challenges,
    device_id: str,
    challenge: str,
    signature: bytes,
    *,
    token: str,
    at: datetime,
    life: timedelta,
) -> SignedIn:
    """Open a short session for a device that has signed a challenge of ours.

    Raises:
        FlowError: `challenge_over`, `kiosk_unknown`, `kiosk_revoked` or `signature_wrong`.
    """
    ends_at = challenges.check(challenge, PURPOSE, device_id, at=at)
    device = work.devices.get(device_id)
    if device is None or device.public_key is None:
        raise FlowError("kiosk_unknown", "No device of this name is paired here.")
    try:
        _key(device.public_key).verify(signature, signed_words(device_id, challenge))
    except InvalidSignature as error:
        raise FlowError("signature_wrong", "The device's key has not signed this.") from error
    if device.revoked_at is not None:
        raise FlowError("kiosk_revoked", "This device was shut out.", revoked_at=device.revoked_at)
    use_up(work, challenge, ends_at=ends_at)
    session = Session(device.kind, device_id, (), at + life)
    work.sessions.open(token_hash(token), session)
    return SignedIn(token, device, session.expires_at)


def revoke(work: Work, device_id: str, *, store_id: str, by: str, reason: str, at: datetime) -> None:
    """Shut a device out at once: its sessions end with this transaction.

    Raises:
        FlowError: `kiosk_not_found`.
    """
    device = work.devices.get(device_id)
    if device is None or device.store_id != store_id:
        raise FlowError("kiosk_not_found", "There is no such device here.", device_id=device_id)
    if work.devices.revoke(device_id, at=at):
        work.sessions.end_all(device.kind, device_id, at=at)
        work.events.record(by, "revoke_device", device_id, at=at, reason=reason)
        work.events.tell(store_id, "device.revoked", {"device_id": device_id}, at=at)


def _key(public_key: bytes) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(public_key)
    except ValueError as error:
        raise FlowError("malformed_request", "An Ed25519 key has 32 bytes.") from error
