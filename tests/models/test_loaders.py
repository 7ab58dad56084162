"""The runtimes, with the real weights."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.card import SFACE
from models.errors import WeightMismatchError
from models.loaders import open_byte_products, open_network
from models.store import Store

ROOT = Path(__file__).resolve().parents[2]

# Run apart, since what is imported stays imported. The package's own answers lead to nowhere, so that dlib would raise
# if any of them were used; and what was loaded in place of the 68 points is asked how many points it has.
WITHOUT_68_POINTS = """
import sys
from pathlib import Path
import face_recognition_models
face_recognition_models._models = Path("/nowhere")
import numpy as np
from models import Store
from models.loaders import open_second_opinion
encode = open_second_opinion(Store(Path(sys.argv[1])))
vector = encode(np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8), (50, 150, 150, 50))
import face_recognition.api as api
from PIL import ImageFile
assert api.predictor_68_point_model.endswith("shape_predictor_5_face_landmarks.dat"), api.predictor_68_point_model
assert not ImageFile.LOAD_TRUNCATED_IMAGES
points = api.pose_predictor_68_point(np.zeros((9, 9, 3), np.uint8), api.dlib.rectangle(0, 0, 8, 8)).num_parts
print(vector.shape, vector.dtype, points)
"""


def test_68_points_are_never_opened_when_the_second_opinion_is(weights: Store) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_68_POINTS, str(weights.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["(128,)", "float32", "5"]


def test_same_numbers_come_out_when_a_network_runs_twice(weights: Store) -> None:
    network = open_network(weights, SFACE)
    batch = np.random.default_rng(1).uniform(0, 255, (2, 3, 112, 112)).astype(np.float32)

    first, second = network(batch)["fc1"], network(batch)["fc1"]

    assert first.shape == (2, 128)
    np.testing.assert_array_equal(first, second)


def test_network_stays_shut_when_its_file_was_changed(weights: Store, tmp_path: Path) -> None:
    content = bytearray(weights.read(SFACE))
    content[len(content) // 2] ^= 1
    (tmp_path / weights.card(SFACE).file).write_bytes(content)

    with pytest.raises(WeightMismatchError):
        open_network(Store(tmp_path), SFACE)


def test_products_are_those_of_the_columns_as_they_are_now_when_asked_again() -> None:
    row, columns = np.full((1, 132), 127, dtype=np.uint8), np.full((2, 132, 64), 127, dtype=np.int8)
    products = np.zeros((2, 1, 64), dtype=np.int32)
    multiply = open_byte_products()(row, columns, products)

    multiply()
    largest = products.copy()
    columns[1, :, 5] = -127
    multiply()

    assert (largest == 132 * 127 * 127).all()  # nothing is cut off, on whatever processor
    assert products[1, 0, 5] == -132 * 127 * 127
    assert (np.delete(products.ravel(), 64 + 5) == 132 * 127 * 127).all()
