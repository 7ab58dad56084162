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


FIRST_OF_ONE_SIGN_EACH = "\u2e80"
"""From here on a sign is a word or a syllable: one that stands alone is a name as whole as three letters are."""


def with_initial(name: str) -> str:
    """Return the first name and the initial of the last: what a merchant sees of who paid at their counter.

    A name without a blank in signs that stand for words shows its first alone.

    Examples:
        >>> with_initial("Luc Jean Durand"), with_initial("Luc"), with_initial("王小明")
        ('Luc D.', 'Luc', '王**')
    """
    words = name.split()
    if not words:
        return "***"
    if len(words) > 1:
        return f"{words[0]} {words[-1][0]}."
    return f"{name[0]}**" if name[0] >= FIRST_OF_ONE_SIGN_EACH else words[0]
