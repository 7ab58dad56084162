"""The store's catalogue on this kiosk's disk: believed only with the store's signature, never an older one again."""

import base64
import binascii
import gzip
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkout import Assortment, Change, Head, Tables, apply_change, assortment_of, digest_of_tables
from checkout.errors import CheckoutError
from kiosk.offline.memory import write_synced
from kiosk.ports import CatalogueDocument


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """One version that was checked: whole, signed by the store, and readable."""

    head: Head
    signature: str
    tables: Tables
    assortment: Assortment


class CatalogueRefusedError(Exception):
    """A catalogue is not to be believed; ``reason`` is ``signature``, ``digest``, ``older``, ``store`` or ``shape``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the catalogue is refused: {reason}")
        self.reason = reason


def checked(
    document: CatalogueDocument, *, key: Ed25519PublicKey, store_id: str, before: Catalogue | None = None
) -> Catalogue:
    """Return the catalogue that a document leads to.

    Args:
        document: Whole, or what changed since the version ``before``.
        key: The store's, kept since the pairing.
        store_id: Of the store that this kiosk stands in.
        before: The version that is held now; nothing older is taken again, or yesterday's prices could be replayed.

    Raises:
        CatalogueRefusedError: See its reasons; what is held stays as it is.
    """
    try:
        head = Head(**document["head"])
        change = Change(document["put"], document["gone"])
        signature = base64.b64decode(document["signature"], validate=True)
        is_whole = document["since"] is None
    except (KeyError, TypeError, ValueError, binascii.Error) as problem:
        raise CatalogueRefusedError("shape") from problem
    try:
        key.verify(signature, head.signed)
    except InvalidSignature as problem:
        raise CatalogueRefusedError("signature") from problem
    if head.store_id != store_id:
        raise CatalogueRefusedError("store")
    if before is not None and head.number < before.head.number:
        raise CatalogueRefusedError("older")
    if not is_whole and (before is None or before.head.version != document["since"]):
        raise CatalogueRefusedError("digest")
    try:
        tables = change.put if is_whole or before is None else apply_change(before.tables, change)
        if digest_of_tables(tables) != head.digest:
            raise CatalogueRefusedError("digest")
        return Catalogue(head, document["signature"], tables, assortment_of(tables))
    except (CheckoutError, AttributeError, TypeError) as problem:
        raise CatalogueRefusedError("shape") from problem


class CatalogueFile:
    """``catalogue.json.gz``, replaced whole and synced; its time of change says when it was last known to be newest."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "catalogue.json.gz"
        self._key_path = folder / "store.pub"

    def key(self) -> Ed25519PublicKey | None:
        """Return the store's key, or None before the first contact after the pairing."""
        try:
            return Ed25519PublicKey.from_public_bytes(base64.b64decode(self._key_path.read_bytes()))
        except (OSError, ValueError):
            return None

    def keep_key(self, public: bytes) -> Ed25519PublicKey:
        """Keep the store's key from the first contact; another one later is not taken without a new pairing.

        Raises:
            ValueError: It is no key.
        """
        key = Ed25519PublicKey.from_public_bytes(public)
        write_synced(self._key_path, base64.b64encode(public))
        return key

    def forget(self) -> None:
        """Forget the store's key and the prices that it signed: this kiosk was paired anew."""
        for path in (self._path, self._key_path):
            path.unlink(missing_ok=True)

    def load(self, store_id: str) -> Catalogue | None:
        """Return what lies on disk, or None where there is nothing yet.

        Raises:
            CatalogueRefusedError: Somebody changed it.
        """
        key = self.key()
        if key is None or not self._path.exists():
            return None
        try:
            document = json.loads(gzip.decompress(self._path.read_bytes()))
        except (OSError, EOFError, ValueError) as problem:
            raise CatalogueRefusedError("shape") from problem
        if not isinstance(document, dict):
            raise CatalogueRefusedError("shape")
        return checked(document, key=key, store_id=store_id)

    def save(self, catalogue: Catalogue) -> None:
        """Replace what lies on disk."""
        head = catalogue.head
        document = {
            "head": {
                "store_id": head.store_id,
                "number": head.number,
                "made_at": head.made_at,
                "digest": head.digest,
            },
            "signature": catalogue.signature,
            "since": None,
            "put": catalogue.tables,
            "gone": {},
        }
        write_synced(self._path, gzip.compress(json.dumps(document, ensure_ascii=False).encode(), 6, mtime=0))

    def confirm(self, at: datetime) -> None:
        """Note that the store said at ``at``: this is still the newest."""
        os.utime(self._path, (at.timestamp(), at.timestamp()))

    def confirmed_at(self) -> datetime | None:
        """Return when it was last known to be the newest."""
        try:
            return datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        except OSError:
            return None
