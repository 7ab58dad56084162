"""What can be wrong in a supplier's or till's file, as rows: a kind, what it is called, and the way out.

A fault never stops a feed. `REFUSED` means that the row was left out, `NOTICE` that it came in and a person should
know.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

SHOWN_SIGNS = 80
"""How much of a bad value a report repeats: enough to find it, too little to be flooded by it."""


class Severity(StrEnum):
    """What became of the row."""

    REFUSED = "refused"
    NOTICE = "notice"


class FaultKind(StrEnum):
    """Every kind of fault; the words and the way out stand in :data:`REMEDIES`."""

    FILE_EMPTY = "file_empty"
    FILE_ENCODING = "file_encoding"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    COLUMNS_UNUSED = "columns_unused"
    XML_FORBIDDEN = "xml_forbidden"
    XML_BROKEN = "xml_broken"
    JSON_BROKEN = "json_broken"
    ENCODING = "encoding"
    CONTROL_SIGN = "control_sign"
    TOO_LONG = "too_long"
    QUOTE_OPEN = "quote_open"
    COLUMN_COUNT = "column_count"
    MISSING = "missing"
    WORD_UNKNOWN = "word_unknown"
    NUMBER = "number"
    ENTITIES = "entities"
    DAMAGED = "damaged"
    CODE_EMPTY = "code_empty"
    CODE_EXPONENT = "code_exponent"
    CODE_SIGNS = "code_signs"
    CODE_TOO_SHORT = "code_too_short"
    CODE_TOO_LONG = "code_too_long"
    CODE_CHECK_DIGIT = "code_check_digit"
    CODE_ZEROS_LOST = "code_zeros_lost"
    CODE_ZEROS_ADDED = "code_zeros_added"
    CODE_ZEROS_RESTORED = "code_zeros_restored"
    PRICE = "price"
    PRICE_NEGATIVE = "price_negative"
    PRICE_DECIMALS = "price_decimals"
    PRICE_MARK = "price_mark"
    PRICE_ZERO = "price_zero"
    MEMBER_PRICE = "member_price"
    SALE_PRICE = "sale_price"
    CURRENCY = "currency"
    DATE = "date"
    WINDOW_REVERSED = "window_reversed"
    VAT_UNKNOWN = "vat_unknown"
    VAT_CHANGED = "vat_changed"
    REPEATED = "repeated"
    SKU_CONFLICT = "sku_conflict"
    CODE_CONFLICT = "code_conflict"
    CODE_TAKEN = "code_taken"
    PRICE_CONFLICT = "price_conflict"
    SKU_UNKNOWN = "sku_unknown"
    DEPOSIT_UNKNOWN = "deposit_unknown"
    NOT_SOLD = "not_sold"


REMEDIES = {
    FaultKind.FILE_EMPTY: "Export the file again; nothing was changed.",
    FaultKind.FILE_ENCODING: "Save the file as UTF-8.",
    FaultKind.COLUMN_MISSING: "Add the column, or name yours in the mapping under [columns] or [constants].",
    FaultKind.COLUMN_TWICE: "Rename one of the two columns.",
    FaultKind.COLUMNS_UNUSED: "Nothing to do, unless one of them matters: then name it in the mapping.",
    FaultKind.XML_FORBIDDEN: "Ask the sender for a file without a DOCTYPE; GS1 messages need none.",
    FaultKind.XML_BROKEN: "Ask the sender for the file again; nothing after this place could be read.",
    FaultKind.JSON_BROKEN: "Export the line again: one JSON object a line.",
    FaultKind.ENCODING: 'Save the file as UTF-8, or say its encoding in the mapping: [text] encoding = "cp1252".',
    FaultKind.CONTROL_SIGN: "Remove the sign that is not for reading.",
    FaultKind.TOO_LONG: "Shorten the value, or close a quotation mark before it.",
    FaultKind.QUOTE_OPEN: "Close the quotation mark, or double it if it belongs to the text.",
    FaultKind.COLUMN_COUNT: "Quote values that hold the delimiter, or export the row again.",
    FaultKind.MISSING: "Fill it in.",
    FaultKind.WORD_UNKNOWN: "Use one of the words named, or translate yours in the mapping under [words].",
    FaultKind.NUMBER: "Write a whole number.",
    FaultKind.ENTITIES: "Nothing to do; export plain text to avoid it.",
    FaultKind.DAMAGED: "Type the word again at its source.",
    FaultKind.CODE_EMPTY: "Give the digits under the bars; a product without any needs a sku.",
    FaultKind.CODE_EXPONENT: "The digits are lost: format the column as text in the spreadsheet and export again.",
    FaultKind.CODE_SIGNS: "Give digits only; the shop's own codes come in codes.csv with kind = own.",
    FaultKind.CODE_TOO_SHORT: "Take the digits from the pack; a PLU comes in codes.csv with kind = own.",
    FaultKind.CODE_TOO_LONG: "Take the digits from the pack; a lot or serial number may stand behind them.",
    FaultKind.CODE_CHECK_DIGIT: "Compare with the digits on the pack: one is wrong or two are swapped.",
    FaultKind.CODE_ZEROS_LOST: 'Format the column as text and export again, or set [text] lost_zeros = "restore".',
    FaultKind.CODE_ZEROS_ADDED: "Give 8, 12, 13 or 14 digits.",
    FaultKind.CODE_ZEROS_RESTORED: "Compare one or two with the packs.",
    FaultKind.PRICE: 'Write a price such as 2.05, or 2,05 with [text] decimal = "," in the mapping.',
    FaultKind.PRICE_NEGATIVE: "A price is zero or more; a reduction is a promotion.",
    FaultKind.PRICE_DECIMALS: "Round it as the shop does; nothing is rounded here.",
    FaultKind.PRICE_MARK: 'Say in the mapping which sign parts the decimals: [text] decimal = "," or ".".',
    FaultKind.PRICE_ZERO: "Check that it is meant to be free.",
    FaultKind.MEMBER_PRICE: "A member pays the price or less.",
    FaultKind.SALE_PRICE: "A sale costs the regular price or less; correct one of the two.",
    FaultKind.CURRENCY: "Export the prices in the currency of the shop.",
    FaultKind.DATE: 'Write 2026-12-31, or say your form in the mapping: [text] dates = "%d/%m/%Y".',
    FaultKind.WINDOW_REVERSED: "Swap the two dates, or correct one.",
    FaultKind.VAT_UNKNOWN: "Use one of the classes named, or translate yours under [words.vat_class].",
    FaultKind.VAT_CHANGED: "Check the new class with the supplier's tax note.",
    FaultKind.REPEATED: "Nothing to do; the first of the equal rows counts.",
    FaultKind.SKU_CONFLICT: "Keep the right one of these rows; none was taken.",
    FaultKind.CODE_CONFLICT: "Find out whose code it is; no row with it was taken.",
    FaultKind.CODE_TAKEN: "Give that product another code first, or import with --replace.",
    FaultKind.PRICE_CONFLICT: "Keep the right one of these rows; none was taken.",
    FaultKind.SKU_UNKNOWN: "Add the product to products.csv, or correct the key.",
    FaultKind.DEPOSIT_UNKNOWN: "Add the deposit to products.csv, or correct the key.",
    FaultKind.NOT_SOLD: "Nothing to do, unless the shop sells it under another code.",
}
"""The way out of each kind, in words for whoever keeps the shop's data."""

NOTICES = frozenset(
    {
        FaultKind.COLUMNS_UNUSED,
        FaultKind.ENTITIES,
        FaultKind.DAMAGED,
        FaultKind.CODE_ZEROS_RESTORED,
        FaultKind.PRICE_ZERO,
        FaultKind.VAT_CHANGED,
        FaultKind.REPEATED,
        FaultKind.NOT_SOLD,
    }
)
"""Kinds that leave the row in."""


class Fault(NamedTuple):
    """One thing wrong in one row. A tuple, as hundreds of thousands may pass.

    Attributes:
        line: Where the row begins, from 1; 0 for the file as a whole.
        field: Our name of the column; empty for the row as a whole.
        given: At most :data:`SHOWN_SIGNS` signs of what stood there, made printable.
        problem: What is wrong, in words.
    """

    line: int
    field: str
    kind: FaultKind
    given: str
    problem: str

    @property
    def severity(self) -> Severity:
        """What became of the row."""
        return Severity.NOTICE if self.kind in NOTICES else Severity.REFUSED

    @property
    def remedy(self) -> str:
        """The way out."""
        return REMEDIES[self.kind]


class LeftOut(NamedTuple):
    """A row that is not meant for the shop: filtered by the mapping, a draft, a picture. Counted, not a fault."""

    line: int
    why: str


@dataclass(eq=False)
class BadValueError(Exception):
    """One value cannot be read. Stays inside the feeds: it becomes a :class:`Fault` where the line is known."""

    kind: FaultKind
    problem: str


def shown(text: str) -> str:
    """Return the beginning of a text with signs that are not for reading as question marks."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:SHOWN_SIGNS])


def whole_file(kind: FaultKind, problem: str, given: str = "") -> Fault:
    """Return a fault of the file as a whole."""
    return Fault(0, "", kind, shown(given), problem)
