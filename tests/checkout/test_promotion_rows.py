import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checkout.errors import MalformedRuleError
from checkout.promotion_rows import demand_promotions, read_promotions
from checkout.promotions import Bundle, BuyXGetY, EachUnit, NForM, Pick, SetCut

LABEL = {"fr": "Trois pour deux", "en": "Three for two", "zh": "三件付两件"}


def a_row(**facts: object) -> dict[str, Any]:
    return {"id": "p-1", "label": LABEL, "benefit": {"kind": "n_for_m", "take": 3, "pay": 2}, **facts}


def test_row_becomes_a_promotion_when_all_is_written_well() -> None:
    benefits = [
        ({"kind": "each_unit", "cut": "percent", "value": 1000, "pick": "cheapest"}, EachUnit),
        ({"kind": "n_for_m", "take": 3, "pay": 2, "scope": "basket", "match": {"skus": ["tea"]}}, NForM),
        ({"kind": "buy_x_get_y", "buy": {"skus": ["a"]}, "buy_quantity": 1, "get": {"categories": ["b"]}}, BuyXGetY),
        ({"kind": "bundle", "parts": [{"match": {"skus": ["a"]}, "quantity": 2}], "price_minor": 300}, Bundle),
        ({"kind": "set_cut", "size": 2, "cut": "amount", "value": 50, "pick": "dearest"}, SetCut),
    ]
    for benefit, kind in benefits:
        when = {"min_minor": 100, "basis": "shelf", "match": {"min_unit_minor": 5}}
        (promotion,), faults = read_promotions([a_row(benefit=benefit, when=when, group="week", max_times=2)])
        assert faults == ()
        assert isinstance(promotion.benefit, kind)
        assert (promotion.group, promotion.max_times, promotion.when.min_minor) == ("week", 2, 100)
    assert isinstance(promotion.benefit, SetCut)
    assert promotion.benefit.pick is Pick.DEAREST


def test_toml_moment_is_read_when_it_has_a_time_zone() -> None:
    text = 'starts_at = 2026-03-02T08:00:00Z\nends_at = "2026-03-09T08:00:00+00:00"\n'
    ((promotion,), faults) = read_promotions([a_row(**tomllib.loads(text))])
    assert faults == ()
    assert promotion.window.starts_at == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"label": {"fr": "a", "en": "b"}}, "label.zh"),
        ({"label": "three"}, "label."),
        ({"benefit": {"kind": "gift"}}, "benefit.kind"),
        ({"benefit": None}, "benefit.kind"),
        ({"benefit": {"kind": "n_for_m", "take": 2, "pay": 2}}, "benefit"),
        ({"benefit": {"kind": "n_for_m", "take": "3", "pay": 2}}, "benefit.take"),
        ({"benefit": {"kind": "n_for_m", "take": 3, "pay": -1}}, "benefit.pay"),
        ({"benefit": {"kind": "n_for_m", "take": 3, "pay": 2, "scop": "basket"}}, "benefit.scop"),
        ({"benefit": {"kind": "n_for_m", "take": 3, "pay": 2, "pick": "best"}}, "benefit.pick"),
        ({"benefit": {"kind": "each_unit", "cut": "percent", "value": 10.5}}, "benefit.value"),
        ({"benefit": {"kind": "each_unit", "cut": "third", "value": 10}}, "benefit.cut"),
        ({"benefit": {"kind": "each_unit", "value": 10}}, "benefit.cut"),
        ({"benefit": {"kind": "bundle", "parts": [], "price_minor": 3}}, "benefit.parts"),
        ({"benefit": {"kind": "bundle", "parts": [{"quantity": True}], "price_minor": 3}}, "benefit.parts.0.quantity"),
        ({"when": {"min_minor": "12.40"}}, "when.min_minor"),
        ({"when": {"match": {"skus": "tea"}}}, "when.match.skus"),
        ({"starts_at": "2026-03-02"}, "starts_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"starts_at": "2026-03-02T08:00:00Z", "ends_at": "2026-03-01T08:00:00Z"}, "ends_at"),
        ({"exclusive": "yes"}, "exclusive"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_fault_names_the_field_and_the_way_out_when_a_row_is_wrong(facts: dict[str, object], field: str) -> None:
    promotions, faults = read_promotions([a_row(id="good"), a_row(**facts)])
    assert promotions == ()
    assert field in {fault.field for fault in faults}
    assert all(fault.message and fault.fix for fault in faults)


def test_second_row_of_a_name_is_refused_when_a_file_is_read() -> None:
    assert [fault.field for fault in read_promotions([a_row(), a_row()])[1]] == ["id"]
    assert read_promotions(["p-1"])[1][0].field == "row"


def test_rows_of_the_demonstration_shop_are_sound_when_read() -> None:
    path = Path(__file__).resolve().parents[2] / "server" / "demo" / "promotions.json"
    promotions, faults = read_promotions(json.loads(path.read_text(encoding="utf-8")))
    assert faults == ()
    assert promotions


def test_first_fault_is_told_and_the_others_counted_when_a_stored_row_is_broken() -> None:
    assert [promotion.id for promotion in demand_promotions([a_row()])] == ["p-1"]
    with pytest.raises(MalformedRuleError, match=r"'p-1'.*exclusiv: no such field; use one of .* \(1 more\)"):
        demand_promotions([a_row(exclusiv=True, priority="high")])
    with pytest.raises(MalformedRuleError, match=r"neither true nor false; write true or false\."):
        demand_promotions([a_row(exclusive="yes")])
