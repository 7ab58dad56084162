"""What the store lets this kiosk sign while it is away: fetched each hour, kept in a file of its owner alone."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
from pydantic import TypeAdapter, ValidationError

from checkout import read_grant
from kiosk.ports import Clock

EVERY: Final = timedelta(hours=1)
_REFUSED: Final = 400
_BROKE: Final = 500
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A grant with the store's keys of some days, as base64; ``fetched_at`` aware UTC."""

    grant: str
    pass_keys: dict[str, str]
    fetched_at: datetime

    @property
    def expires_at_s(self) -> int:
        """From when on it is worth nothing, in seconds since 1970."""
        found = read_grant(self.grant)
        return 0 if found is None else found[0].expires_at_s


@dataclass(frozen=True, slots=True)
class _Told:
    grant: str
    pass_keys: dict[str, str]


_HELD: Final[TypeAdapter[Held]] = TypeAdapter(Held)
_TOLD: Final[TypeAdapter[_Told]] = TypeAdapter(_Told)


class GrantFile:
    """``offline.json``: read once, then kept in memory."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._held: Held | None = None
        self._read = False

    def load(self) -> Held | None:
        """Return what is held; a file that cannot be read counts as nothing."""
        if not self._read:
            self._read = True
            try:
                self._held = _HELD.validate_json(self._path.read_bytes())
            except (OSError, ValidationError):
                self._held = None
        return self._held

    def save(self, held: Held | None) -> None:
        """Replace it; None where the store lets this kiosk sign no more."""
        self._held, self._read = held, True
        if held is None:
            self._path.unlink(missing_ok=True)
            return
        fresh = self._path.with_name(f".{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_HELD.dump_json(held))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


class GrantKeeper:
    """Fetches a grant where the one that is held has become an hour old. Called whenever the store was just reached."""

    def __init__(self, client: httpx.Client, file: GrantFile, clock: Clock, refreshed: Callable[[], None]) -> None:
        self._client = client
        self._file = file
        self._clock = clock
        self._refreshed = refreshed

    def reached(self) -> None:
        """Hear that the store answers."""
        held, now = self._file.load(), self._clock()
        if held is None or now - held.fetched_at >= EVERY or held.fetched_at > now:
            self._fetch(now)
        self._refreshed()

    def _fetch(self, now: datetime) -> None:
        try:
            answer = self._client.get("/v1/kiosks/me/offline-grant")
            if _REFUSED <= answer.status_code < _BROKE:
                self._file.save(None)  # the store lets this kiosk take nothing by itself: not any more, or not yet
                return
            told = _TOLD.validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as problem:
            _LOG.info("no new grant: %s", type(problem).__name__)
            return
        self._file.save(Held(told.grant, told.pass_keys, now))
