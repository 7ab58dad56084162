"""The kiosk believes a catalogue only as the store signed it, and never goes back to an older one."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkout import ShopFacts, change_between
from kiosk.offline.catalogue import CatalogueFile, CatalogueRefusedError, checked
from kiosk.offline.keeper import CatalogueKeeper
from kiosk.ports import CatalogueDocument, ShopUnreachableError
from kiosk.visit import events
from tests.kiosk.builders import NOON, after
from tests.kiosk.offline.builders import CODES, KEY, PRODUCTS, a_catalogue, a_product, a_shop, signed

PUBLIC = KEY.public_key()


class Store:
    """A store that sends what the test lays before it."""

    def __init__(self, *documents: CatalogueDocument | None) -> None:
        self.documents = list(documents)
        self.asked: list[str | None] = []
        self.plugged = True

    def key(self, store_id: str) -> bytes:
        assert store_id == "demo"
        return PUBLIC.public_bytes_raw()

    def fetch(self, store_id: str, since: str | None) -> CatalogueDocument | None:
        assert store_id == "demo"
        if not self.plugged:
            raise ShopUnreachableError("unplugged")
        self.asked.append(since)
        return self.documents.pop(0) if self.documents else None


def a_keeper(folder: Path, store: Store, at: float = 0) -> tuple[CatalogueKeeper, list[events.Event]]:
    told: list[events.Event] = []
    keeper = CatalogueKeeper(store, CatalogueFile(folder), lambda: "demo", told.append, lambda: after(at))
    return keeper, told


def a_step(number: int = 8, **facts: Any) -> CatalogueDocument:
    """Return what changed since the small shop: milk is dearer, wine is gone."""
    before = a_shop()
    goods = [a_product("milk", 310), *(p for p in PRODUCTS if p.sku not in {"milk", "wine"})]
    later = a_shop(number=number, products=goods, codes=[row for row in CODES if row.sku != "wine"])
    change = change_between(before["put"], later["put"])
    version = f"7-{before['head']['digest'][:16]}"
    return {**later, "since": version, "put": change.put, "gone": change.gone, **facts}


def test_prices_are_the_store_s_when_the_whole_is_taken_and_then_a_step() -> None:
    whole = checked(a_shop(), key=PUBLIC, store_id="demo")

    step = checked(a_step(), key=PUBLIC, store_id="demo", before=whole)

    catalog = step.assortment.catalog_at(NOON)
    assert catalog.by_sku("milk").unit_price_minor == 310
    assert {product.sku for product in catalog.products} == {p.sku for p in PRODUCTS} - {"wine"}


def cheaper(document: CatalogueDocument) -> CatalogueDocument:
    document["put"]["products"]["milk"]["unit_price_minor"] = 1
    return document


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (cheaper(a_shop()), "digest"),
        ({**a_shop(), "signature": "AAAA"}, "signature"),
        (signed(a_shop()["put"], key=Ed25519PrivateKey.generate()), "signature"),
        ({**a_shop(), "head": {**a_shop()["head"], "number": 9}}, "signature"),
        (a_shop(shop=ShopFacts("other", "O", "O", "EUR", "FR", "Europe/Paris", demo_prices=True)), "store"),
        (a_shop(number=6), "older"),
        ({**a_shop(), "signature": "no base64"}, "shape"),
        ({"head": {}}, "shape"),
        (signed({**a_shop()["put"], "vat": {"v": []}}), "shape"),
        (a_step(since="3-what"), "digest"),
        (a_step(gone={}), "digest"),
    ],
)
def test_catalogue_is_refused_with_its_reason_when_it_is_not_the_store_s(
    document: CatalogueDocument, reason: str
) -> None:
    with pytest.raises(CatalogueRefusedError) as caught:
        checked(document, key=PUBLIC, store_id="demo", before=a_catalogue())

    assert caught.value.reason == reason


def test_catalogue_lies_on_disk_when_the_kiosk_starts_again_without_a_network(tmp_path: Path) -> None:
    keeper, told = a_keeper(tmp_path, Store(a_shop()))
    assert keeper.fetch()
    store = Store()
    store.plugged = False

    again, told_again = a_keeper(tmp_path, store, at=60)

    assert not again.fetch()
    assert again.now is not None
    assert again.now.assortment == keeper.now.assortment  # type: ignore[union-attr] # it was fetched
    assert told == [events.CatalogueNow(again.now.head.version, NOON)]
    assert told_again == told


def test_time_of_the_prices_goes_on_when_the_store_says_that_nothing_changed(tmp_path: Path) -> None:
    store = Store(a_shop())
    a_keeper(tmp_path, store)[0].fetch()

    keeper, _ = a_keeper(tmp_path, store, at=90)
    keeper.fetch()
    store.plugged = False
    late, told = a_keeper(tmp_path, store, at=900)
    late.fetch()

    assert [one.as_of for one in told if isinstance(one, events.CatalogueNow)] == [after(90)]


def test_staff_are_told_once_when_the_file_was_changed_and_a_good_one_replaces_it(tmp_path: Path) -> None:
    store = Store(a_shop())
    a_keeper(tmp_path, store)[0].fetch()
    path = tmp_path / "catalogue.json.gz"
    path.write_bytes(gzip.compress(json.dumps(cheaper(json.loads(gzip.decompress(path.read_bytes())))).encode()))
    store.plugged = False

    keeper, told = a_keeper(tmp_path, store)
    keeper.fetch()
    keeper.fetch()
    assert (keeper.now, told) == (None, [events.CatalogueRefused("digest")])

    store.plugged, store.documents = True, [a_shop()]
    assert keeper.fetch()
    assert keeper.now is not None
    assert store.asked[-1] is None


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"[]"), gzip.compress(b"{")], ids=["empty", "plain", "list", "half"]
)
def test_half_a_file_is_refused_when_it_is_read(tmp_path: Path, content: bytes) -> None:
    file = CatalogueFile(tmp_path)
    file.keep_key(PUBLIC.public_bytes_raw())
    (tmp_path / "catalogue.json.gz").write_bytes(content)

    with pytest.raises(CatalogueRefusedError):
        file.load("demo")


def test_prices_stay_as_signed_when_the_store_sends_another_s_catalogue(tmp_path: Path) -> None:
    forged = signed(a_shop(number=9)["put"], number=9, key=Ed25519PrivateKey.generate())
    keeper, told = a_keeper(tmp_path, Store(a_shop(), forged, forged))
    keeper.fetch()

    refused = [keeper.fetch(), keeper.fetch()]

    assert refused == [False, False]
    assert keeper.now is not None
    assert keeper.now.head.number == 7
    assert told[1:] == [events.CatalogueRefused("signature")]


def test_whole_is_asked_for_when_a_step_does_not_lead_where_it_was_signed_to(tmp_path: Path) -> None:
    later = a_shop(number=8, products=(a_product("milk", 310),), codes=CODES[:1])
    store = Store(a_shop(), a_step(gone={}), later)
    keeper, _ = a_keeper(tmp_path, store)
    keeper.fetch()

    assert keeper.fetch()

    assert store.asked[1] is not None
    assert store.asked[2] is None
    assert keeper.now is not None
    assert keeper.now.head.number == 8


def test_store_key_is_the_first_one_when_another_is_offered_later(tmp_path: Path) -> None:
    file = CatalogueFile(tmp_path)
    file.keep_key(PUBLIC.public_bytes_raw())
    keeper, told = a_keeper(tmp_path, Store(signed(a_shop()["put"], key=Ed25519PrivateKey.generate())))

    assert not keeper.fetch()

    assert told == [events.CatalogueRefused("signature")]
