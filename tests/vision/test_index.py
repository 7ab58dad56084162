"""The index finds what a plain comparison finds, and nothing that was removed."""

import itertools
import threading

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import SFACE, ModelId
from vision.errors import ModelMismatchError
from vision.face.embed import unit
from vision.matching import Form, ReferenceId, Template, TemplateIndex
from vision.matching.kept_columns import GROUP, GROUPED, ROWS, WIDTH, ByteColumns, FloatsBehind

SIZE = 16


def vectors(count: int, seed: int = 0, size: int = SIZE) -> npt.NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=(count, size)).astype(np.float32))


def an_index(rows: npt.NDArray[np.float32], form: Form) -> TemplateIndex:
    index = TemplateIndex(SFACE, rows.shape[1], form=form)
    index.put_all({ReferenceId(str(number)): Template(SFACE, row) for number, row in enumerate(rows)})
    return index


@pytest.mark.parametrize(
    ("form", "count"),
    [*itertools.product(Form, [1, 2, 3, GROUP + 1]), (Form.FLOAT, ROWS + 1), (Form.BYTE, GROUPED + 1)],
)
def test_two_nearest_are_those_of_a_plain_comparison_when_searched(form: Form, count: int) -> None:
    rows, probe = vectors(count, size=128), vectors(1, seed=1, size=128)[0]

    hits = an_index(rows, form).nearest(Template(SFACE, probe))

    scores = rows.astype(np.float64) @ probe
    best = np.argsort(-scores)[:2]
    tolerance = 1e-6 if form is Form.FLOAT else 0.005
    assert [hit.score for hit in hits] == pytest.approx(scores[best].tolist(), abs=tolerance)
    if form is Form.FLOAT:
        assert [hit.reference_id for hit in hits] == [str(place) for place in best]


@pytest.mark.parametrize("edge", [1, GROUP, GROUPED, WIDTH])
def test_both_sides_of_an_edge_are_scored_when_somebody_comes_and_goes_there(edge: int) -> None:
    kept, people = ByteColumns(SIZE), vectors(3, seed=11)
    for place in {0, *range(max(0, edge - 2), edge)}:  # what lies between is room
        kept.write(place, people[[place % 3]])

    kept.write(edge, people[[edge % 3]])
    grown = scored(kept, people[0], edge + 1)
    kept.wipe(edge)
    shrunk = scored(kept, people[0], edge)

    wanted = {place: float(people[place % 3] @ people[0]) for place in {0, edge - 1, edge}}
    assert [grown[place] for place in wanted] == pytest.approx(list(wanted.values()), abs=0.1)
    assert shrunk[edge - 1] == pytest.approx(wanted[edge - 1], abs=0.1)
    assert len(shrunk) == edge


def test_room_is_given_back_and_everybody_is_still_found_when_most_have_left() -> None:
    rows = vectors(GROUP * 4, seed=12)
    index = an_index(rows, Form.BYTE)
    full = index.bytes_held

    for number in range(50, len(rows)):
        index.remove(ReferenceId(str(number)))

    assert index.bytes_held < full / 2
    assert [index.nearest(Template(SFACE, row))[0].reference_id for row in rows[:50]] == [str(n) for n in range(50)]


def test_everybody_is_found_at_every_moment_when_one_thread_removes_while_another_searches() -> None:
    rows = vectors(2000, seed=13, size=128)
    index = an_index(rows, Form.BYTE)
    begun, problems = threading.Event(), list[str]()

    def search() -> None:
        for _ in range(60):
            begun.set()  # first of all: a search that fails must not leave the test waiting
            found = index.nearest(Template(SFACE, rows[0]))
            if [hit.reference_id for hit in found][:1] != ["0"]:
                problems.append(str(found))

    other = threading.Thread(target=search)
    other.start()
    begun.wait()
    for number in range(1, 2000):
        index.remove(ReferenceId(str(number)))
        assert all(hit.reference_id != str(number) for hit in index.nearest(Template(SFACE, rows[number])))
    other.join()

    assert not problems
    assert len(index) == 1


@given(st.data())
def test_turned_templates_keep_their_cosine_and_sum_to_zero_when_they_are_kept(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([1, 3, 4, 16, 128]))
    numbers = st.lists(st.integers(-9, 9), min_size=size, max_size=size).filter(any)
    one, other = (unit(np.array([data.draw(numbers)], dtype=np.float32))[0] for _ in "ab")
    kept = ByteColumns(size)

    kept.write(0, one[None])
    kept.ask(other)

    [(score, _)] = kept.again([0], other)
    assert score == pytest.approx(float(one @ other), abs=0.05)
    assert kept._columns(0).astype(int).sum() == 0  # else the probe's zero would count


def test_no_number_turns_over_when_a_template_lies_along_two_turned_axes() -> None:
    kept = ByteColumns(128)
    along = unit(kept._turn + np.roll(kept._turn, 1, axis=0))

    kept.write(0, along)

    levels = kept._columns(0, len(along)).astype(int).T
    assert (levels.sum(axis=1) == 0).all()
    assert (np.sort(levels, axis=1)[:, -2:] >= 100).all()  # both lie far beyond what a byte holds, on its upper side
    assert levels.min() > -100


def scored(kept: ByteColumns, probe: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float64]:
    """Return what the scan says of all, as cosines."""
    kept.ask(probe)
    all_products = np.concatenate([products.copy() for _, products in kept.products(count)])
    return np.asarray(all_products / all_products[0])  # the first is the probe itself


def test_order_is_that_of_the_stored_bytes_when_many_are_nearly_alike() -> None:
    middle = vectors(1, seed=5, size=128)
    rows = unit(middle + 0.004 * vectors(3000, seed=6, size=128))  # nearer to one another than rounding can tell apart
    index, probe = an_index(rows, Form.BYTE), unit(middle + 0.004 * vectors(1, seed=7, size=128))[0]

    hits = index.nearest(Template(SFACE, probe))

    assert isinstance(index._kept, ByteColumns)
    kept = np.array(
        [index._kept._columns(place)[:, 0] for place in range(len(rows))]
    )  # what the form promises to rank by
    best = np.argsort(-(kept @ (index._kept._turn.astype(np.float64) @ probe)))[:2]
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
    kept = index._kept
    (block,) = kept._blocks
    assert np.count_nonzero(block.columns.any(axis=1)) == 2
    assert not isinstance(kept, FloatsBehind) or np.count_nonzero(kept._rows[0].any(axis=1)) == 2


def test_memory_is_a_byte_a_number_and_a_little_when_kept_in_bytes() -> None:
    rows = vectors(5000, size=128)
    narrow, wide = (an_index(rows, form).bytes_held for form in (Form.BYTE, Form.FLOAT))

    assert 132 <= narrow / len(rows) <= 132 * 1.05
    assert wide - narrow == ROWS * 512


def test_search_is_refused_when_the_models_differ() -> None:
    index, other = an_index(vectors(2), Form.FLOAT), Template(ModelId("other"), vectors(1)[0])

    with pytest.raises(ModelMismatchError):
        index.nearest(other)
    with pytest.raises(ModelMismatchError):
        index.put_all({ReferenceId("y"): Template(SFACE, vectors(1)[0]), ReferenceId("x"): other})
    assert ReferenceId("y") not in index


def test_both_are_found_when_far_more_are_alike_than_two() -> None:
    rows = np.repeat(vectors(1, seed=8), 64, axis=0)
    rows[[5, 50]] = unit(rows[[5, 50]] + 0.01 * vectors(2, seed=9))
    probe = rows[50]
    for form in Form:
        hits = an_index(rows, form).nearest(Template(SFACE, probe))

        assert len({hit.reference_id for hit in hits}) == 2
        assert hits[0].score >= hits[1].score >= 0.99
        assert form is Form.BYTE or hits[0].reference_id == "50"


@pytest.mark.parametrize("form", Form)
def test_the_one_that_stands_first_is_named_first_when_two_are_the_same(form: Form) -> None:
    rows = vectors(6, seed=4)
    rows[4] = rows[2]

    hits = an_index(rows, form).nearest(Template(SFACE, rows[2]))

    assert [hit.reference_id for hit in hits] == ["2", "4"]
