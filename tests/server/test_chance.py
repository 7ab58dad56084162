"""Chance that is drawn a block at a time."""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

from server.chance import PARTS, chance, new_id, new_token


def test_nothing_comes_twice_when_threads_draw_at_once() -> None:
    with ThreadPoolExecutor(4) as threads:
        drawn = [part for some in threads.map(lambda _: [chance() for _ in range(PARTS)], range(8)) for part in some]

    assert len(set(drawn)) == len(drawn) == 8 * PARTS
    assert {len(part) for part in drawn} == {16}


def test_a_forked_process_draws_its_own_when_its_parent_has_some_left() -> None:
    chance()  # from here on there is a rest that both would have
    reading, writing = os.pipe()

    if (child := os.fork()) == 0:
        os.write(writing, b"".join(chance() for _ in range(PARTS)))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 16 * PARTS)
    os.close(reading)
    os.close(writing)
    ours = {chance() for _ in range(PARTS)}

    assert ours.isdisjoint({theirs[start : start + 16] for start in range(0, len(theirs), 16)})
    assert len(theirs) == 16 * PARTS


def test_ids_and_tokens_have_their_shape_when_drawn() -> None:
    assert UUID(new_id()).version == 7
    assert UUID(new_id()).variant == RFC_4122
    assert re.fullmatch(r"[0-9A-Za-z_-]{43}", new_token())


def test_a_later_id_is_larger_when_a_millisecond_has_gone_by() -> None:
    earlier = new_id()
    at = UUID(earlier).int >> 80
    while time.time_ns() // 1_000_000 == at:
        pass

    assert new_id() > earlier
    assert abs(at - time.time_ns() // 1_000_000) < 60_000
    assert len({new_id() for _ in range(5_000)}) == 5_000
