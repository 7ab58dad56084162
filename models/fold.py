"""Turn weights as shipped into graphs that our runtime runs, and runs fast. The only place that needs ``onnx``.

Both files of OpenCV Zoo are *block-quantised*: int8 storage, fp32 arithmetic. Three things stand between them and us:

* SFace lists 28 of its folded-away weights as graph inputs, and onnxruntime then asks the caller for them.
* onnxruntime's PRelu kernel takes half of SFace's time. ``a * x + (1 - a) * relu(x)`` is the same function.
* YuNet declares 640x640, although it is convolutions throughout and runs at any multiple of 32.

The bytes that come out depend only on the bytes that go in and on the version of ``onnx`` (pinned in
``requirements/``), so that the manifest can name their sha256.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper


def fold(shipped: bytes, *, free_axes: Mapping[str, Mapping[int, str]]) -> bytes:
    """Return the plain fp32 graph of a block-quantised one, as deterministic bytes.

    Args:
        shipped: An ONNX file whose weights pass through ``DequantizeLinear`` and ``Reshape``.
        free_axes: For each input that keeps an open size: axis to symbolic name, such as ``{"data": {0: "n"}}``.

    Returns:
        An ONNX file with the same outputs to within 1e-5, no stale inputs, no PRelu and no Dropout.

    Raises:
        ValueError: The graph has a node that cannot be folded as described.
    """
    model = onnx.load_model_from_string(shipped)
    graph = model.graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = _without_prelu(_without_dropout(_without_constants(graph.node, constants)), constants)
    return _serialised(model, nodes, constants, free_axes)


def _without_constants(nodes: Iterable[NodeProto], constants: dict[str, npt.NDArray[np.generic]]) -> list[NodeProto]:
    """Compute what depends on weights alone; ``constants`` gains the results."""
    kept: list[NodeProto] = []
    for node in nodes:
        inputs = [constants.get(name) for name in node.input]
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(helper.get_node_attr_value(node, "value"))
        elif node.op_type == "DequantizeLinear":
            weight, scale, zero = inputs
            if weight is None or scale is None or zero is None:
                raise ValueError(f"{node.name} dequantises something that is not a weight")
            constants[node.output[0]] = _dequantised(weight, scale, zero, node)
        elif node.op_type == "Reshape" and (weight := inputs[0]) is not None and (shape := inputs[1]) is not None:
            constants[node.output[0]] = weight.reshape([int(size) for size in shape.ravel()])
        else:
            kept.append(node)
    return kept


def _dequantised(
    weight: npt.NDArray[np.generic], scale: npt.NDArray[np.generic], zero: npt.NDArray[np.generic], node: NodeProto
) -> npt.NDArray[np.float32]:
    """Return ``(weight - zero) * scale``, each scale repeated over its block along the axis of the node."""
    axis = int(helper.get_node_attr_value(node, "axis"))
    block = int(helper.get_node_attr_value(node, "block_size"))
    span = weight.shape[axis]
    # The last block may be shorter than the others.
    scales = np.repeat(scale.astype(np.float32), block, axis=axis).take(range(span), axis=axis)
    zeros = np.repeat(zero.astype(np.int32), block, axis=axis).take(range(span), axis=axis)
    centred = (weight.astype(np.int32) - zeros).astype(np.float32)
    return np.multiply(centred, scales, dtype=np.float32)


def _without_dropout(nodes: Iterable[NodeProto]) -> list[NodeProto]:
    """Drop what does nothing outside training and reconnect its neighbours."""
    instead: dict[str, str] = {}
    kept: list[NodeProto] = []
    for node in nodes:
        renamed = [instead.get(name, name) for name in node.input]
        if node.op_type == "Dropout":
            instead[node.output[0]] = renamed[0]
            continue
        del node.input[:]
        node.input.extend(renamed)
        kept.append(node)
    return kept


def _without_prelu(nodes: Iterable[NodeProto], constants: dict[str, npt.NDArray[np.generic]]) -> list[NodeProto]:
    """Write PRelu as ``a * x + (1 - a) * relu(x)``, for which the runtime has fast kernels."""
    kept: list[NodeProto] = []
    for node in nodes:
        if node.op_type != "PRelu":
            kept.append(node)
            continue
        x, slope = node.input
        (out,) = node.output
        a = constants[slope].astype(np.float32)
        constants[f"{out}_a"], constants[f"{out}_b"] = a, (np.float32(1) - a).astype(np.float32)
        kept += [
            helper.make_node("Mul", [x, f"{out}_a"], [f"{out}_ax"], name=f"{out}_ax"),
            helper.make_node("Relu", [x], [f"{out}_r"], name=f"{out}_r"),
            helper.make_node("Mul", [f"{out}_r", f"{out}_b"], [f"{out}_br"], name=f"{out}_br"),
            helper.make_node("Add", [f"{out}_ax", f"{out}_br"], [out], name=out),
        ]
    return kept


def _serialised(
    model: ModelProto,
    nodes: list[NodeProto],
    constants: Mapping[str, npt.NDArray[np.generic]],
    free_axes: Mapping[str, Mapping[int, str]],
) -> bytes:
    used = {name for node in nodes for name in node.input}
    inputs = [value for value in model.graph.input if value.name in used and value.name not in constants]
    for value in inputs:
        for axis, name in free_axes.get(value.name, {}).items():
            value.type.tensor_type.shape.dim[axis].dim_param = name
    outputs = list(model.graph.output)
    if free_axes:
        # The declared sizes of the outputs followed from those of the inputs; the runtime finds them again.
        outputs = [_of_open_size(value) for value in outputs]
    weights = [
        numpy_helper.from_array(np.ascontiguousarray(constants[name]), name) for name in sorted(used & constants.keys())
    ]
    graph: GraphProto = helper.make_graph(nodes, "folded", inputs, outputs, initializer=weights)
    # Operator set 13 and IR 7 are the oldest that hold every node left, so that older runtimes load the file too.
    folded = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7, producer_name="sesame")
    onnx.checker.check_model(folded)
    serialised: bytes = folded.SerializeToString(deterministic=True)
    return serialised


def _of_open_size(value: ValueInfoProto) -> ValueInfoProto:
    rank = len(value.type.tensor_type.shape.dim)
    return helper.make_tensor_value_info(value.name, TensorProto.FLOAT, [None] * rank)
