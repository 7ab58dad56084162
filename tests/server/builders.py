"""Builders with sensible defaults for the store server's tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkout import (
    EUR,
    PSP_SANDBOX,
    CodeRow,
    Money,
    Posting,
    Product,
    Transfer,
    TransferKind,
    Unit,
    VatClass,
    main_account,
)
from server.flows.baskets import Foreseen, find, priced
from server.flows.capture import Minted, capture
from server.flows.check_out import Laid, Whole, admit, foresee, price_whole
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupons import issue
from server.flows.pay import Approved
from server.flows.phone import PhoneBook
from server.flows.ports import Ahead, Caller, StoreRow, Work
from server.flows.ports.campaigns import CampaignRow
from server.flows.ports.devices import Device, DeviceKind
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Authentication, Session
from server.flows.scan import open_basket, scan
from server.flows.shop import Shop
from server.flows.tokens import token_hash

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
KIOSK = Caller("kiosk", "kiosk-1", "demo")
KIOSK_TOKEN = "kiosk-token-of-the-tests"
GATE_TOKEN = "gate-token-of-the-tests"
PHONES = PhoneBook("FR", b"p" * 32)
EXIT_KEY = Ed25519PrivateKey.generate()
_ids = count(1)


def an_id() -> str:
    """Return an id that no other call returns."""
    return str(UUID(int=next(_ids) + (4 << 76) + (8 << 60)))


def a_product(sku: str, price: int, **facts: Any) -> Product:
    """Return a product that costs `price` minor units."""
    facts = {"name": sku.title(), "brand": "Brand", "pack": "500 g", "vat_class": VatClass.REDUCED} | facts
    return Product(sku=sku, unit_price_minor=price, **facts)


NUTELLA = "3017620422003"
WINE = "3183280003286"
PASTA = "3038350013804"
COLA = "5449000000996"

PRODUCTS = (
    a_product("nutella", 399, name="Nutella", pack="400 g"),
    a_product("wine", 649, pack="75 cl", vat_class=VatClass.STANDARD, min_age=18, category="alcohol"),
    a_product("pasta", 129, category="pasta"),
    a_product("cola", 150, pack="33 cl", deposit_sku="deposit"),
    a_product("deposit", 15, vat_class=VatClass.ZERO),
    a_product("apples", 250, unit=Unit.KG, pack=""),
    a_product("stopped", 500, sale_stop="it may contain glass"),
)
CODES = (
    CodeRow(NUTELLA, "nutella"),
    CodeRow(WINE, "wine"),
    CodeRow(PASTA, "pasta"),
    CodeRow(COLA, "cola"),
    CodeRow("2112345000008", "apples"),
    CodeRow("4011", "apples"),
    CodeRow("4006381333931", "stopped"),
)
PASTA_OFFER = {
    "id": "pasta-3-for-2",
    "label": {"fr": "3 pour 2", "en": "3 for 2", "zh": "买三付二"},
    "benefit": {"kind": "n_for_m", "match": {"categories": ["pasta"]}, "take": 3, "pay": 2},
}


def stock_small_shop(work: Work) -> None:
    """Fill the shop of the tests: seven products, one promotion, a kiosk and a gate."""
    work.shelf.put_store(StoreRow("demo", "Test", "Sésame Démo · Magasin 12", "EUR", "FR", "Europe/Paris", True))  # noqa: FBT003 - a row, column by column
    work.shelf.put_products(PRODUCTS, CODES)
    work.shelf.put_promotions([PASTA_OFFER])
    a_device(work, "kiosk-1", KIOSK_TOKEN)
    a_device(work, "kiosk-2", KIOSK_TOKEN + "2")
    a_device(work, "gate-1", GATE_TOKEN, kind="gate")


def a_device(work: Work, device_id: str, token: str, *, kind: DeviceKind = "kiosk") -> Ed25519PrivateKey:
    """Pair a device and open a session for it that outlives every test; return its key."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    work.devices.put(Device(device_id, "demo", device_id.replace("-", " ").title(), kind, public, None))
    work.sessions.open(token_hash(token), Session(kind, device_id, (), NOON.replace(year=NOON.year + 50)))
    return key


def a_shopper(work: Work, *, balance_minor: int = 0, name: str = "Lina Durand") -> str:
    """Open an account with money in it and return the customer's id. The PIN hash fits no PIN."""
    customer_id = an_id()
    work.customers.add(Customer(customer_id, name, f"hash of {customer_id}", "5678", "no hash", 0, None, "fr", NOON))
    if balance_minor:
        posting = Posting(PSP_SANDBOX, main_account(customer_id), Money(balance_minor, EUR))
        work.ledger.post([Transfer(an_id(), TransferKind.TOPUP, "test", (posting,))], at=NOON)
    return customer_id


def an_approval(
    work: Work, shop: Shop, customer_id: str, basket_id: str, *, at: datetime = NOON, seconds: int = 60
) -> Approved:
    """Let a shopper approve a basket as it stands, by pay code and PIN, for a new payment."""
    row = find(work, basket_id)
    quote = priced(work, shop, row, at=at).quote
    approved = Approved(an_id(), basket_id, quote.digest, quote.total.minor, shop.payee, an_id())
    work.authentications.add(
        Authentication(
            authentication_id=approved.authentication_id,
            customer_id=customer_id,
            kiosk_id=row.kiosk_id,
            basket_id=basket_id,
            digest=approved.digest,
            amount_minor=approved.amount_minor,
            payee=shop.payee,
            factors=("wallet_code", "pin"),
            evidence=None,
            step_up_reason=None,
            pin_at=at,
            made_at=at,
            expires_at=at + timedelta(seconds=seconds),
            used_at=None,
        )
    )
    return approved


def a_basket(work: Work, shop: Shop, *codes: str) -> str:
    """Open a basket at the kiosk, put products into it, and return its id."""
    basket_id = an_id()
    open_basket(work, shop, basket_id, KIOSK, channel="kiosk", at=NOON)
    for code in codes:
        scan(
            work,
            shop,
            basket_id,
            KIOSK,
            line_id=an_id(),
            code=code,
            symbology=None,
            quantity=1,
            at=NOON,
            intervention_id=an_id(),
        )
    return basket_id


def minted() -> Minted:
    """Return what chance would give to a payment."""
    return Minted(an_id(), an_id(), f"exit-{an_id()}", 3600, EXIT_KEY.sign)


def a_coupon(work: Work, *, off_minor: int = 200, budget_minor: int = 10_000, at: datetime = NOON) -> str:
    """Launch a campaign of its own and return the code of one coupon from it."""
    campaign_id = an_id()
    work.campaigns.add(
        CampaignRow(
            campaign_id=campaign_id,
            store_id="demo",
            name="Test",
            label={"fr": "Test", "en": "Test", "zh": "Test"},
            effect_kind="amount",
            effect_value=off_minor,
            min_basket_minor=0,
            budget_minor=budget_minor,
            reserved_minor=0,
            spent_minor=0,
            limit_coupons=100,
            limit_per_person=5,
            limit_generations=1,
            issued=0,
            share_mode="copy",
            issue_on_ticket=False,
            state="live",
            starts_at=at - timedelta(days=1),
            ends_at=at + timedelta(days=30),
            created_by="marc",
            created_at=at,
        )
    )
    campaign = work.campaigns.get(campaign_id)
    assert campaign is not None
    return issue(work, campaign, code=new_coupon_code(), phone_hash=None, generation=0, at=at).code


@dataclass(frozen=True, slots=True)
class Sale:
    """A whole basket that a shopper has approved."""

    whole: Whole
    approved: Approved
    customer_id: str


def a_sale(  # the facts of one sale
    work: Work,
    shop: Shop,
    *codes: str,
    customer_id: str | None = None,
    coupons: tuple[str, ...] = (),
    balance_minor: int = 5000,
    at: datetime = NOON,
    factors: tuple[str, ...] = ("wallet_code", "pin"),
    seconds: int = 60,
) -> Sale:
    """Let a shopper approve goods that come whole; with a wallet of their own unless one is named."""
    payer = customer_id or a_shopper(work, balance_minor=balance_minor)
    whole = Whole(an_id(), tuple(Laid(an_id(), code) for code in codes or (NUTELLA,)), coupons)
    quote = price_whole(work, shop, whole, KIOSK, at=at).quote
    approved = Approved(an_id(), whole.basket_id, quote.digest, quote.total.minor, shop.payee, an_id())
    work.authentications.add(
        Authentication(
            authentication_id=approved.authentication_id,
            customer_id=payer,
            kiosk_id=KIOSK.subject,
            basket_id=whole.basket_id,
            digest=approved.digest,
            amount_minor=approved.amount_minor,
            payee=shop.payee,
            factors=factors,
            evidence={"liveness": "passed"},
            step_up_reason=None,
            pin_at=at if "pin" in factors else None,
            made_at=at,
            expires_at=at + timedelta(seconds=seconds),
            used_at=None,
        )
    )
    return Sale(whole, approved, payer)


def sale_body(sale: Sale) -> dict[str, Any]:
    """Return a sale as it goes over the wire."""
    approved = {name: getattr(sale.approved, name) for name in sale.approved.__slots__}
    lines = [{"line_id": line.line_id, "code": line.code} for line in sale.whole.lines]
    return approved | {"lines": lines, "coupons": list(sale.whole.coupon_codes)}


class Paying:
    """A sale on its way through a batch, as the route sends it, under a key of its own."""

    def __init__(self, shop: Shop, sale: Sale, *, at: datetime = NOON, token: str = KIOSK_TOKEN) -> None:
        self.sale = sale
        self._shop = shop
        self._at = at
        self._minted = minted()
        self._foreseen: Foreseen | None = None
        self.ahead = Ahead(
            at=at,
            store_id=shop.store_id,
            token_hash=token_hash(token),
            key=sale.approved.payment_id,
            payment_id=sale.approved.payment_id,
            basket_id=sale.whole.basket_id,
            authentication_id=sale.approved.authentication_id,
            coupon_codes=sale.whole.coupon_codes,
        )

    def foresee(self, work: Work) -> None:
        self._foreseen = foresee(work, self._shop, self.sale.whole, self._who(work), at=self._at, phones=PHONES)

    def admit(self, work: Work) -> None:
        who, foreseen = self._who(work), self._foreseen
        sale = self.sale
        facts: dict[str, Any] = {"at": self._at, "hold_seconds": 180, "phones": PHONES, "foreseen": foreseen}
        admit(work, self._shop, sale.whole, sale.approved, who, **facts)

    def _who(self, work: Work) -> Caller:
        who = work.callers.by_token(self.ahead.token_hash, at=self._at)
        assert who is not None
        return who

    def finish(self, work: Work) -> PaymentRow:
        return capture(work, self._shop, self.sale.approved.payment_id, self._minted, at=self._at)
