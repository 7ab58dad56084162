"""One device and its thread. It is open exactly while the visit lets one of its roles look for something."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol

from kiosk.ports import Camera, CameraOffError, Source
from kiosk.visit.events import CameraChanged, Event
from kiosk.visit.sight import Role, Sees, Sight
from kiosk.watcher.freshness import FROZEN_NS, Freshness
from vision.errors import CameraLostError, DecodersLostError
from vision.frame import Frame

STILLS_AT_MOST: Final = 2  # pictures that wait to be looked at; one takes about a second
IDLE_SECONDS: Final = 0.5  # a visit that changed wakes the thread at once; this is for stopping
STALL_NS: Final = 4_000_000_000  # a read that takes longer hangs: opening a slow camera takes one to three seconds
_LOG = logging.getLogger(__name__)


class Looker(Protocol):
    """Who looks at the frames of one role."""

    def see(self, frame: Frame) -> None:
        """Look at one frame."""

    def see_still(self, frame: Frame) -> int:
        """Look at one still picture; return how much was found."""


@dataclass(frozen=True, slots=True)
class _Still:
    role: Role
    frame: Frame
    found: "Future[int]"


class Station:
    """Frames of one source to those who may look at them."""

    def __init__(
        self,
        source: Source,
        *,
        sight: Callable[[], Sight],
        lookers: Mapping[Role, Looker],
        deliver: Callable[[Event], object],
        show: Callable[[Role, Frame], None],
    ) -> None:
        """Get ready to look.

        Args:
            source: The device, and the roles it serves.
            sight: What each role may look for now; asked before every frame and again before it is looked at.
            lookers: Who looks, by role.
            deliver: Where news of the camera's state go.
            show: Takes each frame that may be looked at, for the page's preview.
        """
        self.source = source
        self._sight = sight
        self._lookers = lookers
        self._deliver = deliver
        self._show = show
        self._camera: Camera | None = None
        self._opened_ns: int | None = None  # when its first frame since it was opened was taken
        self._freshness = Freshness()
        self._serving: Role | None = None
        self._reading_ns: int | None = None  # since when the device has been asked for a frame
        self._is_blind = False  # frames come, and nobody can look at them
        self._states: dict[Role, str] = {}
        self._stills: queue.Queue[_Still] = queue.Queue(STILLS_AT_MOST)
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{source.roles[0]}", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Close the device and end."""
        self._ended.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def wake(self) -> None:
        """Ask again what may be looked for; from any thread."""
        self._woken.set()

    def show_still(self, role: Role, frame: Frame) -> "Future[int]":
        """Have one still picture looked at.

        Raises:
            CameraOffError: Nothing may be looked for now.
            queue.Full: Too many pictures wait.
        """
        if self._sight().of(role) is Sees.NOTHING or role not in self._lookers:
            raise CameraOffError(role)
        still = _Still(role, frame, Future())
        self._stills.put_nowait(still)
        self.wake()
        return still.found

    @property
    def is_open(self) -> bool:
        """Say whether the device is open; dark means closed, not merely unwatched."""
        return self._camera is not None

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                try:
                    self.turn()
                except Exception:  # noqa: BLE001 - one bad frame must not end a camera; it is logged and passed over
                    _LOG.exception("camera %s", self.source.roles)
                    self._ended.wait(IDLE_SECONDS)
        finally:
            self._close()

    def turn(self) -> None:
        """Look at one frame, or close the device and wait where nothing may be looked for."""
        self._look_at_still()
        role = self._duty()
        if role is None or self.source.kind == "none":
            self._close()
            self._woken.wait(IDLE_SECONDS)
            self._woken.clear()
            return
        frame = self._next_frame(role)
        if frame is None or self._duty() is not role:
            return  # the visit moved on while the camera was read: this picture goes no further
        if role is Role.FACE:
            self._show(role, frame)  # a face is looked at for a tenth of a second: its owner sees it before
        self._look(role, frame)
        if role is Role.SCAN:
            self._show(role, frame)  # a pack's line comes before its picture

    def _look(self, role: Role, frame: Frame) -> None:
        try:
            self._lookers[role].see(frame)
            self._is_blind = False
        except DecodersLostError as problem:
            if not self._is_blind:
                _LOG.error("camera %s: %s", self.source.roles, problem)
            self._is_blind = True
            self._tell_states("lost")

    def _duty(self) -> Role | None:
        sight = self._sight()
        for role in self.source.roles:
            if role in self._lookers and sight.of(role) is not Sees.NOTHING:
                return role
        return None

    def _next_frame(self, role: Role) -> Frame | None:
        if self._camera is None:
            self._camera, self._opened_ns = self.source.open(), None
        self._serving = role
        self._reading_ns = time.monotonic_ns()
        try:
            frame = self._camera.read()
        except CameraLostError:
            self._tell_states("lost")
            return None
        finally:
            self._reading_ns = None
        if frame is None or not self._may_be_looked_at(role, frame):
            return None
        if not self._is_blind:
            self._tell_states("on")
        return frame

    def _may_be_looked_at(self, role: Role, frame: Frame) -> bool:
        """Keep back the very same picture again: of a face at once, of bars when it has stood still for too long."""
        if self._opened_ns is None:
            self._opened_ns = frame.captured_at_ns
        repeats = self.source.repeats
        if repeats == "always" or (repeats == "still" and role is Role.SCAN) or self._freshness.is_new(frame):
            return True
        if not self._freshness.is_frozen(frame.captured_at_ns):
            return role is not Role.FACE
        self._tell_states("frozen")
        if frame.captured_at_ns - self._opened_ns >= FROZEN_NS:
            self._let_go()  # opened anew by the next read: some drivers wake up by that
        return False

    def check(self, now_ns: int) -> None:
        """Tell that the camera is lost where its driver holds a read up; called by another thread than its own.

        Args:
            now_ns: Monotonic.
        """
        since_ns = self._reading_ns
        if since_ns is not None and now_ns - since_ns >= STALL_NS:
            self._tell_states("lost")  # the frame after it, if one comes, says otherwise

    def _let_go(self) -> None:
        if self._camera is not None:
            self._camera.close()
        self._camera = None

    def _close(self) -> None:
        self._let_go()
        self._serving = None
        self._tell_states("dark")

    def _tell_states(self, state: str) -> None:
        """Tell what became of each role's camera. Of one device for two roles, only the one that looks is on."""
        for role in self.source.roles:
            told: str = state if state != "on" or role is self._serving else "dark"
            if self.source.kind != "device":
                told = self.source.kind
            if self._states.get(role) != told:
                self._states[role] = told
                self._deliver(CameraChanged(role.value, told))

    def _look_at_still(self) -> None:
        try:
            still = self._stills.get_nowait()
        except queue.Empty:
            return
        if self._sight().of(still.role) is Sees.NOTHING:
            still.found.set_exception(CameraOffError(still.role))
            return
        try:
            fresh = Frame(still.frame.image, time.monotonic_ns())
            still.found.set_result(self._lookers[still.role].see_still(fresh))
        except Exception as problem:  # noqa: BLE001 - whoever showed the picture is told
            _LOG.exception("still picture")
            still.found.set_exception(problem)
