"""The key that faces are kept under, as this kiosk has it: in its file, with the store's half in memory alone.

Asked for when it is first needed and whenever the store says that another one is in force. A new key comes closed for
this kiosk, and replaces the file in one step; the old one is gone with it.
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import Base64Bytes, TypeAdapter, ValidationError

from kiosk.adapters.key_wrap import WrapBrokenError, unwrap
from kiosk.adapters.pairing import Identity
from kiosk.adapters.wire import send
from kiosk.ports import ShopAnsweredBadlyError, ShopRefusedError
from vision.errors import KeyFileError
from vision.matching import SealKey, StoreKey, create_key, key_id, read_key, replace_key

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wrap:
    from_key_id: str
    to_key_id: str
    wrapped: Base64Bytes


@dataclass(frozen=True, slots=True)
class _InForce:
    key_id: str
    salt: Base64Bytes
    wraps: tuple[_Wrap, ...]


class FaceKeys:
    """One kiosk's key. For any thread."""

    def __init__(self, path: Path, device: Identity, client: httpx.Client) -> None:
        """Read the key, or draw it where there is none yet.

        Args:
            path: The key file.
            device: Who this kiosk is; its own key opens what is closed for it.
            client: Speaks with the store.

        Raises:
            KeyFileError: The file cannot be used.
        """
        self._path = path
        self._device = device
        self._client = client
        self._lock = threading.Lock()
        self._sealing = read_key(path) if path.exists() else create_key(path)
        self._now: StoreKey | None = None

    @property
    def key_id(self) -> str:
        """The public name of the key that this kiosk has."""
        return key_id(self._sealing)

    def now(self) -> StoreKey | None:
        """Return the key with the store's half, or None until the store has told it."""
        return self._now

    def ready(self) -> StoreKey:
        """Return the key, having asked the store for its half where that is not here yet.

        Raises:
            ShopUnreachableError, ShopAnsweredBadlyError: No answer, or none that was agreed.
            ShopRefusedError: ``face_key_unknown``: this kiosk has a key that the store's faces were never kept under.
        """
        return self._now or self.refresh()

    def refresh(self) -> StoreKey:
        """Ask the store which key is in force, and come to it.

        Raises:
            ShopUnreachableError, ShopAnsweredBadlyError, ShopRefusedError: As for ``ready``.
        """
        with self._lock:
            self._sealing = self._from_file()
            told = self._told()
            sealing = self._sealing
            for step in told.wraps:
                sealing = self._stepped(sealing, step)
            if key_id(sealing) != told.key_id:
                raise ShopAnsweredBadlyError("the keys that the store told do not lead to the one in force")
            if sealing != self._sealing:
                replace_key(self._path, sealing)
                self._sealing = sealing
                _LOG.info("faces are kept under a new key: %s", told.key_id)
            self._now = StoreKey(sealing, told.salt)
            return self._now

    def _from_file(self) -> SealKey:
        try:
            return read_key(self._path)  # whoever changed the key here may have been quicker
        except KeyFileError as problem:
            _LOG.warning("%s", problem)
            return self._sealing

    def _told(self) -> _InForce:
        answer = send(self._client, "POST", "/v1/face-keys", body={"key_id": key_id(self._sealing)})
        try:
            return TypeAdapter(_InForce).validate_json(answer.content)
        except ValidationError as problem:
            raise ShopAnsweredBadlyError("the key in force is not told as agreed") from problem

    def _stepped(self, sealing: SealKey, step: _Wrap) -> SealKey:
        device = self._device
        try:
            return unwrap(
                step.wrapped, before=sealing, kiosk_id=device.kiosk_id, own=device.key, to_key_id=step.to_key_id
            )
        except WrapBrokenError as problem:
            _LOG.error("a new key does not open: %s Copy the key file of another kiosk of this store.", problem)
            raise ShopRefusedError("face_key_unknown", {}) from problem
