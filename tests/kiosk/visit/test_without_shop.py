"""What a shopper sees while the store is away, and what its answer changes when it is back."""

from dataclasses import replace

import pytest

from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.differences import differences
from kiosk.visit.effects import Ask
from kiosk.visit.record import LastSeen
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import Basket, Difference
from kiosk.visit.visit import Visit, record_of
from tests.kiosk.builders import MILK, NOON, a_basket, a_hit, a_line, a_store, a_visit, at, welcomed

KNOWN = a_basket()


def reckoned(**facts: object) -> Basket:
    return replace(a_basket(), provisional=True, **facts)  # type: ignore[arg-type] # whatever the test names


def offline_scan() -> tuple[Visit, calls.AddLine]:
    """Scan without a store; return the visit and the write that waits."""
    visit, effects = step(replace(welcomed(), online=False), acts.Scan(MILK), NOON)
    call = next(one.call for one in effects if isinstance(one, Ask) and isinstance(one.call, calls.AddLine))
    basket = replace(KNOWN, basket_id=str(visit.basket_id), provisional=True, version=2)
    visit, _ = step(visit, events.Provisional(call, events.BasketNow(basket, call.key)), NOON)
    return visit, call


def test_line_has_a_provisional_price_when_it_is_scanned_without_the_store() -> None:
    visit, _ = offline_scan()

    screen = screen_of(visit, 1)
    assert (screen["shop"], screen["waiting"], screen["basket"]["provisional"]) == ("offline", [], True)
    assert (visit.last_scan.outcome if visit.last_scan else "") == "added"
    assert "review" in screen["possible"]


def test_no_second_beep_sounds_when_the_store_hears_of_a_line_later() -> None:
    visit, call = offline_scan()
    shown = visit.shown

    truth = replace(KNOWN, basket_id=call.basket_id, version=2)
    visit, _ = step(visit, events.Answered(call, events.BasketNow(truth, call.key)), NOON)

    assert visit.basket == truth
    assert (visit.shown, visit.differences, visit.unsent) == (shown, (), ())


def test_difference_is_explained_when_the_store_has_another_price() -> None:
    visit, call = offline_scan()
    dearer = replace(a_line(), unit_price_minor=450, gross_minor=900, due_minor=820)
    truth = replace(a_basket(lines=(dearer,), digest="d2"), basket_id=call.basket_id)

    visit, _ = step(visit, events.Answered(call, events.BasketNow(truth, call.key)), NOON)

    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts) == ("store_differs", {"before_minor": 718, "after_minor": 820})
    assert screen_of(visit, 1)["differences"] == [
        {"name": dearer.name, "reason": "price", "before_minor": 718, "after_minor": 820}
    ]


@pytest.mark.parametrize(("due_minor", "told"), [(718, None), (820, "store_differs")])
def test_review_tells_of_a_new_total_only_when_the_store_has_one(due_minor: int, told: str | None) -> None:
    visit, _ = offline_scan()
    visit, _ = step(visit, acts.Review(), NOON)
    line = a_line(unit_price_minor=450, due_minor=due_minor) if told else a_line()
    truth = replace(a_basket(lines=(line,), digest="the store's"), basket_id=str(visit.basket_id), version=3)

    visit, _ = step(visit, events.Answered(calls.FetchBasket(truth.basket_id), events.BasketNow(truth)), NOON)

    assert visit.state is State.REVIEW
    assert (visit.notice.code if visit.notice else None) == told


def test_differences_are_forgotten_when_the_next_shopper_comes() -> None:
    visit, call = offline_scan()
    truth = replace(a_basket(lines=()), basket_id=call.basket_id)
    visit, _ = step(visit, events.Answered(call, events.BasketNow(truth, call.key)), NOON)
    assert visit.differences

    visit, _ = step(visit, acts.CancelVisit(), NOON)

    assert visit.differences == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((a_line(),), (a_line(),), ()),
        ((a_line(),), (), (("gone", 718, None),)),
        ((), (a_line(),), (("added", None, 718),)),
        ((a_line(),), (a_line(quantity=3, due_minor=1197),), (("quantity", 718, 1197),)),
        ((a_line(),), (a_line(unit_price_minor=400, due_minor=720),), (("price", 718, 720),)),
        ((a_line(),), (a_line(due_minor=798, adjustments=()),), (("offer", 718, 798),)),
    ],
)
def test_each_line_says_what_is_other_when_the_store_differs(
    before: tuple[object, ...], after: tuple[object, ...], expected: tuple[tuple[object, ...], ...]
) -> None:
    found = differences(replace(KNOWN, lines=before), replace(KNOWN, lines=after), frozenset())  # type: ignore[arg-type] # lines

    assert found == tuple(Difference("Pâte à tartiner", *one) for one in expected)  # type: ignore[arg-type] # as above


def test_later_reckoning_shows_when_it_follows_what_the_store_said() -> None:
    visit = at(State.SHOPPING)
    basket_id = str(visit.basket_id)
    call = calls.ChangeQuantity("c1", basket_id, "line-1", 3)

    newer = reckoned(basket_id=basket_id, version=9)
    visit, _ = step(visit, events.Provisional(call, events.BasketNow(newer)), NOON)
    older = reckoned(basket_id=basket_id, version=1)
    again, _ = step(visit, events.Provisional(call, events.BasketNow(older)), NOON)

    assert visit.basket == newer
    assert again.basket == newer


def test_nobody_is_bound_by_a_price_when_the_store_s_own_differs_after_the_outage() -> None:
    visit = at(State.METHOD)
    basket_id = str(visit.basket_id)
    visit = replace(visit, basket=reckoned(basket_id=basket_id, state="quoted", digest="d9"), online=False)

    visit, effects = step(visit, events.ShopBack(), NOON)
    assert Ask(calls.QuoteBasket(basket_id)) in effects
    truth = replace(a_basket(basket_id, state="quoted", version=1, digest="d1"))
    visit, _ = step(visit, events.Answered(calls.QuoteBasket(basket_id), events.BasketNow(truth)), NOON)

    assert visit.state is State.REVIEW
    assert visit.basket == truth


def test_products_found_on_the_disk_are_shown_when_the_search_is_still_open() -> None:
    visit, _ = step(welcomed(), acts.OpenSearch(), NOON)
    visit, _ = step(visit, acts.SearchFor("pain"), NOON)

    found, _ = step(visit, events.Provisional(calls.SearchProducts("pain"), events.Products((a_hit(),))), NOON)
    late, _ = step(visit, events.Provisional(calls.SearchProducts("other"), events.Products((a_hit(),))), NOON)

    assert (found.hits, late.hits) == ((a_hit(),), ())


def test_shopper_is_told_that_it_is_not_sold_when_only_the_kiosk_could_look() -> None:
    visit, effects = step(replace(welcomed(), online=False), acts.Scan("96385074"), NOON)
    call = next(one.call for one in effects if isinstance(one, Ask) and isinstance(one.call, calls.AddLine))

    visit, effects = step(visit, events.ProvisionalRefusal(call, "product_not_found", {}), NOON)

    assert visit.notice is not None
    assert (visit.notice.code, visit.online, visit.unsent) == ("unknown_code", False, ())
    assert [one.call.type for one in effects if isinstance(one, Ask) and isinstance(one.call, calls.OpenIntervention)]


def test_kiosk_opens_without_the_store_when_the_disk_knows_where_it_stands() -> None:
    visit, _ = step(a_visit(), events.Started(None, store=a_store()), NOON)
    visit, _ = step(visit, events.CatalogueNow("7-ab", NOON), NOON)

    visit, _ = step(visit, events.Unreached(calls.FetchStore(), kept=False, waiting=0), NOON)

    assert (visit.state, visit.online, visit.store) == (State.WELCOME, False, a_store())
    assert screen_of(visit, 1)["prices_of"] == "2026-11-02T12:00:00Z"


def test_kiosk_waits_for_the_store_when_it_has_no_prices() -> None:
    visit, _ = step(a_visit(), events.Started(None, store=a_store()), NOON)

    visit, _ = step(visit, events.Unreached(calls.FetchStore(), kept=False, waiting=0), NOON)

    assert visit.state is State.OUT_OF_ORDER


def test_staff_are_called_when_a_catalogue_is_not_the_store_s() -> None:
    _, effects = step(welcomed(), events.CatalogueRefused("signature"), NOON)

    (effect,) = effects
    assert isinstance(effect, Ask)
    assert isinstance(effect.call, calls.OpenIntervention)
    assert (effect.call.type, effect.call.detail) == ("catalogue_refused", {"reason": "signature"})


@pytest.mark.parametrize(
    ("state", "kept", "shown"),
    [
        (State.SEARCH, "shopping", State.SHOPPING),
        (State.REVIEW, "review", State.REVIEW),
        (State.METHOD, "method", State.METHOD),
        (State.CODE, "method", State.METHOD),
        (State.CONFIRMING, "method", State.METHOD),
        (State.DESK, "desk", State.DESK),
    ],
)
def test_screen_is_there_again_when_the_process_died(state: State, kept: str, shown: State) -> None:
    before = at(state, desk_id="desk-1" if state is State.DESK else None)
    record = record_of(before)
    assert record is not None
    assert before.basket is not None

    visit, effects = step(a_visit(), events.Started(record, LastSeen(a_store(), before.basket)), NOON)
    blank, _ = step(a_visit(), events.Started(record), NOON)
    blank, _ = step(blank, events.Answered(calls.FetchStore(), a_store()), NOON)

    assert (record.screen, visit.state, visit.desk_id) == (kept, shown, before.desk_id)
    assert blank.state is State.SHOPPING  # no amount is shown before the basket is there
    quoted = {State.REVIEW, State.METHOD}
    asked = calls.QuoteBasket("basket-1") if shown in quoted else calls.FetchBasket("basket-1")
    assert Ask(asked) in effects


def unknown_item() -> tuple[Visit, calls.OpenIntervention]:
    """Scan something that the store does not know; return the visit and the call for a colleague."""
    visit = at(State.SHOPPING)
    call = calls.AddLine("k1", str(visit.basket_id), "3228857000906", "ean13")
    visit, effects = step(visit, events.Refused(call, "product_not_found", {}), NOON)
    (effect,) = effects
    assert isinstance(effect, Ask)
    assert isinstance(effect.call, calls.OpenIntervention)
    return visit, effect.call


def test_item_comes_into_the_basket_when_a_colleague_has_taught_the_shop() -> None:
    visit, call = unknown_item()
    assert screen_of(visit, 1)["parked"] == ["3228857000906"]

    resolved = events.InterventionResolved(call.key, "unknown_item", call.basket_id, "approved")
    visit, effects = step(visit, resolved, NOON)

    (effect,) = effects
    assert isinstance(effect, Ask)
    assert isinstance(effect.call, calls.AddLine)
    assert effect.call.code == "3228857000906"
    assert (visit.parked, visit.unknown_codes) == ((), ())


@pytest.mark.parametrize(("state", "resolution"), [(State.SHOPPING, "refused"), (State.CONFIRMING, "approved")])
def test_item_is_set_aside_when_it_is_not_sold_or_paying_has_begun(state: State, resolution: str) -> None:
    visit, call = unknown_item()

    resolved = events.InterventionResolved(call.key, "unknown_item", call.basket_id, resolution)
    visit, effects = step(replace(visit, state=state), resolved, NOON)

    assert effects == ()
    assert visit.notice is not None
    assert (visit.notice.code, visit.parked) == ("item_set_aside", ())


def test_a_line_that_was_asked_for_is_no_difference_when_the_store_brings_it() -> None:
    new, foreign = a_line(line_id="mine"), a_line(line_id="theirs")

    found = differences(replace(KNOWN, lines=()), replace(KNOWN, lines=(new, foreign)), frozenset({"mine"}))

    assert [one.reason for one in found] == ["added"]
