"""The slot for an operator's model, filled with a network that the test makes: bright pictures are alive."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models import Store, WeightMismatchError, WeightMissingError
from models.__main__ import main
from models.errors import OperatorFileError
from tests.vision.builders import a_face
from vision.face.trained import TrainedCue, open_trained
from vision.frame import Frame

ROW = """[[model]]
id = "presentation-attack"
file = "bright.onnx"
sha256 = "{sha256}"
bytes = {bytes}
licence = "none"
source = "made by a test"
input = "(1, 3, 8, 8) float32 BGR 0..255"
measured = "not at all"
threshold = 0.5
side_px = 8
"""


def a_network() -> bytes:
    """Return a network of two classes: the second wins where the mean of the picture is above 100."""
    weights = numpy_helper.from_array(np.array([[0.0, 1.0]], dtype=np.float32), "w")
    shift = numpy_helper.from_array(np.array([0.0, -100.0], dtype=np.float32), "b")
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["m", "one"], ["u"]),
        helper.make_node("MatMul", ["u", "w"], ["p"]),
        helper.make_node("Add", ["p", "b"], ["y"]),
    ]
    one = numpy_helper.from_array(np.array([1], dtype=np.int64), "one")
    seen = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
    said = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])
    graph = helper.make_graph(nodes, "bright", [seen], [said], [weights, shift, one])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    content = a_network()
    (tmp_path / "bright.onnx").write_bytes(content)
    row = ROW.format(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    (tmp_path / "operator.toml").write_text(row, encoding="utf-8")
    return tmp_path


def a_frame(level: int) -> Frame:
    return Frame(np.full((480, 640, 3), level, dtype=np.uint8), 0)


def test_operators_model_is_heard_when_its_file_and_row_are_there(folder: Path) -> None:
    cue = open_trained(Store(folder))

    assert cue is not None
    assert cue.live_share(a_frame(140), a_face()) > 0.99
    assert cue.live_share(a_frame(60), a_face()) < 0.01
    assert cue.live_share(a_frame(140), a_face(at=(630, 470))) > 0.99  # at the edge the frame's own is seen


def test_nothing_is_asked_when_no_operator_brought_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert open_trained(Store(tmp_path)) is None

    main(["list", str(tmp_path)])
    assert "none: no trained model looks for photographs" in capsys.readouterr().out


def test_model_is_named_when_the_weights_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["list", str(folder)])

    assert "given by the operator" in capsys.readouterr().out


def test_model_is_refused_when_it_is_another_file_or_none(folder: Path) -> None:
    (folder / "bright.onnx").write_bytes(a_network() + b"more")
    with pytest.raises(WeightMismatchError):
        TrainedCue(Store(folder))

    (folder / "bright.onnx").unlink()
    with pytest.raises(WeightMissingError, match=r"operator\.toml"):
        TrainedCue(Store(folder))


@pytest.mark.parametrize(
    "text",
    ["[[model]\n", "[[model]]\nid = 'x'\n", "other = 1\n", ROW.replace("presentation-attack", "sface-2021dec-fp32")],
    ids=["no TOML", "half a row", "no rows", "one of ours"],
)
def test_way_out_is_told_when_the_operators_list_cannot_be_used(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "operator.toml").write_text(text.replace("{bytes}", "1"), encoding="utf-8")

    with pytest.raises(OperatorFileError, match="Delete it to go on without"):
        Store(tmp_path)
    assert main(["verify", str(tmp_path)]) == 1
    assert "operator.toml cannot be used" in capsys.readouterr().out


def test_row_without_a_threshold_is_no_guard(folder: Path) -> None:
    place = folder / "operator.toml"
    place.write_text(place.read_text(encoding="utf-8").replace("threshold = 0.5\n", ""), encoding="utf-8")

    with pytest.raises(ValueError, match="threshold"):
        open_trained(Store(folder))
