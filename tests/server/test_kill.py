"""Pull the plug: a real server process dies in the middle of payments, and every payment still has one outcome."""

import sys
from pathlib import Path

from tests.server.plug import pull_the_plug

ROUNDS, AT_ONCE = 8, 6
"""A start costs seconds and a payment milliseconds: few kills with many payments each. `make proof` does 200."""


def test_each_payment_has_one_outcome_when_the_server_is_killed_at_random_moments(tmp_path: Path) -> None:
    outcome = pull_the_plug(tmp_path, rounds=ROUNDS, at_once=AT_ONCE, seed=20261122)

    assert 0 < outcome.unanswered < outcome.payments, "the plug never fell in the middle: this proves nothing"
    sys.stdout.write(f"{outcome}\n")
