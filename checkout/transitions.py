"""The table that every state machine here is: (state, event) -> state, and nothing else happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from checkout.errors import IllegalTransitionError, MalformedRuleError

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TransitionTable(Generic[S, E]):
    """What may happen to one kind of thing.

    Attributes:
        name: The thing, in the singular, as it stands in sentences and file names.
        start: The state it is made in.
        rows: Whatever is absent does not happen.
    """

    name: str
    start: S
    rows: Mapping[tuple[S, E], S]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", MappingProxyType(dict(self.rows)))
        if lost := set(type(self.start)) - self.reachable():
            raise MalformedRuleError(self.name, f"nothing leads to {', '.join(sorted(lost))}")

    def after(self, state: S, event: E) -> S:
        """Return the state that follows.

        Raises:
            IllegalTransitionError: The table has no such row; the error says what is allowed.
        """
        if (following := self.rows.get((state, event))) is None:
            raise IllegalTransitionError(
                self.name, state.value, event.value, tuple(e.value for e in self.allowed(state))
            )
        return following

    def allowed(self, state: S) -> tuple[E, ...]:
        """Return the events that can happen in a state, in the order of the table."""
        return tuple(event for at, event in self.rows if at == state)

    @property
    def ends(self) -> frozenset[S]:
        """The states that nothing leaves."""
        return frozenset(type(self.start)) - {state for state, _ in self.rows}

    def reachable(self) -> frozenset[S]:
        """Return all states that some chain of events leads to from the start."""
        seen = {self.start}
        waiting = [self.start]
        while waiting:
            state = waiting.pop()
            fresh = {following for (at, _), following in self.rows.items() if at == state} - seen
            seen |= fresh
            waiting.extend(fresh)
        return frozenset(seen)

    def mermaid(self) -> str:
        """Draw the table as a state diagram, rows in order, ends marked."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        lines += [f"    {state} --> {following}: {event}" for (state, event), following in self.rows.items()]
        lines += [f"    {state} --> [*]" for state in type(self.start) if state in self.ends]
        return "\n".join(lines) + "\n"
