"""A few facts with a signature as one text: what passes are made of. Keys are known to neither side here."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

_PARTS = 3
_as_json = json.JSONEncoder(separators=(",", ":")).encode


def written(kind: str, facts: Sequence[str | int]) -> str:
    """Return the facts behind the sign of their kind: what is signed, and how a token begins."""
    return f"{kind}.{signs(_as_json(facts).encode())}"


def token(kind: str, facts: Sequence[str | int], signature: bytes) -> str:
    """Return the facts with their signature."""
    return f"{written(kind, facts)}.{signs(signature)}"


def read(kind: str, shape: Sequence[type], text: str) -> tuple[tuple[str | int, ...], bytes] | None:
    """Read what :func:`token` wrote: the facts and the signature; None for anything else. One text has one spelling.

    Args:
        kind: The sign that it must begin with.
        shape: The type of each fact, ``str`` or ``int``.
        text: Hostile until the signature was checked.
    """
    parts = text.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        facts = json.loads(content(parts[1]))
        signature = content(parts[2])
    except ValueError:
        return None
    if not isinstance(facts, list) or [type(fact) for fact in facts] != list(shape):
        return None
    return (tuple(facts), signature) if token(kind, facts, signature) == text else None


def signs(of: bytes) -> str:
    """Return bytes as signs that a link and a QR code may hold."""
    return urlsafe_b64encode(of).decode().rstrip("=")


def content(of: str) -> bytes:
    """Return the bytes of :func:`signs`.

    Raises:
        ValueError: It is no such text.
    """
    return urlsafe_b64decode(of + "=" * (-len(of) % 4))
