import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    CNY,
    DEFAULT_STEP_UP,
    Assertion,
    Factor,
    Liveness,
    Money,
    SincePin,
    StepUpPolicy,
    StepUpReason,
    check,
    check_phone_pin,
    demand,
    required_factors,
)
from checkout.errors import (
    AssertionExpiredError,
    AssertionMismatchError,
    AssertionUsedError,
    LivenessFailedError,
    StepUpRequiredError,
)
from tests.checkout.builders import HOUR, NOON, euros

FACE = frozenset({Factor.FACE})


def an_assertion() -> Assertion:
    return Assertion("a-1", "ada", FACE, "d" * 64, euros(1240), "Shop 12", NOON + HOUR)


def test_proof_is_accepted_when_everything_is_as_shown() -> None:
    check(an_assertion(), digest="d" * 64, amount=euros(1240), payee="Shop 12", at=NOON)


@pytest.mark.parametrize(
    ("digest", "amount", "payee", "field"),
    [
        ("e" * 64, euros(1240), "Shop 12", "basket"),
        ("d" * 64, euros(1241), "Shop 12", "amount"),
        ("d" * 64, Money(1240, CNY), "Shop 12", "amount"),
        ("d" * 64, euros(1240), "Shop 13", "payee"),
    ],
)
def test_proof_is_refused_when_anything_differs_from_what_was_shown(
    digest: str, amount: Money, payee: str, field: str
) -> None:
    with pytest.raises(AssertionMismatchError, match=field):
        check(an_assertion(), digest=digest, amount=amount, payee=payee, at=NOON)


def test_proof_is_refused_when_late_or_used() -> None:
    with pytest.raises(AssertionExpiredError):
        check(an_assertion(), digest="d" * 64, amount=euros(1240), payee="Shop 12", at=NOON + HOUR)
    used = an_assertion().use(at=NOON)
    with pytest.raises(AssertionUsedError):
        check(used, digest="d" * 64, amount=euros(1240), payee="Shop 12", at=NOON)
    with pytest.raises(AssertionUsedError):
        used.use(at=NOON)


@pytest.mark.parametrize(
    ("minor", "liveness", "since_pin", "reason"),
    [
        (5000, Liveness.PASSED, SincePin(), None),
        (5001, Liveness.PASSED, SincePin(), StepUpReason.AMOUNT_OVER_LIMIT),
        (2000, Liveness.NOT_CHECKED, SincePin(), None),
        (2001, Liveness.NOT_CHECKED, SincePin(), StepUpReason.LIVENESS_NOT_CHECKED),
        (5001, Liveness.NOT_CHECKED, SincePin(), StepUpReason.AMOUNT_OVER_LIMIT),
        (1000, Liveness.PASSED, SincePin(4, 14_000), None),
        (1001, Liveness.PASSED, SincePin(4, 14_000), StepUpReason.SUM_OVER_LIMIT),
        (1, Liveness.PASSED, SincePin(5, 5), StepUpReason.COUNT_OVER_LIMIT),
    ],
)
def test_face_alone_goes_as_far_as_the_rows_say_when_paying(
    minor: int, liveness: Liveness, since_pin: SincePin, reason: StepUpReason | None
) -> None:
    required = required_factors(minor, liveness=liveness, since_pin=since_pin)
    assert required.reason is reason
    assert required.factors == (FACE if reason is None else FACE | {Factor.PIN})


@pytest.mark.parametrize("minor", [1, 5001])
def test_pin_is_asked_for_any_sum_when_somebody_on_file_looks_alike(minor: int) -> None:
    required = required_factors(minor, liveness=Liveness.PASSED, since_pin=SincePin(), look_alike=True)

    assert required.reason is StepUpReason.LOOK_ALIKE
    assert required.factors == FACE | {Factor.PIN}


def test_counters_are_told_when_asked() -> None:
    required = required_factors(100, liveness=Liveness.PASSED, since_pin=SincePin(3, 11_190))
    assert (required.payments_left, required.sum_left_minor) == (2, 3810)
    over = required_factors(100, liveness=Liveness.PASSED, since_pin=SincePin(9, 99_999))
    assert (over.payments_left, over.sum_left_minor) == (0, 0)


def test_no_factor_heals_a_failed_liveness_when_paying() -> None:
    with pytest.raises(LivenessFailedError):
        required_factors(1, liveness=Liveness.FAILED, since_pin=SincePin())


@pytest.mark.parametrize(
    ("minor", "day_minor", "reason"),
    [
        (15_000, 0, None),
        (15_000, 15_000, None),
        (15_001, 0, "amount_over_limit"),
        (1, 30_000, "sum_over_limit"),
        (20_000, 30_000, "amount_over_limit"),
    ],
)
def test_number_and_pin_go_as_far_as_the_rows_say_when_paying(minor: int, day_minor: int, reason: str | None) -> None:
    if reason is None:
        check_phone_pin(minor, day_minor=day_minor, policy=DEFAULT_STEP_UP)
        return
    with pytest.raises(StepUpRequiredError) as refused:
        check_phone_pin(minor, day_minor=day_minor, policy=DEFAULT_STEP_UP)
    assert (refused.value.needed, refused.value.reason) == (("wallet_code", "face", "desk"), reason)


def test_missing_factor_and_reason_are_named_when_demanded() -> None:
    required = required_factors(5001, liveness=Liveness.PASSED, since_pin=SincePin())
    demand(required, FACE | {Factor.PIN})
    with pytest.raises(StepUpRequiredError) as refused:
        demand(required, FACE)
    assert (refused.value.needed, refused.value.reason) == (("pin",), "amount_over_limit")
    with pytest.raises(StepUpRequiredError, match="factor_missing"):
        demand(required_factors(1, liveness=Liveness.PASSED, since_pin=SincePin()), frozenset())


@given(st.lists(st.integers(1, 6000), max_size=30), st.sampled_from([Liveness.PASSED, Liveness.NOT_CHECKED]))
def test_face_alone_never_passes_its_sums_when_payments_follow(amounts: list[int], liveness: Liveness) -> None:
    policy: StepUpPolicy = DEFAULT_STEP_UP
    since = SincePin()
    for minor in amounts:
        required = required_factors(minor, liveness=liveness, since_pin=since)
        with_pin = Factor.PIN in required.factors
        since = SincePin() if with_pin else SincePin(since.payments + 1, since.sum_minor + minor)
        assert since.payments <= policy.payments
        assert since.sum_minor <= policy.sum_minor
