"""A scan is on the screen before the store has answered, and its answer is no second beep."""

from dataclasses import replace
from typing import Any

import pytest

from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.values import Basket, Line
from kiosk.visit.visit import Visit
from tests.kiosk.builders import MILK, a_basket, a_line, asked, shopping, walked, welcomed

BREAD = "4006381333931"


def scanned(visit: Visit, code: str = BREAD) -> tuple[Visit, calls.AddLine]:
    visit, effects = walked(replace(visit, last_code=None), acts.Scan(code))
    call = asked(effects)[-1]
    assert isinstance(call, calls.AddLine)
    return visit, call


def a_new(call: calls.AddLine) -> Line:
    return a_line(line_id=call.key, code=call.code, name="Bread", quantity=1, adjustments=(), provisional=True)


def said(call: calls.AddLine, basket: Basket) -> events.Answered:
    return events.Answered(call, events.BasketNow(basket, call.key))


def lines(visit: Visit) -> list[tuple[str, int, bool]]:
    basket: dict[str, Any] = screen_of(visit, 1)["basket"]
    return [(line["line_id"], line["quantity"], line["provisional"]) for line in basket["lines"]]


def test_first_line_is_shown_and_heard_when_the_store_has_not_even_opened_the_basket() -> None:
    visit, call = scanned(welcomed())

    visit, _ = walked(visit, events.Foreseen(call, call.key, (a_new(call),)))

    assert lines(visit) == [(call.key, 1, True)]
    assert visit.last_scan is not None
    assert (visit.last_scan.outcome, visit.last_scan.line_id) == ("added", call.key)
    assert "review" not in screen_of(visit, 1)["possible"]  # nobody pays what the store has not said


def test_its_line_is_the_store_s_without_a_second_beep_when_it_answers() -> None:
    visit, call = scanned(shopping())
    visit, _ = walked(visit, events.Foreseen(call, call.key, (a_new(call),)))
    shown = visit.shown
    truth = a_basket(lines=(a_line(), replace(a_new(call), provisional=False, due_minor=1)), digest="d2", version=2)

    visit, _ = walked(visit, said(call, truth))

    assert lines(visit) == [("line-1", 2, False), (call.key, 1, False)]
    assert (visit.shown, visit.differences, visit.notice) == (shown, (), None)


def test_line_of_the_same_product_counts_one_more_at_once_when_it_is_scanned_again() -> None:
    visit, call = scanned(shopping(), MILK)

    visit, _ = walked(visit, events.Foreseen(call, "line-1", ()))
    more, effects = walked(visit, acts.AddPieces("line-1", 1))

    assert lines(visit) == [("line-1", 3, True)]
    assert [(one.line_id, one.quantity) for one in asked(effects) if isinstance(one, calls.ChangeQuantity)] == [
        ("line-1", 4)  # the piece that is on its way to the store counts
    ]
    assert lines(more) == [("line-1", 4, True)]


def test_pieces_add_up_when_a_scan_comes_between_a_tap_and_its_answer() -> None:
    visit, _ = walked(shopping(), acts.AddPieces("line-1", 1))
    visit, call = scanned(visit, MILK)

    visit, _ = walked(visit, events.Foreseen(call, "line-1", ()))
    _, effects = walked(visit, acts.AddPieces("line-1", 1))

    assert lines(visit) == [("line-1", 4, True)]
    assert getattr(asked(effects)[-1], "quantity", None) == 5


def tapped_before_seen(pieces: int) -> tuple[Visit, calls.AddLine]:
    """Scan a second pack, and tap before it is on the screen."""
    visit, scan = scanned(shopping(a_basket(lines=(a_line(quantity=1),))), MILK)
    visit, effects = walked(visit, acts.AddPieces("line-1", pieces))
    assert [getattr(call, "quantity", None) for call in asked(effects)] == [1 + pieces]
    return visit, scan


@pytest.mark.parametrize("kind", ["foreseen", "reckoned", "answered"])
def test_scan_and_tap_both_count_when_the_tap_comes_before_the_scan_is_seen(kind: str) -> None:
    visit, scan = tapped_before_seen(1)
    two = a_basket(version=2, digest="d2", lines=(a_line(quantity=2),))
    news: dict[str, events.Event] = {
        "foreseen": events.Foreseen(scan, "line-1", ()),
        "reckoned": events.Provisional(scan, events.BasketNow(replace(two, provisional=True), "line-1")),
        "answered": events.Answered(scan, events.BasketNow(two, "line-1")),
    }

    visit, effects = walked(visit, news[kind], events.Answered(scan, events.BasketNow(two, "line-1")))

    assert lines(visit) == [("line-1", 3, True)]
    assert [getattr(call, "quantity", None) for call in asked(effects)] == [3]


def test_a_pack_comes_back_when_the_line_it_joined_was_tapped_away_before_it_was_seen() -> None:
    visit, scan = tapped_before_seen(-1)

    _, effects = walked(visit, events.Foreseen(scan, "line-1", ()))

    (again,) = asked(effects)
    assert again == replace(scan, key=again.key)  # type: ignore[union-attr] # a scan has a key
    assert again.key != scan.key


def test_a_tap_is_sent_once_when_the_scan_before_it_was_of_something_else() -> None:
    visit, scan = scanned(shopping(a_basket(lines=(a_line(quantity=1),))))
    visit, _ = walked(visit, acts.AddPieces("line-1", 1))

    visit, effects = walked(visit, events.Foreseen(scan, scan.key, (a_new(scan),)))

    assert (lines(visit), asked(effects)) == ([("line-1", 2, True), (scan.key, 1, True)], [])


def test_two_of_one_are_mentioned_at_once_when_a_pack_is_read_twice_in_a_row() -> None:
    visit, call = scanned(shopping(a_basket(lines=(a_line(quantity=1),))), MILK)
    visit = visit.flash("added", MILK, "line-1")

    visit, _ = walked(visit, events.Foreseen(call, "line-1", ()))

    assert visit.notice is not None
    assert visit.notice.code == "two_of_it"


def test_line_goes_and_the_reason_is_told_when_the_store_refuses_what_was_foreseen() -> None:
    visit, call = scanned(shopping())
    visit, _ = walked(visit, events.Foreseen(call, call.key, (a_new(call),)))

    visit, _ = walked(visit, events.Refused(call, "sale_stop", {"detail": "it may contain glass"}))

    assert lines(visit) == [("line-1", 2, False)]
    assert visit.notice is not None
    assert visit.notice.code == "sale_stop"


def test_nothing_is_shown_when_the_store_was_faster_or_the_line_is_not_there() -> None:
    visit, call = scanned(shopping())
    gone, _ = walked(visit, events.Foreseen(call, "another", ()))
    answered, _ = walked(visit, said(call, a_basket(version=2)))

    late, _ = walked(answered, events.Foreseen(call, call.key, (a_new(call),)))

    assert (gone, late) == (visit, answered)


def test_line_counts_once_when_the_store_goes_away_after_it_was_foreseen() -> None:
    visit, call = scanned(shopping())
    visit, _ = walked(visit, events.Foreseen(call, call.key, (a_new(call),)))
    shown = visit.shown
    reckoned = replace(a_basket(lines=(a_line(), a_new(call)), version=2), provisional=True)

    away, _ = walked(visit, events.Unreached(call, kept=True, waiting=1))
    visit, _ = walked(away, events.Provisional(call, events.BasketNow(reckoned, call.key)))

    assert [one["line_id"] for one in screen_of(away, 1)["waiting"]] == [call.key]
    assert lines(away) == [("line-1", 2, False)]
    assert lines(visit) == [("line-1", 2, False), (call.key, 1, True)]
    assert visit.last_scan is not None
    assert visit.last_scan.id == shown  # no second beep


def test_change_of_ours_is_not_read_again_when_the_store_tells_of_it_before_it_answers() -> None:
    visit, call = scanned(shopping())
    visit, told = walked(visit, events.BasketChangedElsewhere("basket-1", 2))

    _, after = walked(visit, said(call, a_basket(version=2)))
    _, behind = walked(visit, events.BasketChangedElsewhere("basket-1", 3), said(call, a_basket(version=2)))

    assert (asked(told), asked(after)) == ([], [])
    assert asked(behind) == [calls.FetchBasket("basket-1")]  # a colleague changed it as well


def test_basket_is_opened_with_the_first_scan_when_the_kiosk_does_not_know_its_store() -> None:
    visit, call = scanned(replace(welcomed(), store=None))

    shown, _ = walked(visit, events.Foreseen(call, call.key, (a_new(call),)))

    assert shown == visit
