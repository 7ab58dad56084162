"""The key that faces are kept under, and its change in one step.

The kiosks share a key that the store never sees; the store adds a salt, and both together draw the rotation that every
template goes through. Here stand the key's public name and the salt, closed. A kiosk that may do so makes the whole
gallery anew under another key and lays it ready; one transaction then puts it in the place of the old one, and leaves
the new key for every kiosk that is paired here, closed for that kiosk alone. Before that transaction nothing has
changed, and after it nothing of the old gallery is left: there is no moment between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_bytes

from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.devices import Device
from server.flows.ports.face_keys import FaceKey, KeptAnew, Wrap
from server.flows.sealing import Keyed, UnsealError, seal, unseal

SALT_BYTES = 32
ALLOWED_FOR = timedelta(hours=1)
"""Long enough to walk to the kiosk and to make a hundred thousand references anew."""
_PURPOSE = "face salt"
_BEHIND = "@"
"""A template that went through a key's rotation names the key in its model id, behind this."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The key in force, as a kiosk is told of it: the way there from its own key, and the salt."""

    key_id: str
    salt: bytes
    wraps: tuple[Wrap, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """What a kiosk needs to make the gallery anew: the new salt, and for whom to close the new key."""

    salt: bytes
    kiosks: tuple[Device, ...]


def announce(work: Work, keyed: Keyed, key_id: str, *, store_id: str, kiosk_id: str, at: datetime) -> InForce:
    """Tell a kiosk that has the key ``key_id`` which one is in force and how to come to it.

    The first kiosk's key becomes the store's; until a face is kept under it, another kiosk's takes its place.

    Raises:
        FlowError: `face_key_unknown` where no way leads from its key to the one in force.
    """
    known = work.face_keys.get(store_id)
    if known is None or (known.key_id != key_id and not work.face_keys.has_gallery()):
        known = work.face_keys.get(store_id, lock=True)  # two kiosks may be the first
        if known is None or (known.key_id != key_id and not work.face_keys.has_gallery()):
            salt = token_bytes(SALT_BYTES)
            known = FaceKey(store_id, key_id, _closed(keyed, salt), at)
            work.face_keys.put(known)
    wraps = {wrap.from_key_id: wrap for wrap in work.face_keys.wraps_for(store_id, kiosk_id)}
    way: list[Wrap] = []
    while key_id != known.key_id:
        if key_id not in wraps:
            raise FlowError("face_key_unknown", "The faces of this store are kept under another key.")
        way.append(wraps.pop(key_id))
        key_id = way[-1].to_key_id
    return InForce(known.key_id, _opened(keyed, known.salt_sealed), tuple(way))


def demand_in_force(work: Work, store_id: str, key_id: str | None) -> None:
    """Refuse a kiosk that would compare or keep faces under another key than the one in force.

    Raises:
        FlowError: `face_key_changed`.
    """
    known = work.face_keys.get(store_id)
    if known is not None and key_id is not None and key_id != known.key_id:
        raise _changed(known)


def demand_kept_under(work: Work, store_id: str, model_id: str) -> None:
    """Refuse a new reference that is kept under another key than the one in force, which stays so for this transaction.

    Raises:
        FlowError: `face_key_changed`.
    """
    known = work.face_keys.get(store_id, lock=True)
    if known is not None and model_id.partition(_BEHIND)[2] != known.key_id:
        raise _changed(known)


def allow(work: Work, kiosk_id: str, *, store_id: str, by: str, reason: str, at: datetime) -> datetime:
    """Let one kiosk change the key, within the hour, and return until when; ``reason`` is kept in the audit log.

    Raises:
        FlowError: `kiosk_not_found`; `face_key_missing` where no kiosk has brought a key yet.
    """
    device = work.devices.get(kiosk_id)
    if device is None or device.store_id != store_id or device.kind != "kiosk" or device.revoked_at is not None:
        raise FlowError("kiosk_not_found", "There is no such kiosk here.", device_id=kiosk_id)
    known = _locked(work, store_id)
    work.face_keys.put(replace(known, allowed_kiosk_id=kiosk_id, allowed_until=at + ALLOWED_FOR))
    work.events.record(by, "allow_face_key", kiosk_id, at=at, reason=reason)
    return at + ALLOWED_FOR


def begin(
    work: Work, keyed: Keyed, from_key_id: str, to_key_id: str, *, store_id: str, kiosk_id: str, at: datetime
) -> Begun:
    """Begin a change of the key; what an earlier one had laid ready is thrown away.

    Raises:
        FlowError: `face_key_not_allowed`, `face_key_changed`, `face_key_missing`.
    """
    known = _allowed(_locked(work, store_id), kiosk_id, at=at)
    if known.key_id != from_key_id or to_key_id == from_key_id:
        raise _changed(known)
    salt = token_bytes(SALT_BYTES)
    work.face_keys.unstage()
    work.face_keys.put(replace(known, next_key_id=to_key_id, next_salt_sealed=_closed(keyed, salt)))
    return Begun(salt, tuple(work.devices.kiosks(store_id)))


def lay_ready(
    work: Work, to_key_id: str, references: Sequence[KeptAnew], *, store_id: str, kiosk_id: str, at: datetime
) -> None:
    """Lay a part of the gallery ready. What was forgotten meanwhile is passed over at the end.

    Raises:
        FlowError: `face_key_not_allowed`, `face_key_changed`, `face_key_missing`.
    """
    _under_way(work, to_key_id, store_id=store_id, kiosk_id=kiosk_id, at=at)
    work.face_keys.stage(references)


def finish(work: Work, to_key_id: str, wraps: Sequence[Wrap], *, store_id: str, kiosk_id: str, at: datetime) -> int:
    """Put what was laid ready in the place of the gallery, leave the new key to the kiosks, and return how many moved.

    Raises:
        FlowError: `face_key_incomplete` where somebody joined since the gallery was read: lay the rest ready and ask
            again; `face_key_not_allowed`, `face_key_changed`, `face_key_missing`.
    """
    known = _under_way(work, to_key_id, store_id=store_id, kiosk_id=kiosk_id, at=at)
    assert known.next_salt_sealed is not None  # noqa: S101 - set with next_key_id
    if missing := work.face_keys.missing(FACE_PAYMENT):
        raise FlowError("face_key_incomplete", "Not all of the gallery is laid ready.", missing=missing)
    moved = work.face_keys.take_staged()
    own = [wrap for wrap in wraps if (wrap.from_key_id, wrap.to_key_id) == (known.key_id, to_key_id)]
    work.face_keys.add_wraps(store_id, own)
    work.face_keys.put(FaceKey(store_id, to_key_id, known.next_salt_sealed, at))
    work.events.record(kiosk_id, "change_face_key", to_key_id, at=at)
    work.events.tell(store_id, "face_key.changed", {"key_id": to_key_id}, at=at)
    return moved


def _under_way(work: Work, to_key_id: str, *, store_id: str, kiosk_id: str, at: datetime) -> FaceKey:
    known = _allowed(_locked(work, store_id), kiosk_id, at=at)
    if known.next_key_id != to_key_id:
        raise _changed(known)
    return known


def _locked(work: Work, store_id: str) -> FaceKey:
    known = work.face_keys.get(store_id, lock=True)
    if known is None:
        raise FlowError("face_key_missing", "No kiosk has brought a key for faces yet.")
    return known


def _allowed(known: FaceKey, kiosk_id: str, *, at: datetime) -> FaceKey:
    if known.allowed_kiosk_id != kiosk_id or known.allowed_until is None or at >= known.allowed_until:
        raise FlowError("face_key_not_allowed", "Nobody has allowed this kiosk to change the key.", kiosk_id=kiosk_id)
    return known


def _changed(known: FaceKey) -> FlowError:
    return FlowError("face_key_changed", "Another key is in force, or another change under way.", key_id=known.key_id)


def _closed(keyed: Keyed, salt: bytes) -> bytes:
    return seal(keyed, _PURPOSE, salt.hex())


def _opened(keyed: Keyed, sealed: bytes) -> bytes:
    try:
        return bytes.fromhex(unseal(keyed, _PURPOSE, sealed))
    except UnsealError as error:
        raise FlowError("face_key_unknown", "The store's own half of the key does not open.") from error
