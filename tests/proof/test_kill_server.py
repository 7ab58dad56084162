"""The slow form of `tests/server/test_kill.py`: 200 kills of the store server under load."""

import sys
import time
from pathlib import Path

from tests.server.plug import pull_the_plug

ROUNDS, AT_ONCE = 200, 6


def test_no_acknowledged_payment_is_lost_when_the_server_is_killed_200_times(tmp_path: Path) -> None:
    began = time.monotonic()

    outcome = pull_the_plug(tmp_path, rounds=ROUNDS, at_once=AT_ONCE, seed=20261123)

    assert outcome.unanswered > ROUNDS, "the plug fell too late: this proves little"
    assert outcome.acknowledged > ROUNDS // 2, "the plug fell too early: this proves little"
    assert outcome.between > 0, "no payment died between its two steps"
    sys.stdout.write(f"{ROUNDS} kills in {time.monotonic() - began:.0f} s, {outcome}\n")
