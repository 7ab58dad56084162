"""The root of the errors and its four branches."""

from typing import ClassVar


class CheckoutError(Exception):
    """Whatever the rules of the shop can answer other than yes."""

    code: ClassVar[str] = "checkout"
    sentence: ClassVar[str] = "The checkout refused."

    @property
    def facts(self) -> dict[str, object]:
        """What the leaf knows, by name."""
        return {name: fact for name, fact in vars(self).items() if not name.startswith("__")}

    def __str__(self) -> str:
        """Fill the leaf's sentence with its facts."""
        return self.sentence.format(**self.facts)


class MalformedError(CheckoutError):
    """What was given could never be right."""


class UnknownError(CheckoutError):
    """There is no such thing."""


class RefusedError(CheckoutError):
    """A rule says no."""


class ConflictError(CheckoutError):
    """Somebody was first, or time has passed; read again."""
