"""A shop in memory: the contract of ``kiosk.ports.Shop``, with a plug that can be pulled."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from kiosk.ports import ShopAnsweredBadlyError, ShopRefusedError, ShopUnreachableError
from kiosk.visit import calls
from kiosk.visit.events import Accepted, Answer, BasketNow, Products
from kiosk.visit.record import VisitRecord
from kiosk.visit.values import Basket, Line, Payment
from tests.kiosk.builders import NOON, a_basket, a_hit, a_line, a_payment, a_store, an_authentication


class FakeShop:
    """Keeps baskets by id and answers a repeated id with the first answer."""

    def __init__(self) -> None:
        self.plugged = True
        self.before: Callable[[], None] = lambda: None
        self.lost_answers = 0
        self.pay_hangs = False
        self.breaks_over: set[str] = set()
        self.kept: Callable[[Basket], None] = lambda _: None
        self.seen: list[calls.Call] = []
        self.baskets: dict[str, Basket] = {}
        self.payments: dict[str, Payment] = {}
        self._first: dict[str, Answer] = {}
        self.unknown: set[str] = set()

    def perform(self, call: calls.Call) -> Answer:
        self.before()
        if not self.plugged:
            raise ShopUnreachableError("unplugged")
        if self.pay_hangs and isinstance(call, calls.Pay):
            raise ShopUnreachableError("in flight")
        if getattr(call, "key", None) in self.breaks_over:
            raise ShopAnsweredBadlyError("status 500")
        self.seen.append(call)
        key = getattr(call, "key", None) or (call.basket_id if isinstance(call, calls.CreateBasket) else None)
        answer = self._first.get(key) if key else None
        if answer is None:
            answer = self._do(call)
            if key:
                self._first[key] = answer
        if self.lost_answers:
            self.lost_answers -= 1
            raise ShopUnreachableError("the answer was lost")
        return answer

    def _do(self, call: calls.Call) -> Answer:  # noqa: C901, PLR0911, PLR0912 - one row a call
        match call:
            case calls.FetchStore():
                return a_store()
            case calls.CreateBasket(basket_id=basket_id):
                return self._keep(a_basket(basket_id, lines=()))
            case calls.AddLine(basket_id=basket_id, code=code, key=key):
                if code in self.unknown:
                    raise ShopRefusedError("product_not_found", {})
                known = self._basket(basket_id)
                line = a_line(line_id=key, code=code)
                return replace(self._keep(_next(known, lines=(*known.lines, line))), line_id=key)
            case calls.ChangeQuantity(basket_id=basket_id, line_id=line_id, quantity=quantity):
                known = self._basket(basket_id)
                lines = tuple(_of(line, quantity) if line.line_id == line_id else line for line in known.lines)
                lines = tuple(line for line in lines if line.quantity)
                return self._keep(_next(known, lines=lines))
            case calls.FetchBasket(basket_id=basket_id):
                return BasketNow(self._basket(basket_id))
            case calls.QuoteBasket(basket_id=basket_id):
                return self._keep(replace(self._basket(basket_id), state="quoted"))
            case calls.SearchProducts() | calls.FetchLoose():
                return Products((a_hit(),))
            case calls.AuthenticatePin(key=key, pin=pin):
                if pin != "2718":
                    raise ShopRefusedError("pin_wrong", {"attempts_left": 4})
                return an_authentication(key, factors=("phone", "pin"))
            case calls.Pay(key=key, approval=approval):
                self.payments[approval.basket_id] = a_payment(key, approval.basket_id)
                return self.payments[approval.basket_id]
            case calls.FetchPayment(payment_id=payment_id):
                for payment in self.payments.values():
                    if payment.payment_id == payment_id:
                        return payment
                raise ShopRefusedError("payment_not_found", {})
            case calls.FetchBasketPayment():
                raise ShopRefusedError("payment_not_found", {})
            case _:
                return Accepted()

    def _basket(self, basket_id: str) -> Basket:
        if basket_id not in self.baskets:
            raise ShopRefusedError("basket_not_found", {})
        return self.baskets[basket_id]

    def _keep(self, basket: Basket) -> BasketNow:
        self.baskets[basket.basket_id] = basket
        self.kept(basket)
        return BasketNow(basket)


def _of(line: Line, quantity: int) -> Line:
    minor = line.unit_price_minor * quantity
    return replace(line, quantity=quantity, gross_minor=minor, due_minor=minor, adjustments=())


def _next(basket: Basket, lines: tuple[Line, ...]) -> Basket:
    version = basket.version + 1
    return a_basket(basket.basket_id, version=version, digest=f"d{version}", lines=lines)


class MemoryOfOne:
    """The open visit in memory, with what was saved in order."""

    def __init__(self, record: VisitRecord | None = None) -> None:
        self.record = record
        self.saved: list[VisitRecord | None] = []

    def load(self) -> VisitRecord | None:
        return self.record

    def save(self, record: VisitRecord | None) -> None:
        self.record = record
        self.saved.append(record)


def a_clock(at: datetime = NOON) -> Callable[[], datetime]:
    return lambda: at
