"""Where a device is, as the settings say it: ``kind:place?name=value&...``, or ``none``."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl


class AddressUnknownError(ValueError):
    """A setting names no device that there is."""

    def __init__(self, setting: str, problem: str, examples: str) -> None:
        super().__init__(f"{setting!r}: {problem}. Write {examples}, or none.")


@dataclass(frozen=True, slots=True)
class Address:
    """A device's kind, place and options, all as text."""

    kind: str
    place: str
    options: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, default: int) -> int:
        """Return an option as a whole number.

        Raises:
            AddressUnknownError: It is none.
        """
        text = self.options.get(name, str(default))
        if not text.isascii() or not text.isdigit():
            raise AddressUnknownError(f"{self.kind}:{self.place}", f"{name}={text} is no number", f"{name}={default}")
        return int(text)


def read_address(setting: str, *, kinds: tuple[str, ...], examples: str) -> Address | None:
    """Return the address that a setting gives, or None for ``none``.

    Args:
        setting: What the settings say.
        kinds: The kinds that this sort of device has.
        examples: What a right setting looks like, for the error.

    Raises:
        AddressUnknownError: It has another kind, no place, or an option without a value.
    """
    if setting == "none":
        return None
    kind, colon, rest = setting.partition(":")
    place, question, query = rest.partition("?")
    if kind not in kinds:
        raise AddressUnknownError(setting, f"there is no kind {kind!r} of it", examples)
    if not colon or not place:
        raise AddressUnknownError(setting, "it does not say where", examples)
    try:
        options = dict(parse_qsl(query, strict_parsing=True)) if question else {}
    except ValueError as problem:
        raise AddressUnknownError(setting, "options are name=value, joined by &", examples) from problem
    return Address(kind, place, options)
