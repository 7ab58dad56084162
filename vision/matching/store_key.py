"""All that it takes to keep faces for one store and to compare them: a key with the kiosks, a salt with the store.

The key seals (``sealed.py``), and together with the salt it draws the rotation (``turned.py``). The kiosks hold the key
and no template; the store holds the templates, and the salt apart from them, and no key. Whoever steals one of the
three has nothing; who steals more is put out by a new key and a new salt, under which all on file is kept anew.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.gallery import ReferenceId
from vision.matching.sealed import KEY_BYTES, SealKey, open_sealed, seal
from vision.matching.template import Template
from vision.matching.turned import Turn, is_turned, made_by

SALT_BYTES = 32
_ID_BYTES = 16
_TURNS_HELD = 2  # the one in force, and at a change the one before


@dataclass(frozen=True, slots=True)
class StoreKey:
    """One key with its salt, which never show in a log."""

    sealing: SealKey
    salt: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(self.salt)}")

    @property
    def key_id(self) -> str:
        """The public name of the key: 32 hex digits that tell nothing of it."""
        return key_id(self.sealing)

    @property
    def turn(self) -> Turn:
        """The rotation that all of this store's templates went through."""
        return _turn(self)

    def keep(self, template: Template, reference_id: ReferenceId) -> tuple[ModelId, bytes]:
        """Return the model id and the bytes to keep of a template as the model made it."""
        turned = self.turn.turn(template)
        return turned.model_id, seal(turned, self.sealing, reference_id)

    def open(self, sealed: bytes, reference_id: ReferenceId, model_id: ModelId) -> Template:
        """Return a kept template, turned; one from before there were rotations is turned now.

        Raises:
            SealBrokenError: Another key, reference or model than it was sealed with, or changed bytes.
            TemplateMalformedError: It opens, and holds no template.
            ModelMismatchError: It went through another rotation.
        """
        template = open_sealed(sealed, self.sealing, reference_id, model_id)
        if not is_turned(template.model_id):
            return self.turn.turn(template)
        if template.model_id != self.turn.kind(made_by(template.model_id)):
            raise ModelMismatchError(expected=self.turn.kind(made_by(template.model_id)), found=template.model_id)
        return template

    def keep_anew(
        self, references: Sequence[tuple[ReferenceId, ModelId, bytes]], new: "StoreKey"
    ) -> tuple[tuple[ReferenceId, ModelId, bytes], ...]:
        """Return references (id, model id, sealed) under another key.

        Raises:
            SealBrokenError, TemplateMalformedError, ModelMismatchError: As for ``open``.
        """
        return tuple(
            (name, *new.keep(self.turn.turn_back(self.open(sealed, name, model_id)), name))
            for name, model_id, sealed in references
        )


def key_id(key: SealKey) -> str:
    """Return the public name of a key."""
    return _derived(key, b"sesame key id 1", b"", _ID_BYTES).hex()


def new_seal_key() -> SealKey:
    """Draw a key."""
    return SealKey(secrets.token_bytes(KEY_BYTES))


@lru_cache(maxsize=_TURNS_HELD)
def _turn(key: StoreKey) -> Turn:
    return Turn.of(_derived(key.sealing, b"sesame turn 1", key.salt, KEY_BYTES), key.key_id)


def _derived(key: SealKey, purpose: bytes, salt: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt or None, info=purpose).derive(key.secret)
