"""Open the runtimes. The only place that imports onnxruntime, dlib or face_recognition."""

import importlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from models.card import DLIB_FIVE_POINTS, DLIB_MMOD, DLIB_RESNET, ModelId
from models.store import Store

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Rgb = npt.NDArray[np.uint8]
"""``(H, W, 3)`` uint8 RGB."""


class Network(Protocol):
    """A graph with one input."""

    def __call__(self, batch: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        """Return every output by its name."""
        ...


class BytesBound(Protocol):
    """One row times many columns, bytes."""

    def __call__(
        self, row: npt.NDArray[np.uint8], columns: npt.NDArray[np.int8], products: npt.NDArray[np.int32]
    ) -> Callable[[], None]:
        """Tie arrays ``(1, D)``, ``(G, D, W)`` and ``(G, 1, W)``, all without gaps; a call writes the products anew.

        The row times 127 twice must fit into 16 bits, so no number of it may lie above 127: some processors add pairs.
        """
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
    session = _session(store.read(model_id))
    (name,) = [value.name for value in session.get_inputs()]
    outputs = [value.name for value in session.get_outputs()]

    def run(batch: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        return dict(zip(outputs, session.run(outputs, {name: batch}), strict=True))

    return run


@cache  # one for all: it holds nothing of anybody
def open_byte_products() -> BytesBound:
    """Return what ties a row of bytes to columns of bytes and to the place of their products.

    The columns are read where they lie, at nearly the speed at which the memory gives them, and never copied: what is
    written there counts in the next product. (A form that the runtime packs for itself takes a third less time where
    all lies in a cache, and keeps what it packed to itself.)
    """
    from onnx import TensorProto, helper  # noqa: PLC0415 - only who keeps an index needs it

    row = helper.make_tensor_value_info("row", TensorProto.UINT8, [1, "depth"])
    columns = helper.make_tensor_value_info("columns", TensorProto.INT8, ["groups", "depth", "width"])
    products = helper.make_tensor_value_info("products", TensorProto.INT32, ["groups", 1, "width"])
    node = helper.make_node("MatMulInteger", ["row", "columns"], ["products"])
    graph = helper.make_graph([node], "products", [row, columns], [products])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = _session(model.SerializeToString())
    from onnxruntime import RunOptions  # noqa: PLC0415 - as above

    alone = RunOptions()  # there are no other processors to wait for
    alone.add_run_config_entry("disable_synchronize_execution_providers", "1")
    # Two of the 25 us that 10 000 columns take, with these options. The public call around it looks for captured graphs
    # of other processors: half a microsecond, and thirty where it is handed options.
    run = session._sess.run_with_iobinding  # noqa: SLF001 - see above

    def bind(
        row: npt.NDArray[np.uint8], columns: npt.NDArray[np.int8], products: npt.NDArray[np.int32]
    ) -> Callable[[], None]:
        binding = session.io_binding()
        for name, array in (("row", row), ("columns", columns)):
            binding.bind_input(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
        binding.bind_output("products", "cpu", 0, np.int32, products.shape, products.ctypes.data)
        held = (session, binding, row, columns, products)  # what is bound knows addresses alone
        bound = binding._iobinding  # noqa: SLF001 - see above

        def multiply(_held: object = held) -> None:
            run(bound, alone)

        return multiply

    return bind


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


def _session(content: bytes) -> "InferenceSession":
    import onnxruntime  # noqa: PLC0415 - loads 20 MB of library, which no command but the kiosk's needs

    options = onnxruntime.SessionOptions()
    # One thread a session, and none that spins while it waits: with two sessions of two spinning threads on a busy
    # machine of two cores a face took 54 to 127 ms instead of 25. Scale with processes.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only: the runtime's advice is not for a shop's log
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


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
