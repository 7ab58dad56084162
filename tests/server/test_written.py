"""JSON whose text is made once."""

import json

from server.db.bulk import _as_json
from server.flows.written import Written


def test_text_says_the_object_when_other_names_are_put_before_it() -> None:
    kept = Written({"lines": [{"name": "thé «vert»", "due_minor": 120}], "rules": None})
    ticket = kept.after({"number": 7, "chain": None})
    assert json.loads(ticket.text) == ticket == {"number": 7, "chain": None, **kept}


def test_text_is_not_made_again_when_it_is_written_down() -> None:
    kept = Written({"lines": []})
    first = kept.text
    assert _as_json(kept) is first
    assert kept.after({"number": 7}).text.endswith(first[1:])
