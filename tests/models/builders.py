"""Weights so small that a test makes them."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

from models.card import Made, ModelCard, ModelId, Shipped
from models.install import Outcome, install
from models.store import Store


def a_card(content: bytes = b"weights", **facts: object) -> ModelCard:
    """Return the card of a file with this content."""
    known: dict[str, object] = {
        "id": ModelId("tiny"),
        "file": "tiny.bin",
        "origin": Shipped(package="no-such-package", version="1", path="tiny.bin"),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "licence": "CC0-1.0",
        "source": "this test",
        "input": "none",
        "measured": "never",
    }
    return ModelCard(**(known | facts))  # type: ignore[arg-type]  # the builder takes any field by name


def a_made_card(content: bytes, source: ModelCard) -> ModelCard:
    """Return the card of what folding ``source`` must give."""
    origin = Made(source=source.id, free_axes={"x": {0: "n"}})
    return a_card(content, id=ModelId("tiny-fp32"), file="tiny-fp32.onnx", origin=origin)


def a_file(folder: Path, name: str, content: bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content)
    return path


def a_quantised_graph() -> bytes:
    """Return an ONNX file shaped like the shipped ones: 1x4 input, blocks of 2, a PRelu, a Dropout, a stale input."""
    weight = np.array([[10, -20, 30, 4], [5, 6, -7, 8]], dtype=np.int8)
    scale = np.array([[0.5, 0.25], [1.0, 2.0]], dtype=np.float32)
    zero = np.array([[0, 2], [1, 0]], dtype=np.int8)
    constants: dict[str, npt.NDArray[np.generic]] = {
        "w": weight,
        "s": scale,
        "z": zero,
        "shape": np.array([2, 4], dtype=np.int64),
        "slope": np.array([0.25, 0.5], dtype=np.float32),
    }
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["wd"], name="d", axis=1, block_size=2),
        helper.make_node("Reshape", ["wd", "shape"], ["wr"]),
        helper.make_node("Gemm", ["x", "wr"], ["g"], transB=1),
        helper.make_node("PRelu", ["g", "slope"], ["p"]),
        helper.make_node("Dropout", ["p"], ["q"]),
        helper.make_node("Identity", ["q"], ["y"]),
    ]
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4]),
        helper.make_tensor_value_info("wr", TensorProto.FLOAT, [2, 4]),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])]
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, initializer=weights)
    content: bytes = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]).SerializeToString()
    return content


def the_weights(folder: Path) -> Store:
    """Return a store with every real file of weights: shipped ones in their packages, made ones in ``folder``."""
    store = Store(folder)
    refused = [report.reason for report in install(store) if report.outcome is Outcome.REFUSED]
    assert not refused
    return store
