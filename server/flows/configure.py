"""What a store sets for itself: rules and limits, changed by two admins, whole or not at all, and kept in the log.

One asks with a reason, another agrees, as every field is about money: what a receipt takes off at most, who pays
first, which codes carry prices, how far a face goes, what one manager gives back alone. What was agreed to holds
only if nobody changed anything in between.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from checkout import DEFAULT_RULES, DEFAULT_STEP_UP, StoreRules, read_store_rules
from server.flows.errors import FlowError
from server.flows.ports import StoreRow, Work
from server.flows.ports.shelf import StoreLimits
from server.flows.ports.staff import Request
from server.flows.second_person import ask_second

MOST_PHONE_PIN_MINOR = 100_000
"""A number is no secret: nobody should lose more in a day by whoever looked over their shoulder."""
MOST_OWN_REFUND_MINOR = 20_000
"""What nobody has looked at is bounded, whatever a store sets."""
MOST_MERCHANT_DAY_MINOR = 100_000
"""Whoever takes the money gives it back: beyond this a second person sees it, whatever a store sets."""
KIND = "config"


def config_json(row: StoreRow) -> dict[str, Any]:
    """Return what holds now, as it is sent back changed."""
    return {"rules": row.rules.as_json(), "limits": row.limits.as_json()}


def default_config_json() -> dict[str, Any]:
    """Return what holds in a store that set nothing, in the shape of `config_json`."""
    return {"rules": DEFAULT_RULES.as_json(), "limits": StoreLimits().as_json()}


def ask_config(
    work: Work,
    request_id: str,
    wanted: Mapping[str, Any],
    *,
    store_id: str,
    reason: str,
    by: str,
    at: datetime,
) -> Request:
    """Keep what somebody wants to hold, for another to agree to; the same id again is the same request.

    Raises:
        FlowError: `config_malformed` with every fault; `config_unchanged`; `request_exists`; `store_not_found`.
    """
    rules, limits = _demand(wanted)
    before = config_json(_store(work, store_id))
    after = {"rules": rules.as_json(), "limits": limits.as_json()}
    known = work.requests.get(request_id)
    if known is None and before == after:
        raise FlowError("config_unchanged", "These settings hold already.")
    body = {"before": before if known is None else known.body.get("before"), "after": after, "reason": reason}
    return ask_second(work, request_id, KIND, body, by=by, at=at)


def configure(work: Work, asked: Mapping[str, Any], *, store_id: str, by: str, at: datetime) -> dict[str, Any]:
    """Let hold what two have agreed to, and tell every server of the store.

    Raises:
        FlowError: `config_changed`: something else holds now than when it was asked for.
    """
    if config_json(_store(work, store_id)) != asked["before"]:
        raise FlowError("config_changed", "Other settings hold now than when this was asked for.")
    rules, limits = _demand(asked["after"])
    work.shelf.put_rules(store_id, rules)
    work.shelf.put_limits(store_id, limits)
    for each in changes(asked):
        reason = f"{each['field']}: {each['before']} -> {each['after']}: {asked['reason']}"
        work.events.record(by, "config.changed", store_id, at=at, reason=reason)
    work.events.tell(store_id, "store.changed", {}, at=at)
    return config_json(_store(work, store_id))


def changes(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each field that a request changes, from what to what."""
    return [
        {"field": f"{part}.{name}", "before": held, "after": asked["after"][part][name]}
        for part, fields in asked["before"].items()
        for name, held in fields.items()
        if asked["after"][part][name] != held
    ]


def _demand(wanted: Mapping[str, Any]) -> tuple[StoreRules, StoreLimits]:
    rules, faults = read_store_rules(wanted["rules"])
    errors: list[dict[str, Any]] = [
        {"field": f"rules.{each.field}", "message": each.message, "fix": each.fix}
        | ({} if each.most is None else {"most": each.most})
        for each in faults
    ]
    limits = StoreLimits.of(wanted["limits"])
    errors += _limit_faults(limits)
    if rules is None or errors:
        raise FlowError("config_malformed", f"{len(errors)} fields must be mended.", errors=errors)
    return rules, limits


def _limit_faults(limits: StoreLimits) -> list[dict[str, Any]]:
    """Name the limits that go beyond the law or contradict each other, each with the most that it may be.

    Source: Regulation (EU) 2018/389, article 11, which `DEFAULT_STEP_UP` takes its bounds for a face alone from.
    """
    law, wanted = DEFAULT_STEP_UP, limits.step_up
    rows = [
        ("single_minor", wanted.single_minor, law.single_minor),
        ("single_unchecked_minor", wanted.single_unchecked_minor, wanted.single_minor),
        ("sum_minor", wanted.sum_minor, law.sum_minor),
        ("payments", wanted.payments, law.payments),
        ("phone_pin_single_minor", wanted.phone_pin_single_minor, wanted.phone_pin_day_minor),
        ("phone_pin_day_minor", wanted.phone_pin_day_minor, MOST_PHONE_PIN_MINOR),
        ("own_refund_most_minor", limits.own_refund.most_minor, limits.own_refund.day_minor),
        ("own_refund_day_minor", limits.own_refund.day_minor, MOST_OWN_REFUND_MINOR),
        ("merchant_cashier_day_minor", limits.merchant_cashier_day_minor, limits.merchant_owner_day_minor),
        ("merchant_owner_day_minor", limits.merchant_owner_day_minor, MOST_MERCHANT_DAY_MINOR),
    ]
    return [
        {"field": f"limits.{name}", "message": f"{value} is too much", "fix": f"Choose at most {most}.", "most": most}
        for name, value, most in rows
        if value > most
    ]


def _store(work: Work, store_id: str) -> StoreRow:
    if (row := work.shelf.store(store_id)) is None:
        raise FlowError("store_not_found", f"There is no store {store_id!r} here.", store_id=store_id)
    return row
