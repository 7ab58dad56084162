"""A row of colours on its way over the screen: the next one only after the page has said that it shows the last."""

from collections.abc import Callable
from typing import Final

from kiosk.ports import FlashTold
from vision.face.flash import SLOT_NS, Colour, FlashChallenge

UNANSWERED_NS: Final = 3_000_000_000  # no page shows the screen, or it hangs; a busy one was seen to take two
FRAMES_A_COLOUR: Final = 2  # a slow camera makes the row longer, not poorer
TAIL_NS: Final = 160_000_000  # after the last colour, for what the camera brings late


class Flashing:
    """One showing of one challenge. Its clock is that of the frames."""

    def __init__(self, look_id: str, challenge: FlashChallenge, show: Callable[[FlashTold], None]) -> None:
        self.challenge = challenge
        self.is_over = False
        self.is_lost = False
        self._look_id = look_id
        self._show = show
        self._place = -1
        self._asked_ns = 0
        self._shown_ns: int | None = None
        self._frames = 0

    @property
    def share(self) -> float:
        """How much of the row was shown, 0..1."""
        return max(self._place, 0) / len(self.challenge.colours)

    @property
    def has_begun(self) -> bool:
        """Say whether a colour was asked for."""
        return self._place >= 0

    def tick(self, now_ns: int) -> None:
        """Take in that a frame came, and go on to the next colour when its time has come."""
        self._frames += 1
        if self._place < 0:
            self._next(now_ns)
        elif self._shown_ns is None:
            if now_ns - self._asked_ns > UNANSWERED_NS:
                self.end()
                self.is_lost = True
        elif self._place < len(self.challenge.colours) - 1:
            if now_ns - self._shown_ns >= SLOT_NS and self._frames >= FRAMES_A_COLOUR:
                self._next(now_ns)
        elif now_ns - self._shown_ns >= SLOT_NS + TAIL_NS:
            self.end()
            self.is_over = True

    def shown(self, look_id: str, place: int, at_ns: int) -> None:
        """Take the page's word that it shows a colour; a word about another one comes too late, and is passed over."""
        if look_id == self._look_id and place == self._place and self._shown_ns is None:
            self._shown_ns, self._frames = at_ns, 0
            self.challenge.shown(place, at_ns)

    def end(self) -> None:
        """Take the colours off the screen."""
        self._show(FlashTold(self._look_id, max(self._place, 0), None))

    def _next(self, now_ns: int) -> None:
        self._place += 1
        self._asked_ns, self._shown_ns = now_ns, None
        self._show(FlashTold(self._look_id, self._place, _hex(self.challenge.colours[self._place])))


def _hex(colour: Colour) -> str:
    blue, green, red = (round(255 * level) for level in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"
