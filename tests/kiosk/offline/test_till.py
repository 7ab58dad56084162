"""Without the store the kiosk reckons by the same rules: lines, offers, deposits, ages, refusals."""

from pathlib import Path
from typing import Any

import pytest

from checkout import InStoreLayout, StoreRules
from kiosk.offline.catalogue import Catalogue
from kiosk.offline.memory import SaidFile
from kiosk.offline.till import LocalTill
from kiosk.ports import ShopRefusedError
from kiosk.visit import calls
from kiosk.visit.events import BasketNow, Products
from kiosk.visit.record import Said
from kiosk.visit.values import RANDOM_CHECK, Basket, Problem
from tests.kiosk.builders import MILK, a_basket, a_coupon_on_it, a_line, after
from tests.kiosk.offline.builders import COLA, STOPPED, WINE, a_catalogue, a_product, a_sale_price

OPENING = calls.CreateBasket("basket-1")


def scan(key: str, code: str = MILK) -> calls.AddLine:
    return calls.AddLine(key, "basket-1", code, "ean13")


class Till:
    """A till with writes that wait."""

    def __init__(self, *waiting: calls.KeptWrite, said: Said | None = None, **facts: Any) -> None:
        self.waiting = list(waiting)
        self.catalogue: Catalogue | None = a_catalogue(**facts)
        self.seconds = 0.0
        self.kept: list[Said] = []
        self.till = LocalTill(
            lambda: self.catalogue, lambda: tuple(self.waiting), lambda: after(self.seconds), said, self.kept.append
        )

    def add(self, write: calls.KeptWrite) -> Basket:
        """Let a write wait, and return what the screen shows then."""
        self.waiting.append(write)
        return self.basket(write)

    def basket(self, call: calls.Call) -> Basket:
        answer = self.till.answer(call)
        assert isinstance(answer, BasketNow)
        return answer.basket


def test_lines_have_prices_and_offers_when_the_store_is_away_from_the_first_scan() -> None:
    till = Till(OPENING)

    shown = [till.add(scan(f"k{number}")) for number in range(3)][-1]

    assert [(line.line_id, line.quantity, line.gross_minor, line.due_minor) for line in shown.lines] == [
        ("k0", 3, 900, 600)
    ]
    assert shown.lines[0].adjustments[0].label["en"] == "3 for 2"
    assert (shown.total_minor, shown.saved_minor, shown.provisional) == (600, 300, True)
    assert shown.lines[0].unit_text["en"] == "€6.00/kg"
    assert len(shown.emoji) == 4


def test_a_basket_names_the_writes_it_counts_in_when_one_of_them_is_refused() -> None:
    till = Till(OPENING)
    till.waiting += [scan("k0"), scan("k1", STOPPED)]

    shown = till.add(scan("k2"))

    assert shown.holds == ("k0", "k2")


def test_deposit_and_age_are_minded_when_nobody_can_be_asked() -> None:
    till = Till(OPENING)
    till.add(scan("k1", COLA))

    shown = till.add(scan("k2", WINE))

    assert [line.sku for line in shown.lines] == ["cola", "glass", "wine"]
    assert shown.age_check == "waiting"
    assert [problem.code for problem in shown.problems if problem.level == "critical"] == ["age_check_required"]


def test_a_random_check_still_waits_when_the_store_goes_away_before_somebody_has_looked() -> None:
    drawn = Problem(RANDOM_CHECK, "critical", None, "A colleague looks at a few of these goods first.")
    line = a_line(line_id="k0", sku="milk", code=MILK, quantity=1)
    till = Till(said=Said(a_basket(version=4, lines=(line,), problems=(drawn,)), "old"))

    shown = till.add(scan("k1", COLA))

    assert (shown.is_being_checked, shown.payable, shown.provisional) == (True, False, True)


def test_store_s_lines_stay_when_others_are_added_without_it() -> None:
    line = a_line(line_id="l-9", sku="milk", code=MILK, quantity=1, gross_minor=300, due_minor=300, adjustments=())
    cola = a_line(line_id="l-8", sku="cola", code=COLA, quantity=1)
    deposit = a_line(line_id="l-8:deposit", sku="glass", quantity=1)
    till = Till(said=Said(a_basket(version=4, lines=(line, cola, deposit)), "old"))

    shown = till.add(scan("k1"))

    assert [(one.line_id, one.quantity, one.provisional) for one in shown.lines] == [
        ("l-9", 2, True),
        ("l-8", 1, False),
        ("l-8:deposit", 1, False),
    ]
    assert shown.version == 5


def test_write_counts_once_when_the_store_had_heard_it_before_the_network_fell() -> None:
    line = a_line(line_id="k1", sku="milk", code=MILK, quantity=1)

    till = Till(scan("k1"), said=Said(a_basket(lines=(line,)), "k1"))

    assert [one.quantity for one in till.basket(calls.FetchBasket("basket-1")).lines] == [1]


def test_quantity_changes_and_removals_hold_when_the_store_is_away() -> None:
    till = Till(OPENING, scan("k1"), scan("k2", COLA))

    more = till.add(calls.ChangeQuantity("c1", "basket-1", "k1", 5))
    gone = till.add(calls.RemoveLine("c2", "basket-1", "k2"))
    empty = till.add(calls.ChangeQuantity("c3", "basket-1", "k1", 0))
    same = till.add(calls.RemoveLine("c4", "basket-1", "k1"))

    assert [line.quantity for line in more.lines] == [5, 1, 1]
    assert [line.sku for line in gone.lines] == ["milk"]
    assert (empty.lines, same.lines) == ((), ())


def test_weighed_goods_cost_by_weight_when_picked_or_labelled() -> None:
    till = Till(OPENING)

    picked = till.add(calls.AddSku("k1", "basket-1", "pears", 500))
    labelled = till.add(scan("k2", "2112345012506"))

    assert [line.due_minor for line in picked.lines] == [115]
    assert [line.weight_g for line in labelled.lines] == [500, 1250]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (scan("k1", "96385074"), "product_not_found"),
        (scan("k1", "3017620422004"), "malformed_code"),
        (scan("k1", STOPPED), "sale_stop"),
        (calls.AddLine("k1", "basket-1", "SESAME:C:ABCD-EFGH", None), "not_a_product"),
        (calls.AddSku("k1", "basket-1", "pears"), "weight_missing"),
        (calls.AddSku("k1", "basket-1", "nothing"), "product_not_found"),
    ],
)
def test_goods_are_refused_by_the_store_s_rules_when_the_store_is_away(
    call: calls.AddLine | calls.AddSku, code: str
) -> None:
    till = Till(OPENING, call)

    with pytest.raises(ShopRefusedError) as caught:
        till.till.answer(call)

    assert caught.value.code == code


def test_coupons_take_nothing_off_when_only_the_store_could_check_them() -> None:
    coupon = a_coupon_on_it()
    till = Till(scan("k1"), said=Said(a_basket(lines=(), coupons=(coupon,)), None))

    shown = till.add(calls.ApplyCoupon("c1", "basket-1", "WXYZ-1234"))
    after_drop = till.add(calls.DropCoupon("c2", "basket-1", coupon.code))

    assert [(one.code, one.reason_code, one.saved_minor) for one in shown.coupons] == [
        (coupon.code, "coupon_offline", 0),
        ("WXYZ-1234", "coupon_offline", 0),
    ]
    assert [one.code for one in after_drop.coupons] == ["WXYZ-1234"]


def test_price_is_the_window_s_when_it_opens_during_the_outage() -> None:
    till = Till(OPENING, scan("k1"), prices=(a_sale_price(250),))
    before = till.basket(calls.FetchBasket("basket-1")).total_minor

    till.seconds = 3600

    assert (before, till.basket(calls.FetchBasket("basket-1")).total_minor) == (250, 300)


def test_basket_is_quoted_when_the_review_is_opened_without_the_store() -> None:
    till = Till(OPENING, scan("k1"))

    assert till.basket(calls.QuoteBasket("basket-1")).state == "quoted"


def test_products_are_found_by_name_when_the_store_is_away() -> None:
    found = Till().till.answer(calls.SearchProducts("pea"))

    assert isinstance(found, Products)
    assert [(hit.sku, hit.is_weighed) for hit in found.items] == [("pears", True)]


def test_what_has_no_bar_code_is_shown_when_the_store_is_away() -> None:
    found = Till().till.answer(calls.FetchLoose())

    assert isinstance(found, Products)
    assert [(hit.sku, hit.category) for hit in found.items] == [("pears", "")]


def test_nothing_is_said_when_only_the_store_can_say_it() -> None:
    till = Till()
    unknown = a_line(line_id="l-1", sku="truffle", code="")

    assert till.till.answer(calls.FetchCandidates("basket-1", "1234")) is None
    assert till.till.answer(calls.FetchBasket("basket-1")) is None
    assert till.till.answer(calls.FetchBasket("another")) is None
    till.till.hear(calls.FetchBasket("basket-1"), a_basket(lines=(unknown,)))
    assert till.till.answer(scan("k1")) == BasketNow(a_basket(lines=(unknown,)), None)
    till.waiting.append(scan("k1"))
    assert till.till.answer(scan("k1")) is None

    till.catalogue = None
    assert till.till.answer(calls.SearchProducts("milk")) is None
    assert till.till.answer(scan("k1")) is None


def test_store_s_basket_is_whole_when_others_are_still_on_their_way() -> None:
    till = Till(OPENING, scan("k1"), scan("k2", COLA))
    milk = a_line(line_id="k1", sku="milk", code=MILK, quantity=1)
    till.till.hear(scan("k1"), a_basket(version=2, lines=(milk,)))

    whole = till.till.complete(a_basket(version=2, lines=(milk,)))
    till.waiting.clear()
    truth = till.till.complete(a_basket(version=2, lines=(milk,)))

    assert [line.sku for line in whole.lines] == ["milk", "cola", "glass"]
    assert whole.provisional
    assert truth == a_basket(version=2, lines=(milk,))


@pytest.mark.parametrize("state", ["paid", "abandoned", "suspended", "paying"])
def test_basket_is_still_known_when_a_late_word_comes_on_the_one_before(state: str) -> None:
    till = Till()
    till.till.hear(scan("k1"), a_basket(version=2, lines=(a_line(sku="milk"),)))
    till.till.hear(calls.FetchBasket("basket-0"), a_basket(basket_id="basket-0", state=state))

    shown = till.add(scan("k2", COLA))

    assert [line.line_id for line in shown.lines][:2] == [a_line().line_id, "k2"]


def test_last_word_is_the_same_when_it_was_kept_on_disk(tmp_path: Path) -> None:
    file = SaidFile(tmp_path / "said.json")
    till = Till()
    till.till.hear(scan("k1"), a_basket(version=3))
    till.till.hear(calls.FetchBasket("basket-1"), a_basket(version=3))

    file.save(till.kept[-1])

    assert len(till.kept) == 1
    assert file.load() == till.kept[-1]
    assert SaidFile(tmp_path / "none.json").load() is None


def test_digest_is_the_store_s_when_the_prices_are(tmp_path: Path) -> None:
    del tmp_path
    first = Till(OPENING, scan("k1")).basket(calls.FetchBasket("basket-1"))
    dearer = [a_product("milk", 301), *(p for p in a_catalogue().assortment.products if p.sku != "milk")]
    second = Till(OPENING, scan("k1"), products=dearer).basket(calls.FetchBasket("basket-1"))

    assert first.digest == Till(OPENING, scan("k1")).basket(calls.FetchBasket("basket-1")).digest
    assert first.digest != second.digest


def test_codes_and_cap_are_the_store_s_own_when_the_catalogue_says_so() -> None:
    rules = StoreRules((InStoreLayout("21IIIIIPPPPPC"),), max_off_bp=1000)
    till = Till(OPENING, rules=rules)

    priced = till.add(scan("k1", "2112345012506"))
    capped = [till.add(scan(f"m{number}")) for number in range(3)][-1]

    assert [(line.weight_g, line.label_price_minor, line.due_minor) for line in priced.lines] == [(None, 1250, 1250)]
    assert capped.saved_minor == (1250 + 900) // 10


def test_first_answer_finds_the_prices_made_when_they_were_warmed() -> None:
    till = Till(OPENING)
    till.till.warm()
    made = till.till._prices

    till.add(scan("k1"))
    till.till.warm()

    assert made is not None
    assert till.till._prices is made


def test_line_is_foreseen_at_its_own_price_with_its_deposit_when_it_is_new() -> None:
    till = Till(OPENING, scan("k1", COLA))

    found = till.till.foresee(scan("k1", COLA))

    assert found is not None
    assert found.line_id == "k1"
    assert [(line.line_id, line.sku, line.due_minor, line.provisional) for line in found.lines] == [
        ("k1", "cola", 150, True),
        ("k1:deposit", "glass", 15, True),
    ]


def test_line_is_named_that_a_scan_joins_when_the_product_is_there_already() -> None:
    line = a_line(line_id="l-9", sku="milk", code=MILK, quantity=1, gross_minor=300, due_minor=300, adjustments=())
    till = Till(scan("k1"), said=Said(a_basket(lines=(line,)), None))

    found = till.till.foresee(scan("k1"))

    assert found is not None
    assert (found.line_id, found.lines) == ("l-9", ())


@pytest.mark.parametrize("code", [STOPPED, "96385074"])
def test_nothing_is_foreseen_when_only_the_store_can_say_what_is_wrong(code: str) -> None:
    till = Till(OPENING, scan("k1", code))

    assert till.till.foresee(scan("k1", code)) is None


def test_nothing_is_foreseen_when_there_is_no_catalogue() -> None:
    till = Till(OPENING, scan("k1"))
    till.catalogue = None

    assert till.till.foresee(scan("k1")) is None


def test_sticker_prices_its_own_pack_when_the_store_is_away() -> None:
    till = Till(OPENING)
    till.add(scan("k1"))
    sticker = calls.AddLine("k2", "basket-1", f"010{MILK}3922099", "databar", same_pack=True)

    till.waiting.append(sticker)
    answer = till.till.answer(sticker)

    assert isinstance(answer, BasketNow)
    assert [(line.line_id, line.quantity, line.due_minor) for line in answer.basket.lines] == [("k1", 1, 99)]
    assert answer.line_id == "k1"


def test_pack_past_its_date_is_refused_when_its_second_code_tells_and_the_store_is_away() -> None:
    till = Till(OPENING)
    till.add(scan("k1"))

    with pytest.raises(ShopRefusedError, match="sale_stop"):
        till.till.answer(calls.AddLine("k2", "basket-1", f"010{MILK}17200101", "]d2", same_pack=True))
