"""Find faces and five landmarks with YuNet.

Source: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023. The network answers on three grids
of 8, 16 and 32 pixels; each cell says how sure it is, and where box and points lie from its corner, in cells.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models import YUNET, Store
from models.loaders import Network, open_network
from vision.frame import Box, Frame, Image, Landmarks

STRIDES_PX = (8, 16, 32)
WIDEST_PX = 640  # 1280x720 costs four times the time, and a kiosk's face is far above the 32 px that suffice at 640
FIRST_PX = 320  # costs 2.3 ms where 480 costs 5.4
NEAR_PX = 64  # of the face as the network gets it; see docs/sight.md, speed, for what its points are worth there
NARROW_PX = 480  # for frames of at most 640: faces below 64 px are sent closer anyway, and 48 px are always found
OVERLAP_AT_MOST = 0.3  # intersection over union; OpenCV's own default for this network
CANDIDATES_AT_MOST = 256  # a frame of noise must not make the pairwise comparison below grow without bound


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face: box and landmarks in pixels of the full frame, score 0..1."""

    box: Box
    landmarks: Landmarks
    score: float


class FaceDetector:
    """YuNet, fed at most ``WIDEST_PX`` wide, answering in pixels of the full frame."""

    def __init__(self, store: Store, *, threshold: float | None = None) -> None:
        """Open the network.

        Args:
            store: Where the weights lie.
            threshold: Least score 0..1 of a face; the one of the model card by default.

        Raises:
            ModelError: The weights are missing or not the right ones.
        """
        self._network: Network = open_network(store, YUNET)
        measured = store.card(YUNET).threshold if threshold is None else threshold
        if measured is None:
            raise ValueError("the model card of the detector states no threshold")
        self.threshold = measured

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame, the largest first.

        Small first, at less than half the cost: a face that is near enough there is told as well as ever, and all
        that count beside it (half its height) are as well. Whoever stands further away is looked for at full size.
        """
        near = self._found(frame.image, FIRST_PX)
        if near and near[0].box.height * FIRST_PX >= NEAR_PX * max(frame.image.shape[:2]):
            return near
        return self._found(frame.image, NARROW_PX if max(frame.image.shape[:2]) <= WIDEST_PX else WIDEST_PX)

    def _found(self, image: Image, longest_px: int) -> tuple[Face, ...]:
        shrunk, scale = _shrunk(image, longest_px)
        rows = decode(self._network(_batch(shrunk)), columns=_padded(shrunk.shape[1]), threshold=self.threshold)
        faces = [_face(row, scale) for row in rows[suppress(rows)]]
        return tuple(sorted(faces, key=lambda face: -face.box.area))


def decode(outputs: dict[str, npt.NDArray[np.float32]], *, columns: int, threshold: float) -> npt.NDArray[np.float32]:
    """Return candidates of all grids as ``(N, 15)`` float32: left, top, width, height, 5 points (x, y), score.

    Args:
        outputs: ``cls``, ``obj``, ``bbox``, ``kps``, each for strides ``_8``, ``_16``, ``_32``; ``(1, cells, k)``.
        columns: Width of the padded picture, in pixels, a multiple of 32.
        threshold: Least score.

    Returns:
        The surest first, at most ``CANDIDATES_AT_MOST``, in pixels of the padded picture.
    """
    found = [_decode_grid(outputs, stride, columns // stride, threshold) for stride in STRIDES_PX]
    rows = np.concatenate(found)
    return rows[np.argsort(-rows[:, 14], kind="stable")[:CANDIDATES_AT_MOST]]


def suppress(rows: npt.NDArray[np.float32]) -> list[int]:
    """Return the indices of the rows that overlap no surer row, given the surest first."""
    left, top, width, height = rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]
    right, bottom, area = left + width, top + height, width * height
    open_ = np.ones(len(rows), dtype=bool)
    kept: list[int] = []
    for index in range(len(rows)):
        if not open_[index]:
            continue
        kept.append(index)
        across = np.minimum(right, right[index]) - np.maximum(left, left[index])
        down = np.minimum(bottom, bottom[index]) - np.maximum(top, top[index])
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        open_ &= shared <= OVERLAP_AT_MOST * (area + area[index] - shared)
    return kept


def _decode_grid(
    outputs: dict[str, npt.NDArray[np.float32]], stride: int, columns: int, threshold: float
) -> npt.NDArray[np.float32]:
    class_score = np.clip(outputs[f"cls_{stride}"][0, :, 0], 0, 1)
    objectness = np.clip(outputs[f"obj_{stride}"][0, :, 0], 0, 1)
    scores = np.sqrt(class_score * objectness)
    (cells,) = np.nonzero(scores >= threshold)
    boxes, points = outputs[f"bbox_{stride}"][0, cells], outputs[f"kps_{stride}"][0, cells]
    corners = np.stack((cells % columns, cells // columns), axis=1).astype(np.float32)  # (n, 2)
    centres = (corners + boxes[:, :2]) * stride
    sizes = np.exp(boxes[:, 2:]) * stride
    landmarks = (points.reshape(-1, 5, 2) + corners[:, None, :]) * stride
    return np.concatenate(
        (centres - sizes / 2, sizes, landmarks.reshape(-1, 10), scores[cells, None]), axis=1, dtype=np.float32
    )


def _shrunk(image: Image, longest_px: int) -> tuple[Image, float]:
    """Return the picture as the network gets it, and how many of its own pixels one of those is."""
    longest = max(image.shape[:2])
    if longest <= longest_px:
        return image, 1.0
    scale = longest / longest_px
    size = (max(round(image.shape[1] / scale), 1), max(round(image.shape[0] / scale), 1))
    # By a third, neighbours suffice, at a fifth of the time; by more, every pixel has to count.
    how = cv2.INTER_LINEAR if scale < 1.5 else cv2.INTER_AREA  # noqa: PLR2004 - see above
    return np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8), scale


def _padded(size: int) -> int:
    return -(-size // STRIDES_PX[-1]) * STRIDES_PX[-1]


def _batch(image: Image) -> npt.NDArray[np.float32]:
    height, width = image.shape[:2]
    batch = np.zeros((1, 3, _padded(height), _padded(width)), dtype=np.float32)
    batch[0, :, :height, :width] = image.transpose(2, 0, 1)
    return batch


def _face(row: npt.NDArray[np.float32], scale: float) -> Face:
    left, top, width, height = (float(value) * scale for value in row[:4])
    return Face(Box(left, top, width, height), (row[4:14].reshape(5, 2) * scale).astype(np.float32), float(row[14]))
