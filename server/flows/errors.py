"""What a flow refuses besides the rules of `checkout`: one error, told apart by its code.

Codes, titles and ways out are rows in `server/api/problems.py`; a test holds the two together.
"""

from typing import Any


class FlowError(Exception):
    """A request that the shop turns down, with the facts that its problem document carries."""

    def __init__(self, code: str, detail: str, **facts: Any) -> None:  # noqa: ANN401 - JSON facts
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.facts = facts
