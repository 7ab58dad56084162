"""What a batch has read and will write: rows by key, with a way back to where a request began."""

from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
_NOTHING = object()


class RunAloneError(Exception):
    """A request asks for something that a batch does not know how to share: it is run in a transaction of its own."""


class StaleError(Exception):
    """Another process has changed what this batch had read: the batch is begun anew."""


class Memory:
    """The changes of one batch, each with where it was made and what stood there before."""

    def __init__(self) -> None:
        self._changes: list[tuple[Any, Any, Any]] = []  # dicts and lists of whatever the stores keep

    @property
    def mark(self) -> int:
        """A point to come back to."""
        return len(self._changes)

    def undo(self, mark: int) -> None:
        """Forget everything that was changed since a mark."""
        while len(self._changes) > mark:
            held, place, before = self._changes.pop()
            if before is _NOTHING:
                del held[place]
            else:
                held[place] = before

    def put(self, held: dict[Key, Value], key: Key, value: Value) -> None:
        """Set a value."""
        self._changes.append((held, key, held.get(key, _NOTHING)))
        held[key] = value

    def append(self, held: list[Value], value: Value) -> None:
        """Add to the end of a list."""
        self._changes.append((held, len(held), _NOTHING))
        held.append(value)


class Rows(Generic[Key, Value]):
    """The rows of one table that a batch works on.

    Attributes:
        read: As they stand in the database; None for a key that has none.
        now: Those that the batch has added or changed, as they will be.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.read: dict[Key, Value | None] = {}
        self.now: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """Return a row.

        Raises:
            RunAloneError: It was not read ahead.
        """
        if (found := self.now.get(key)) is not None:
            return found
        try:
            return self.read[key]
        except KeyError:
            raise RunAloneError(key) from None

    def put(self, key: Key, row: Value) -> None:
        """Keep a row as it is now."""
        self._memory.put(self.now, key, row)

    @property
    def added(self) -> list[Value]:
        """The rows that the database does not have yet."""
        return [row for key, row in self.now.items() if self.read.get(key) is None]

    @property
    def changed(self) -> list[tuple[Value, Value]]:
        """The rows that it has and that changed, before and after, by key."""
        return [
            (before, self.now[key])
            for key in sorted(self.now, key=str)
            if (before := self.read.get(key)) is not None and before != self.now[key]
        ]

    def written(self) -> None:
        """Note that what has changed stands in the database now."""
        self.read.update({key: row for key, row in self.now.items() if self.read.get(key) is not None})
