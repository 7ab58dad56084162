"""A gate: reads exit codes from a scanner that types, opens once for each, with or without a network.

With a network the store decides. Without one the gate checks the store's signature, the time and its own memory, and
tells the store later. Two gates that are cut off at once cannot know of each other: there a pass may open each of them.
"""

import logging
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import TypeAdapter, ValidationError

from checkout import ExitCode, SignedExit, read_code, read_exit_pass, read_provisional_exit
from checkout.signed_text import content
from kiosk.adapters.spent_passes import SpentPasses

_LOG = logging.getLogger(__name__)
_OK: Final = 200
_REFUSED: Final = 400
_BROKE: Final = 500


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """Whose passes open this gate, as the store tells it; kept in a file for the time without a network."""

    store_id: str
    keys: tuple[str, ...]

    def signed(self, words: bytes, signature: bytes) -> bool:
        """Say whether one of the store's keys has signed these words."""
        for key in self.keys:
            try:
                Ed25519PublicKey.from_public_bytes(b64decode(key)).verify(signature, words)
            except InvalidSignature:
                continue
            return True
        return False


_KEYS: Final = TypeAdapter(StoreKeys)


class KeysMissingError(Exception):
    """The store's keys are neither to be had nor kept from before."""


def store_keys(client: httpx.Client, kept: Path) -> StoreKeys:
    """Return the store's keys, from the store or, without a network, as they were last heard.

    Raises:
        KeysMissingError: This gate has never reached its store.
    """
    try:
        answer = client.get("/v1/exit-keys").raise_for_status()
        found = _KEYS.validate_json(answer.content)
    except (httpx.HTTPError, ValidationError) as problem:
        try:
            return _KEYS.validate_json(kept.read_bytes())
        except (OSError, ValidationError):
            raise KeysMissingError(
                "This gate has yet to reach its store once: it needs the store's key to check passes without a network."
            ) from problem
    fresh = kept.with_name(f".{kept.name}.part")
    fresh.write_bytes(_KEYS.dump_json(found))
    fresh.replace(kept)
    return found


@dataclass(frozen=True, slots=True)
class _Shown:
    """A pass that is believed: the store's own, or a kiosk's, whose number is of that kiosk's series."""

    store_id: str
    ticket_number: int
    expires_at_s: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate does; ``code`` is empty where it opens, else the problem's."""

    code: str
    ticket_number: int | None = None
    is_offline: bool = False

    @property
    def opens(self) -> bool:
        """Whether the gate opens."""
        return not self.code


class Gate:
    """Decides about one code at a time."""

    def __init__(
        self, client: httpx.Client, keys: StoreKeys, spent: SpentPasses, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._keys = keys
        self._spent = spent
        self._clock = clock

    def show(self, text: str) -> Verdict:
        """Decide about what the scanner read."""
        reading = read_code(text)
        shown = self._believed(reading.token) if isinstance(reading, ExitCode) else None
        if shown is None or shown.store_id != self._keys.store_id:
            return Verdict("exit_token_unknown")
        at = self._clock()
        if at.timestamp() >= shown.expires_at_s:
            return Verdict("exit_token_expired", shown.ticket_number)
        if self._spent.has(shown.nonce):
            return Verdict("exit_token_used", shown.ticket_number)
        code = self._ask(text.strip())
        is_offline = code is None
        if code:
            return Verdict(code, shown.ticket_number)
        return self._open(shown, text.strip(), at, is_offline=is_offline)

    def _believed(self, token: str) -> "_Shown | None":
        """Return what a pass says that the store has signed, or a kiosk that the store has let sign."""
        if (own := read_exit_pass(token)) is not None:
            told = own.exit_pass
            if not self._keys.signed(told.words(), own.signature):
                return None
            return _Shown(told.store_id, told.ticket_number, told.expires_at_s, told.nonce)
        signed = read_provisional_exit(token)
        if signed is None or not self._granted(signed):
            return None
        nonce = f"{signed.grant.public_key}:{signed.exit.nonce}"
        return _Shown(signed.grant.store_id, signed.exit.number, signed.expires_at_s, nonce)

    def _granted(self, signed: SignedExit) -> bool:
        if not self._keys.signed(signed.grant.words(), signed.grant_signature):
            return False
        try:
            key = Ed25519PublicKey.from_public_bytes(content(signed.grant.public_key))
            key.verify(signed.signature, signed.exit.words())
        except (InvalidSignature, ValueError):
            return False
        return True

    def tell(self) -> None:
        """Tell the store what was opened without it; what it refuses is its matter, and told all the same."""
        waiting = self._spent.untold()
        if not waiting:
            return
        uses = [{"code": each.code, "opened_at": each.opened_at} for each in waiting]
        try:
            answer = self._client.post("/v1/exit-tokens:report", json={"uses": uses})
        except httpx.HTTPError as problem:
            _LOG.info("the store is away: %s", type(problem).__name__)
            return
        if answer.status_code == _OK:
            for each in waiting:
                self._spent.told(each.nonce)
            self._spent.forget(int(self._clock().timestamp()))

    def _open(self, shown: "_Shown", text: str, at: datetime, *, is_offline: bool) -> Verdict:
        noted = self._spent.spend(shown.nonce, text, at=at, expires_at_s=shown.expires_at_s, told=not is_offline)
        return Verdict("" if noted else "exit_token_used", shown.ticket_number, is_offline)

    def _ask(self, text: str) -> str | None:
        """Return the store's refusal, nothing ('') where it opens, None where it is away."""
        try:
            answer = self._client.post("/v1/exit-tokens:use", json={"code": text})
        except httpx.HTTPError:
            return None
        if answer.status_code >= _BROKE:
            return None
        if answer.status_code >= _REFUSED:
            try:
                return str(answer.json()["code"])
            except (ValueError, KeyError, TypeError):
                return "exit_token_unknown"
        return ""


def serve(gate: Gate, lines: Iterable[str], say: Callable[[str], None]) -> None:
    """Decide about each line that the scanner types, until it is taken away."""
    for line in lines:
        if not line.strip():
            continue
        verdict = gate.show(line)
        say(f"OPEN {verdict.ticket_number}" if verdict.opens else f"CLOSED {verdict.code}")
        gate.tell()
