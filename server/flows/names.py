"""Names: kept as given, shown to a shop full of people only in outline."""

import unicodedata

MAX_LENGTH = 80


def clean_name(text: str) -> str:
    """Return the name without what is not for reading: control signs, doubled blanks."""
    printable = "".join(sign for sign in unicodedata.normalize("NFC", text) if sign.isprintable())
    return " ".join(printable.split())[:MAX_LENGTH]


def masked(name: str) -> str:
    """Return the first letter of the name and of the last word.

    Examples:
        >>> masked("Lina Durand"), masked("Lina"), masked("王小明")
        ('L*** D.', 'L***', '王***')
    """
    words = name.split()
    if not words:
        return "***"
    return f"{words[0][0]}***" + (f" {words[-1][0]}." if len(words) > 1 else "")
