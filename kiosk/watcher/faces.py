"""Faces in frames: compare one with a few opened references, or take captures for a new one.

Everything of a face lives here, in memory, for as long as one look lasts: candidates, opened references, templates. The
visit only ever hears of an opaque reference id, how sure the match was, or sealed bytes.
"""

import base64
import binascii
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Final, assert_never

from kiosk.ports import FlashTold, LookTold
from kiosk.visit.effects import (
    BeginCapture,
    BeginLook,
    DropFaces,
    ForgetReferences,
    LookEffect,
    SearchAlike,
    TakeCapture,
)
from kiosk.visit.events import Event, FaceHinted
from kiosk.visit.sight import Role
from kiosk.visit.values import Candidate
from kiosk.watcher.capturing import Capturing, Searching
from kiosk.watcher.comparing import Comparing
from models import SFACE, ModelId
from vision.errors import KeyTextError, SealBrokenError, VisionError
from vision.face.eye import Eye
from vision.frame import Frame
from vision.matching import Gallery, ImpostorHistogram, ReferenceId, StoreKey, Template, open_sealed, shopper_key

HINT_STEP: Final = 0.1  # progress smaller than this is no news to the visit
STILL_FRAMES: Final = 3
_LOG = logging.getLogger(__name__)


def _keep_nothing(_: ImpostorHistogram) -> None:
    """Keep no histogram."""


def _show_nothing(_: FlashTold) -> None:
    """Show no colour."""


class FaceBooth:
    """What the visit asked to be done with faces. Orders come from the loop's thread, frames from one camera's."""

    def __init__(
        self,
        open_eye: Callable[[], Eye],
        key: Callable[[], StoreKey | None],
        post: Callable[[Event], object],
        tell: Callable[[LookTold], None],
        *,
        show: Callable[[FlashTold], None] = _show_nothing,
        keep: Callable[[ImpostorHistogram], None] = _keep_nothing,
    ) -> None:
        """Get ready.

        Args:
            open_eye: Opens what detects, judges and embeds; called once, by ``warm`` or at the first look.
            key: The store's key of the moment, which opens and seals references; None until the store told its half.
            post: Where results go.
            tell: Where the place of the face goes, for the page to draw.
            show: Where the colours of a challenge go, for the page to show.
            keep: Takes the histogram of impostors whenever it has grown.
        """
        self._open_eye = open_eye
        self._opened_eye: Eye | None = None
        self._opening = threading.Lock()
        self._key = key
        self._post = post
        self._tell = tell
        self._show = show
        self._keep = keep
        self._lock = threading.Lock()
        self._work: Comparing | Capturing | Searching | None = None
        self._told: tuple[str, float] = ("", 0.0)
        self._kept: ImpostorHistogram | None = None

    @property
    def _eye(self) -> Eye:
        with self._opening:
            if self._opened_eye is None:
                self._opened_eye = self._open_eye()
            return self._opened_eye

    def warm(self) -> None:
        """Open the networks now, which takes over a second, rather than at the first look.

        Raises:
            ModelError: Weights are missing or not the right ones.
        """
        _ = self._eye

    @property
    def is_empty(self) -> bool:
        """Say whether nothing of a face is held."""
        return self._work is None

    def carry_out(self, effect: LookEffect) -> None:
        """Begin, arm, compare or forget; returns at once, or within the 20 ms that a page of references takes."""
        with self._lock:
            match effect:
                case BeginLook():
                    self._begin(self._comparing(effect))
                case BeginCapture():
                    self._begin(self._capturing(effect))
                case TakeCapture(look_id=look_id):
                    self._arm(look_id)
                case SearchAlike(look_id=look_id, references=references):
                    self._search(look_id, references)
                case DropFaces():
                    self._begin(None)
                case ForgetReferences(reference_ids=forgotten):
                    self._forget(forgotten)
                case _:
                    assert_never(effect)

    def see(self, frame: Frame) -> None:
        """Look at one frame for whatever was asked for."""
        work = self._work
        if work is None or isinstance(work, Searching):
            return  # the candidates are not here yet, or the captures are done: the picture goes no further
        look = self._eye.look(frame)
        with self._lock:
            if self._work is not work:
                return  # dropped while we looked
            hint, progress = work.see(self._eye, look)
            self._conclude(work)
            if self._work is work and (hint != self._told[0] or abs(progress - self._told[1]) >= HINT_STEP):
                self._told = (hint, progress)
                self._post(FaceHinted(work.look_id, hint, progress))
        box = None if look.face is None else look.face.box.of_frame(frame.width_px, frame.height_px)
        self._tell(LookTold(Role.FACE, box, hint, progress))

    def see_still(self, frame: Frame) -> int:
        """Look at one still picture as at a few frames; no challenge can be met in it. Return the faces in it."""
        for turn in range(STILL_FRAMES):
            self.see(Frame(frame.image, frame.captured_at_ns + turn))
        return len(self._eye.look(frame).faces)

    def flash_shown(self, look_id: str, place: int, at_ns: int) -> None:
        """Take the page's word that it shows a colour since ``at_ns`` (monotonic)."""
        with self._lock:
            if isinstance(self._work, Comparing):
                self._work.shown(look_id, place, at_ns)

    def _begin(self, work: Comparing | Capturing | Searching | None) -> None:
        if isinstance(self._work, Comparing):
            self._work.end()
        self._work, self._told = work, ("", 0.0)

    def _conclude(self, work: Comparing | Capturing) -> None:
        """Tell the result and forget everything, without waiting to be told to."""
        if isinstance(work, Capturing):
            if work.sealed is not None:
                self._work = work.sealed
            return
        if work.result is None:
            return
        self._begin(None)
        self._keep_histogram()
        self._post(work.result)

    def _arm(self, look_id: str) -> None:
        if isinstance(self._work, Capturing) and self._work.look_id == look_id:
            self._work.arm()

    def _forget(self, reference_ids: Iterable[str]) -> None:
        if isinstance(self._work, Comparing):
            self._work.gallery = self._work.gallery.without(map(ReferenceId, reference_ids))

    def _search(self, look_id: str, references: tuple[Candidate, ...]) -> None:
        work = self._work
        if not isinstance(work, Searching) or work.look_id != look_id:
            return
        found, impostors = work.compare(Gallery.of(work.kind, dict(_opened_by_store(references, work.key))))
        self._eye.note_impostors(impostors)
        self._keep_histogram()
        self._post(found)

    def _keep_histogram(self) -> None:
        histogram = self._eye.histogram
        if histogram is not None and histogram is not self._kept:
            self._kept = histogram
            self._keep(histogram)

    def _capturing(self, order: BeginCapture) -> Capturing | None:
        key = self._key()
        if (
            key is None
        ):  # the consent text came from the store, and with it its half of the key: this is a bug or a loss
            _LOG.error("no face can be kept: the store has not told its half of the key")
            return None
        return Capturing(order, key, self._post)

    def _comparing(self, order: BeginLook) -> Comparing:
        """Open what a key is here for: the store's, or the shopper's alone where a card was shown (1:1)."""
        key = self._key() if order.card is None else None
        if order.card is not None:
            opened = _opened_by_card(order.candidates, order.card)
        else:
            opened = [] if key is None else _opened_by_store(order.candidates, key)
        turn = None if key is None else key.turn
        likeness = {ReferenceId(one.reference_id): one.likeness for one in order.candidates if one.likeness is not None}
        gallery = Gallery.of(SFACE if turn is None else turn.kind(SFACE), dict(opened), likeness=likeness)
        return Comparing(order.look_id, gallery, order.challenge, turn=turn, post=self._post, show=self._show)


def _opened_by_store(candidates: Iterable[Candidate], key: StoreKey) -> list[tuple[ReferenceId, Template]]:
    opened: list[tuple[ReferenceId, Template]] = []
    kind = key.turn.kind(SFACE)
    for candidate in candidates:
        if candidate.mode != "gallery":
            continue
        reference_id = ReferenceId(candidate.reference_id)
        try:
            template = key.open(_bytes_of(candidate), reference_id, ModelId(candidate.model_id))
        except (VisionError, binascii.Error) as problem:
            _LOG.warning("a reference does not open: %s", type(problem).__name__)
            continue
        if template.model_id == kind:
            opened.append((reference_id, template))
    return opened


def _opened_by_card(candidates: Iterable[Candidate], card: str) -> list[tuple[ReferenceId, Template]]:
    opened: list[tuple[ReferenceId, Template]] = []
    for candidate in candidates:
        if candidate.mode != "sealed":
            continue
        reference_id, model_id = ReferenceId(candidate.reference_id), ModelId(candidate.model_id)
        try:
            template = open_sealed(_bytes_of(candidate), shopper_key(card, reference_id), reference_id, model_id)
        except (SealBrokenError, KeyTextError):
            continue  # the card opens one of those under the digits, and no other
        except (VisionError, binascii.Error) as problem:
            _LOG.warning("a reference does not open: %s", type(problem).__name__)
            continue
        if template.model_id == SFACE:
            opened.append((reference_id, template))
    return opened


def _bytes_of(candidate: Candidate) -> bytes:
    return base64.b64decode(candidate.sealed, validate=True)
