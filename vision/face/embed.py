"""Turn faces into vectors: SFace, and dlib's as a second opinion."""

import numpy as np
import numpy.typing as npt

from models import SFACE, Store
from models.loaders import Network, SecondOpinion, open_network, open_second_opinion
from vision.face.align import SIDE_PX, align
from vision.face.detect import Face
from vision.frame import Crop, Frame, Landmarks, Vector

HOG_SIDE = 2.37  # of its squares, in distances from the eyes to the mouth: the median of 1 524 photographs of LFW


class Embedder:
    """SFace. One instance may be used by one thread at a time."""

    model_id = SFACE

    def __init__(self, store: Store) -> None:
        """Open the network.

        Raises:
            ModelError: The weights are missing or not the right ones.
        """
        self._network: Network = open_network(store, SFACE)

    def embed(self, crops: npt.NDArray[np.uint8], *, flip: bool = False) -> npt.NDArray[np.float32]:
        """Return the unit vectors ``(N, 128)`` of aligned crops ``(N, 112, 112, 3)`` uint8 BGR.

        Args:
            crops: The faces.
            flip: Average each with its mirrored face, at twice the time.
        """
        assert crops.shape[1:] == (SIDE_PX, SIDE_PX, 3)  # noqa: S101 - only a bug can hand over another shape
        vectors = self._run(crops)
        if flip:
            vectors = unit(vectors) + unit(self._run(crops[:, :, ::-1]))
        return unit(vectors)

    def embed_face(self, frame: Frame, face: Face) -> Vector:
        """Return the unit vector ``(128,)`` of one face, cut from the full frame."""
        crop: Crop = align(frame.image, face.landmarks)
        vector: Vector = self.embed(crop[None])[0]
        return vector

    def _run(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        rgb = np.ascontiguousarray(crops[..., ::-1].transpose(0, 3, 1, 2), dtype=np.float32)
        return self._network(rgb)["fc1"]


class SecondEmbedder:
    """dlib's ResNet as the package face_recognition uses it. 74 ms a face: for doubtful cases only."""

    def __init__(self, store: Store) -> None:
        """Open dlib's files; takes about a second.

        Raises:
            ModelError: A file is missing or not the right one.
        """
        self._encode: SecondOpinion = open_second_opinion(store)

    def encode(self, frame: Frame, face: Face) -> Vector:
        """Return the ``(128,)`` encoding of one face. It is compared by distance, and is not of unit length."""
        return self._encode(np.ascontiguousarray(frame.image[:, :, ::-1]), square(face.landmarks))


def square(landmarks: Landmarks) -> tuple[int, int, int, int]:
    """Return the square (top, right, bottom, left; pixels) that dlib's own detector would put around these points.

    Its five points were learnt on such squares and stray on YuNet's boxes, which are a fifth taller: equal error was
    1.3 % with those and is 0.7 % with these (LFW, 140 pairs of one person). A square may leave the frame.
    """
    eyes, mouth = landmarks[:2].mean(axis=0, dtype=np.float64), landmarks[3:].mean(axis=0, dtype=np.float64)
    across, down = (eyes + mouth) / 2
    half = HOG_SIDE / 2 * float(np.hypot(*(mouth - eyes)))
    return round(down - half), round(across + half), round(down + half), round(across - half)


def unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return each row at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
