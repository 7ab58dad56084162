"""The signed catalogue: whole, in steps, unchanged, and the same prices at both ends."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import insert

from checkout import Change, Head, Tables, apply_change, assortment_of, digest_of_tables, prices_at
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.ports import Work
from server.flows.shop import open_shop
from server.flows.snapshot import read_tables
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import CODES, NOON, PRODUCTS, a_product

PATH = "/v1/stores/demo/catalogue"


def reprice(work: Work) -> None:
    """Sell pasta at another price, add tea, and sell no more cola."""
    kept = [product for product in PRODUCTS if product.sku not in {"pasta", "cola"}]
    codes = [row for row in CODES if row.sku != "cola"]
    work.shelf.put_products([*kept, a_product("pasta", 139, category="pasta"), a_product("tea", 200)], codes)
    work.events.tell("demo", "catalogue.changed", {"import_id": 1}, at=NOON)


async def fetch(front: Shopfront, since: str | None = None) -> dict[str, Any]:
    answer = await front.ask("GET", PATH if since is None else f"{PATH}?since={since}")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def tables_after(before: Tables, document: dict[str, Any]) -> Tables:
    return apply_change(before, Change(document["put"], document["gone"]))


@pytest.mark.anyio
async def test_signature_holds_for_the_rows_when_the_whole_catalogue_is_fetched(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    del database
    async with open_shopfront(database_url, tmp_path) as front:
        told = await fetch(front)
        key = (await front.ask("GET", "/v1/stores/demo/key", token=None)).json()

    head = Head(**told["head"])
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"]))
    public.verify(base64.b64decode(told["signature"]), head.signed)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(told["signature"]), Head("demo", head.number, head.made_at, "0" * 64).signed)
    assert digest_of_tables(told["put"]) == head.digest
    assert {product.sku for product in assortment_of(told["put"]).products} == {product.sku for product in PRODUCTS}


@pytest.mark.anyio
async def test_only_what_changed_is_sent_when_an_earlier_version_is_named(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with open_shopfront(database_url, tmp_path) as front:
        first = await fetch(front)
        version = Head(**first["head"]).version
        database.write(reprice)
        step = await fetch(front, version)
        whole = await fetch(front, "7-never-heard-of")

    assert (step["since"], whole["since"]) == (version, None)
    assert set(step["put"]["products"]) == {"pasta", "tea"}
    assert step["gone"] == {"products": ["cola"], "codes": ["5449000000996"]}
    assert tables_after(first["put"], step) == whole["put"]
    assert digest_of_tables(tables_after(first["put"], step)) == Head(**step["head"]).digest


@pytest.mark.anyio
async def test_nothing_is_sent_when_the_kiosk_has_the_newest_version(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with open_shopfront(database_url, tmp_path) as front:
        first = await front.ask("GET", PATH)
        again = await front.ask("GET", PATH, headers={"If-None-Match": first.headers["ETag"]})
        database.write(lambda work: work.events.tell("demo", "basket.changed", {}, at=NOON))
        unrelated = await front.ask("GET", PATH, headers={"If-None-Match": first.headers["ETag"]})
        empty = await fetch(front, first.headers["ETag"].strip('"'))

    assert [again.status_code, unrelated.status_code] == [304, 304]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (empty["put"], empty["gone"]) == ({}, {})


@pytest.mark.anyio
async def test_plain_json_is_sent_when_gzip_is_not_taken(database: Database, database_url: str, tmp_path: Path) -> None:
    del database
    async with open_shopfront(database_url, tmp_path) as front:
        plain = await front.ask("GET", PATH, headers={"Accept-Encoding": "identity"})
        zipped = await front.ask("GET", PATH)

    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert plain.json() == zipped.json()


@pytest.mark.anyio
async def test_other_stores_are_not_known_when_their_catalogue_is_asked_for(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    del database
    async with open_shopfront(database_url, tmp_path) as front:
        answers = [await front.ask("GET", f"/v1/stores/other/{what}") for what in ("catalogue", "key")]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "store_not_found")] * 2


def test_kiosk_and_server_agree_on_every_price_when_windows_overlap(database: Database) -> None:
    hour = timedelta(hours=1)
    windows = [
        ("nutella", "", tables.EPOCH, None, 380),
        ("nutella", "", NOON, NOON + 3 * hour, 360),
        ("nutella", "north", NOON + hour, NOON + 2 * hour, 340),
        ("nutella", "south", NOON, None, 100),
        ("pasta", "north", NOON - hour, NOON, 99),
    ]

    def put(work: UnitOfWork) -> None:
        names = ("sku", "price_group", "starts_at", "ends_at", "unit_price_minor")
        work.connection.execute(insert(tables.price), [dict(zip(names, row, strict=True)) for row in windows])

    database.write(put)
    told = assortment_of(database.read(lambda work: read_tables(work, "demo", "north")))

    for minutes in range(-90, 240, 30):
        at = NOON + timedelta(minutes=minutes)
        shop = database.read(lambda work, at=at: open_shop(work, "demo", price_group="north", at=at))  # type: ignore[misc] # bound now
        here = told.catalog_at(at)
        assert {p.sku: p.unit_price_minor for p in here.products} == {
            p.sku: p.unit_price_minor for p in shop.catalog.products
        }
        assert told.next_change_at(at) == shop.prices_until
        asked = database.read(lambda work, at=at: work.shelf.prices_at("north", at=at))  # type: ignore[misc] # as above
        assert prices_at(told.prices, "north", at=at) == {sku: now.unit_price_minor for sku, now in asked.items()}
