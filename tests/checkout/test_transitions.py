from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest

from checkout import TransitionTable
from checkout.errors import IllegalTransitionError, MalformedRuleError
from scripts.draw_states import FOLDER, TABLES, pages


class Light(StrEnum):
    OFF = "off"
    ON = "on"
    BROKEN = "broken"


class Act(StrEnum):
    PRESS = "press"
    DROP = "drop"


ROWS = {(Light.OFF, Act.PRESS): Light.ON, (Light.ON, Act.PRESS): Light.OFF, (Light.ON, Act.DROP): Light.BROKEN}
LAMP = TransitionTable("lamp", Light.OFF, ROWS)


def test_state_follows_when_the_table_has_the_row() -> None:
    assert LAMP.after(Light.OFF, Act.PRESS) is Light.ON


def test_error_says_what_is_allowed_when_the_table_has_no_row() -> None:
    with pytest.raises(IllegalTransitionError) as refused:
        LAMP.after(Light.OFF, Act.DROP)
    assert refused.value.allowed == ("press",)
    assert str(refused.value) == "A lamp that is off cannot drop; allowed: ('press',)."


def test_table_stays_as_it_is_when_its_source_changes() -> None:
    rows = dict(ROWS)
    table = TransitionTable("lamp", Light.OFF, rows)
    rows.clear()
    assert table.after(Light.OFF, Act.PRESS) is Light.ON


def test_table_is_refused_when_nothing_leads_to_a_state() -> None:
    with pytest.raises(MalformedRuleError, match="nothing leads to broken"):
        TransitionTable("lamp", Light.OFF, {(Light.OFF, Act.PRESS): Light.ON})


def test_diagram_shows_rows_and_ends_when_drawn() -> None:
    assert LAMP.mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> off",
        "    off --> on: press",
        "    on --> off: press",
        "    on --> broken: drop",
        "    broken --> [*]",
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_has_a_way_to_an_end_when_its_table_is_walked(table: TransitionTable[StrEnum, StrEnum]) -> None:
    homes = set(table.ends)
    assert homes
    while more := {state for (state, _), after in table.rows.items() if after in homes} - homes:
        homes |= more
    assert homes == set(type(table.start))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_only_rows_happen_when_any_event_meets_any_state(table: TransitionTable[StrEnum, StrEnum]) -> None:
    for state, event in product(type(table.start), {event for _, event in table.rows}):
        if (state, event) in table.rows:
            assert table.after(state, event) == table.rows[state, event]
        else:
            with pytest.raises(IllegalTransitionError):
                table.after(state, event)


@pytest.mark.parametrize("name", sorted(pages()))
def test_drawn_diagram_is_the_table_when_compared(name: str) -> None:
    # ``python -m scripts.draw_states`` rewrites the pages.
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name]


def test_no_page_is_left_over_when_a_table_is_gone() -> None:
    assert {Path(page).name for page in FOLDER.glob("*.md")} == set(pages())
