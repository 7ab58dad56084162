"""Templates that only a key opens: the store's, or the shopper's own.

AES-256 in Galois/Counter Mode (NIST SP 800-38D). The reference id and the model id are authenticated with the text, so
that a sealed template cannot be moved to another shopper or passed to another model.

A shopper's own key stands in a QR code that only the shopper has: the store keeps the sealed template and cannot open
it. Whoever shows the code is compared with this one template (1:1), and the key is dropped with the look.
"""

import base64
import binascii
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models import ModelId
from vision.errors import KeyFileError, KeyTextError, SealBrokenError
from vision.matching.gallery import ReferenceId
from vision.matching.template import Template

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"SS1"
_OPEN_TO_OTHERS = 0o077
_KEY_TEXT = "SESAME:K:"
_KEY_PURPOSE = b"sesame shopper key 1"


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


def new_shopper_secret() -> str:
    """Draw a secret and return it as the text of a QR code: ``SESAME:K:`` and 52 letters and digits of base 32."""
    return _KEY_TEXT + base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def shopper_key(text: str, reference_id: ReferenceId) -> SealKey:
    """Return the key that a shopper's QR code holds for one reference.

    It is derived (HKDF, RFC 5869), so that one code may open several references and no key betrays another.

    Raises:
        KeyTextError: It is not such a text.
    """
    letters = text.removeprefix(_KEY_TEXT)
    try:
        secret = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as problem:
        raise KeyTextError("This code holds no key.") from problem
    if letters == text or len(secret) != KEY_BYTES:
        raise KeyTextError("This code holds no key.")
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_KEY_PURPOSE + reference_id.encode())
    return SealKey(derive.derive(secret))


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


def replace_key(path: Path, key: SealKey) -> None:
    """Put another key into the file in one step, synced: a power cut leaves the old key or the new one."""
    beside = path.with_name(f".{path.name}.part")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
