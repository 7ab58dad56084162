"""What the kiosk needs of the world, in its own words. Adapters keep these promises; tests keep them with fakes."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from kiosk.visit.calls import Call, KeptWrite
from kiosk.visit.effects import LookEffect
from kiosk.visit.events import Answer, Event
from kiosk.visit.record import VisitRecord
from kiosk.visit.sight import Role
from kiosk.visit.visit import Visit
from vision.frame import Frame


class ShopUnreachableError(Exception):
    """The store gave no answer that says whether the call was carried out; the same call may be sent again."""


class ShopAnsweredBadlyError(ShopUnreachableError):
    """The store is there, but broke over this call or answered in another shape than agreed; it may do so for ever."""


class ShopRefusedError(Exception):
    """The store said no. ``code`` is stable; ``facts`` are the plain values of the problem document."""

    def __init__(self, code: str, facts: dict[str, str | int], *, retry: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.retry = retry


class Shop(Protocol):
    """The store server."""

    def perform(self, call: Call) -> Answer:
        """Send one call and wait for its answer.

        Raises:
            ShopUnreachableError: No answer came; with the same id it may be repeated.
            ShopAnsweredBadlyError: The server broke, or its answer is not what was agreed; repeated a few times.
            ShopRefusedError: The server said no; ``retry`` where it asks to be asked again.
        """


CatalogueDocument = dict[str, Any]
"""A catalogue on the wire or on disk, before it is checked: head, signature, since, put, gone."""


class CatalogueSource(Protocol):
    """Where catalogues come from."""

    def key(self, store_id: str) -> bytes:
        """Return the store's public key. Raises ShopUnreachableError."""

    def fetch(self, store_id: str, since: str | None) -> CatalogueDocument | None:
        """Return what changed since a version, the whole where that is not known, None where nothing changed.

        Raises:
            ShopUnreachableError: No answer.
        """


class Outbox(Protocol):
    """Writes on disk, in order, until the store has answered them."""

    def append(self, call: KeptWrite) -> bool:
        """Put a write on disk; return False where the outbox is full."""

    def pending(self) -> tuple[KeptWrite, ...]:
        """Return the writes that wait for an answer, the oldest first."""

    def settle(self, key: str) -> None:
        """Forget a write that was answered."""

    def note(self, key: str) -> None:
        """Put the id of a call on disk whose body must not lie there."""


class VisitMemory(Protocol):
    """The open visit on disk."""

    def load(self) -> VisitRecord | None:
        """Return the visit that was open, or None."""

    def save(self, record: VisitRecord | None) -> None:
        """Replace it; on disk before this returns."""


class Clock(Protocol):
    """The time of day."""

    def __call__(self) -> datetime:
        """Return now, aware UTC."""


class Camera(Protocol):
    """A source of frames. Opened by its making, closed for good by ``close``."""

    def read(self) -> Frame | None:
        """Return the next frame, or None where there is none yet; may block for about a frame's time.

        Raises:
            CameraLostError: It gives no more frames now; it may be read again later.
        """

    def close(self) -> None:
        """Let go of the device."""


@dataclass(frozen=True, slots=True)
class SlipRow:
    """One row of a paper receipt.

    Attributes:
        left: Its text, or the text of a QR code.
        right: What stands at the right edge of the same row, an amount as a rule.
        align: ``left`` or ``center``.
        bold: Set in bold.
        large: Twice as high and wide.
        qr: Draw ``left`` as a QR code.
    """

    left: str
    right: str = ""
    align: Literal["left", "center"] = "left"
    bold: bool = False
    large: bool = False
    qr: bool = False


Slip = tuple[SlipRow, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A camera that can be opened, and whom it serves.

    Attributes:
        roles: One, or both where one device serves both.
        kind: ``device``, ``browser`` (the page lends frames through ``put``) or ``none`` (only still pictures).
        open: Opens it; closed again as soon as nothing may be looked for.
        put: Takes a frame that the page lends.
        repeats: When it gives the very same picture twice: ``never`` (a sensor's noise makes each another), ``still``
            (where nothing moves; its encoder saves bytes) or ``always`` (a film, a folder, and what the page lends).
    """

    roles: tuple[Role, ...]
    kind: Literal["device", "browser", "none"]
    open: Callable[[], Camera]
    put: Callable[[Frame], None] | None
    repeats: Literal["never", "still", "always"] = "always"


@dataclass(frozen=True, slots=True)
class LookTold:
    """Where something was found in a picture; ``box`` in shares 0..1 of it: left, top, width, height."""

    role: Role
    box: tuple[float, float, float, float] | None
    hint: str
    progress: float


@dataclass(frozen=True, slots=True)
class FlashTold:
    """A colour for the whole screen, ``#rrggbb``; None takes it off again. ``place`` is its number in the row."""

    look_id: str
    place: int
    colour: str | None


class CameraOffError(Exception):
    """This camera may not look at anything now."""


class Cameras(Protocol):
    """The cameras, as the page may use them."""

    def watch(self, role: Role, show: Callable[[bytes], None]) -> Callable[[], None]:
        """Call ``show`` with the newest JPEG, at most 15 times a second, from another thread; return what ends it."""

    def lend(self, role: Role, jpeg: bytes) -> None:
        """Take a frame of the page's own camera. Raises PictureUnreadableError, CameraOffError."""

    def flash_shown(self, look_id: str, place: int, at_ns: int) -> None:
        """Take the page's word that it shows a colour since ``at_ns`` (monotonic)."""

    def show_picture(self, role: Role, content: bytes) -> "Future[int]":
        """Look at one still picture; the future tells how many codes (or faces) were taken from it.

        Raises:
            PictureUnreadableError: It is no picture, or too much of one.
            CameraOffError: Nothing may be looked for now.
        """


class Watcher(Cameras, Protocol):
    """The cameras, as the loop uses them."""

    def carry_out(self, effect: LookEffect) -> None:
        """Begin or end a look. Returns at once."""


class Decisions(Protocol):
    """The loop, as the page uses it."""

    @property
    def visit(self) -> Visit:
        """The visit as it is."""

    @property
    def seq(self) -> int:
        """Grows with each change of the visit."""

    def ask(self, event: Event) -> "Future[int]":
        """Hand over an act; the future tells the seq after it, or raises ActNotPossibleError.

        Raises:
            queue.Full: Too many events wait.
        """
