"""The open visit in one small file, replaced whole and synced."""

import os
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from kiosk.visit.record import VisitRecord

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
