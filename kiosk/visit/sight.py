"""What each camera may look for now. The watcher asks this before every frame; any other picture goes no further."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.visit.states import BARS, State
from kiosk.visit.visit import Visit


class Role(StrEnum):
    """What a camera is for. One device may serve both."""

    SCAN = "scan"
    FACE = "face"


class Sees(StrEnum):
    """What is looked for in a picture."""

    BARS = "bars"
    FACE = "face"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Sight:
    """What each role may look for."""

    scan: Sees
    face: Sees

    def of(self, role: Role) -> Sees:
        """Return what one role may look for."""
        return self.scan if role is Role.SCAN else self.face


def sight(visit: Visit) -> Sight:
    """Return what may be looked for: codes where codes help, a face only after a tap and only until the try ends."""
    looking = visit.state in {State.LOOKING, State.ENROL_TEST} and visit.look is not None and visit.look.running
    capturing = visit.state is State.ENROL_CAPTURE and visit.look is not None and visit.look.running
    return Sight(
        scan=Sees.BARS if visit.state in BARS else Sees.NOTHING,
        face=Sees.FACE if looking or capturing else Sees.NOTHING,
    )


def holds_faces(visit: Visit) -> bool:
    """Say whether the watcher may hold something of a face: while it looks, and until a newcomer was searched for."""
    joining = visit.joining
    searching = visit.state is State.ENROL_CAPTURE and joining is not None and joining.is_searching
    return searching or sight(visit).face is Sees.FACE
