"""Open the runtimes. The only place that imports onnxruntime, dlib or face_recognition."""

import importlib
from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.card import DLIB_FIVE_POINTS, DLIB_MMOD, DLIB_RESNET, ModelId
from models.store import Store

Rgb = npt.NDArray[np.uint8]
"""``(H, W, 3)`` uint8 RGB."""


class Network(Protocol):
    """A graph with one input."""

    def __call__(self, batch: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        """Return every output by its name."""
        ...


class SecondOpinion(Protocol):
    """dlib's encoder, as the package face_recognition calls it."""

    def __call__(self, image: Rgb, box: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
        """Return the ``(128,)`` encoding of the face in ``box`` (top, right, bottom, left; pixels)."""
        ...


def open_network(store: Store, model_id: ModelId) -> Network:
    """Verify an ONNX file and return it ready to run.

    Raises:
        ModelUnknownError, WeightMissingError, WeightMismatchError: As for ``Store.read``.
    """
    content = store.read(model_id)
    import onnxruntime  # noqa: PLC0415 - loads 20 MB of library, which no command but the kiosk's needs

    options = onnxruntime.SessionOptions()
    # One thread a session, and none that spins while it waits: with two sessions of two spinning threads on a busy
    # machine of two cores a face took 54 to 127 ms instead of 25. Scale with processes.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only: the runtime's advice is not for a shop's log
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (name,) = [value.name for value in session.get_inputs()]
    outputs = [value.name for value in session.get_outputs()]

    def run(batch: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        return dict(zip(outputs, session.run(outputs, {name: batch}), strict=True))

    return run


def open_second_opinion(store: Store) -> SecondOpinion:
    """Verify dlib's files and return face_recognition's encoder. Takes a second: open it before it is needed.

    ``import face_recognition`` opens four files of weights at module level, among them 68 face points whose training
    set excludes commercial use. Which files those are it asks of ``face_recognition_models``. So the four answers are
    replaced before it is imported: by our verified files, with the five points standing in for the 68, which are
    then never opened. Nothing is lost: encoding with ``model="small"`` uses the five points alone.

    Raises:
        ModelUnknownError, WeightMissingError, WeightMismatchError: As for ``Store.read``.
    """
    resnet = str(store.verified_path(DLIB_RESNET))
    five_points = str(store.verified_path(DLIB_FIVE_POINTS))
    mmod = str(store.verified_path(DLIB_MMOD))
    _point_models_at(
        pose_predictor_model_location=five_points,
        pose_predictor_five_point_model_location=five_points,
        face_recognition_model_location=resnet,
        cnn_face_detector_model_location=mmod,
    )
    encodings = _face_encodings()

    def encode(image: Rgb, box: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
        (encoding,) = encodings(image, known_face_locations=[box], model="small")
        return np.asarray(encoding, dtype=np.float32)

    return encode


def _point_models_at(**places: str) -> None:
    package = importlib.import_module("face_recognition_models")
    for name, place in places.items():
        setattr(package, name, _always(place))


def _always(place: str) -> Callable[[], str]:
    return lambda: place


def _face_encodings() -> Callable[..., list[npt.NDArray[np.float64]]]:
    from PIL import ImageFile  # noqa: PLC0415 - only to put back what the import below changes

    truncated = ImageFile.LOAD_TRUNCATED_IMAGES
    # Not by name: a checker that followed it would ask for types that the package does not ship.
    encodings: Callable[..., list[npt.NDArray[np.float64]]] = importlib.import_module("face_recognition").face_encodings
    # The package makes Pillow accept cut-off pictures in the whole process. That is not ours to grant.
    ImageFile.LOAD_TRUNCATED_IMAGES = truncated
    return encodings
