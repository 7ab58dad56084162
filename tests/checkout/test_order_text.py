"""Orders as people write them: three languages read alike, and whatever is unclear is asked, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.money import EUR, JPY, Money
from checkout.order_text import CHOICES_MOST, MEMO_MOST, AskKind, Order, OrderAct, clean_memo, read_order

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
LUC_20 = [
    "#envoyer 20EUR @luc",
    "envoyer 20 euros a luc",
    "envoyer 20,00 € à luc",
    "Envoie @luc 20€",
    "send luc 20",
    "send 20 to luc",
    "SEND €20 to @luc",
    "pay luc 20.00 eur",
    "@SMoneyfr #envoyer 20 euros @luc",
    "send luc 20.",
    "send luc 20".translate(WIDE).replace("luc".translate(WIDE), "luc"),
    "发@luc 20欧元",
    "转20欧给luc",
    "发送20欧元给@luc",
    "给luc转20欧元",
]


def read(text: str) -> Order:
    return read_order(text, EUR)


@pytest.mark.parametrize("text", LUC_20)
def test_20_go_to_luc_when_it_is_said_in_any_of_three_languages(text: str) -> None:
    assert read(text) == Order(OrderAct.SEND, Money(2000, EUR), "luc", is_number=False, memo="")


@pytest.mark.parametrize(
    "text",
    [
        "demander 20 euros à luc",
        "ask luc for 20",
        "request 20 from luc",
        "#demande 20€ @luc",
        "向luc要20欧元",
        "要20欧元@luc",
    ],
)
def test_20_are_asked_of_luc_when_it_is_said_in_any_of_three_languages(text: str) -> None:
    assert read(text) == Order(OrderAct.REQUEST, Money(2000, EUR), "luc", is_number=False, memo="")


@pytest.mark.parametrize(
    ("text", "memo"),
    [
        ("envoyer 20 euros @luc pizza 🍕", "pizza 🍕"),
        ("envoyer 20 euros pour la pizza à luc", "la pizza"),
        ("send luc 20 for the taxi", "the taxi"),
        ("send 20€ luc 2 pizzas", "2 pizzas"),
        ("转20欧元给luc 披萨", "披萨"),
    ],
)
def test_the_rest_is_the_memo_when_amount_and_person_are_said(text: str, memo: str) -> None:
    order = read(text)

    assert (order.amount, order.to, order.memo, order.asks) == (Money(2000, EUR), "luc", memo, ())


@pytest.mark.parametrize(
    "number", ["+33 6 12 34 56 78", "+33612345678", "06 12 34 56 78", "06.12.34.56.78", "0033612345678", "13800138000"]
)
def test_a_phone_number_is_whom_it_is_for_and_no_amount(number: str) -> None:
    order = read(f"envoyer 20 euros à {number} pizza")

    assert (order.amount, order.to, order.is_number, order.memo) == (Money(2000, EUR), number, True, "pizza")


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("send luc 20,000", [2000, 2_000_000]),
        ("send luc 20.000", [2000, 2_000_000]),
        ("send luc 1,250", [125, 125_000]),
        ("send luc 20,005", []),
        ("envoyer 20 000 euros à luc", [2000, 2_000_000]),
        ("send luc 20 for 2 pizzas", [2000, 200]),
        ("send luc 20 then 5€", [2000, 500]),
        ("send 20€ 5€ luc", [2000, 500]),
        ("send luc 1 2 3 4 5 6", [100, 200, 300, 400]),
        ("send 20€50 luc", []),
        ("send luc 20k", []),
        ("send luc -20", []),
        ("send luc .50", []),
        ("send luc 20%", []),
        ("send €20€ luc", []),
        ("send x20 luc", []),
        ("send luc 007", []),
        ("send luc 0", []),
        ("send luc 1.50.20", []),
        ("send luc 20,5000", []),
    ],
)
def test_an_amount_is_asked_and_never_guessed_when_it_could_be_another(text: str, choices: list[int]) -> None:
    order = read(text)

    assert order.amount is None
    question = next(ask for ask in order.asks if ask.kind is AskKind.AMOUNT_UNCLEAR)
    assert [choice.minor for choice in question.choices] == choices


@pytest.mark.parametrize(
    ("figure", "minor"),
    [
        ("1", 100),
        ("0,5", 50),
        ("0.05", 5),
        ("1'234", 123_400),
        ("1\u202f234,50", 123_450),
        ("1,234.50", 123_450),
        ("1.234,5", 123_450),
        ("1,234,567", 123_456_700),
    ],
)
def test_an_amount_is_read_when_it_can_only_be_one(figure: str, minor: int) -> None:
    assert read(f"send {figure} to luc").amount == Money(minor, EUR)


def test_cents_are_asked_when_the_currency_has_none() -> None:
    assert read_order("send luc 500", JPY).amount == Money(500, JPY)
    assert read_order("send luc 500円", JPY).amount == Money(500, JPY)
    assert read_order("send luc 5.00", JPY).amount is None


@pytest.mark.parametrize("text", ["send luc $20", "转20元给luc", "send luc £20", "send 20 yuan to luc"])
def test_another_currency_is_asked_when_the_store_has_its_own(text: str) -> None:
    order = read(text)

    assert order.amount is None
    assert [(ask.kind, [choice.minor for choice in ask.choices]) for ask in order.asks] == [(AskKind.CURRENCY, [2000])]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("send luc", [AskKind.AMOUNT_MISSING]),
        ("send 20", [AskKind.PERSON_MISSING]),
        ("send", [AskKind.AMOUNT_MISSING, AskKind.PERSON_MISSING]),
        ("", [AskKind.ACT, AskKind.AMOUNT_MISSING, AskKind.PERSON_MISSING]),
        ("sender 20 @luc", [AskKind.ACT]),
        ("send @luc @anna 20", [AskKind.PERSON_SEVERAL]),
        ("给luc转20欧元 @anna", [AskKind.PERSON_SEVERAL]),
        ("send +33 6 12 34 56 78 20", [AskKind.AMOUNT_MISSING]),
    ],
)
def test_what_is_missing_is_asked_when_an_order_is_not_whole(text: str, kinds: list[AskKind]) -> None:
    assert [ask.kind for ask in read(text).asks] == kinds


def test_a_memo_is_for_reading_only_when_it_is_kept() -> None:
    family, flag = "👨\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e007f"

    assert clean_memo(f" caf\u0065\u0301 \n\t {family}\u202e{flag}❤\ufe0f\ud800\x00 ") == f"café {family}{flag}❤\ufe0f"
    assert clean_memo("x" * 500) == "x" * MEMO_MOST


@given(st.text(max_size=400))
def test_any_text_is_answered_when_it_is_no_order(text: str) -> None:
    order = read(text)

    asked = {ask.kind for ask in order.asks}
    assert (order.amount is None) == bool(asked & {AskKind.AMOUNT_MISSING, AskKind.AMOUNT_UNCLEAR, AskKind.CURRENCY})
    assert (order.to == "") == bool(asked & {AskKind.PERSON_MISSING, AskKind.PERSON_SEVERAL})
    assert order.amount is None or order.amount.minor > 0
    assert len(order.memo) <= MEMO_MOST
    assert all(len(ask.choices) <= CHOICES_MOST for ask in order.asks)


PIECES = st.sampled_from(
    ["send", "envoyer", "20", "3.5", "1,000", " ", "€", "$", "@luc", "luc", "à", "06 12 34 56 78", "给"]
)


@given(st.lists(PIECES, max_size=9).map(" ".join))
def test_an_amount_is_a_figure_of_the_text_when_pieces_are_thrown_together(text: str) -> None:
    order = read(text)

    assert order.amount is None or order.amount.minor in {2000, 350}
    assert "1,000" not in text or order.amount is None or "€" in text


@given(st.integers(1, 99_999_999), st.sampled_from(LUC_20))
def test_the_same_amount_is_read_when_it_is_written_plainly(minor: int, pattern: str) -> None:
    written = f"{minor // 100}.{minor % 100:02d}"
    for figure in ("20,00", "20.00", "20".translate(WIDE), "20"):
        if figure in pattern:
            order = read(pattern.replace(figure, written, 1))
            assert (order.amount, order.to, order.asks) == (Money(minor, EUR), "luc", ())
            return


@given(st.integers(1, 999), st.sampled_from([",", "."]), st.integers(0, 999))
def test_three_digits_behind_a_separator_are_always_asked(whole: int, separator: str, last: int) -> None:
    order = read(f"send luc {whole}{separator}{last:03d}")

    assert order.amount is None
    assert [ask.kind for ask in order.asks] == [AskKind.AMOUNT_UNCLEAR]
