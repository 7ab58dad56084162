"""The access diary: who looked at a shopper's data or tried to pass for them, when and where. The shopper sees it all.

Words are kept, not sentences: `face_compared` (a kiosk was handed the sealed face to compare), `pin_refused` (a wrong
PIN was given for the number), `face_refused` (somebody looked in vain under the number's last four digits, until the
kiosk stopped asking), `face_frozen` and `face_thawed` (the face was blocked, and let pay again), `inspected` (the
privacy officer read consents and diary), `export` (everything was read out). Approved payments have rows of their own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from server.flows.ports import Work
from server.flows.ports.people import DiaryRow

SHOWN = 50
TELL = timedelta(days=30)
"""How long a refused try is told on the shopper's page as news."""
FACE_COMPARED, PIN_REFUSED, EXPORTED = "face_compared", "pin_refused", "export"
INSPECTED = "inspected"
FACE_REFUSED, FACE_FROZEN, FACE_THAWED = "face_refused", "face_frozen", "face_thawed"
_TRIES = {PIN_REFUSED, FACE_REFUSED}


def note(work: Work, customer_ids: Sequence[str], act: str, where: str, *, at: datetime) -> None:
    """Write one line into the diary of each of these people."""
    for customer_id in customer_ids:
        work.diary.write(DiaryRow(customer_id, at, act, where))


def refused_lately(work: Work, customer_id: str, *, at: datetime) -> int:
    """Return how often a PIN or a face was refused lately: what the page says as "someone tried"."""
    return work.diary.count(customer_id, _TRIES, since=at - TELL)
