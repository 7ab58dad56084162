"""The bad paths of a visit: what the shopper reads in three languages, and the test that walks each.

A path of the journey that is not built stands in ``OPEN`` with its reason, so that none is forgotten.
"""

import ast
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = ROOT / "kiosk" / "ui" / "messages"
DOCS = ROOT / "docs" / "kiosk.md"


@dataclass(frozen=True)
class BadPath:
    """One row: the keys of what is read, and the tests as ``file::name``."""

    words: tuple[str, ...]
    tests: tuple[str, ...]


BY_PASS = "tests/kiosk/visit/test_by_pass.py"
PURSE = "tests/kiosk/offline/test_purse.py"
VISIT = "tests/kiosk/visit"
WALKED = "tests/kiosk/visit/test_bad_paths_walked.py"
PEOPLE = "tests/server/people"

BAD_PATHS = {
    "unknown bar code": BadPath(
        ("notices.unknown_code",),
        (
            f"{VISIT}/test_shopping.py::test_a_notice_and_a_colleague_come_when_a_code_is_unknown",
            "tests/e2e/test_staff_and_marketing.py::test_unknown_code_is_said_and_the_product_found_by_name",
        ),
    ),
    "unreadable code": BadPath(
        ("notices.code_unreadable", "notices.code_misread"),
        (
            "tests/kiosk/watcher/test_unread.py::test_a_hint_comes_once_when_bars_stay_unread_for_four_seconds",
            f"{VISIT}/test_shopping.py::test_staff_are_told_of_a_dirty_lens_once_when_five_codes_in_a_row_stay_unread",
            "tests/web/test_kiosk_page.py::test_keypad_and_search_stand_out_when_a_code_cannot_be_read",
        ),
    ),
    "face not matched": BadPath(
        ("notices.face_not_recognised", "looking.tries", "looking.over_lead", "notices.face_tries_over"),
        (
            f"{VISIT}/test_paying.py::test_no_third_look_is_offered_when_two_looks_failed",
            "tests/e2e/test_main_job.py::test_somebody_else_is_not_recognised_under_linas_digits",
        ),
    ),
    "two look-alikes": BadPath(
        ("notices.face_ambiguous", "enrol.look_alike", "confirming.reason_look_alike"),
        (
            f"{VISIT}/test_paying.py::test_nobody_is_named_when_two_accounts_are_too_close",
            "tests/kiosk/watcher/test_faces.py::test_a_look_alike_is_a_stranger_when_the_candidate_was_flagged",
        ),
    ),
    "spoof": BadPath(
        ("notices.liveness_failed", "method.face_tried"),
        (
            f"{VISIT}/test_shopping.py::test_the_owner_of_the_digits_is_told_when_the_last_look_failed",
            f"{PEOPLE}/test_freeze_face.py::test_everybody_behind_the_digits_reads_that_somebody_looked_in_vain",
        ),
    ),
    "digits right, other person": BadPath(
        ("notices.face_not_recognised", "notices.too_many_requests"),
        (
            f"{VISIT}/test_shopping.py::test_the_owner_of_the_digits_is_told_when_the_last_look_failed",
            "tests/e2e/test_main_job.py::test_somebody_else_is_not_recognised_under_linas_digits",
        ),
    ),
    "wrong person debited": BadPath(
        ("confirming.not_me", "receipt.not_me", "notices.not_me_blocked", "notices.not_me_paid"),
        (
            f"{VISIT}/test_shopping.py::test_the_face_is_blocked_and_a_colleague_comes_when_the_receipt_names_another",
            f"{PEOPLE}/test_freeze_face.py::test_the_face_pays_nothing_when_somebody_else_was_shown_its_name",
            "tests/web/store/test_shopper.py::test_face_is_blocked_at_one_press_and_freed_by_the_pin_alone",
        ),
    ),
    "money is short": BadPath(
        ("notices.insufficient_funds", "confirming.short"),
        (
            f"{VISIT}/test_paying.py::test_the_shortfall_shows_when_the_balance_does_not_do",
            "tests/server/test_payments.py::test_wallet_stays_as_it_was_when_it_is_a_cent_short",
            "tests/server/test_api.py::test_money_is_short_by_a_stated_amount_when_the_wallet_runs_dry",
        ),
    ),
    "network away before paying": BadPath(
        ("app.offline_prices", "method.away", "notices.offline"),
        (
            f"{VISIT}/test_time_and_network.py::test_the_basket_stays_shown_when_the_network_is_lost",
            "tests/kiosk/visit/test_without_shop.py::test_nobody_is_bound_by_a_price_when_the_store_s_own_differs_after_the_outage",
        ),
    ),
    "network away, and a pass on the phone": BadPath(
        ("method.pass", "confirming.provisional", "receipt.provisional_lead", "notices.offline_limit"),
        (
            f"{BY_PASS}::test_the_receipt_is_shown_and_the_stores_basket_put_away_when_it_was_taken",
            f"{PURSE}::test_a_person_pays_to_their_floor_here_and_no_further_when_they_come_again",
            "tests/e2e/test_pass.py::test_a_pass_and_its_pin_pay_once_when_the_till_has_lost_its_store",
        ),
    ),
    "network away while paying": BadPath(
        ("paying.lead", "paying.stuck", "paying.case"),
        (
            f"{VISIT}/test_paying.py::test_the_screen_says_do_not_pay_again_when_the_network_is_lost_while_paying",
            "tests/e2e/test_faults.py::test_visit_ends_in_one_payment_when_something_breaks",
        ),
    ),
    "kiosk crashes while paying": BadPath(
        ("paying.checking", "paying.checking_more"),
        ("tests/e2e/test_faults.py::test_visit_ends_in_one_payment_when_something_breaks",),
    ),
    "coupon over, used up or refused": BadPath(
        (
            "notices.coupon_refused",
            "reasons.coupon_expired",
            "reasons.coupon_limit_reached",
            "reasons.coupon_budget_spent",
            "reasons.not_combinable",
            "reasons.coupon_reserved",
        ),
        (
            f"{VISIT}/test_shopping.py::test_the_reason_shows_when_a_coupon_does_not_apply",
            f"{PEOPLE}/test_coupons.py::test_an_expired_coupon_is_refused_when_its_last_second_is_over",
        ),
    ),
    "coupon taken meanwhile": BadPath(
        ("notices.basket_changed", "reasons.coupon_redeemed"),
        (
            f"{WALKED}::test_the_new_total_is_agreed_to_anew_when_another_till_took_the_coupon_before_the_payment",
            f"{PEOPLE}/test_coupons.py::test_one_payment_gets_the_coupon_when_64_reserve_it_at_once",
        ),
    ),
    "age refused": BadPath(
        ("notices.age_check_refused", "problems.age_check_refused"),
        (
            f"{WALKED}::test_the_rest_is_paid_without_a_word_about_the_person_when_an_age_was_refused",
            "tests/server/test_baskets.py::test_wine_leaves_and_does_not_come_back_when_the_age_check_is_refused",
        ),
    ),
    "basket changed after the approval": BadPath(
        ("notices.basket_changed",),
        (
            "tests/server/test_payments.py::test_nothing_moves_when_the_basket_changed_after_the_approval",
            f"{PEOPLE}/test_authenticate.py::test_an_approval_is_void_when_anything_changed_after_it",
        ),
    ),
    "scanned twice": BadPath(
        ("notices.two_of_it",),
        (
            f"{VISIT}/test_shopping.py::test_a_code_counts_once_when_it_is_read_twice_within_a_second",
            f"{VISIT}/test_shopping.py::test_two_of_one_product_are_mentioned_when_it_is_read_again_at_once",
        ),
    ),
    "deaf, blind, one-handed": BadPath(
        ("idle.body", "idle.stay", "app.speech", "app.text_size", "app.contrast"),
        (
            "tests/web/test_kiosk_page.py::test_what_is_shown_is_spoken_when_reading_aloud_is_on",
            "tests/web/test_kiosk_page.py::test_idle_warning_keeps_the_visit_when_enter_is_pressed",
            "tests/web/test_kiosk_page.py::test_a_keyboard_alone_pays_by_phone_and_pin",
        ),
    ),
    "left behind or brought back": BadPath(
        ("receipt.ticket_more",),
        (
            "tests/web/store/test_shopper.py::test_an_item_goes_back_when_its_buyer_says_what_is_wrong",
            "tests/server/test_own_refund.py::test_the_money_is_back_and_the_act_is_in_the_log_when_it_is_little",
            "tests/server/test_own_refund.py::test_a_manager_is_asked_and_nothing_moves_when_it_is_more_or_later",
            "tests/server/test_books.py::test_money_moves_once_when_the_same_refund_comes_again",
        ),
    ),
    "child alone": BadPath(
        ("notices.too_young", "enrol.age_first"),
        (
            f"{VISIT}/test_joining.py::test_nothing_is_kept_when_a_box_stays_unticked",
            f"{PEOPLE}/test_people.py::test_an_enrolment_is_refused_when_something_is_missing",
        ),
    ),
    "random check": BadPath(
        (
            "notices.random_check",
            "notices.pass_drawn",
            "notices.random_check_done",
            "problems.random_check",
            "staff.check",
        ),
        (
            "tests/server/test_random_check.py::test_a_basket_is_paid_nowhere_when_somebody_has_yet_to_look",
            "tests/server/test_random_check.py::test_the_shopper_goes_on_when_a_colleague_has_looked_at_the_kiosk",
            "tests/kiosk/visit/test_random_check.py::test_the_shopper_reads_why_and_cannot_pay_when_the_basket_was_drawn",
            "tests/kiosk/offline/test_purse.py::test_nothing_is_paid_however_often_it_is_asked_when_somebody_is_to_look",
        ),
    ),
}

OPEN: dict[str, str] = {}
"""Paths of the journey that are not built, with the reason."""


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", BAD_PATHS)
@pytest.mark.parametrize("locale", ["fr", "en", "zh"])
def test_a_bad_path_is_said_in_words_of_its_own_when_it_happens(path: str, locale: str) -> None:
    words = json.loads((MESSAGES / f"{locale}.json").read_text(encoding="utf-8"))
    english = json.loads((MESSAGES / "en.json").read_text(encoding="utf-8"))

    for key in BAD_PATHS[path].words:
        area, name = key.split(".")
        assert words[area][name].strip(), key
        assert locale == "en" or words[area][name] != english[area][name], f"{key} is not translated"


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_bad_path_is_walked_when_the_tests_run(path: str) -> None:
    for named in BAD_PATHS[path].tests:
        file, name = named.split("::")
        assert name in names_in(file), named


def test_no_path_is_both_done_and_open() -> None:
    assert not BAD_PATHS.keys() & OPEN.keys()


def as_table() -> str:
    """Return the paths as they stand in docs/kiosk.md."""
    rows = [
        f"| {name} | {', '.join(f'`{key}`' for key in path.words)} | "
        f"{', '.join('`' + test.removeprefix('tests/').replace('::', ' ') + '`' for test in path.tests)} |"
        for name, path in BAD_PATHS.items()
    ]
    return "\n".join(["| case | words (fr, en, zh) | walked by |", "|---|---|---|", *rows])


def test_the_table_for_readers_is_the_one_that_is_walked() -> None:
    """``python -m tests.kiosk.test_bad_paths`` writes it anew."""
    assert as_table() in DOCS.read_text(encoding="utf-8")


def write_table() -> None:
    """Put the table in its place."""
    text = DOCS.read_text(encoding="utf-8")
    begin = text.index("| case | words")
    end = text.index("\n\n", begin)
    DOCS.write_text(text[:begin] + as_table() + text[end:], encoding="utf-8")


if __name__ == "__main__":
    write_table()
