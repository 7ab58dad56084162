"""A slot for a trained model against presentation attacks, which an operator may bring; none is shipped.

No package carries weights that may be shipped and were shown to work. What an operator puts into the folder of weights
(``operator.toml``, the row ``presentation-attack``) is asked of every frame that would decide, and can only refuse: it
never makes up for a challenge that was not met.
"""

import cv2
import numpy as np

from models import PRESENTATION_ATTACK, Store
from models.loaders import Network, open_network
from vision.face.detect import Face
from vision.frame import Frame


class TrainedCue:
    """The operator's network: BGR 0..255, ``(1, 3, side, side)`` in, one number a class out (before a softmax)."""

    def __init__(self, store: Store) -> None:
        """Open the network.

        Raises:
            ModelError: The file is missing or not the one of its row.
            ValueError: Its row states no threshold.
        """
        card = store.card(PRESENTATION_ATTACK)
        if card.threshold is None:
            raise ValueError(f"the row {PRESENTATION_ATTACK} of the operator's list states no threshold")
        self.threshold = card.threshold
        self._card = card
        self._network: Network = open_network(store, PRESENTATION_ATTACK)

    def live_share(self, frame: Frame, face: Face) -> float:
        """Return how sure the network is, 0..1, that this face is alive."""
        (outputs,) = self._network(_cut(frame, face, self._card.crop_scale, self._card.side_px)).values()
        scores = outputs[0].astype(np.float64)
        shares = np.exp(scores - scores.max())
        return float(shares[self._card.live_class] / shares.sum())


def open_trained(store: Store) -> TrainedCue | None:
    """Return the operator's model, or None where there is none.

    Raises:
        ModelError, ValueError: As for ``TrainedCue``; a model that was meant to guard is never left out in silence.
    """
    return TrainedCue(store) if PRESENTATION_ATTACK in store.cards else None


def _cut(frame: Frame, face: Face, scale: float, side_px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the surroundings of a face, its box times ``scale``, kept within the frame as far as they fit."""
    box = face.box
    scale = min(scale, frame.height_px / box.height, frame.width_px / box.width)
    width, height = box.width * scale, box.height * scale
    left = min(max(box.left + box.width / 2 - width / 2, 0.0), frame.width_px - width)
    top = min(max(box.top + box.height / 2 - height / 2, 0.0), frame.height_px - height)
    move = np.array([[side_px / width, 0, -left * side_px / width], [0, side_px / height, -top * side_px / height]])
    cut = cv2.warpAffine(frame.image, move, (side_px, side_px), borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(cut.transpose(2, 0, 1)[None], dtype=np.float32)
