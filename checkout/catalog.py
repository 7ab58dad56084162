"""Products and the index from a code to one of them: immutable, read in one step."""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from checkout.errors import MalformedCodeError, MalformedRuleError, ProductNotFoundError
from checkout.gtin import KEY_LENGTH, Gtin
from checkout.vat import VatClass

ALL_LOTS = "*"
"""Stands among the recalled lots when the whole product is recalled."""


class Unit(StrEnum):
    """What a unit price is for."""

    EACH = "each"
    KG = "kg"


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the shop.

    Attributes:
        sku: The shop's own key.
        pack: The pack as printed, such as ``6 x 33 cl``; for people, never parsed.
        unit_price_minor: Minor units, tax included, for one piece or one kilogram.
        vat_class: Set by a person or an import; never guessed from the category.
        net_content: Content of a piece in grams or millilitres, for the price per kilogram or litre.
        min_age: Years a buyer must have, proven to a person; None for nearly everything.
        sale_stop: Why it may not be sold now, in words for the shopper; None when it may.
        recalled_lots: Lots called back; :data:`ALL_LOTS` for all.
        deposit_sku: The product that is charged along with each piece.
        warranty_months: How long the law's warranty runs, where it must be on a paper receipt; None for what is eaten.
        demo_price: Whether the price is made up, as in the demonstration shop; shown wherever the price is.
        floor_price_minor: No promotion or coupon brings a piece below it.
        is_taxed: In a shop whose prices are without tax, whether this one has it inside all the same.
    """

    sku: str
    name: str
    brand: str
    pack: str
    unit_price_minor: int
    vat_class: VatClass
    category: str = ""
    unit: Unit = Unit.EACH
    net_content: int | None = None
    min_age: int | None = None
    sale_stop: str | None = None
    recalled_lots: frozenset[str] = frozenset()
    deposit_sku: str | None = None
    demo_price: bool = False
    warranty_months: int | None = None
    floor_price_minor: int = 0
    is_taxed: bool = False

    def __post_init__(self) -> None:
        if type(self.unit_price_minor) is not int or self.unit_price_minor < 0:
            raise MalformedRuleError(self.sku, "a price is a whole number of minor units, zero or more")
        if type(self.floor_price_minor) is not int or self.floor_price_minor < 0:
            raise MalformedRuleError(self.sku, "a floor price is a whole number of minor units, zero or more")


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code that leads to a product; ``pieces`` above one for a pack that holds several."""

    code: str
    sku: str
    pieces: int = 1


class Catalog:
    """All products of a shop at one moment.

    Nothing changes after construction; a new price list is a new catalogue.

    Args:
        products: Each sku once.
        codes: GTIN texts of any length, or the shop's own codes (PLU numbers, words); each code once.

    Raises:
        MalformedRuleError: A sku or code stands twice, or a code or deposit leads nowhere.
    """

    def __init__(self, products: Iterable[Product], codes: Iterable[CodeRow]) -> None:
        self._by_sku: dict[str, Product] = {}
        for product in products:
            if self._by_sku.setdefault(product.sku, product) is not product:
                raise MalformedRuleError(product.sku, "the sku stands twice in the catalogue")
        for product in self._by_sku.values():
            if product.deposit_sku is not None and product.deposit_sku not in self._by_sku:
                raise MalformedRuleError(product.sku, f"its deposit {product.deposit_sku} is unknown")
        self._by_code: dict[str, CodeRow] = {}
        for row in codes:
            if row.sku not in self._by_sku:
                raise MalformedRuleError(row.code, f"it leads to the unknown product {row.sku}")
            if self._by_code.setdefault(key_of(row.code), row) is not row:
                raise MalformedRuleError(row.code, "the code stands twice in the catalogue")
        self._words = _index_words(self._by_sku)

    def __len__(self) -> int:
        return len(self._by_sku)

    def __contains__(self, code: str) -> bool:
        return key_of(code) in self._by_code

    @property
    def products(self) -> tuple[Product, ...]:
        """All products, in the order given."""
        return tuple(self._by_sku.values())

    @cached_property
    def loose(self) -> tuple[Product, ...]:
        """Products that no maker's bar code leads to, only the shop's own (PLU numbers, words, labels). By name."""
        barred = {row.sku for key, row in self._by_code.items() if _is_makers(key)}
        skus = {row.sku for row in self._by_code.values()} - barred
        return tuple(sorted((self._by_sku[sku] for sku in skus), key=lambda one: (fold(one.name), one.sku)))

    def by_code(self, code: str | Gtin) -> Product:
        """Return the product that a code leads to; 8, 12, 13 and 14 digits of one number lead to the same.

        Raises:
            ProductNotFoundError: No product has the code.
        """
        return self._by_sku[self._row(code).sku]

    def pieces(self, code: str | Gtin) -> int:
        """Return how many pieces one scan of the code stands for.

        Raises:
            ProductNotFoundError: No product has the code.
        """
        return self._row(code).pieces

    def by_sku(self, sku: str) -> Product:
        """Return the product under the shop's own key.

        Raises:
            ProductNotFoundError: No product has it.
        """
        if (product := self._by_sku.get(sku)) is None:
            raise ProductNotFoundError(sku)
        return product

    def search(self, text: str, limit: int = 10) -> tuple[Product, ...]:
        """Return the products whose name, brand or pack has a word beginning with each word of ``text``.

        Case and accents do not count. Best first: most words met whole, then names that begin with the text, then
        shorter names, then by name and sku. No words find nothing.
        """
        if not (wanted := fold(text).split()):
            return ()
        hits = [self._beginning_with(word) for word in wanted]
        skus = frozenset.intersection(*hits)
        ranked = sorted((self._by_sku[sku] for sku in skus), key=lambda product: _rank(product, wanted))
        return tuple(ranked[:limit])

    def _row(self, code: str | Gtin) -> CodeRow:
        key = code.key14 if isinstance(code, Gtin) else key_of(code)
        if (row := self._by_code.get(key)) is None:
            raise ProductNotFoundError(str(code))
        return row

    def _beginning_with(self, prefix: str) -> frozenset[str]:
        found: set[str] = set()
        words = self._words
        i = bisect_left(words, (prefix, ""))
        while i < len(words) and words[i][0].startswith(prefix):
            found.add(words[i][1])
            i += 1
        return frozenset(found)


def key_of(code: str) -> str:
    """Return the key under which a code is kept: 14 digits for a GTIN, else the text itself.

    Four or five digits are a PLU, not a GTIN, and stay as they are; so does a number whose check digit is wrong.
    """
    try:
        return Gtin.parse(code).key14
    except MalformedCodeError:
        return code.strip()


def _is_makers(key: str) -> bool:
    if len(key) != KEY_LENGTH or not key.isdecimal():
        return False
    # Most keys are told by two digits: a catalogue may hold a million of them.
    if key[1] not in "02":
        return True
    try:
        return not Gtin(key).is_in_store
    except MalformedCodeError:
        return False


def fold(text: str) -> str:
    """Return the text in lower case without accents, its words parted by single blanks.

    Examples:
        >>> fold("Crème  BRÛLÉE, œuf d'or")
        'creme brulee oeuf d or'
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = (sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    return " ".join("".join(letters).split())


def _index_words(products: Mapping[str, Product]) -> list[tuple[str, str]]:
    pairs = {(word, p.sku) for p in products.values() for word in fold(f"{p.name} {p.brand} {p.pack}").split()}
    return sorted(pairs)


def _rank(product: Product, wanted: list[str]) -> tuple[int, bool, int, str, str]:
    name = fold(product.name)
    words = set(fold(f"{product.name} {product.brand} {product.pack}").split())
    whole = sum(word in words for word in wanted)
    return (-whole, not name.startswith(" ".join(wanted)), len(name), name, product.sku)
