"""One row of captures for somebody who joins, sealed at its end, and searched for among those on file."""

import base64
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.visit.effects import BeginCapture
from kiosk.visit.events import AlikeFound, CaptureRefused, CaptureTaken, Event, FaceSealed
from kiosk.visit.values import Alike
from models import ModelId
from vision.face.eye import Eye, Look
from vision.matching import (
    Gallery,
    ReferenceId,
    StoreKey,
    Template,
    average,
    look_alikes,
    new_shopper_secret,
    operating_point,
    seal,
    shopper_key,
)
from vision.quality import Hint

MOST_ALIKE: Final = 0.995  # cosine; the same picture twice gives 1.0, and a mean of copies is no mean
APART_NS: Final = 600_000_000  # between captures: a head moves a little in it
ONE_IN_A_MILLION: Final = 1000  # candidates of the operating point that one pair in a million reaches
NEVER_WAITED: Final = -APART_NS


class Capturing:
    """Holds templates until they are sealed."""

    def __init__(self, order: BeginCapture, key: StoreKey, post: Callable[[Event], object]) -> None:
        self.look_id = order.look_id
        self.sealed: Searching | None = None
        self._reference_id = ReferenceId(order.reference_id)
        self._wanted = order.wanted
        self._own_key = order.own_key
        self._key = key
        self._post = post
        self._armed = False
        self._taken: list[Template] = []
        self._last_ns = NEVER_WAITED

    def arm(self) -> None:
        """Take the next good frame."""
        self._armed = True

    def see(self, eye: Eye, look: Look) -> tuple[str, float]:
        """Take in one frame; return what the shopper may do, and how far it is (0..1)."""
        hint = look.quality.hint
        if not self._armed or hint is not Hint.OK or look.face is None:
            return hint.value, 0.5 if hint is Hint.OK else 0.0
        if look.frame.captured_at_ns - self._last_ns < APART_NS:
            return Hint.HOLD_STILL.value, 0.8
        # The second model and the mirrored face as well, or they could not help to find this person again later.
        template = eye.template_of([look], with_second=eye.has_second, flip=True)
        scores = [float(template.vector @ other.vector) for other in self._taken]
        if scores and min(scores) < operating_point(1).threshold:
            self._taken, self._armed = [], False
            self._post(CaptureRefused(self.look_id))
            return Hint.ONE_FACE_ONLY.value, 0.0
        if scores and max(scores) > MOST_ALIKE:
            return ("turn_left" if len(self._taken) % 2 else "turn_right"), 0.8
        self._taken.append(template)
        self._armed, self._last_ns = False, look.frame.captured_at_ns
        if len(self._taken) >= self._wanted:
            self._seal()
        else:
            self._post(CaptureTaken(self.look_id, len(self._taken)))
        return Hint.OK.value, 1.0

    def _seal(self) -> None:
        """Keep what was taken under the store's key, turned as the store turns, or under a key of its owner alone."""
        template, name = average(self._taken), self._reference_id
        card = new_shopper_secret() if self._own_key else None
        if card is None:
            model_id, sealed = self._key.keep(template, name)
        else:
            model_id, sealed = template.model_id, seal(template, shopper_key(card, name), name)
        self.sealed = Searching(self.look_id, self._key.turn.turn(template), self._key)
        text = base64.b64encode(sealed).decode()
        self._post(FaceSealed(self.look_id, model_id, text, len(self._taken), card))


class Searching:
    """The newcomer's template, turned, until everybody on file was compared with it. Looks at no frame."""

    def __init__(self, look_id: str, template: Template, key: StoreKey) -> None:
        self.look_id = look_id
        self.key = key
        self._template = template

    @property
    def kind(self) -> ModelId:
        """What it compares with."""
        return self._template.model_id

    def compare(self, gallery: Gallery) -> tuple[AlikeFound, npt.NDArray[np.float32]]:
        """Return who of a page looks like the newcomer, and the scores of all (N,), who are impostors."""
        pin_from = operating_point(ONE_IN_A_MILLION).threshold
        found = look_alikes(self._template, gallery)
        alike = tuple(Alike(one.reference_id, round(min(one.score, 1.0), 4), one.score >= pin_from) for one in found)
        scores = gallery.vectors @ self._template.vector if len(gallery) else np.empty(0, dtype=np.float32)
        return AlikeFound(self.look_id, alike), np.asarray(scores, dtype=np.float32)
