"""From any text that an engine may hand over to what the kiosk asks of the store: nothing raises or is guessed."""

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from checkout import Catalog, CodeRow, line_of
from checkout.errors import CheckoutError
from kiosk.visit import calls, events
from kiosk.visit.states import State
from tests.checkout.builders import a_product
from tests.examples import examples
from tests.kiosk.builders import MILK, asked, shopping, walked
from tests.vision.builders import an_observation
from vision.barcode.debounce import Accepted, Accepter
from vision.barcode.observation import SHOP_TEXT_AT_MOST, Engine, Observation, Symbology, gtin14
from vision.frame import Box

SHOP = Catalog([a_product("milk")], [CodeRow(MILK, "milk")])
FRAMES_AT_MOST, CODES_AT_MOST = 12, 4

hostile = st.one_of(
    st.text(max_size=700),
    st.from_regex(r"SESAME:[A-Z]:.{0,40}", fullmatch=True),
    st.from_regex(r"(https?|javascript|file|tel|WIFI|upi|weixin):(//)?.{0,60}(/01/|/c/)?[0-9]{0,14}", fullmatch=True),
    st.from_regex(r"[0-9]{6,20}", fullmatch=True),
    st.from_regex(r"(01[0-9]{14}|\(01\)[0-9]{14}|\]C1)[\x1d()0-9A-Za-z';-]{0,40}", fullmatch=True),
    st.just("'; DROP TABLE basket; --"),
    st.just(MILK),
)
boxes = st.builds(Box, *[st.floats(-2000, 5000, allow_nan=False) for _ in range(4)])


def _observed(
    text: str, engine: Engine, symbology: Symbology, box: Box, length_px: float, thickness_px: float
) -> Observation:
    return an_observation(
        text, engine=engine, symbology=symbology, box=box, length_px=length_px, thickness_px=thickness_px
    )


sizes = st.floats(0, 2000)
observations = st.builds(_observed, hostile, st.sampled_from(Engine), st.sampled_from(Symbology), boxes, sizes, sizes)


@examples(60)
@given(st.lists(st.lists(observations, max_size=CODES_AT_MOST), max_size=FRAMES_AT_MOST))
def test_only_what_was_shown_and_is_well_formed_is_taken_whatever_the_engines_say(
    frames: list[list[Observation]],
) -> None:
    accepter = Accepter()
    taken: list[Accepted] = []
    for number, seen in enumerate(frames):
        taken += accepter.observe(seen, number * 66_000_000)

    shown = {one.text for seen in frames for one in seen}
    for code in taken:
        assert code.text in shown
        assert len(code.text) <= SHOP_TEXT_AT_MOST
        assert code.gtin14 == gtin14(code.text, code.symbology)


@examples(60)
@given(hostile, st.sampled_from([None, "]E3", *Symbology]), st.booleans())
@example("\x00" * 700, "qr", False)  # noqa: FBT003 - by place, as the others
@example("https://evil.example/01/03017620422003?x=<script>", "qr", True)  # noqa: FBT003 - likewise
def test_the_kiosk_asks_for_a_line_or_for_nothing_dangerous_whatever_text_is_read(
    text: str,
    symbology: str | None,
    same_pack: bool,  # noqa: FBT001 - drawn
) -> None:
    visit, effects = walked(shopping(), events.CodeRead(text, symbology, same_pack=same_pack))

    lines = [call for call in asked(effects) if isinstance(call, calls.AddLine)]
    assert len(lines) <= 1
    assert all(
        (len(call.code) <= SHOP_TEXT_AT_MOST and call.code.isprintable()) or "\x1d" in call.code for call in lines
    )
    assert visit.state in {State.SHOPPING, State.CODE, State.METHOD, State.STAFF, State.LOOKING}


@examples(60)
@given(hostile, st.sampled_from([None, "]E3", *Symbology]))
def test_no_product_is_sold_that_the_text_does_not_name_whatever_is_read(text: str, symbology: str | None) -> None:
    try:
        line = line_of(SHOP, text, symbology, line_id="l-1", on=date(2026, 3, 2))
    except CheckoutError:
        return

    assert MILK in text
    assert (line.sku, line.scanned_code) == ("milk", MILK)
