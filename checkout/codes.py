"""What a read text is: a product, a weighed product, a coupon, a wallet code, a hand-over.

Every text is hostile until a row of a table knows it: it is capped, its signs are checked, and nothing in it is opened.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from checkout.errors import MalformedCodeError, MalformedRuleError
from checkout.gs1 import GROUP_SEPARATOR, Elements, read_elements, read_link
from checkout.gtin import Gtin, check_digit

MAX_LENGTH = 512
"""Signs: longer than any code of ours or of GS1 (a Digital Link rarely passes 200), shorter than a QR can hold."""


@dataclass(frozen=True, slots=True)
class ProductCode:
    """A product by its global number, with what a GS1 code may add.

    Attributes:
        pieces: How many the code stands for.
        best_before: After it: a warning. ``use_by``: after it, no sale.
        issue: Of a periodical, from the bars beside its own.
    """

    gtin: Gtin
    lot: str | None = None
    serial: str | None = None
    grams: int | None = None
    price_minor: int | None = None
    pieces: int = 1
    best_before: date | None = None
    use_by: date | None = None
    issue: str | None = None

    @property
    def says_more(self) -> bool:
        """Whether it tells of this one pack what the product's number does not."""
        return any(fact is not None for fact in (self.lot, self.grams, self.price_minor, self.use_by, self.issue))


@dataclass(frozen=True, slots=True)
class WeighedCode:
    """A label from the shop's own scale or counter.

    Attributes:
        item: The digits of the item.
        lookup: The same number with the value zeroed: under it stands the product in the catalogue.
        grams: Or ``price_minor``, or ``pieces``: the one that the layout carries. All None when the value was zero:
            the shopper is asked.
    """

    item: str
    lookup: Gtin
    grams: int | None = None
    price_minor: int | None = None
    pieces: int | None = None


@dataclass(frozen=True, slots=True)
class CouponCode:
    """A right to a benefit; only the server knows whether it exists."""

    code: str


@dataclass(frozen=True, slots=True)
class WalletCode:
    """The eight digits that a shopper's phone shows once."""

    code: str


@dataclass(frozen=True, slots=True)
class BasketCode:
    """A basket that moves from one device to another."""

    id: str


@dataclass(frozen=True, slots=True)
class BasketTextCode:
    """One of the codes that carry a basket without a network (:mod:`checkout.basket_text`)."""

    part: str


@dataclass(frozen=True, slots=True)
class TicketCode:
    """A receipt."""

    id: str


@dataclass(frozen=True, slots=True)
class ExitCode:
    """What opens the gate, once."""

    token: str


@dataclass(frozen=True, slots=True)
class WalletPassCode:
    """A pass that pays at a kiosk without the store (:mod:`checkout.offline_pay`)."""

    token: str


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link to a shared coupon: not the coupon, it is opened on a phone."""

    token: str


class WhyUnknown(StrEnum):
    """Why no row knows a text."""

    TOO_LONG = "too_long"
    STRANGE_SIGNS = "strange_signs"
    WRONG_DIGIT = "wrong_digit"
    REFUND_RECEIPT = "refund_receipt"
    NO_ROW = "no_row"


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A text that means nothing here; at most :data:`MAX_LENGTH` signs of it, control signs as question marks."""

    text: str
    reason: WhyUnknown


Reading = (
    ProductCode
    | WeighedCode
    | CouponCode
    | WalletCode
    | BasketCode
    | BasketTextCode
    | TicketCode
    | ExitCode
    | WalletPassCode
    | ShareLink
    | UnknownCode
)


class Family(StrEnum):
    """The kinds of symbol that matter to a row."""

    RETAIL = "retail"
    LINEAR = "linear"
    GS1 = "gs1"
    MATRIX = "matrix"
    KEYED = "keyed"


_FAMILIES = {
    Family.RETAIL: {"ean13", "ean8", "upca", "upce", "]e0", "]e3", "]e4"},
    Family.LINEAR: {"code128", "code39", "itf", "]c0", "]a0", "]i0", "]i1"},
    Family.GS1: {"gs1128", "databar", "databarexpanded", "]c1", "]e1", "]d2", "]q3"},
    Family.MATRIX: {"qr", "qrcode", "datamatrix", "aztec", "]q1", "]d1"},
}
_FAMILY_OF = {name: family for family, names in _FAMILIES.items() for name in names}


def family_of(symbology: str | None) -> Family:
    """Return the family of a symbology: a reader's word (``EAN-13``), an identifier (``]E0``) or None for a keyboard.

    An unknown word counts as keyed: it may be anything.
    """
    word = re.sub(r"[^a-z0-9\]]", "", (symbology or "").lower())
    # GS1 gives DataBar ]e0 with a small letter and EAN-13 ]E0 with a capital: the only pair that the case tells apart.
    if symbology == "]e0":
        return Family.GS1
    return _FAMILY_OF.get(word, Family.KEYED)


class Measure(StrEnum):
    """What the value in an in-store code is, by its letter in the layout."""

    WEIGHT = "W"
    PRICE = "P"
    PIECES = "N"


@dataclass(frozen=True, slots=True)
class InStoreLayout:
    """Where the digits of a shop's own EAN-13 stand: a setting of the store, not of the country.

    Attributes:
        template: 13 signs: the digits of the prefix, ``I`` item, ``W`` grams or ``P`` minor units or ``N`` pieces,
            ``V`` a check digit over a price of four or five digits, ``C`` the check digit at the end.

    Examples:
        >>> InStoreLayout("21IIIIIWWWWWC").read("2112345001500").grams
        150
    """

    template: str

    def __post_init__(self) -> None:
        shape = re.fullmatch(r"([0-9]{2,3})(I+)(V?)(W+|P+|N+)C", self.template)
        if shape is None or len(self.template) != 13:  # noqa: PLR2004 - an EAN-13 has 13 digits
            raise MalformedRuleError(self.template, "a layout reads like 21IIIIIWWWWWC, 13 signs")
        if shape[3] and len(shape[4]) not in _PRICE_CHECKS:
            raise MalformedRuleError(self.template, "an inner check digit guards four or five digits")

    @property
    def prefix(self) -> str:
        """The digits that a code of this layout begins with."""
        return self.template.rstrip("IVWPNC")

    def read(self, digits: str) -> WeighedCode:
        """Take 13 digits, already known to be a valid EAN-13 with the prefix, apart.

        Raises:
            MalformedCodeError: The inner check digit is wrong.
        """
        start = self.template.index("I")
        item = digits[start : self.template.rindex("I") + 1]
        measure = Measure(self.template[-2])
        value = digits[self.template.index(measure) : -1]
        if "V" in self.template and price_check_digit(value) != digits[self.template.index("V")]:
            raise MalformedCodeError(digits, "the check digit of its price is wrong")
        payload = digits[: start + len(item)].ljust(12, "0")
        lookup = Gtin.parse(payload + check_digit(payload))
        amount = int(value) or None
        return WeighedCode(
            item,
            lookup,
            grams=amount if measure is Measure.WEIGHT else None,
            price_minor=amount if measure is Measure.PRICE else None,
            pieces=amount if measure is Measure.PIECES else None,
        )


# Weighted products of GS1 General Specifications, figure 7.9.2: digit -> product, for weights 2-, 3, 5+ and 5-.
_TWO_MINUS = "0246891357"
_THREE = "0369258147"
_FIVE_PLUS = "0516273849"
_FIVE_MINUS = "0594837261"
_PRICE_CHECKS: dict[int, tuple[str, ...]] = {
    4: (_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS),
    5: (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS),
}


def price_check_digit(value: str) -> str:
    """Return the digit that guards a price of four or five digits.

    Source: GS1 General Specifications, sections 7.9.3 and 7.9.4.

    Examples:
        >>> price_check_digit("2875"), price_check_digit("14685")
        ('9', '6')
    """
    weights = _PRICE_CHECKS[len(value)]
    total = sum(int(weight[int(digit)]) for weight, digit in zip(weights, value, strict=True))
    if len(value) == 4:  # noqa: PLR2004 - the two lengths differ in their last step
        return str(total * 3 % 10)
    return str(_FIVE_MINUS.index(str(-total % 10)))


FR_LAYOUTS = (
    *(InStoreLayout(f"{prefix}IIIIIPPPPPC") for prefix in ("02", "22", "24", "26", "28")),
    *(InStoreLayout(f"{prefix}IIIIIWWWWWC") for prefix in ("21", "23", "25", "27", "29")),
)
"""The commonest French use; shops differ, so a store may set its own. Prefix 20 stays an ordinary number of the shop.

Source: maintainers of an open food database, who sort French in-store codes this way.
"""


@dataclass(frozen=True, slots=True)
class AddOnLayout:
    """What the two or five digits beside an EAN-13 mean, by how its number begins: a setting of the store.

    Attributes:
        template: The first digits of the number, ``+``, and two or five signs: digits that have to stand there, and
            then ``I`` for the issue or ``P`` for minor units of the store's currency.

    Examples:
        >>> AddOnLayout("977+II").read("9771234567003", "07"), AddOnLayout("978+5PPPP").read("9780764544200", "51295")
        (('07', None), (None, 1295))
    """

    template: str

    def __post_init__(self) -> None:
        if re.fullmatch(r"[0-9]{3,12}\+(?=.{2}$|.{5}$)[0-9]*(I+|P+)", self.template) is None:
            raise MalformedRuleError(self.template, "an add-on reads like 977+II or 978+5PPPP, two or five signs")

    @property
    def prefix(self) -> str:
        """The digits that a number of this layout begins with."""
        return self.template.partition("+")[0]

    @property
    def signs(self) -> str:
        """The two or five signs."""
        return self.template.partition("+")[2]

    def read(self, ean13: str, add_on: str) -> tuple[str | None, int | None] | None:
        """Return the issue and the price (minor units) of an add-on; None where it is another layout's."""
        fixed = self.signs.rstrip("IP")
        fits = ean13.startswith(self.prefix) and len(add_on) == len(self.signs) and add_on.startswith(fixed)
        if not fits:
            return None
        told = add_on[len(fixed) :]
        return (told, None) if self.signs.endswith("I") else (None, int(told))


PRESS_ADD_ONS = (AddOnLayout("977+II"), AddOnLayout("977+IIIII"))
"""Of a periodical the digits beside its number (977, an ISSN) are its issue, everywhere. What five digits beside a book
(978) or a number of a country's press mean, each country has settled for itself: a store may set its own.

Source: GS1 General Specifications, section 5.2.2.5; ISSN manual, section on bar codes.
"""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The settings of one store for reading codes: its own layouts, its add-ons, the decimals of its currency."""

    layouts: tuple[InStoreLayout, ...] = FR_LAYOUTS
    exponent: int = 2
    add_ons: tuple[AddOnLayout, ...] = PRESS_ADD_ONS


FR_TABLE = CodeTable()


def layout_of(digits: str, table: CodeTable = FR_TABLE) -> InStoreLayout | None:
    """Return the layout that 13 digits of the shop's own follow: the first whose prefix fits; None where none does."""
    if re.fullmatch(r"[0-9]{13}", digits) is None:
        return None
    return next((layout for layout in table.layouts if digits.startswith(layout.prefix)), None)


@dataclass(frozen=True, slots=True)
class _Row:
    """Which texts, in which symbols, become what."""

    pattern: re.Pattern[str]
    families: frozenset[Family]
    make: Callable[[str], Reading]


_ID = r"[A-Za-z0-9-]{1,64}"
_OWN = frozenset({Family.MATRIX, Family.KEYED})
_ROWS = (
    _Row(re.compile(r"SESAME:W:([0-9]{8})"), _OWN, WalletCode),
    _Row(re.compile(r"SESAME:C:([A-Z0-9-]{4,40})"), _OWN, CouponCode),
    _Row(re.compile(f"SESAME:T:({_ID})"), _OWN, TicketCode),
    _Row(re.compile(f"SESAME:B:({_ID})"), _OWN, BasketCode),
    _Row(re.compile(r"SESAME:H:([A-Z2-7.0-9]{16,360})"), _OWN, BasketTextCode),
    _Row(re.compile(r"SESAME:X:([A-Za-z0-9._~=-]{1,480})"), _OWN, ExitCode),
    _Row(re.compile(r"SESAME:O:([A-Za-z0-9._-]{1,480})"), _OWN, WalletPassCode),
    _Row(re.compile(r"https?://[^\s/?#@]{1,253}/c/([A-Za-z0-9_-]{4,128})/?"), _OWN, ShareLink),
)


def read_code(text: str, symbology: str | None = None, table: CodeTable = FR_TABLE) -> Reading:
    """Tell what a text is.

    Args:
        text: As read or typed; blanks around it do not count.
        symbology: The reader's word for the symbol, or its identifier; None when typed.
        table: The store's settings.

    Returns:
        One of the readings; :class:`UnknownCode`, never an error, for what no row knows.

    Examples:
        >>> read_code("SESAME:W:12345678", "qr")
        WalletCode(code='12345678')
        >>> read_code("3017620422003", "EAN-13").gtin.ean13
        '3017620422003'
    """
    text = text.strip(" \t\r\n")
    if len(text) > MAX_LENGTH:
        return UnknownCode(_shown(text), WhyUnknown.TOO_LONG)
    if any(not sign.isprintable() and sign != GROUP_SEPARATOR for sign in text):
        return UnknownCode(_shown(text), WhyUnknown.STRANGE_SIGNS)
    family = family_of(symbology)
    for row in _ROWS:
        if family in row.families and (found := row.pattern.fullmatch(text)):
            return row.make(found[1])
    if re.fullmatch(r"[0-9]+", text) and family is not Family.GS1:
        return _digits(text, symbology, table)
    return _gs1(text, table)


def upc_a_of(upc_e: str) -> str:
    """Expand the eight digits of a UPC-E to the twelve that it stands for.

    Source: GS1 General Specifications, section 5.2.2.4.2.

    Raises:
        MalformedCodeError: It has not eight digits, or another number system than 0 or 1.

    Examples:
        >>> upc_a_of("04252614")
        '042100005264'
    """
    if re.fullmatch(r"[01][0-9]{7}", upc_e) is None:
        raise MalformedCodeError(upc_e, "a UPC-E has eight digits, the first 0 or 1")
    system, body, check = upc_e[0], upc_e[1:7], upc_e[7]
    match body[5]:
        case "0" | "1" | "2":
            full = body[:2] + body[5] + "0000" + body[2:5]
        case "3":
            full = body[:3] + "00000" + body[3:5]
        case "4":
            full = body[:4] + "00000" + body[4]
        case _:
            full = body[:5] + "0000" + body[5]
    return system + full + check


def _digits(text: str, symbology: str | None, table: CodeTable) -> Reading:
    if len(text) in _WITH_ADD_ON and family_of(symbology) in {Family.RETAIL, Family.KEYED}:
        return _with_add_on(text[:_EAN_13], text[_EAN_13:], symbology, table)
    is_upc_e = re.sub(r"[^a-z]", "", (symbology or "").lower()) == "upce" and len(text) == 8  # noqa: PLR2004 - UPC-E
    try:
        gtin = Gtin.parse(upc_a_of(text) if is_upc_e else text)
        ean13 = gtin.ean13 or ""
        if ean13.startswith("980"):
            # A refund receipt is worth money: it goes to a person.
            return UnknownCode(text, WhyUnknown.REFUND_RECEIPT)
        if ean13.startswith(("981", "982", "983", "984", "99")):
            return CouponCode(ean13)
        if gtin.is_in_store and (layout := layout_of(ean13, table)) is not None:
            return layout.read(ean13)
    except MalformedCodeError:
        return UnknownCode(text, WhyUnknown.WRONG_DIGIT)
    return ProductCode(gtin)


_EAN_13 = 13
_WITH_ADD_ON = frozenset({_EAN_13 + 2, _EAN_13 + 5})


def _with_add_on(ean13: str, add_on: str, symbology: str | None, table: CodeTable) -> Reading:
    """Return the product of an EAN-13 and of the bars beside it, read (``]E3``) or typed by a hand scanner.

    Bars that mean nothing to the store say nothing; typed digits without a meaning are no number at all.
    """
    product = _digits(ean13, symbology, table)
    if not isinstance(product, ProductCode):
        return product if family_of(symbology) is Family.RETAIL else UnknownCode(ean13 + add_on, WhyUnknown.WRONG_DIGIT)
    told = next((told for one in table.add_ons if (told := one.read(ean13, add_on)) is not None), None)
    if told is None:
        is_read = family_of(symbology) is Family.RETAIL
        return product if is_read else UnknownCode(ean13 + add_on, WhyUnknown.WRONG_DIGIT)
    return replace(product, issue=told[0], price_minor=told[1])


def _gs1(text: str, table: CodeTable) -> Reading:
    try:
        if text.lower().startswith(("http://", "https://")):
            return _product(read_link(text, exponent=table.exponent))
        return _product(read_elements(text, exponent=table.exponent))
    except MalformedCodeError:
        return UnknownCode(_shown(text), WhyUnknown.NO_ROW)


def _product(said: Elements) -> ProductCode:
    return ProductCode(
        said.gtin,
        lot=said.lot,
        serial=said.serial,
        grams=said.grams,
        price_minor=said.price_minor,
        pieces=said.pieces,
        best_before=said.best_before,
        use_by=said.use_by,
    )


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:MAX_LENGTH])
