"""What folding keeps, drops and promises."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, load_model_from_string

from models.fold import fold
from tests.models.builders import a_quantised_graph


def run(content: bytes, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


def test_numbers_are_those_of_the_definition_when_a_graph_is_folded() -> None:
    x = np.array([[1, 2, 3, 4]], dtype=np.float32)

    folded = fold(a_quantised_graph(), free_axes={})

    # By hand: (weight - zero) * scale, blocks of two along each row, then PRelu with slopes 0.25 and 0.5.
    weight = np.array([[5.0, -10.0, 7.0, 0.5], [4.0, 5.0, -14.0, 16.0]])
    product = (x @ weight.T)[0]
    expected = np.where(product > 0, product, product * [0.25, 0.5])
    np.testing.assert_allclose(run(folded, x)[0], expected, rtol=1e-6)


def test_negative_half_keeps_its_slope_when_prelu_is_rewritten() -> None:
    x = np.array([[-1, -2, -3, -4]], dtype=np.float32)

    folded = fold(a_quantised_graph(), free_axes={})

    weight = np.array([[5.0, -10.0, 7.0, 0.5], [4.0, 5.0, -14.0, 16.0]])
    product = (x @ weight.T)[0]
    assert (product < 0).any()
    np.testing.assert_allclose(run(folded, x)[0], np.where(product > 0, product, product * [0.25, 0.5]), rtol=1e-6)


def test_only_the_true_input_is_asked_for_when_a_graph_is_folded() -> None:
    graph = load_model_from_string(fold(a_quantised_graph(), free_axes={})).graph

    assert [value.name for value in graph.input] == ["x"]
    assert not {node.op_type for node in graph.node} & {"PRelu", "Dropout", "DequantizeLinear", "Reshape", "Constant"}


def test_bytes_are_the_same_when_folded_twice() -> None:
    assert fold(a_quantised_graph(), free_axes={}) == fold(a_quantised_graph(), free_axes={})


def test_several_rows_pass_at_once_when_an_axis_is_freed() -> None:
    rows = np.arange(12, dtype=np.float32).reshape(3, 4) - 6

    folded = fold(a_quantised_graph(), free_axes={"x": {0: "n"}})

    together = run(folded, rows)
    np.testing.assert_array_equal(together, np.concatenate([run(folded, row[None]) for row in rows]))


def test_refusal_names_the_node_when_something_else_than_a_weight_is_dequantised() -> None:
    node = helper.make_node("DequantizeLinear", ["x", "s", "z"], ["y"], name="strange", axis=0, block_size=2)
    value = helper.make_tensor_value_info("x", TensorProto.INT8, [1])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    content = helper.make_model(helper.make_graph([node], "g", [value], [out])).SerializeToString()

    with pytest.raises(ValueError, match="strange"):
        fold(content, free_axes={})
