"""This device's own key: made here, kept in one file that its owner alone may read, and paired once by a code."""

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, ValidationError

SECONDS: Final = 10.0
_OPEN_TO_OTHERS: Final = 0o077
_REFUSED: Final = 400


class IdentityFileError(Exception):
    """The device's file is missing, open to others, or holds no paired key; the text names the way out."""


class PairingError(Exception):
    """The store did not take this device; the text says why and what to do. ``code`` is the problem's."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this machine is to the store."""

    kiosk_id: str
    key: Ed25519PrivateKey

    def sign(self, challenge: str) -> str:
        """Return the signature (base64) that opens a session; `server.flows.devices` checks the same words."""
        words = f"sesame-device-session-1\n{self.kiosk_id}\n{challenge}"
        return b64encode(self.key.sign(words.encode())).decode()


class _File(BaseModel):
    """What the file holds. ``kiosk_id`` is None between the making of the key and the store's yes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    private_key: str
    kiosk_id: str | None = None

    @property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(b64decode(self.private_key, validate=True))


class _Paired(BaseModel):
    """What the store says when it takes a device."""

    kiosk_id: str
    kind: str
    name: str
    store_id: str


def read_identity(path: Path) -> Identity:
    """Return who this machine is.

    Raises:
        IdentityFileError: There is no such file, others may read it, or no store has taken its key yet.
    """
    held = _read(path)
    if held is None or held.kiosk_id is None:
        raise IdentityFileError(
            f"This machine is not paired: {path} holds no key that a store has taken. A manager makes a code on the "
            "staff page (or: python -m server pair-kiosk NAME); then: python -m kiosk pair CODE."
        )
    return Identity(held.kiosk_id, held.key)


def pair(server_url: str, code: str, path: Path, *, kind: str = "kiosk") -> str:
    """Pair this machine with a store and return the name that it has there.

    The key is on disk before the store hears of it, so that an answer that is lost may be asked for again with the
    same code. A machine that was paired before keeps its old file until the store has said yes.

    Args:
        server_url: Where the store is.
        code: The eight signs that a manager was shown.
        path: The device's file; made with its folder, readable by its owner alone.
        kind: `kiosk` or `gate`: what this machine is.

    Raises:
        PairingError: The store says no, is away, or the code is for another kind of device.
        IdentityFileError: The file is there and cannot be used.
    """
    fresh = path.with_name(f"{path.name}.new")
    held = _read(fresh)
    if held is None:
        held = _File(private_key=b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode())
        _write(fresh, held)
    public = b64encode(held.key.public_key().public_bytes_raw()).decode()
    try:
        paired = _ask(server_url, {"code": code, "public_key": public})
    except PairingError as refusal:
        if refusal.code == "device_key_known":
            fresh.unlink()  # it is another device's: the next try makes one of its own
        raise
    if paired.kind != kind:
        fresh.unlink()  # the store has it under the other kind now
        raise PairingError("device_name_taken", f"This code is for a {paired.kind}, not for a {kind}.")
    _write(path, held.model_copy(update={"kiosk_id": paired.kiosk_id}))
    fresh.unlink()
    return paired.name


def _ask(server_url: str, body: dict[str, str]) -> _Paired:
    try:
        answer = httpx.post(f"{server_url.rstrip('/')}/v1/kiosks:pair", json=body, timeout=SECONDS)
    except httpx.HTTPError as problem:
        raise PairingError("unreachable", f"No store answers at {server_url}: {type(problem).__name__}.") from problem
    try:
        facts = answer.json()
        if answer.status_code >= _REFUSED:
            raise PairingError(str(facts["code"]), f"{facts['detail']} {facts['hint']}")
        return _Paired.model_validate(facts)
    except (ValueError, KeyError, TypeError) as problem:  # ValidationError is a ValueError
        raise PairingError("not_as_agreed", f"What answers at {server_url} is no Sésame store.") from problem


def _read(path: Path) -> _File | None:
    try:
        mode = path.stat().st_mode
        held = _File.model_validate_json(path.read_bytes())
        held.key  # noqa: B018 - a key that cannot be read is found here
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise IdentityFileError(f"The file {path} cannot be read: {problem.strerror}.") from problem
    except (ValidationError, ValueError) as problem:
        raise IdentityFileError(f"The file {path} holds no key. Move it away and pair this machine again.") from problem
    if mode & _OPEN_TO_OTHERS:
        raise IdentityFileError(f"Others may read {path}: run `chmod 600` on it, or pair this machine again.")
    return held


def _write(path: Path, held: _File) -> None:
    """Replace the file in one step, synced: a crash leaves the old key or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.part")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(held.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
