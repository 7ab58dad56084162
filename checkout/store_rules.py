"""What a store sets for itself: how its own codes are laid out, how much a receipt takes off at most, who pays first.

Written as JSON by whoever runs the store, checked whole before any of it holds, and the same for a server and a kiosk.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Self

from checkout.codes import FR_LAYOUTS, PRESS_ADD_ONS, AddOnLayout, CodeTable, InStoreLayout
from checkout.errors import MalformedRuleError
from checkout.ledger import AccountKind
from checkout.money import Currency
from checkout.offline_pay import OfflineRules
from checkout.policy import PricingPolicy
from checkout.promotion_rows import RowFault
from checkout.promotions import FULL_BP

PURSES: Final = (AccountKind.VOUCHER, AccountKind.CASHBACK, AccountKind.MAIN)
"""The purses of a shopper in the order in which they pay where a store says nothing: restricted credit is good for less
and ends sooner, one's own money is good for everything."""

_FIELDS = ("layouts", "max_off_bp", "tender_order", "offline", "add_ons")
_NAME = "store rules"


@dataclass(frozen=True, slots=True)
class StoreRules:
    """The settings of one store.

    Attributes:
        layouts: Its in-store codes; of two whose prefixes overlap the first that fits is taken.
        max_off_bp: The most that offers and coupons take off one receipt, in basis points; 10000 is no bound.
        tender_order: All purses of a shopper, in the order in which they pay.
        offline: What a kiosk takes while the store is away.
        add_ons: What the bars beside a periodical's or a book's code mean; the first that fits is taken.
    """

    layouts: tuple[InStoreLayout, ...] = FR_LAYOUTS
    max_off_bp: int = FULL_BP
    tender_order: tuple[AccountKind, ...] = PURSES
    offline: OfflineRules = field(default_factory=OfflineRules)
    add_ons: tuple[AddOnLayout, ...] = PRESS_ADD_ONS

    @classmethod
    def demand(cls, told: object) -> Self:
        """Return the rules that were checked when they were written; None for those that hold everywhere.

        Raises:
            MalformedRuleError: They are faulty all the same; the error names the first field and the way out.
        """
        rules, faults = read_store_rules({} if told is None else told)
        if rules is None:
            first = faults[0]
            raise MalformedRuleError(_NAME, f"{first.field}: {first.message}: {first.fix}")
        return cls(rules.layouts, rules.max_off_bp, rules.tender_order, rules.offline, rules.add_ons)

    def as_json(self) -> dict[str, object]:
        """Return the rules as they are written down."""
        return {
            "layouts": [layout.template for layout in self.layouts],
            "max_off_bp": self.max_off_bp,
            "tender_order": [kind.value for kind in self.tender_order],
            "offline": asdict(self.offline),
            "add_ons": [layout.template for layout in self.add_ons],
        }

    def code_table(self, unit: Currency) -> CodeTable:
        """Return how codes are read here; a price in a code has the decimals of the store's currency."""
        return CodeTable(self.layouts, unit.exponent, self.add_ons)

    @property
    def policy(self) -> PricingPolicy:
        """How the store reckons."""
        return PricingPolicy(max_off_bp=self.max_off_bp)


MOST_OFFLINE_MINOR: Final = 1_000_000
"""A bound of the bounds: above it a slip of the decimal point is likelier than an intention."""
DEFAULT_RULES: Final = StoreRules()


def read_store_rules(told: object) -> tuple[StoreRules | None, tuple[RowFault, ...]]:
    """Read settings as they were written down: the rules, or every fault and no rules.

    A field that is left out is as it is everywhere.

    Examples:
        >>> rules, faults = read_store_rules({"max_off_bp": 5000})
        >>> rules.max_off_bp, faults
        (5000, ())
    """
    if not isinstance(told, Mapping):
        return None, (RowFault(_NAME, "", "it is no object", f"write an object with {', '.join(_FIELDS)}"),)
    faults = [
        RowFault(_NAME, str(name), "no such field", f"known are {', '.join(_FIELDS)}")
        for name in told
        if name not in _FIELDS
    ]
    layouts = _layouts(told.get("layouts", DEFAULT_RULES.as_json()["layouts"]), faults)
    most = told.get("max_off_bp", FULL_BP)
    if not isinstance(most, int) or isinstance(most, bool) or not 0 <= most <= FULL_BP:
        faults.append(RowFault(_NAME, "max_off_bp", f"{most!r} is no share", "choose 0 to 10000; 5000 is half"))
    order = _order(told.get("tender_order", [kind.value for kind in PURSES]), faults)
    offline = _offline(told.get("offline", {}), faults)
    add_ons = _add_ons(told.get("add_ons", DEFAULT_RULES.as_json()["add_ons"]), faults)
    return (None, tuple(faults)) if faults else (StoreRules(layouts, most, order, offline, add_ons), ())


def _layouts(told: object, faults: list[RowFault]) -> tuple[InStoreLayout, ...]:
    if not isinstance(told, list):
        faults.append(RowFault(_NAME, "layouts", "it is no list", "write a list of texts such as 21IIIIIWWWWWC"))
        return ()
    found: list[InStoreLayout] = []
    for number, text in enumerate(told):
        field = f"layouts.{number}"
        try:
            layout = InStoreLayout(text if isinstance(text, str) else repr(text))
        except MalformedRuleError as error:
            faults.append(RowFault(_NAME, field, f"{text!r} is no layout", error.problem))
            continue
        if (hiding := _hiding(layout, found)) is not None:
            fix = "take one of them out, or put the longer prefix first"
            faults.append(RowFault(_NAME, field, f"{hiding.template} takes all its codes", fix))
        if re.match(r"0[24]|2", layout.prefix) is None:
            fix = "begin it with 02, 04 or 20 to 29, the numbers that are a shop's own"
            faults.append(RowFault(_NAME, field, f"{layout.prefix} belongs to other people's products", fix))
        found.append(layout)
    return tuple(found)


def _add_ons(told: object, faults: list[RowFault]) -> tuple[AddOnLayout, ...]:
    if not isinstance(told, list):
        faults.append(RowFault(_NAME, "add_ons", "it is no list", "write a list of texts such as 977+II"))
        return ()
    found: list[AddOnLayout] = []
    for number, text in enumerate(told):
        try:
            found.append(AddOnLayout(text if isinstance(text, str) else repr(text)))
        except MalformedRuleError as error:
            faults.append(RowFault(_NAME, f"add_ons.{number}", f"{text!r} is no add-on", error.problem))
    return tuple(found)


def _hiding(layout: InStoreLayout, before: Iterable[InStoreLayout]) -> InStoreLayout | None:
    return next((one for one in before if layout.prefix.startswith(one.prefix)), None)


def _order(told: object, faults: list[RowFault]) -> tuple[AccountKind, ...]:
    words = told if isinstance(told, list) else []
    if sorted(map(str, words)) != sorted(kind.value for kind in PURSES):
        fix = f"name each of {', '.join(kind.value for kind in PURSES)} once, the first to pay first"
        faults.append(RowFault(_NAME, "tender_order", f"{told!r} is no order of the purses", fix))
        return PURSES
    return tuple(AccountKind(word) for word in words)


def _offline(told: object, faults: list[RowFault]) -> OfflineRules:
    known = asdict(OfflineRules())
    if not isinstance(told, Mapping) or not set(told) <= set(known):
        faults.append(RowFault(_NAME, "offline", f"{told!r} is not as agreed", f"write {', '.join(known)}"))
        return OfflineRules()
    amounts = {**known, **told}
    for name, minor in amounts.items():
        if not isinstance(minor, int) or isinstance(minor, bool) or not 0 <= minor <= MOST_OFFLINE_MINOR:
            fix = f"choose 0 to {MOST_OFFLINE_MINOR} minor units; 0 takes nothing without the store"
            faults.append(RowFault(_NAME, f"offline.{name}", f"{minor!r} is no bound", fix, MOST_OFFLINE_MINOR))
            return OfflineRules()
    return OfflineRules(**amounts)
