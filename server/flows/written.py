"""JSON that is put into words once, where nobody waits for it."""

from functools import cached_property
from typing import Any, Self

from pydantic_core import to_json


class Written(dict[str, Any]):
    """A JSON object that nobody changes any more, with its text."""

    @cached_property
    def text(self) -> str:
        """The object as JSON, put into words when it is first asked for."""
        return to_json(self).decode()

    def after(self, first: dict[str, Any]) -> Self:
        """Return the object that begins with other names than its own, without putting these into words again."""
        whole = type(self)(first, **self)
        whole.text = f"{to_json(first).decode()[:-1]},{self.text[1:]}"
        return whole
