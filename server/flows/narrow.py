"""Narrow the gallery to a few sealed references by the last four digits of a phone number.

The kiosk learns opaque ids and bytes that it opens itself, and no name. Only references whose consent is in force come
out, however the rows got there.
"""

from collections.abc import Sequence

from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.people import Reference

MAX_CANDIDATES = 16
"""More than this and a chance likeness is too likely (I14). A store of 14 300 faces has 4 at the 95th percentile."""


def candidates(work: Work, digits: str) -> Sequence[Reference]:
    """Return the references under four digits, none when nobody is enrolled under them.

    Raises:
        FlowError: `too_many_candidates`.
    """
    found = work.references.candidates(digits, FACE_PAYMENT, limit=MAX_CANDIDATES + 1)
    if len(found) > MAX_CANDIDATES:
        raise FlowError(
            "too_many_candidates",
            "Too many people share these four digits for a face to be sure.",
            at_most=MAX_CANDIDATES,
        )
    return found
