"""The open visit in one small file, replaced whole and synced."""

import os
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from kiosk.visit.record import LastSeen, Said, VisitRecord
from kiosk.visit.states import State
from kiosk.visit.values import StoreFacts
from kiosk.visit.visit import Visit

_SEEN: Final[TypeAdapter[LastSeen]] = TypeAdapter(LastSeen)
_SAID: Final[TypeAdapter[Said]] = TypeAdapter(Said)
_STORE: Final[TypeAdapter[StoreFacts]] = TypeAdapter(StoreFacts)
_RECORD: Final[TypeAdapter[VisitRecord]] = TypeAdapter(VisitRecord)


class VisitFile:
    """``visit.json``: there while a visit is open."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def load(self) -> VisitRecord | None:
        """Return the visit that was open; a file that cannot be read counts as none."""
        try:
            return _RECORD.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def save(self, record: VisitRecord | None) -> None:
        """Replace the record; on disk when this returns."""
        if record is None:
            self._path.unlink(missing_ok=True)
        else:
            write_synced(self._path, _RECORD.dump_json(record))
        _sync_folder(self._path.parent)


class LastSeenFile:
    """``last_seen.json``: what the screen shows, there while a visit is open.

    Not synced: a process that dies leaves it whole, and after a power cut the store is asked as ever.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._written: LastSeen | None = None

    def load(self) -> LastSeen | None:
        """Return what was shown last; a file that cannot be read counts as none."""
        try:
            return _SEEN.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def show(self, visit: Visit, _seq: int) -> None:
        """Keep what is shown now, where it has changed."""
        seen = None
        if visit.store is not None and visit.basket is not None and visit.state is not State.RECEIPT:
            seen = LastSeen(visit.store, visit.basket)
        if seen == self._written:
            return
        self._written = seen
        if seen is None:
            self._path.unlink(missing_ok=True)
            return
        fresh = self._path.with_name(f".{self._path.name}.new")
        fresh.write_bytes(_SEEN.dump_json(seen))
        fresh.replace(self._path)


class SaidFile:
    """``said.json``: the store's last word on the open basket, from which this kiosk reckons on without it.

    Not synced: after a power cut the store is asked as ever, and without it the writes that wait begin anew.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def load(self) -> Said | None:
        """Return the last word; a file that cannot be read counts as none."""
        try:
            return _SAID.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def save(self, said: Said) -> None:
        """Replace it."""
        fresh = self._path.with_name(f".{self._path.name}.new")
        fresh.write_bytes(_SAID.dump_json(said))
        fresh.replace(self._path)


class StoreFile:
    """``store.json``: where this kiosk stands, so that it can open without a network."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._written = self.load()

    def load(self) -> StoreFacts | None:
        """Return what the store last said of itself; a file that cannot be read counts as none."""
        try:
            return _STORE.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def show(self, visit: Visit, _seq: int) -> None:
        """Keep what the store says of itself, where it has changed."""
        if visit.store is not None and visit.store != self._written:
            self._written = visit.store
            write_synced(self._path, _STORE.dump_json(visit.store))


def write_synced(path: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves the old content or the new, never half of it."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
