"""A basket as text: it comes back as it was written, in any order, and nothing else is taken for one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    BasketPart,
    BasketText,
    BasketTextCode,
    Carried,
    CarriedKind,
    CodeRow,
    Gathering,
    Line,
    carried_of,
    check_digit,
    line_of,
    read_code,
    read_part,
    write_basket,
)
from checkout.basket_text import MOST_PARTS, PREFIX, _check, _name, _number
from checkout.errors import BasketTooLargeError, MalformedCodeError
from tests.checkout.builders import NOON, a_catalog, a_product

ENTRIES = st.lists(
    st.builds(
        Carried,
        st.sampled_from(CarriedKind),
        st.one_of(
            st.text("0123456789", min_size=1, max_size=40),
            st.text("ABCxyz-é 7", max_size=30),
        ),
        st.integers(1, 999),
    ),
    max_size=30,
)


def parts_of(texts: tuple[str, ...]) -> list[BasketPart]:
    found = []
    for text in texts:
        reading = read_code(text, "qr")
        assert isinstance(reading, BasketTextCode)
        part = read_part(reading.part)
        assert part is not None
        found.append(part)
    return found


def gathered(parts: list[BasketPart]) -> Gathering:
    gathering = Gathering()
    for part in parts:
        gathering = gathering.add(part)
    return gathering


def one_part(body: bytes) -> Gathering:
    """Return a whole gathering whose content is any bytes, with the right checks."""
    return Gathering((BasketPart(_name(body), 1, 1, body),))


@given(ENTRIES, st.text("abc12", min_size=1, max_size=12), st.randoms())
def test_a_basket_comes_back_as_it_was_when_its_codes_are_read_in_any_order(
    entries: list[Carried], store_id: str, chance: object
) -> None:
    parts = parts_of(write_basket(store_id, entries))
    mixed = parts + parts  # each of them twice: the second adds nothing
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a Random

    basket = gathered(mixed).basket()

    assert basket == BasketText(parts[0].id, store_id, tuple(entries))


def test_a_hundred_lines_fit_into_five_codes_when_they_are_products_with_numbers() -> None:
    entries = [Carried(CarriedKind.PRODUCT, f"{3017620422003 + step * 7919}", 3) for step in range(100)]

    texts = write_basket("demo", entries)

    assert len(texts) == 5
    assert max(map(len, texts)) < 360  # a code of 61 squares a side


def test_missing_codes_are_named_when_some_were_read() -> None:
    entries = [Carried(CarriedKind.PRODUCT, f"{3017620422003 + step * 7919}") for step in range(60)]
    first, second, third = parts_of(write_basket("demo", entries))

    gathering = gathered([third, first])

    assert (gathering.missing, gathering.of, gathering.id) == ((2,), 3, first.id)
    with pytest.raises(MalformedCodeError):
        gathering.basket()
    assert gathering.add(second).basket().entries == tuple(entries)


def test_another_basket_begins_anew_when_its_code_comes_between() -> None:
    mine = parts_of(write_basket("demo", [Carried(CarriedKind.PRODUCT, "x" * 100)] * 4))
    theirs = parts_of(write_basket("demo", [Carried(CarriedKind.PRODUCT, "y" * 100)] * 4))

    gathering = gathered([mine[0], theirs[0]])

    assert (gathering.id, gathering.missing) == (theirs[0].id, (2, 3))


def test_nothing_is_missing_when_nothing_was_begun() -> None:
    assert (Gathering().missing, Gathering().of, Gathering().id) == ((), 0, "")
    with pytest.raises(MalformedCodeError):
        Gathering().basket()


def test_codes_are_refused_when_their_contents_do_not_make_the_basket_they_name() -> None:
    first, second, third = parts_of(write_basket("demo", [Carried(CarriedKind.PRODUCT, "x" * 100)] * 4))

    mixed = gathered([first, second, replace(third, content=b"other")])

    with pytest.raises(MalformedCodeError):
        mixed.basket()


@pytest.mark.parametrize("texts", [("x" * 100,) * 30, ("x" * 129,)])
def test_a_basket_is_refused_when_codes_cannot_carry_it(texts: tuple[str, ...]) -> None:
    with pytest.raises(BasketTooLargeError):
        write_basket("demo", [Carried(CarriedKind.PRODUCT, text) for text in texts])


@given(st.text("ABCDEFGH234567.19", max_size=60))
def test_no_part_is_read_when_it_is_any_text(text: str) -> None:
    assert read_part(text) is None


def test_no_part_is_read_when_a_sign_of_it_is_another() -> None:
    (text,) = write_basket("demo", [Carried(CarriedKind.PRODUCT, "3017620422003", 2)])
    said = text.removeprefix(PREFIX)

    for place, sign in enumerate(said):
        other = "A" if sign != "A" else "B"
        assert read_part(said[:place] + other + said[place + 1 :]) is None


@pytest.mark.parametrize(
    "said",
    [
        "ABCDEFGH.1.2.A",  # no bytes make this text
        "ABCDEFGH.01.2.AAAA",  # another spelling
        "ABCDEFGH.0.2.AAAA",
        "ABCDEFGH.3.2.AAAA",
        f"ABCDEFGH.1.{MOST_PARTS + 1}.AAAA",
        "ABCDEFGH.x.2.AAAA",
    ],
)
def test_no_part_is_read_when_only_its_check_is_right(said: str) -> None:
    assert read_part(f"{said}.{_check(said)}") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x08dem",  # shorter than it says
        b"\x08demo\x00\x02x",  # none of it
        b"\x08demo" + _number(1000 * 3) + b"\x02x",  # too many
        b"\x08demo\x03\x02\x07",  # a bell
        b"\x08demo\x03\x02\xff",  # no text
        b"\x08demo\x03" + _number(200 << 1) + b"x" * 200,
        b"\x08demo\x03\x02",
        b"\x08demo\xff",
        b"\x08demo\x03\x03\xff",  # eight bits are more than one digit says
    ],
)
def test_a_basket_is_refused_when_its_bytes_say_nothing(body: bytes) -> None:
    with pytest.raises(MalformedCodeError):
        one_part(body).basket()


WEIGHED = "2112345001500"
WEIGHED += "" if len(WEIGHED) == 13 else check_digit(WEIGHED)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (Line("l", "s-1", 3, "3017620422003"), Carried(CarriedKind.PRODUCT, "s-1", 3)),
        (Line("l", "s-1", 2, "3017620422003", lot="A7"), Carried(CarriedKind.PRODUCT, "s-1", 2)),
        (Line("l", "s-1", 1, WEIGHED, 150), Carried(CarriedKind.LABEL, WEIGHED)),
        (Line("l", "s-1", 1, "3017620422003", 1250), Carried(CarriedKind.LABEL, "01030176204220033103001250")),
        (Line("l", "s-1", 1, "3017620422003", None, 199), Carried(CarriedKind.LABEL, "01030176204220033922199")),
        (Line("l", "s-1", 1, "4011", 480), Carried(CarriedKind.PRODUCT, "s-1")),  # to be weighed again
    ],
)
def test_a_line_is_carried_by_what_prices_it_again_when_it_is_written(line: Line, entry: Carried) -> None:
    assert carried_of(line, 2) == entry


def test_the_same_line_is_made_again_when_a_label_of_weight_and_price_was_carried() -> None:
    catalog = a_catalog(a_product("s-1"), codes=[CodeRow("3017620422003", "s-1", 1)])
    line = Line("l", "s-1", 1, "3017620422003", None, 199)
    entry = carried_of(line, 2)

    again = line_of(catalog, entry.text, entry.symbology, line_id="l", on=NOON.date())

    assert again == line


def test_the_signs_are_a_qr_codes_short_ones_when_a_basket_is_written() -> None:
    (text,) = write_basket("demo", [Carried(CarriedKind.COUPON, "ABCD-EFGH")])

    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert Carried(CarriedKind.COUPON, "ABCD-EFGH").symbology is None
