"""The index finds what a plain comparison finds, and nothing that was removed."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import SFACE, ModelId
from vision.errors import ModelMismatchError
from vision.face.embed import unit
from vision.matching import Form, ReferenceId, Template, TemplateIndex
from vision.matching.index import TAKEN_ONE_BY_ONE
from vision.matching.kept_rows import COLUMNS, ROWS, SCORED, ByteRows, FloatColumns

SIZE = 16


def vectors(count: int, seed: int = 0, size: int = SIZE) -> npt.NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=(count, size)).astype(np.float32))


def an_index(rows: npt.NDArray[np.float32], form: Form) -> TemplateIndex:
    index = TemplateIndex(SFACE, rows.shape[1], form=form)
    for number, row in enumerate(rows):
        index.put(ReferenceId(str(number)), Template(SFACE, row))
    return index


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("count", [1, 2, 3, 5000, COLUMNS + 1, SCORED + 1])
def test_two_nearest_are_those_of_a_plain_comparison_when_searched(form: Form, count: int) -> None:
    rows, probe = vectors(count, size=128), vectors(1, seed=1, size=128)[0]

    hits = an_index(rows, form).nearest(Template(SFACE, probe))

    scores = rows.astype(np.float64) @ probe
    best = np.argsort(-scores)[:2]
    tolerance = 1e-6 if form is Form.FLOAT else 0.005
    assert [hit.score for hit in hits] == pytest.approx(scores[best].tolist(), abs=tolerance)
    if form is Form.FLOAT:
        assert [hit.reference_id for hit in hits] == [str(place) for place in best]


@pytest.mark.parametrize(("kept", "width"), [(FloatColumns(SIZE), COLUMNS), (ByteRows(SIZE), ROWS)])
def test_both_ends_are_scored_when_a_block_is_full(kept: FloatColumns | ByteRows, width: int) -> None:
    last, first = vectors(2, seed=11)
    kept.write(0, first)  # begins the first block; what lies between is empty

    kept.write(width - 1, last)
    kept.write(width, first)
    kept.move(width, 0)
    kept.wipe(width)

    asked, _ = kept.asked(last)
    best = [start + int(scores.argmax()) for start, scores in kept.scores(asked, width + 1) if scores.max() > 0.1]
    assert best[-1] == width - 1
    assert kept.again([0, width - 1, width], first) == pytest.approx([1, float(first @ last), 0], abs=0.02)


def test_order_is_that_of_the_stored_bytes_when_many_are_nearly_alike() -> None:
    middle = vectors(1, seed=5, size=128)
    rows = unit(middle + 0.004 * vectors(3000, seed=6, size=128))  # nearer to one another than rounding can tell apart
    index, probe = an_index(rows, Form.BYTE), unit(middle + 0.004 * vectors(1, seed=7, size=128))[0]

    hits = index.nearest(Template(SFACE, probe))

    scales = np.abs(rows).max(axis=1, keepdims=True) / 127
    kept = np.rint(rows / scales).astype(np.float64) * scales  # what the form promises to rank by
    best = np.argsort(-(kept @ probe))[:2]
    assert [hit.reference_id for hit in hits] == [str(place) for place in best]


@pytest.mark.parametrize("form", Form)
@given(st.data())
def test_index_is_what_a_plain_table_is_when_people_come_and_go(form: Form, data: st.DataObject) -> None:
    rows, index = vectors(12, seed=3), TemplateIndex(SFACE, SIZE, form=form)
    table: dict[ReferenceId, npt.NDArray[np.float32]] = {}
    for name, row, stays in data.draw(
        st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 11), st.booleans()), max_size=25)
    ):
        reference_id = ReferenceId(name)
        if stays:
            index.put(reference_id, Template(SFACE, rows[row]))
            table[reference_id] = rows[row]
        else:
            index.remove(reference_id)
            table.pop(reference_id, None)

        hits = index.nearest(Template(SFACE, rows[0]))

        assert len(index) == len(table)
        assert {hit.reference_id for hit in hits} <= table.keys()
        wanted = sorted((float(vector @ rows[0]) for vector in table.values()), reverse=True)[:2]
        assert [hit.score for hit in hits] == pytest.approx(wanted, abs=0.02)
        assert all(hit.score == pytest.approx(float(table[hit.reference_id] @ rows[0]), abs=0.02) for hit in hits)


@pytest.mark.parametrize("form", Form)
def test_numbers_are_overwritten_when_somebody_is_removed(form: Form) -> None:
    rows = vectors(3)
    index = an_index(rows, form)

    index.remove(ReferenceId("0"))
    index.remove(ReferenceId("nobody"))

    assert ReferenceId("0") not in index
    # The promise is about memory, which nothing public shows.
    match index._kept:
        case FloatColumns(_blocks=[columns]):
            assert np.count_nonzero(np.abs(columns).sum(axis=0)) == 2
        case ByteRows(_blocks=[(levels, scales)]):
            assert np.count_nonzero(levels.any(axis=1)) == np.count_nonzero(scales) == 2
        case other:
            pytest.fail(f"{other} holds more than a block")


def test_memory_is_a_quarter_when_kept_in_bytes() -> None:
    wide, narrow = (an_index(vectors(1, size=128), form).bytes_held for form in Form)

    assert wide / COLUMNS == 512  # bytes a place of a block
    assert narrow / ROWS == 132


def test_search_is_refused_when_the_models_differ() -> None:
    index, other = an_index(vectors(2), Form.FLOAT), Template(ModelId("other"), vectors(1)[0])

    with pytest.raises(ModelMismatchError):
        index.nearest(other)
    with pytest.raises(ModelMismatchError):
        index.put(ReferenceId("x"), other)


def test_both_are_found_when_far_more_are_alike_than_are_taken_one_by_one() -> None:
    rows = np.repeat(vectors(1, seed=8), 4 * TAKEN_ONE_BY_ONE, axis=0)
    rows[[5, 50]] = unit(rows[[5, 50]] + 0.01 * vectors(2, seed=9))
    probe = rows[50]
    for form in Form:
        hits = an_index(rows, form).nearest(Template(SFACE, probe))

        assert len({hit.reference_id for hit in hits}) == 2
        assert hits[0].score >= hits[1].score >= 0.99
        assert form is Form.BYTE or hits[0].reference_id == "50"


def test_the_one_that_stands_first_is_named_first_when_two_are_the_same() -> None:
    rows = vectors(6, seed=4)
    rows[4] = rows[2]

    hits = an_index(rows, Form.BYTE).nearest(Template(SFACE, rows[2]))

    assert [hit.reference_id for hit in hits] == ["2", "4"]
