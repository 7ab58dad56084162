"""Stages in the log, for whoever measures."""

import logging
from collections.abc import Iterator

import pytest

from kiosk.trace import TRACE, begin, reached


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    log = logging.getLogger(TRACE)
    yield log
    log.setLevel(logging.NOTSET)


def test_nothing_is_written_when_nobody_measures(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        reached("captured")

    assert caplog.messages == []


def test_stage_and_instant_are_written_when_somebody_measures(
    caplog: pytest.LogCaptureFixture, log: logging.Logger
) -> None:
    begin()

    reached("sent", "AddLine", 17)
    reached("accepted")

    assert log.isEnabledFor(logging.DEBUG)
    assert caplog.messages[0] == "sent AddLine 17"
    assert caplog.messages[1].startswith("accepted - ")
