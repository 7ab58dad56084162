"""An unknown item is learnt once: sold at every kiosk within seconds, and nothing but a product can be learnt."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from checkout import VatClass
from checkout.errors import MalformedCodeError
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.errors import FlowError
from server.flows.learn import ShelfLabel, learn_product, suggestion
from server.flows.ports import Work
from server.flows.ports.proofs import Session
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import open_shopfront
from tests.server.builders import NOON, NUTELLA, an_id

NEW = "3228857000906"


def a_label(code: str = NEW, **facts: Any) -> ShelfLabel:
    given: dict[str, Any] = {"name": "Pain", "unit_price_minor": 219, "vat_class": VatClass.REDUCED} | facts
    return ShelfLabel(code, **given)


def let_in(work: Work) -> str:
    """Open a session of a colleague and return its token."""
    token = an_id()
    session = Session("staff", "amal", ("staff_assist",), NOON.replace(year=NOON.year + 50), an_id(), NOON)
    work.sessions.open(token_hash(token), session)
    return token


def learn(database: Database, shop: Shop, label: ShelfLabel) -> None:
    def flow(work: Work) -> None:
        learn_product(work, shop, label, by="amal", at=NOON)

    database.write(flow)


@pytest.mark.parametrize(
    "code", ["SESAME:C:ABCD-EFGH", "3228857000907", "https://brand.example/win", "a b", "2112345012506"]
)
def test_code_is_refused_when_it_is_no_product_s(database: Database, shop: Shop, code: str) -> None:
    with pytest.raises(MalformedCodeError):
        learn(database, shop, a_label(code))


def test_second_colleague_is_told_when_the_code_is_learnt_already(database: Database, shop: Shop) -> None:
    learn(database, shop, a_label())

    for code in (NEW, f"0{NEW}", NUTELLA):
        with pytest.raises(FlowError) as caught:
            learn(database, shop, a_label(code))
        assert caught.value.code == "code_known"

    def count(work: UnitOfWork) -> int:
        return work.connection.execute(select(func.count()).select_from(tables.product)).scalar_one()

    assert database.read(count) == 8


def test_name_is_suggested_and_never_a_price_when_suppliers_know_the_code(database: Database) -> None:
    def put(work: UnitOfWork) -> None:
        facts = {"name": "Pain complet", "brand": "H", "pack": "500 g", "category": "", "vat_class": "reduced"}
        more = {"vat_is_certain": False, "is_in_store": False, "source": "off"}
        work.connection.execute(insert(tables.product_reference).values(code=NEW, **facts, **more))

    database.write(put)

    found = database.read(lambda work: suggestion(work, NEW))
    assert found == {"product": {"name": "Pain complet", "brand": "H", "pack": "500 g"}, "vat_class": "reduced"}
    assert database.read(lambda work: suggestion(work, "no such")) == {}


@pytest.mark.anyio
async def test_line_is_sold_at_once_when_staff_have_read_the_shelf_label(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    token = database.write(let_in)
    async with open_shopfront(database_url, tmp_path) as front:
        basket = await front.basket()
        line = {"line_id": an_id(), "code": NEW}
        unknown = await front.ask("POST", f"/v1/baskets/{basket}/lines", line)
        before = (await front.ask("GET", "/v1/stores/demo/catalogue")).headers["ETag"].strip('"')
        body = {"code": NEW, "name": "Pain", "unit_price_minor": 219, "vat_class": "reduced"}
        learnt = await front.ask("POST", "/v1/products:learn", body, token=token)
        sold = await front.ask("POST", f"/v1/baskets/{basket}/lines", line | {"line_id": an_id()})
        step = (await front.ask("GET", f"/v1/stores/demo/catalogue?since={before}")).json()
        kiosk = await front.ask("POST", "/v1/products:learn", body)

    assert (unknown.status_code, unknown.json()["code"]) == (404, "product_not_found")
    assert learnt.status_code == 201, learnt.text
    assert sold.json()["total_minor"] == 219
    assert step["since"] == before
    assert list(step["put"]["products"]) == [f"learnt-0{NEW}"]
    assert (kiosk.status_code, kiosk.json()["code"]) == (403, "forbidden_role")
