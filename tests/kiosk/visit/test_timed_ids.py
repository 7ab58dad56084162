"""Ids of a kiosk: of their kind, in order of time, each once."""

from datetime import datetime, timedelta
from uuid import RFC_4122, UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from kiosk.visit.timed_ids import timed_id
from tests.kiosk.builders import NOON

SECRET = UUID("6f1d0f3e-52cf-4a3c-9d57-0f4a6a8f1b11")


@given(number=st.integers(0, 1 << 40), at=st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1)))  # noqa: DTZ001 - any time
def test_an_id_is_a_uuid_of_its_own_kind_whatever_the_number_and_the_time(number: int, at: datetime) -> None:
    made = UUID(timed_id(at, SECRET, number))

    assert (made.variant, made.version) == (RFC_4122, 8)


def test_a_later_visit_has_larger_ids_on_any_kiosk() -> None:
    earlier = {timed_id(NOON, secret, number) for secret in (SECRET, uuid4()) for number in range(300)}
    later = {timed_id(NOON + timedelta(milliseconds=1), secret, 1) for secret in (SECRET, uuid4())}

    assert max(earlier) < min(later)


def test_no_id_comes_twice_when_numbers_or_secrets_differ() -> None:
    secrets = (SECRET, uuid4(), uuid4())
    made = {timed_id(NOON, secret, number) for secret in secrets for number in range(5_000)}

    assert len(made) == 15_000
