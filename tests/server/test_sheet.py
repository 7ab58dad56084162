"""What a transaction writes down together, on both engines."""

import pytest
from sqlalchemy import Connection, Text, cast, select

from server.db import tables
from server.db.bulk import Sheet
from server.db.database import Database
from server.flows.written import Written
from tests.server.builders import NOON

NUMBERED = "UPDATE store SET next_ticket_number = CAST(? AS bigint) WHERE store_id = ?"
BODY = {"said": '100 % "sûr" \\ ?', "of": [1, None]}


def an_event(store_id: str = "demo") -> dict[str, object]:
    return {"store_id": store_id, "kind": "tried", "body": BODY, "at": NOON}


def next_number(connection: Connection) -> int:
    number: int = connection.execute(select(tables.store.c.next_ticket_number)).scalar_one()
    return number


def test_rows_of_several_tables_stand_as_given_when_they_are_written_together(database: Database) -> None:
    with database.engine.begin() as connection:
        sheet = Sheet(connection)
        sheet.insert_rows(tables.outbox, [an_event(), an_event("other")])
        sheet.insert_values(tables.balance, ("account_id", "currency", "balance_minor"), [("main:anna", "EUR", 5)])
        sheet.update(NUMBERED, [(77, "demo")], AssertionError("no store"))
        sheet.write()

    with database.engine.begin() as connection:
        told = connection.execute(select(tables.outbox).order_by(tables.outbox.c.event_id)).all()
        assert [(row.store_id, row.body, row.at) for row in told] == [("demo", BODY, NOON), ("other", BODY, NOON)]
        assert connection.execute(select(tables.balance.c.balance_minor)).scalars().all() == [5]
        assert next_number(connection) == 77


def test_a_text_stands_as_it_is_when_rows_bring_theirs(database: Database) -> None:
    """Also beside one that brings none, and next to another column that does."""
    written = Written(BODY)
    written.text = '{ "said" : "%s \\"é\\" {}", "of":[1.50] }'  # what is given is kept, not the values again
    facts = {"principal": "kiosk:1", "request_hash": "0", "status": 201, "at": NOON}
    rows = [
        facts | {"key": "a", "answer": written, "headers": Written({"x": "y"})},
        facts | {"key": "b", "answer": dict(BODY), "headers": {}},
    ]
    with database.engine.begin() as connection:
        sheet = Sheet(connection)
        sheet.insert_rows(tables.idempotency, rows)
        sheet.write()

    kept = tables.idempotency
    with database.engine.begin() as connection:
        found = connection.execute(select(kept.c.key, kept.c.answer, kept.c.headers).order_by(kept.c.key)).all()
        text = connection.execute(select(cast(kept.c.answer, Text)).where(kept.c.key == "a")).scalar_one()
    assert [tuple(row) for row in found] == [
        ("a", {"said": '%s "é" {}', "of": [1.5]}, {"x": "y"}),
        ("b", BODY, {}),
    ]
    assert text == written.text


def test_nothing_stands_when_one_update_met_no_row(database: Database) -> None:
    with database.engine.begin() as connection:
        before = next_number(connection)

    def write() -> None:
        with database.engine.begin() as connection:
            sheet = Sheet(connection)
            sheet.insert_rows(tables.outbox, [an_event()])
            sheet.update(NUMBERED, [(77, "demo"), (78, "nowhere")], LookupError("no store"))
            sheet.write()

    with pytest.raises(LookupError, match="no store"):
        write()
    with database.engine.begin() as connection:
        assert connection.execute(select(tables.outbox)).all() == []
        assert next_number(connection) == before
