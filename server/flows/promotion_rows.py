"""A promotion as it is written down (JSON) becomes the value that prices are made with."""

from datetime import datetime
from typing import Any

from checkout import (
    BasketCut,
    Benefit,
    Bundle,
    BuyXGetY,
    Condition,
    Cut,
    EachUnit,
    Label,
    Match,
    NForM,
    Part,
    Promotion,
    Window,
)
from checkout.errors import MalformedRuleError


def promotion_of(body: dict[str, Any]) -> Promotion:
    """Read one promotion.

    Raises:
        MalformedRuleError: A field is missing or its figures make no offer.
    """
    try:
        return Promotion(
            id=body["id"],
            label=Label(**body["label"]),
            benefit=_benefit(body["benefit"]),
            when=_condition(body.get("when", {})),
            window=Window(_moment(body.get("starts_at")), _moment(body.get("ends_at"))),
            members_only=body.get("members_only", False),
            group=body.get("group"),
            exclusive=body.get("exclusive", False),
            priority=body.get("priority", 0),
            max_times=body.get("max_times"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedRuleError(str(body.get("id", "?")), f"it is written in another way ({error})") from error


def _benefit(body: dict[str, Any]) -> Benefit:
    facts = {name: value for name, value in body.items() if name not in {"kind", "match", "cut", "parts", "buy", "get"}}
    match body["kind"]:
        case "each_unit":
            return EachUnit(match=_match(body["match"]), cut=Cut(body["cut"]), **facts)
        case "n_for_m":
            return NForM(match=_match(body["match"]), **facts)
        case "buy_x_get_y":
            return BuyXGetY(buy=_match(body["buy"]), get=_match(body["get"]), **facts)
        case "bundle":
            parts = tuple(Part(_match(part["match"]), part["quantity"]) for part in body["parts"])
            return Bundle(parts=parts, **facts)
        case "basket_cut":
            return BasketCut(cut=Cut(body["cut"]), match=_match(body.get("match", {})), **facts)
        case other:
            raise ValueError(f"unknown kind {other}")


def _match(body: dict[str, Any]) -> Match:
    named = {name: frozenset(value) for name, value in body.items() if name in {"skus", "categories"}}
    return Match(**{**body, **named})


def _condition(body: dict[str, Any]) -> Condition:
    facts = {name: value for name, value in body.items() if name != "match"}
    return Condition(match=_match(body.get("match", {})), **facts)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
