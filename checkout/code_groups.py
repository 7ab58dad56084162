"""What stands where in a code that was read: for whoever sets a store's layouts up and wants to see that they fit."""

from dataclasses import dataclass

from checkout.codes import (
    FR_TABLE,
    CodeTable,
    InStoreLayout,
    ProductCode,
    Reading,
    UnknownCode,
    WeighedCode,
    layout_of,
    price_check_digit,
    read_code,
)
from checkout.gtin import check_digit


@dataclass(frozen=True, slots=True)
class Group:
    """Some signs of a code.

    Attributes:
        name: ``prefix``, ``item``, ``weight_g``, ``price_minor``, ``pieces``, ``price_check``, ``check``; of a
            product's own code also ``gtin``, ``lot``, ``serial``, ``best_before``, ``use_by`` and ``issue``.
        text: As it was read.
        should_be: What stands there in a sound code, where that can be reckoned; None elsewhere.
    """

    name: str
    text: str
    should_be: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether nothing is known to be wrong with it."""
        return self.should_be in {None, self.text}


@dataclass(frozen=True, slots=True)
class CodeGroups:
    """A code taken apart.

    Attributes:
        reading: What it means to a till.
        layout: The store's layout that fits its prefix; None for every other kind of code.
        groups: From left to right; none for what means nothing here or is a secret of a shopper.
    """

    reading: Reading
    layout: InStoreLayout | None
    groups: tuple[Group, ...]

    @property
    def kind(self) -> str:
        """The kind in a word."""
        match self.reading:
            case WeighedCode():
                return "in_store"
            case ProductCode():
                return "product"
            case UnknownCode(reason=reason):
                return reason.value
            case other:
                return type(other).__name__.removesuffix("Code").lower()


def take_apart(text: str, symbology: str | None = None, table: CodeTable = FR_TABLE) -> CodeGroups:
    """Tell which groups of signs a code has, whether it is sound or not.

    Examples:
        >>> [f"{group.name}={group.text}" for group in take_apart("2112345001500").groups]
        ['prefix=21', 'item=12345', 'weight_g=00150', 'check=0']
    """
    reading = read_code(text, symbology, table)
    digits = text.strip().zfill(_EAN_13)  # a UPC-A of the shop's own has lost its zero
    layout = layout_of(digits, table)
    if layout is not None and isinstance(reading, WeighedCode | UnknownCode):
        return CodeGroups(reading, layout, _in_store(layout, digits))
    return CodeGroups(reading, None, _of_product(reading) if isinstance(reading, ProductCode) else ())


_EAN_13 = 13
_MEASURES = {"W": "weight_g", "P": "price_minor", "N": "pieces"}


def _in_store(layout: InStoreLayout, digits: str) -> tuple[Group, ...]:
    template = layout.template
    signs = template[len(layout.prefix) :]
    spans = {sign: (template.index(sign), template.rindex(sign) + 1) for sign in dict.fromkeys(signs)}
    cut = {sign: digits[start:end] for sign, (start, end) in spans.items()}
    measure = template[-2]
    groups = [Group("prefix", layout.prefix), Group("item", cut["I"])]
    if "V" in cut:
        groups.append(Group("price_check", cut["V"], price_check_digit(cut[measure])))
    return (*groups, Group(_MEASURES[measure], cut[measure]), Group("check", cut["C"], check_digit(digits[:-1])))


def _of_product(code: ProductCode) -> tuple[Group, ...]:
    said = {
        "gtin": code.gtin.ean13 or code.gtin.key14,
        "lot": code.lot,
        "serial": code.serial,
        "weight_g": code.grams,
        "price_minor": code.price_minor,
        "pieces": None if code.pieces == 1 else code.pieces,
        "best_before": code.best_before,
        "use_by": code.use_by,
        "issue": code.issue,
    }
    return tuple(Group(name, str(fact)) for name, fact in said.items() if fact is not None)
