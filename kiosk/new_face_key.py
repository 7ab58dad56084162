"""``python -m kiosk new-face-key``: keep all faces of the store under a new key, in one step.

For when templates, a kiosk's disk or the database were stolen, or as often as the house wishes; shut a stolen kiosk out
first, or it would be given the new key as well. Here alone templates are opened, a page at a time, in memory; what goes
back to the store is sealed anew. The store puts the new gallery in the place of the old one in a single transaction.
Cut off anywhere before it, nothing has changed and the next try begins anew; after it every kiosk fetches the key.
"""

import base64
import binascii
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx
from pydantic import Base64Bytes, TypeAdapter, ValidationError

from kiosk.adapters.face_keys import FaceKeys
from kiosk.adapters.key_wrap import wrap
from kiosk.adapters.wire import send
from kiosk.ports import ShopAnsweredBadlyError, ShopRefusedError
from kiosk.visit.values import Candidate
from models import ModelId
from vision.errors import VisionError
from vision.matching import ReferenceId, StoreKey, key_id, new_seal_key

PART: Final = 250  # references a request; half of what a body may have
TRIES: Final = 5  # of the last step, while people join
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done: references under the new key, those that had not opened before either, kiosks that get the key."""

    key_id: str
    references: int
    unopened: int
    kiosks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kiosk:
    kiosk_id: str
    name: str
    public_key: Base64Bytes


@dataclass(frozen=True, slots=True)
class _Begun:
    salt: Base64Bytes
    kiosks: tuple[_Kiosk, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    references: tuple[Candidate, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Done:
    references: int


def change_key(client: httpx.Client, keys: FaceKeys, tell: Callable[[str], None]) -> Moved:
    """Keep the whole gallery under a new key.

    Args:
        client: Speaks with the store as this kiosk.
        keys: This kiosk's key, which comes to the new one at the end.
        tell: Takes sentences on how far it is.

    Raises:
        ShopRefusedError: ``face_key_not_allowed`` where nobody has allowed it; ``face_key_incomplete`` where people
            went on joining; others as the store says. Nothing has changed.
        ShopUnreachableError, ShopAnsweredBadlyError: The store went away. Ask again: either nothing has changed, or all
            has, and then this kiosk comes to the new key by itself.
    """
    before, sealing = keys.refresh(), new_seal_key()
    change = {"from_key_id": before.key_id, "to_key_id": key_id(sealing)}
    begun = _checked(_Begun, send(client, "POST", "/v1/face-keys/changes", body=change))
    after = StoreKey(sealing, begun.salt)
    tell("for " + ", ".join(f"{one.name} ({one.kiosk_id})" for one in begun.kiosks))
    wraps = [{"kiosk_id": one.kiosk_id, "wrapped": _text(_closed_for(one, before, after))} for one in begun.kiosks]
    ready: dict[str, bool] = {}
    for tries_left in reversed(range(TRIES)):
        _lay_ready(client, before, after, ready)
        tell(f"{len(ready)} faces are laid ready")
        try:
            body = {"from_key_id": before.key_id, "wraps": wraps}
            answer = send(client, "POST", f"/v1/face-keys/{after.key_id}:put-in-force", body=body)
            break
        except ShopRefusedError as refusal:
            if refusal.code != "face_key_incomplete" or not tries_left:
                raise
    moved = _checked(_Done, answer).references
    keys.refresh()
    unopened = list(ready.values()).count(False)
    return Moved(after.key_id, moved, unopened, tuple(one.kiosk_id for one in begun.kiosks))


def _lay_ready(client: httpx.Client, before: StoreKey, after: StoreKey, ready: dict[str, bool]) -> None:
    """Lay ready what is not yet; note under each id whether it opened."""
    for page in _pages(client, before.key_id):
        part = []
        for one in page:
            if one.reference_id not in ready:
                anew = _kept_anew(one, before, after)
                ready[one.reference_id] = anew is not None
                part.append(anew or _as_it_is(one))
        if part:
            send(client, "PUT", f"/v1/face-keys/{after.key_id}/references", body={"references": part})


def _closed_for(kiosk: _Kiosk, before: StoreKey, after: StoreKey) -> bytes:
    return wrap(after.sealing, before=before.sealing, kiosk_id=kiosk.kiosk_id, public_key=kiosk.public_key)


def _pages(client: httpx.Client, face_key: str) -> Iterator[tuple[Candidate, ...]]:
    after: str | None = ""
    while after is not None:
        query = {"after": after, "limit": str(PART), "face_key": face_key}
        page = _checked(_Page, send(client, "GET", "/v1/references", query=query))
        yield page.references
        after = page.next


def _kept_anew(one: Candidate, before: StoreKey, after: StoreKey) -> dict[str, str] | None:
    """Return the reference under the new key, or None where it does not open with the old one."""
    name = ReferenceId(one.reference_id)
    try:
        sealed = base64.b64decode(one.sealed, validate=True)
        ((_, model_id, moved),) = before.keep_anew([(name, ModelId(one.model_id), sealed)], after)
    except (VisionError, binascii.Error) as problem:
        _LOG.warning("a reference does not open, and stays as it is: %s", type(problem).__name__)
        return None
    return {"reference_id": name, "model_id": model_id, "sealed": _text(moved)}


def _as_it_is(one: Candidate) -> dict[str, str]:
    return {"reference_id": one.reference_id, "model_id": one.model_id, "sealed": one.sealed}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _checked(kind: type[T], response: httpx.Response) -> T:
    try:
        return TypeAdapter(kind).validate_json(response.content)
    except ValidationError as problem:
        raise ShopAnsweredBadlyError(f"{kind.__name__}: {problem.error_count()} fields are not as agreed") from problem
