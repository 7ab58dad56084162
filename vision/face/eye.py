"""All that a kiosk needs to look at a face, in a few calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models import SFACE, OperatingPoint, Store
from vision.face.align import align
from vision.face.detect import Face, FaceDetector
from vision.face.embed import Embedder, SecondEmbedder
from vision.face.trained import open_trained
from vision.frame import Frame
from vision.matching import (
    Gallery,
    ImpostorHistogram,
    Outcome,
    Recognised,
    Template,
    Turn,
    average,
    fuse,
    identify,
    is_doubtful,
    operating_point,
)
from vision.matching.template import Vector
from vision.quality import Hint, Quality, assess


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One frame and what is in it. Holds the frame: drop it when the try ends.

    ``face`` is the nearest one, and there only when the quality is ``ok`` but for its angle and sharpness, so that a
    turning head can be followed; ``is_good`` says whether a template may be made of it.
    """

    frame: Frame = field(repr=False)
    faces: tuple[Face, ...]
    quality: Quality
    face: Face | None

    @property
    def is_good(self) -> bool:
        """Say whether the picture is good enough for a template."""
        return self.quality.hint is Hint.OK


@dataclass(frozen=True, slots=True)
class Decision:
    """Who it is, under which operating point, and whether the second model was heard."""

    outcome: Outcome
    point: OperatingPoint
    second_heard: bool


class Eye:
    """Detector and embedders, opened once. For one thread."""

    def __init__(self, store: Store, *, with_second: bool = True, histogram: ImpostorHistogram | None = None) -> None:
        """Open the networks; takes 0.2 s, and a second more ``with_second``.

        Args:
            store: Where the weights lie.
            with_second: Open the second model as well.
            histogram: Impostors whom this store has seen. It sets the threshold and grows with everyone recognised; the
                caller saves ``self.histogram`` from time to time. Without it the measured table decides.

        Raises:
            ModelError: Weights are missing or not the right ones; the sentence says what to do.
        """
        self._detector = FaceDetector(store)
        self._embedder = Embedder(store)
        self._second = SecondEmbedder(store) if with_second else None
        margin = store.card(SFACE).margin
        if margin is None:
            raise ValueError("the model card of the embedder states no margin")
        self.margin = margin
        self._trained = open_trained(store)
        self.histogram = histogram

    @property
    def has_second(self) -> bool:
        """Say whether there is a second model to hear."""
        return self._second is not None

    def look(self, frame: Frame) -> Look:
        """Find the faces of a frame and judge the nearest."""
        faces = self._detector.detect(frame)
        quality = assess(frame, faces)
        followed = quality.hint in {Hint.OK, Hint.FACE_CAMERA, Hint.HOLD_STILL}
        return Look(frame, faces, quality, faces[0] if followed else None)

    def template_of(self, looks: Sequence[Look], *, with_second: bool = False, flip: bool = False) -> Template:
        """Return the mean template of one person's looks; three for an enrolment, two or more to recognise.

        Args:
            looks: Each with a face.
            with_second: Also ask the second model, 75 ms a look. An enrolment should, or nobody can be saved later.
            flip: Also look at the mirrored face, 15 ms a look. An enrolment should; a look hardly gains.

        Raises:
            ValueError: There is no look, one has no face, or there is no second model to ask.
        """
        seen = [(look.frame, look.face) for look in looks if look.face is not None]
        if not seen or len(seen) < len(looks):
            raise ValueError("a template is made of looks that each have a face")
        crops = np.stack([align(frame.image, face.landmarks) for frame, face in seen])
        vectors = self._embedder.embed(crops, flip=flip)
        seconds = [self.second(frame, face) if with_second else None for frame, face in seen]
        return average(
            [Template(SFACE, vector, second=second) for vector, second in zip(vectors, seconds, strict=True)]
        )

    def second(self, frame: Frame, face: Face) -> Vector:
        """Return the second model's ``(128,)`` encoding of a face.

        Raises:
            ValueError: The eye was opened without one.
        """
        if self._second is None:
            raise ValueError("this eye was opened without a second model")
        return self._second.encode(frame, face)

    def sees_attack(self, looks: Sequence[Look]) -> bool:
        """Say whether the operator's trained model takes these looks for an attack; never, where there is none."""
        if self._trained is None:
            return False
        shares = [self._trained.live_share(look.frame, look.face) for look in looks if look.face is not None]
        return float(np.mean(shares)) < self._trained.threshold

    def note_impostors(self, scores: npt.NDArray[np.float32]) -> None:
        """Have the histogram grow by these cosines ``(N,)`` of different people."""
        if self.histogram is not None and len(scores):
            self.histogram = self.histogram.grown(scores)

    def recognise(self, looks: Sequence[Look], gallery: Gallery, *, turn: Turn | None = None) -> Decision:
        """Say who of the gallery it is, hearing the second model where the first just missed somebody.

        Args:
            looks: Good looks at one face.
            gallery: The candidates.
            turn: The rotation that they went through, if any: the face here now goes through it as well.

        Raises:
            ModelMismatchError: The gallery is of another model, or was turned otherwise.
            ValueError: As for ``template_of``, or the gallery is larger than any measured one.
        """
        point = operating_point(max(len(gallery), 1), histogram=self.histogram)
        probe = _as_kept(self.template_of(looks), turn)
        outcome = identify(probe, gallery, threshold=point.threshold, margin=self.margin)
        can_be_heard = self._second is not None and any(second is not None for second in gallery.seconds)
        if isinstance(outcome, Recognised):
            others = gallery.without([outcome.reference_id])
            self.note_impostors(others.vectors @ probe.vector if len(others) else np.empty(0, dtype=np.float32))
        if not can_be_heard or not is_doubtful(outcome, point):
            return Decision(outcome, point, second_heard=False)
        heard = _as_kept(self.template_of(looks, with_second=True), turn)
        return Decision(fuse(heard, gallery, point=point, margin=self.margin), point, second_heard=True)


def _as_kept(template: Template, turn: Turn | None) -> Template:
    return template if turn is None else turn.turn(template)
