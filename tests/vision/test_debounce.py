"""What is believed, and how often."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.builders import PACK, an_observation
from vision.barcode.debounce import (
    AGAIN_NS,
    ALONE_READS,
    CODES_OF_A_PACK,
    GONE_FRAMES,
    GONE_NS,
    LEVELS_READS,
    Accepted,
    Accepter,
)
from vision.barcode.observation import Engine, Observation, Symbology, gtin14
from vision.frame import Box

SPREAD, WATER = "3017620422003", "3274080005003"
PRICED = "0253097016335"  # a price label: item 53097, 16.33
COUPON = "9812345000000"
STEP_NS = 66_000_000
ELSEWHERE = Box(600, 400, 300, 150)


def play(accepter: Accepter, frames: Sequence[Sequence[Observation]], start_ns: int = 0) -> list[Accepted]:
    """Show frames 66 ms apart, each observation at the time of its frame."""
    taken: list[Accepted] = []
    for number, frame in enumerate(frames):
        at_ns = start_ns + number * STEP_NS
        stamped = [an_observation_at(seen, at_ns) for seen in frame]
        taken += accepter.observe(stamped, at_ns)
    return taken


def an_observation_at(seen: Observation, at_ns: int) -> Observation:
    return an_observation(
        seen.text,
        engine=seen.engine,
        symbology=seen.symbology,
        box=seen.box,
        length_px=seen.length_px,
        thickness_px=seen.thickness_px,
        at_ns=at_ns,
        add_on=seen.add_on,
    )


def zxing(text: str = SPREAD, **facts: object) -> Observation:
    return an_observation(text, **facts)  # type: ignore[arg-type]  # facts are passed on by name


def pyzbar(text: str = SPREAD, **facts: object) -> Observation:
    return an_observation(text, engine=Engine.PYZBAR, **facts)  # type: ignore[arg-type]  # as above


def opencv(text: str = SPREAD, **facts: object) -> Observation:
    return an_observation(text, engine=Engine.OPENCV, **facts)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    "frames",
    [
        [[zxing()], [zxing()]],
        [[zxing()], [], [], [zxing()]],
        [[zxing(), opencv()]],
        [[zxing()], [pyzbar()]],
        [[pyzbar()], [opencv()]],
    ],
    ids=["main twice", "main twice with gaps", "two in one frame", "main and witness", "two witnesses"],
)
def test_code_is_taken_once_when_read_well_enough(frames: list[list[Observation]]) -> None:
    taken = play(Accepter(), [*frames, [zxing(), opencv()], [zxing(), pyzbar()]])

    assert [(code.text, code.gtin14) for code in taken] == [(SPREAD, "0" + SPREAD)]


def levels(text: str = SPREAD, **facts: object) -> Observation:
    return an_observation(text, engine=Engine.LEVELS, **facts)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(("witness", "frames"), [(pyzbar, 6), (opencv, ALONE_READS - 1), (levels, LEVELS_READS - 1)])
def test_nothing_is_taken_when_a_witness_stays_alone(witness: Callable[[str], Observation], frames: int) -> None:
    assert play(Accepter(), [[witness(SPREAD)]] * frames) == []


def test_code_is_taken_when_opencv_alone_says_the_same_four_times() -> None:
    assert [code.text for code in play(Accepter(), [[opencv()]] * ALONE_READS)] == [SPREAD]


def test_code_is_taken_when_our_own_reader_alone_says_the_same_three_times() -> None:
    narrow = levels(
        length_px=150, thickness_px=60
    )  # where bars are narrow it is the only one that knows how sure it is

    assert [code.text for code in play(Accepter(), [[narrow]] * LEVELS_READS)] == [SPREAD]


@pytest.mark.parametrize(
    "frames",
    [
        [[levels(PRICED)]] * 6,
        [[levels(COUPON)]] * 6,
        [[levels()], [levels()], [levels(WATER)], [levels()], [levels()], [levels()]],
        [[levels()], [pyzbar(WATER, thickness_px=2.0)], [levels()], [levels()], [levels()], [levels()]],
        [[opencv(PRICED)]] * 6,
        [[opencv(COUPON)]] * 6,
        [[opencv(length_px=230, thickness_px=100)]] * 6,
        [[opencv()], [opencv()], [opencv(), pyzbar(WATER, thickness_px=2.0)], [opencv()], [opencv()], [opencv()]],
        [[opencv(), zxing(WATER)], [opencv(WATER)], [opencv()], [opencv()], [opencv()], [opencv()]],
    ],
    ids=[
        *("digits carry a price to our own", "coupon to our own", "our own doubts itself", "our own is doubted"),
        *("digits carry a price", "coupon", "bars too narrow", "doubted by a sliver", "contradicted"),
    ],
)
def test_nothing_is_taken_when_one_reader_is_alone_and_in_doubt(frames: list[list[Observation]]) -> None:
    assert play(Accepter(), frames) == []


def test_sliver_seconds_when_another_engine_is_steady() -> None:
    thin = zxing(thickness_px=2.0)

    assert play(Accepter(), [[pyzbar()], [pyzbar()], [thin]]) == []
    assert [code.text for code in play(Accepter(), [[pyzbar(), thin], [pyzbar()], [pyzbar()]])] == [SPREAD]


def test_add_on_is_told_when_two_frames_agree_on_it() -> None:
    one, other = zxing(add_on="05"), zxing(add_on="95")

    assert [code.add_on for code in play(Accepter(), [[one], [one]])] == ["05"]
    assert [code.add_on for code in play(Accepter(), [[one], [zxing()]])] == [None]
    assert [code.add_on for code in play(Accepter(), [[one], [other]])] == [None]


def test_nothing_is_taken_when_the_main_engine_saw_it_once() -> None:
    assert play(Accepter(), [[zxing()], [], [], [], []]) == []


def test_votes_lapse_when_two_seconds_have_passed() -> None:
    accepter = Accepter()
    accepter.observe([zxing()], 0)

    assert accepter.observe([zxing(at_ns=2_100_000_000)], 2_100_000_000) == ()


def test_sliver_does_not_vote_when_thinner_than_a_twentieth() -> None:
    assert play(Accepter(), [[zxing(thickness_px=14.9), pyzbar(thickness_px=2.0)]] * 6) == []
    assert len(play(Accepter(), [[zxing(thickness_px=15.1)]] * 2)) == 1


def test_long_low_label_is_taken_when_its_symbology_is_made_so() -> None:
    label = zxing("0109521234543213172611223922199", symbology=Symbology.DATABAR, length_px=900, thickness_px=30)

    assert len(play(Accepter(), [[label]] * 2)) == 1


def test_both_are_dropped_when_two_numbers_lie_on_one_another() -> None:
    assert play(Accepter(), [[zxing(SPREAD), pyzbar(WATER)]] * 6) == []


def test_both_are_taken_when_two_packs_lie_side_by_side() -> None:
    taken = play(Accepter(), [[zxing(SPREAD), zxing(WATER, box=ELSEWHERE)]] * 3)

    assert {code.text for code in taken} == {SPREAD, WATER}


def test_number_waits_when_a_rival_has_half_its_votes() -> None:
    accepter = Accepter()
    early = play(accepter, [[pyzbar(WATER)], [opencv(WATER, box=Box(0, 0, 9, 5))], [zxing(SPREAD)], [zxing(SPREAD)]])

    # Two engines named the water first, in different places: it is taken; the spread must then have twice its votes.
    assert [code.text for code in early] == [WATER]
    assert [code.text for code in play(accepter, [[zxing(SPREAD), pyzbar(SPREAD)]], 4 * STEP_NS)] == [SPREAD]


@pytest.mark.parametrize(
    ("truth", "misread"),
    [
        ("8023222032262", "8083882032262"),
        ("8011642115887", "8071642775887"),
        ("0023942431015", "9074932437075"),
        (PRICED, "0253091076335"),
    ],
)
def test_known_misread_is_never_taken_when_one_engine_insists(truth: str, misread: str) -> None:
    assert gtin14(misread, Symbology.EAN13) is not None  # well-formed: no check digit saves us

    taken = play(Accepter(), [[zxing(truth), pyzbar(misread)], [pyzbar(misread)], [pyzbar(misread)]] * 2)

    assert misread not in {code.text for code in taken}


@pytest.mark.parametrize("text", [PRICED, COUPON])
def test_three_frames_and_two_engines_are_asked_for_when_digits_are_money(text: str) -> None:
    wide = {"length_px": 400.0}

    assert gtin14(text, Symbology.EAN13) is not None
    assert play(Accepter(), [[zxing(text, **wide)]] * 6) == []
    assert play(Accepter(), [[zxing(text, **wide), opencv(text, **wide)]] * 2) == []
    assert len(play(Accepter(), [[zxing(text, **wide)], [opencv(text, **wide)], [zxing(text, **wide)]])) == 1


def test_price_label_is_passed_over_when_its_bars_are_too_narrow() -> None:
    small = {"length_px": 230.0}  # 2.4 px a bar

    assert play(Accepter(), [[zxing(PRICED, **small), opencv(PRICED, **small)]] * 6) == []


def test_same_pack_is_one_scan_when_it_stays() -> None:
    assert len(play(Accepter(), [[zxing(), opencv()]] * 60)) == 1


def test_same_pack_is_one_scan_when_it_flickers() -> None:
    blinking = [[zxing(), opencv()], *[[]] * 8] * 10  # 9 frames of 66 ms: never 0.6 s apart

    assert len(play(Accepter(), blinking)) == 1


def test_same_pack_is_two_scans_when_it_left_and_came_back() -> None:
    accepter = Accepter()
    first = play(accepter, [[zxing(), opencv()], *[[]] * GONE_FRAMES])

    # It must have left for 0.6 s and four frames, and 1.2 s must have passed since it was taken.
    again = play(accepter, [[zxing(), opencv()]], start_ns=AGAIN_NS)

    assert len(first) == len(again) == 1


def test_same_pack_is_one_scan_when_a_slow_machine_reads_every_other_frame() -> None:
    accepter = Accepter()
    taken: list[Accepted] = []
    for number in range(12):  # two frames a second, and only every other one is read
        at_ns = number * 500_000_000
        seen = [] if number % 2 else [an_observation_at(zxing(), at_ns), an_observation_at(opencv(), at_ns)]
        taken += accepter.observe(seen, at_ns)

    assert len(taken) == 1


def test_same_pack_is_one_scan_when_it_comes_back_at_once() -> None:
    accepter = Accepter()
    play(accepter, [[zxing(), opencv()]])

    assert play(accepter, [[zxing(), opencv()]], start_ns=GONE_NS + 1) == []


def test_other_pack_is_taken_at_once_when_shown_after_the_first() -> None:
    accepter = Accepter()
    play(accepter, [[zxing(), opencv()]])

    taken = play(accepter, [[zxing(WATER), opencv(WATER)], [zxing(WATER), pyzbar(WATER)]], start_ns=STEP_NS)

    assert [code.text for code in taken] == [WATER]


def test_one_line_comes_of_it_when_a_pack_wears_bars_and_a_link() -> None:
    link = f"https://example.com/01/0{SPREAD}/10/AB"
    qr = zxing(link, symbology=Symbology.QR, box=ELSEWHERE)

    taken = play(Accepter(), [[zxing(), opencv(), qr], [zxing(), qr], [zxing(), qr]])

    assert [(code.text, code.gtin14) for code in taken] == [(link, "0" + SPREAD)]


def test_markdown_sticker_goes_first_when_the_pack_shows_both() -> None:
    sticker = f"010{SPREAD}3922199"
    bars = zxing(sticker, symbology=Symbology.DATABAR, box=ELSEWHERE)

    taken = play(Accepter(), [[bars], [bars, zxing(), opencv()], [bars, zxing()]])

    assert [code.text for code in taken] == [sticker]


@pytest.mark.parametrize(
    ("text", "symbology", "count"),
    [
        ("SESAME:W:12345678", Symbology.QR, 1),
        ("https://example.com/advert", Symbology.QR, 0),
        ("SESAME:W:" + "x" * 600, Symbology.QR, 0),
        ("SESAME:W:1\n2", Symbology.QR, 0),
        ("372260C", Symbology.DATAMATRIX, 0),
        ("hello", Symbology.CODE128, 0),
        ("9784065123454", Symbology.EAN13, 1),
        ("1920979010004", Symbology.EAN13, 0),
        ("3017620422004", Symbology.EAN13, 0),
        ("028411", Symbology.ITF14, 0),
        ("15400141288763", Symbology.ITF14, 1),
        ("0109521234543213", Symbology.GS1_DATAMATRIX, 1),
    ],
)
def test_only_codes_of_a_shop_are_taken_when_shown_long_enough(text: str, symbology: Symbology, count: int) -> None:
    assert len(play(Accepter(), [[zxing(text, symbology=symbology)]] * 6)) == count


def test_one_frame_suffices_when_a_matrix_is_shown() -> None:
    assert len(play(Accepter(), [[zxing("SESAME:C:ABCD-EFGH", symbology=Symbology.QR)]])) == 1


texts = st.sampled_from([SPREAD, WATER, PRICED, "8023222032262"])
engines = st.sampled_from(list(Engine))


@given(st.lists(st.lists(st.tuples(texts, engines), max_size=4), max_size=30))
def test_nothing_is_taken_that_was_not_read_twice_whatever_the_engines_say(
    frames: list[list[tuple[str, Engine]]],
) -> None:
    shown = [[an_observation(text, engine=engine, length_px=400) for text, engine in frame] for frame in frames]

    for code in play(Accepter(), shown):
        readings = [engine for frame in frames for text, engine in frame if text == code.text]
        alone = readings.count(Engine.OPENCV) >= ALONE_READS or readings.count(Engine.LEVELS) >= LEVELS_READS
        assert readings.count(Engine.ZXING) >= 2 or len(set(readings)) >= 2 or alone
        assert code.votes >= 2
        assert code.box == PACK


@given(st.lists(st.booleans(), max_size=60))
def test_scans_are_never_closer_than_the_pause_however_a_pack_comes_and_goes(seen: list[bool]) -> None:
    taken = play(Accepter(), [[zxing(), opencv()] if here else [] for here in seen])

    assert all(later.at_ns - earlier.at_ns >= AGAIN_NS for earlier, later in pairwise(taken))


STICKER = f"010{SPREAD}3922099"
SQUARE = f"010{SPREAD}1726123110L7"


def test_sticker_is_told_as_of_the_same_pack_when_it_is_seen_after_the_pack_s_code() -> None:
    sticker = zxing(STICKER, symbology=Symbology.DATABAR, box=ELSEWHERE)

    taken = play(Accepter(), [[zxing()], [zxing()], [zxing()], [zxing(), sticker], [zxing(), sticker], [sticker]])

    assert [(code.text, code.same_pack) for code in taken] == [(SPREAD, False), (STICKER, True)]


def test_sticker_alone_is_told_when_it_is_seen_with_the_pack_s_code() -> None:
    sticker = zxing(STICKER, symbology=Symbology.DATABAR, box=ELSEWHERE)

    assert play(Accepter(), [[zxing(), sticker]] * 2)[0].text == STICKER


def test_pack_is_new_when_its_sticker_is_seen_after_it_left() -> None:
    sticker = zxing(STICKER, symbology=Symbology.DATABAR)
    away: list[list[Observation]] = [[]] * 20

    taken = play(Accepter(), [[zxing()], [zxing()], *away, [sticker], [sticker]])

    assert [(code.text, code.same_pack) for code in taken] == [(SPREAD, False), (STICKER, False)]


def test_add_on_is_told_as_of_the_same_pack_when_it_is_read_late() -> None:
    late = zxing(add_on="07")

    taken = play(Accepter(), [[zxing()], [zxing()], [late], [late], [late]])

    assert [(code.add_on, code.same_pack) for code in taken] == [(None, False), ("07", True)]


@given(st.lists(st.sets(st.sampled_from([SPREAD, STICKER, SQUARE, f"010{SPREAD}10X", f"010{SPREAD}10Y"])), max_size=20))
def test_every_code_of_a_pack_is_told_once_and_few_in_all_whatever_is_shown(frames: list[set[str]]) -> None:
    shown = [
        [zxing(text, symbology=Symbology.EAN13 if text == SPREAD else Symbology.GS1_DATAMATRIX) for text in frame]
        for frame in frames
    ]

    taken = play(Accepter(), shown)

    assert len({code.text for code in taken}) == len(taken) <= CODES_OF_A_PACK
    assert [code.same_pack for code in taken] == [number > 0 for number in range(len(taken))]
