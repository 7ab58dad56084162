"""Lines of log, written together at the end of a turn of the event loop."""

import asyncio
import io
import logging

from server.log_by_turn import TurnHandler


class Paper(io.StringIO):
    """Notes what had been written each time it was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[str] = []

    def flush(self) -> None:
        self.flushed.append(self.getvalue())


def a_log(paper: Paper) -> logging.Logger:
    log = logging.Logger("of its own")  # noqa: LOG001 - one that no other test ever sees
    log.addHandler(TurnHandler(paper))
    return log


def test_lines_go_out_together_when_one_turn_tells_several() -> None:
    paper = Paper()
    log = a_log(paper)

    async def told() -> None:
        log.info("one")
        log.info("two")
        assert paper.flushed == []
        await asyncio.sleep(0)
        log.info("three")
        await asyncio.sleep(0)

    asyncio.run(told())

    assert paper.flushed == ["one\ntwo\n", "one\ntwo\nthree\n"]


def test_a_line_goes_out_at_once_when_no_loop_runs() -> None:
    paper = Paper()

    a_log(paper).info("one")

    assert paper.flushed == ["one\n"]
