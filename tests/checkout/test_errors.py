"""Every leaf has a code of its own, one sentence, and its facts."""

import dataclasses
from datetime import datetime

import pytest

from checkout import CheckoutError, errors
from tests.checkout.builders import NOON

BRANCHES = (errors.MalformedError, errors.UnknownError, errors.RefusedError, errors.ConflictError)
LEAVES = [leaf for branch in BRANCHES for leaf in branch.__subclasses__()]
PROMISED = (
    "malformed_code malformed_money product_not_found currency_mismatch illegal_transition quantity_out_of_range "
    "sale_stop recalled age_check_required line_limit basket_changed quote_expired insufficient_funds restricted_funds "
    "coupon_expired coupon_not_started coupon_limit_reached coupon_budget_spent coupon_already_claimed coupon_redeemed "
    "coupon_reserved coupon_revoked coupon_not_applicable not_combinable share_cap own_share assertion_expired "
    "assertion_used assertion_mismatch step_up_required pin_locked pin_wrong face_ambiguous liveness_failed "
    "consent_missing hold_expired exit_token_used exit_token_expired unbalanced"
)
SAMPLES = {str: "x", int: 3, datetime: NOON, datetime | None: NOON, tuple[str, ...]: ("pin",)}


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_sentence_holds_every_fact_when_an_error_is_shown(leaf: type[CheckoutError]) -> None:
    assert dataclasses.is_dataclass(leaf)
    facts = {field.name: SAMPLES[field.type] for field in dataclasses.fields(leaf)}
    error = leaf(**facts)
    assert error.facts == facts
    assert str(error).endswith(".")
    assert "{" not in str(error)


def test_codes_are_all_there_and_all_different_when_listed() -> None:
    codes = [leaf.code for leaf in LEAVES]
    assert len(codes) == len(set(codes))
    assert set(PROMISED.split()) <= set(codes)


def test_root_has_a_sentence_when_raised_itself() -> None:
    assert str(CheckoutError()) == "The checkout refused."


def test_notes_are_no_facts_when_added() -> None:
    error = errors.PinWrongError(2)
    error.add_note("seen at the kiosk")
    assert error.facts == {"tries_left": 2}
