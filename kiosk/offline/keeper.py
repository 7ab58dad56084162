"""Keep the newest catalogue: fetched at the start, when the store tells of a change, and every minute anyway."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.offline.catalogue import Catalogue, CatalogueFile, CatalogueRefusedError, checked
from kiosk.ports import CatalogueDocument, CatalogueSource, Clock, ShopUnreachableError
from kiosk.visit.events import CatalogueNow, CatalogueRefused, Event

EVERY_SECONDS: Final = 60.0
SOON_SECONDS: Final = 1.0  # until the store is known, and after a fetch that failed at the start
_LOG = logging.getLogger(__name__)


class CatalogueKeeper:
    """One thread, one file, one version. ``now`` may be read from any thread."""

    def __init__(
        self,
        source: CatalogueSource,
        file: CatalogueFile,
        store_id: Callable[[], str | None],
        deliver: Callable[[Event], None],
        clock: Clock,
        *,
        taken: Callable[[], None] = lambda: None,
        reached: Callable[[], None] = lambda: None,
    ) -> None:
        """Get ready to keep.

        Args:
            source: The store.
            file: The disk.
            store_id: Which store, once it is known.
            deliver: Where news of the prices go.
            clock: The time of day.
            taken: Called, on this thread, after a version was taken.
            reached: Called, on this thread, whenever the store has answered.
        """
        self._source = source
        self._file = file
        self._store_id = store_id
        self._deliver = deliver
        self._clock = clock
        self.taken = taken
        self.reached = reached
        self._now: Catalogue | None = None
        self._read = False
        self._told: CatalogueNow | None = None
        self._refused = ""
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)

    @property
    def now(self) -> Catalogue | None:
        """The newest version that was checked; None where there is none."""
        return self._now

    def open(self, store_id: str) -> None:
        """Read what lies on disk; once, so that a kiosk that starts without a network can sell at once."""
        if self._read:
            return
        self._read = True
        try:
            self._now = self._file.load(store_id)
        except CatalogueRefusedError as refusal:
            self._refuse(refusal)
        self.taken()
        self._tell()

    def want(self) -> None:
        """Fetch soon: the store told of a change."""
        self._wanted.set()

    def start(self) -> None:
        """Begin to keep."""
        self._thread.start()

    def stop(self) -> None:
        """Keep no more."""
        self._ended.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def fetch(self) -> bool:
        """Ask the store once; return whether what is held is the newest now."""
        store_id = self._store_id()
        if store_id is None:
            return False
        self.open(store_id)
        try:
            key = self._file.key() or self._file.keep_key(self._source.key(store_id))
            held = self._now
            document = self._source.fetch(store_id, None if held is None else held.head.version)
            if document is not None:
                self._take(document, key, store_id)
            self._file.confirm(self._clock())
        except ShopUnreachableError as problem:
            _LOG.info("catalogue: %s", problem)
            self._tell()  # how old the prices are matters from now on
            return False
        except CatalogueRefusedError as refusal:
            self._refuse(refusal)
            return False
        except (OSError, ValueError) as problem:
            _LOG.error("the catalogue cannot be kept: %s", problem)
            return False
        self._refused = ""
        self.reached()
        if document is not None:
            self.taken()
            self._tell()
        return True

    def _take(self, document: CatalogueDocument, key: Ed25519PublicKey, store_id: str) -> None:
        try:
            fresh = checked(document, key=key, store_id=store_id, before=self._now)
        except CatalogueRefusedError as refusal:
            if refusal.reason != "digest" or document.get("since") is None:
                raise
            # A step that leads elsewhere than it should: what is held may be wrong, so the whole is asked for once.
            whole = self._source.fetch(store_id, None)
            if whole is None:
                raise
            fresh = checked(whole, key=key, store_id=store_id, before=self._now)
        self._file.save(fresh)
        self._now = fresh

    def _tell(self) -> None:
        at = self._file.confirmed_at()
        if self._now is None or at is None:
            return
        now = CatalogueNow(self._now.head.version, at)
        if now != self._told:
            self._told = now
            self._deliver(now)

    def _refuse(self, refusal: CatalogueRefusedError) -> None:
        _LOG.error("%s", refusal)
        if self._refused != refusal.reason:  # staff are told once, not every minute
            self._refused = refusal.reason
            self._deliver(CatalogueRefused(refusal.reason))

    def _run(self) -> None:
        while not self._ended.is_set():
            kept = self.fetch()
            self._wanted.wait(EVERY_SECONDS if kept or self._now is not None else SOON_SECONDS)
            self._wanted.clear()
