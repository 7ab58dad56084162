"""Templates that only a key opens.

AES-256 in Galois/Counter Mode (NIST SP 800-38D). The reference id and the model id are authenticated with the text, so
that a sealed template cannot be moved to another shopper or passed to another model.
"""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models import ModelId
from vision.errors import KeyFileError, SealBrokenError
from vision.matching.gallery import ReferenceId
from vision.matching.template import Template

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"SS1"
_OPEN_TO_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class SealKey:
    """The key of a shop; its bytes never show in a log."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a seal key has {KEY_BYTES} bytes, not {len(self.secret)}")


def seal(template: Template, key: SealKey, reference_id: ReferenceId) -> bytes:
    """Return the template as bytes that only ``key`` opens, and only under this reference id.

    The nonce is drawn anew each time: chance is no port here, since a repeated nonce would lay the templates open.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    bound = _bound(reference_id, template.model_id)
    return _VERSION + nonce + AESGCM(key.secret).encrypt(nonce, template.to_bytes(), bound)


def open_sealed(sealed: bytes, key: SealKey, reference_id: ReferenceId, model_id: ModelId) -> Template:
    """Return the template.

    Raises:
        SealBrokenError: Another key, reference or model than it was sealed with, or changed bytes.
        TemplateMalformedError: It opens, and holds no template.
    """
    start = len(_VERSION) + _NONCE_BYTES
    if not sealed.startswith(_VERSION) or len(sealed) <= start:
        raise SealBrokenError("This is not a sealed template of this version.")
    try:
        content = AESGCM(key.secret).decrypt(
            sealed[len(_VERSION) : start], sealed[start:], _bound(reference_id, model_id)
        )
    except InvalidTag as problem:
        raise SealBrokenError("The sealed template does not open with this key under this name.") from problem
    return Template.from_bytes(content)


def create_key(path: Path) -> SealKey:
    """Draw a key and write it to a file that only its owner may read.

    Raises:
        KeyFileError: There is a file already: a key is never overwritten, since all templates would be lost.
    """
    key = SealKey(secrets.token_bytes(KEY_BYTES))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as problem:
        raise KeyFileError(f"The key file {path.name} exists already and is not overwritten.") from problem
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.secret.hex() + "\n")
    return key


def read_key(path: Path) -> SealKey:
    """Return the key of a file.

    Raises:
        KeyFileError: It is missing, others may read it, or it holds no key.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except OSError as problem:
        raise KeyFileError(f"The key file {path.name} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:
        raise KeyFileError(f"The key file {path.name} holds no key.") from problem
    if mode & _OPEN_TO_OTHERS:
        raise KeyFileError(f"Others may read the key file {path.name}: run `chmod 600` on it, or draw a new key.")
    if len(secret) != KEY_BYTES:
        raise KeyFileError(f"The key file {path.name} holds {len(secret)} bytes instead of {KEY_BYTES}.")
    return SealKey(secret)


def _bound(reference_id: ReferenceId, model_id: ModelId) -> bytes:
    # Lengths first: no pair of ids can be cut in two ways.
    parts = (reference_id.encode(), model_id.encode())
    return b"sesame template" + b"".join(len(part).to_bytes(2, "big") + part for part in parts)
