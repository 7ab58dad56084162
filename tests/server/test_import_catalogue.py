"""The catalogue import as a command: all that is right at once, all that is wrong told."""

import contextlib
import csv
import gzip
import json
import os
import pty
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from checkout import EUR, CodeRow, Product, Unit, VatClass
from checkout.feeds import ProductRecord, export_codes, export_products
from server.__main__ import main
from server.db import tables
from server.db.catalogue_swap import CatalogueSwap
from server.db.database import Database
from server.flows.import_catalogue import ImportedElsewhereError, ImportNote
from server.flows.ports import StoreRow
from server.flows.ports.shelf import PriceNow
from tests.server.stocked import an_empty_store

NUTELLA, WATER, PASTA = "3017620422003", "3274080005003", "3038350013804"
HEADING = "sku,code,name,brand,pack,category,price,vat_class,deposit_sku"
NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


class Desk:
    """Somebody who imports files into one database and looks at what came of it."""

    def __init__(self, url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.url, self.folder, self._capsys = url, folder, capsys
        self.database = Database(url)
        self.database.write(
            lambda work: work.shelf.put_store(
                StoreRow("demo", "Démo", "Démo", "EUR", "FR", "Europe/Paris", demo_prices=True)
            )
        )
        self.said = ""

    def file(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join((*lines, "")), "utf-8")
        return path

    def imports(self, form: str, path: Path, *options: str) -> int:
        code = main(["import-catalogue", form, str(path), "--database", self.url, *options])
        captured = self._capsys.readouterr()
        self.said = captured.out + captured.err
        return code

    def brings(self, *rows: str) -> int:
        return self.imports("own", self.file("products.csv", HEADING, *rows))

    def rows(self, table: Any) -> list[Any]:
        return self.database.read(lambda work: list(work.connection.execute(select(table))))

    def products(self) -> dict[str, Product]:
        products, _ = self.database.read(lambda work: work.shelf.products())
        return {product.sku: product for product in products}

    def codes(self) -> dict[str, str]:
        return {row.code: row.sku for row in self.rows(tables.product_code)}


@pytest.fixture
def desk(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    opened = Desk(database_url, tmp_path / "files", capsys)
    yield opened
    opened.database.close()


@pytest.fixture
def sqlite_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    url = an_empty_store(tmp_path / "one.db")
    opened = Desk(url, tmp_path / "files", capsys)
    yield opened
    opened.database.close()


def a_set(desk: Desk) -> Path:
    desk.file(
        "set/products.csv",
        "sku,name,brand,pack,unit,net_content,vat_class,min_age,sale_stop,deposit_sku,price",
        "n-1,Nutella,Ferrero,400 g,each,400 g,standard,,,,3.99",
        "b-1,Bière,Démo,33 cl,each,33 cl,standard,18,,glass,1.50",
        "glass,Consigne,,,each,,zero,,,,0.20",
        "apples,Pommes,,,kg,,reduced,,,,2.49",
    )
    desk.file("set/codes.csv", "code,sku,pieces,kind", f"{NUTELLA},n-1,1,", f"{WATER},b-1,6,gtin", "4011,apples,1,own")
    desk.file(
        "set/prices.csv",
        "sku,code,price_group,price,member_price,valid_from,valid_until",
        "n-1,,,3.99,3.49,,",
        f",{NUTELLA},north,3.79,,2026-12-01,2026-12-31",
    )
    return desk.file("set/recalls.csv", "code,lot", f"{NUTELLA},L1", f"{PASTA},*").parent


def test_all_tables_are_in_when_a_whole_set_is_imported(desk: Desk) -> None:
    folder = a_set(desk)

    code = desk.imports("own", folder)

    assert code == 0
    assert desk.products()["b-1"] == Product(
        "b-1", "Bière", "Démo", "33 cl", 150, VatClass.STANDARD, net_content=330, min_age=18, deposit_sku="glass"
    )
    assert desk.products()["apples"].unit is Unit.KG
    assert desk.codes() == {NUTELLA: "n-1", WATER: "b-1", "4011": "apples"}
    prices = sorted((row.price_group, row.unit_price_minor, row.member_price_minor) for row in desk.rows(tables.price))
    assert prices == [("", 399, 349), ("north", 379, None)]
    assert [tuple(row) for row in desk.rows(tables.recalled_lot)] == [("n-1", "L1")]
    (noted,) = desk.rows(tables.catalogue_import)
    assert noted.counts["product"] == {"added": 4, "changed": 0, "removed": 0, "same": 0}
    assert len(noted.file_sha256) == 64


def test_price_is_the_groups_newest_when_several_windows_hold(desk: Desk) -> None:
    desk.file("set/products.csv", "sku,name,vat_class,price", "a,A,reduced,5", "b,B,reduced,5")
    folder = desk.file(
        "set/prices.csv",
        "sku,price_group,price,member_price,valid_from,valid_until",
        "a,,4,3.50,,2026-11-30",
        "a,north,3,,2026-11-01,2026-11-20",
        "a,north,2,,2026-11-10,2026-11-19",
    ).parent
    desk.imports("own", folder)

    def prices(group: str, day: int) -> dict[str, PriceNow]:
        at = datetime(2026, 11, day, 11, 0, tzinfo=UTC)
        return desk.database.read(lambda work: work.shelf.prices_at(group, at=at))

    assert prices("north", 19) == {"a": PriceNow(200, None)}
    assert prices("north", 20) == {"a": PriceNow(300, None)}
    assert prices("north", 21) == {"a": PriceNow(400, 350)}
    assert prices("south", 19) == {"a": PriceNow(400, 350)}
    assert desk.products()["a"].unit_price_minor == 500


def test_lot_is_recalled_when_a_recall_was_imported(desk: Desk) -> None:
    desk.imports("own", a_set(desk))

    assert desk.products()["n-1"].recalled_lots == {"L1"}


def test_recall_counts_once_when_two_codes_of_a_product_bear_it(desk: Desk) -> None:
    desk.brings(f"a,{NUTELLA},A,,,,1,reduced,")
    desk.imports("own", desk.file("codes.csv", "code,sku", f"{WATER},a"))

    code = desk.imports("own", desk.file("recalls.csv", "code,lot", f"{NUTELLA},L1", f"{WATER},L1", f"{PASTA},L2"))

    assert code == 0
    assert [tuple(row) for row in desk.rows(tables.recalled_lot)] == [("a", "L1")]
    assert "recalls.csv, line 3, lot: line 2 says the same" in desk.said
    assert "recalls.csv, line 4, code: it is not sold here" in desk.said


def test_nothing_changes_when_the_same_files_come_twice(desk: Desk) -> None:
    folder = a_set(desk)
    desk.imports("own", folder)

    code = desk.imports("own", folder)

    assert code == 0
    assert "Nothing changes: the shop has all of it already." in desk.said
    assert len(desk.rows(tables.catalogue_import)) == 1


def test_nothing_changes_when_the_run_is_dry(desk: Desk) -> None:
    code = desk.imports("own", a_set(desk), "--dry-run")

    assert code == 0
    assert "product: 4 new" in desk.said
    assert "A dry run: nothing was changed." in desk.said
    assert desk.products() == {}
    assert desk.rows(tables.catalogue_import) == []


def test_good_rows_are_in_and_bad_ones_told_when_a_file_has_both(desk: Desk) -> None:
    path = desk.file("list.csv", HEADING, f"n-1,{NUTELLA},Nutella,,,,3.99,standard,", "=x,6.58E+11,Pain,,,,-1,reduced,")
    report = desk.folder / "report.csv"

    code = desk.imports("own", path, "--report", str(report))

    assert code == 1
    assert set(desk.products()) == {"n-1"}
    rows = list(csv.DictReader(report.read_text("utf-8").splitlines()))
    assert [(row["line"], row["field"], row["kind"], row["severity"]) for row in rows] == [
        ("3", "code", "code_exponent", "refused"),
        ("3", "price", "price_negative", "refused"),
    ]
    assert rows[0]["what_to_do"]
    assert rows[1]["given"] == "'-1"
    assert "list.csv, line 3, code:" in desk.said


def test_report_is_json_when_its_name_says_so(desk: Desk) -> None:
    path = desk.file("list.csv", HEADING, ",12,x,,,,1,reduced,", ",13,x,,,,1,reduced,")
    report = desk.folder / "sub" / "report.json"

    code = desk.imports("own", path, "--report", str(report))

    assert code == 1
    assert [row["line"] for row in json.loads(report.read_text("utf-8"))] == [2, 3]


def test_none_of_them_is_taken_when_rows_contradict_each_other(desk: Desk) -> None:
    code = desk.brings(
        f"a,{NUTELLA},A,,,,1,reduced,",
        f"b,{NUTELLA},B,,,,1,reduced,",
        "c,,C,,,,1,reduced,",
        "c,,C,,,,2,reduced,",
        "d,,D,,,,1,reduced,",
        "d,,D,,,,1,reduced,",
        f"e,{WATER},E,,,,1,reduced,lost",
        "f,,F,,,,1,reduced,e",
        "g,,G,,,,1,reduced,",
    )

    assert code == 1
    assert set(desk.products()) == {"d", "g"}
    assert desk.codes() == {}
    for words in ("2 code conflict", "2 sku conflict", "1 repeated", "2 deposit unknown"):
        assert words in desk.said


def test_tables_are_checked_against_each_other_when_a_set_is_imported(desk: Desk) -> None:
    desk.file("set/products.csv", "sku,name,vat_class,price", "a,A,reduced,1", "b,B,reduced,1", "c,,reduced,1")
    desk.file("set/codes.csv", "code,sku", f"{NUTELLA},a", f"{WATER},ghost", f"{PASTA},c")
    folder = desk.file(
        "set/prices.csv",
        "sku,price_group,price,member_price,valid_from",
        "a,,2,1,",
        "b,x,3,,",
        "b,x,4,,",
        "ghost,,1,,",
        "b,y,1,,2026-12-01",
    ).parent

    code = desk.imports("own", folder)

    assert code == 1
    assert set(desk.products()) == {"a", "b"}
    assert desk.codes() == {NUTELLA: "a"}
    assert [(row.sku, row.price_group) for row in desk.rows(tables.price)] == [("b", "y")]
    assert "prices.csv, line 2, price: the product has another in line 2" in desk.said
    assert "prices.csv, line 3, valid_from: line 4 says something else of it" in desk.said
    assert "codes.csv, line 3, sku: no such product is known ('ghost')" in desk.said


def test_new_product_is_refused_when_the_file_has_no_price_for_it(desk: Desk) -> None:
    desk.brings(f"a,{NUTELLA},A,Marque,,,1,reduced,")
    path = desk.file("names.csv", "sku,name", "a,Nouveau", "b,B")

    code = desk.imports("own", path)

    assert code == 1
    assert desk.products() == {"a": Product("a", "Nouveau", "Marque", "", 100, VatClass.REDUCED)}
    assert "a new product needs price and vat_class" in desk.said


def test_prices_alone_change_prices_when_they_come_each_night(desk: Desk) -> None:
    desk.imports("own", a_set(desk))
    path = desk.file("prices.csv", "sku,price_group,price,member_price", "n-1,,2.99,", "apples,,2.59,2.39")

    code = desk.imports("own", path)

    assert code == 0
    assert desk.products()["n-1"].unit_price_minor == 299
    assert [(row.sku, row.unit_price_minor, row.member_price_minor) for row in desk.rows(tables.price)] == [
        ("apples", 259, 239)
    ]
    assert desk.imports("own", path) == 0
    assert "Nothing changes" in desk.said


def test_members_price_follows_when_only_the_product_changes(desk: Desk) -> None:
    desk.imports("own", a_set(desk))

    desk.imports("own", desk.file("products.csv", "sku,price", "n-1,3.69"))
    first = [row.unit_price_minor for row in desk.rows(tables.price) if not row.price_group]
    desk.imports("own", desk.file("products.csv", "sku,price", "n-1,2.00"))

    assert first == [369]
    assert [row.price_group for row in desk.rows(tables.price)] == ["north"]


def test_code_stays_where_it_leads_when_another_product_claims_it(desk: Desk) -> None:
    desk.brings(f"a,{NUTELLA},A,,,,1,reduced,")

    code = desk.brings(f"b,{NUTELLA},B,,,,1,reduced,")

    assert code == 1
    assert desk.codes() == {NUTELLA: "a"}
    assert "in the shop it leads to a" in desk.said


def test_unnamed_goods_go_away_when_the_file_replaces(desk: Desk) -> None:
    desk.imports("own", a_set(desk))
    path = desk.file("products.csv", HEADING, f"new,{NUTELLA},Neuf,,,,1,reduced,")

    code = desk.imports("own", path, "--replace")

    assert code == 0
    assert set(desk.products()) == {"new"}
    assert desk.codes() == {NUTELLA: "new"}
    assert desk.rows(tables.price) == []
    assert desk.rows(tables.recalled_lot) == []


def test_shop_is_not_emptied_when_a_replacement_has_no_good_product(desk: Desk) -> None:
    desk.imports("own", a_set(desk))
    path = desk.file("products.csv", HEADING, "x,,X,,,,-1,reduced,")

    code = desk.imports("own", path, "--replace")

    assert code == 1
    assert len(desk.products()) == 4


def test_second_import_gives_way_when_another_came_first(desk: Desk) -> None:
    note = ImportNote("own", "x.csv", "0" * 64, NOW)
    first, second = CatalogueSwap(desk.database.engine), CatalogueSwap(desk.database.engine)
    for swap, price in ((first, 100), (second, 200)):
        swap.add(ProductRecord, [_a_record("a", price)], part=0)
        assert list(swap.settle(frozenset({"name", "vat_class", "unit_price_minor"}), names_all_prices=False)) == []
        swap.changes()

    first.swap(note, store_id="demo", at=NOW)
    with pytest.raises(ImportedElsewhereError):
        second.swap(note, store_id="demo", at=NOW)
    for swap in (first, second):
        swap.close()

    assert desk.products()["a"].unit_price_minor == 100
    assert desk.database.read(lambda work: [event.kind for event in work.events.after(0)]) == ["catalogue.changed"]


def test_reader_sees_the_old_prices_or_the_new_when_a_swap_runs(desk: Desk) -> None:
    def a_list(price: str) -> Path:
        return desk.file("products.csv", "sku,name,vat_class,price", *(f"p{i},P,reduced,{price}" for i in range(3000)))

    desk.imports("own", a_list("1.00"))
    path = a_list("2.00")
    seen: set[tuple[int, ...]] = set()
    is_over = threading.Event()

    def look() -> None:
        sums = select(
            func.count(), func.min(tables.product.c.unit_price_minor), func.max(tables.product.c.unit_price_minor)
        )
        while True:
            last = is_over.is_set()
            seen.add(tuple(desk.database.read(lambda work: work.connection.execute(sums).one())))
            if last:
                return

    reader = threading.Thread(target=look)
    reader.start()
    desk.imports("own", path)
    is_over.set()
    reader.join()

    assert seen <= {(3000, 100, 100), (3000, 200, 200)}
    assert (3000, 200, 200) in seen


def test_empty_facts_are_filled_and_prices_left_when_references_come(desk: Desk) -> None:
    desk.brings(f"a,{NUTELLA},A,,,,1,reduced,", "b,2000000000008,B,,,,1,reduced,", f"c,{WATER},C,Mine,1 l,w,1,reduced,")
    path = desk.file(
        "off.csv",
        "code,product_name,brands,quantity,categories_tags,price",
        f"{NUTELLA},Other,Ferrero,400 g,en:chocolate-spreads,9",
        "2000000000008,Elsewhere,Wrong,1 kg,en:x,9",
        f"{WATER},Other,Theirs,2 l,en:waters,9",
        f"{PASTA},Pâtes,Panzani,500 g,en:pastas,9",
    )

    code = desk.imports("off", path)

    assert code == 0
    assert desk.products() == {
        "a": Product("a", "A", "Ferrero", "400 g", 100, VatClass.REDUCED, "chocolate-spreads", net_content=400),
        "b": Product("b", "B", "", "", 100, VatClass.REDUCED),
        "c": Product("c", "C", "Mine", "1 l", 100, VatClass.REDUCED, "w", net_content=2000),
    }
    assert len(desk.rows(tables.product_reference)) == 4


def test_suppliers_vat_class_counts_and_is_told_when_it_differs(desk: Desk) -> None:
    desk.brings(f"a,{NUTELLA},A,,,,1,standard,")
    item = (
        (
            f"<tradeItem><gtin>0{NUTELLA}</gtin><dutyFeeTax><dutyFeeTaxCategoryCode>LOW</dutyFeeTaxCategoryCode></dutyFeeTax>"
            "<brandNameInformation><brandName>Ferrero</brandName></brandNameInformation></tradeItem>"
        )
        .replace("<dutyFeeTax>", "<dutyFeeTaxInformation><dutyFeeTax>", 1)
        .replace("</dutyFeeTax><", "</dutyFeeTax></dutyFeeTaxInformation><", 1)
    )

    code = desk.imports("gdsn", desk.file("items.xml", f"<m>{item}</m>"))
    told = desk.said
    desk.imports("off", desk.file("off.csv", "code,product_name,brands", f"{NUTELLA},N,Wrong"))

    assert code == 0
    assert desk.products()["a"].vat_class is VatClass.REDUCED
    assert "it goes from standard to reduced" in told
    assert [(row.source, row.brand) for row in desk.rows(tables.product_reference)] == [("gdsn", "Ferrero")]


def test_known_facts_stay_when_a_later_list_has_only_names(desk: Desk) -> None:
    desk.imports("off", desk.file("off.csv", "code,name,brand,quantity,categories", f"{NUTELLA},N,Ferrero,400 g,en:x"))

    desk.imports("off", desk.file("off.csv", "code,name", f"{NUTELLA},Nutella"))

    (known,) = desk.rows(tables.product_reference)
    assert (known.name, known.brand, known.net_content, known.vat_class) == ("Nutella", "Ferrero", 400, "reduced")


@pytest.mark.parametrize(
    ("form", "lines", "mapping"),
    [
        (
            "shopify",
            ("Handle,Title,Variant SKU,Variant Price,Variant Barcode", f"x,Nutella,a,3.99,{NUTELLA}"),
            "reduced",
        ),
        ("woocommerce", ("SKU,Name,Regular price,Tax class,EAN", f"a,Nutella,3.99,reduced-rate,{NUTELLA}"), None),
    ],
)
def test_web_shops_goods_are_in_when_their_export_is_imported(
    desk: Desk, form: str, lines: tuple[str, ...], mapping: str | None
) -> None:
    options = (
        [] if mapping is None else ["--mapping", str(desk.file("m.toml", f"[constants]\nvat_class = '{mapping}'"))]
    )

    code = desk.imports(form, desk.file("export.csv", *lines), *options)

    assert code == 0
    assert desk.products() == {"a": Product("a", "Nutella", "", "", 399, VatClass.REDUCED)}
    assert desk.codes() == {NUTELLA: "a"}


def test_nothing_changes_when_the_shops_own_export_comes_back(desk: Desk) -> None:
    desk.imports("own", a_set(desk))
    products, codes = desk.database.read(lambda work: work.shelf.products())
    desk.file("back/products.csv", "".join(export_products(products, EUR)))
    folder = desk.file("back/codes.csv", "".join(export_codes(codes))).parent

    code = desk.imports("own", folder, "--replace", "--dry-run")

    assert code == 0
    assert "product: 0 new, 0 changed, 0 removed, 4 as before" in desk.said
    assert "product code: 0 new, 0 changed, 0 removed, 3 as before" in desk.said


def test_json_null_of_older_rows_is_no_content_when_compared(desk: Desk) -> None:
    product = Product("a", "A", "", "", 100, VatClass.REDUCED)
    desk.database.write(lambda work: work.shelf.put_products([product], [CodeRow(NUTELLA, "a")]))

    desk.brings(f"a,{NUTELLA},A,,,,1,reduced,")

    assert "Nothing changes" in desk.said


def test_packed_file_is_read_when_its_name_ends_in_gz(sqlite_desk: Desk) -> None:
    path = sqlite_desk.file("x.csv", "").parent / "products.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADING}\na,{NUTELLA},A,,,,1,reduced,\n".encode()))

    assert sqlite_desk.imports("own", path) == 0
    assert set(sqlite_desk.products()) == {"a"}


@pytest.mark.parametrize(
    ("form", "name", "mapping", "words"),
    [
        ("own", "absent.csv", None, "absent.csv"),
        ("off", ".", None, "a folder is for the format own"),
        ("own", ".", None, "a folder is for the format own"),
        ("own", "here.txt", "table = 1", "table"),
        ("own", "cut.csv.gz", None, "ended before"),
        ("own", "torn.csv.gz", None, "invalid"),
        ("gdsn", "here.txt", "table = 'codes'", "needs no mapping"),
    ],
)
def test_reason_is_plain_when_the_command_cannot_run(
    sqlite_desk: Desk, form: str, name: str, mapping: str | None, words: str
) -> None:
    sqlite_desk.file("here.txt", "x")
    (sqlite_desk.folder / "torn.csv.gz").write_bytes(gzip.compress(b"sku,name\n" * 1000)[:10] + b"\xff" * 90)
    (sqlite_desk.folder / "cut.csv.gz").write_bytes(gzip.compress(b"sku,name\n" * 1000)[:30])
    options = [] if mapping is None else ["--mapping", str(sqlite_desk.file("m.toml", mapping))]

    code = sqlite_desk.imports(form, sqlite_desk.folder / name, *options)

    assert code == 2
    assert words in sqlite_desk.said


def test_file_stays_when_the_report_bears_its_name(sqlite_desk: Desk) -> None:
    path = sqlite_desk.file("products.csv", HEADING, f"a,{NUTELLA},A,,,,1,reduced,")

    code = sqlite_desk.imports("own", path, "--report", str(path))

    assert code == 2
    assert "would overwrite" in sqlite_desk.said
    assert path.read_text("utf-8").startswith(HEADING)


def test_nothing_changes_when_somebody_keeps_the_database(sqlite_desk: Desk) -> None:
    path = sqlite_desk.file("products.csv", HEADING, f"a,{NUTELLA},A,,,,1,reduced,")
    holder = sqlite3.connect(sqlite_desk.folder.parent / "one.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    code = sqlite_desk.imports("own", path)
    holder.execute("ROLLBACK")
    holder.close()

    assert code == 3
    assert "Nothing was changed." in sqlite_desk.said
    assert sqlite_desk.products() == {}


def test_store_must_be_there_when_goods_are_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("sku\n")

    code = main(["import-catalogue", "own", str(path), "--database", f"sqlite:///{tmp_path / 'empty.db'}"])

    assert code == 2
    assert "There is no store 'demo' here yet." in capsys.readouterr().err


def test_bar_moves_when_somebody_watches(sqlite_desk: Desk) -> None:
    path = sqlite_desk.file("products.csv", "sku,name,vat_class,price", *(f"p{i},P,reduced,1" for i in range(30_000)))
    terminal, end = pty.openpty()

    with subprocess.Popen(
        [sys.executable, "-m", "server", "import-catalogue", "own", str(path), "--database", sqlite_desk.url],
        stdout=subprocess.DEVNULL,
        stderr=end,
    ) as running:
        os.close(end)
        seen = b""
        with contextlib.suppress(OSError):  # how a terminal ends on Linux
            while chunk := os.read(terminal, 4096):
                seen += chunk
    os.close(terminal)

    assert running.returncode == 0
    assert b"100 % checking" in seen
    assert seen.count(b"\r[") >= 2


@pytest.mark.data
def test_real_products_are_known_and_no_bad_code_is_when_both_are_imported(
    sqlite_desk: Desk, shared_data: Path
) -> None:
    catalogue = shared_data / "catalogue"
    bad = json.loads((catalogue / "bad-codes-real.json").read_text("utf-8"))
    path = sqlite_desk.file("bad.csv", "code,name", *(f'"{row["code"]}",x' for row in bad))
    report = sqlite_desk.folder / "report.json"

    assert sqlite_desk.imports("off", catalogue / "off-products-full.csv") == 0
    assert sqlite_desk.imports("off", path, "--report", str(report)) == 1

    assert len(sqlite_desk.rows(tables.product_reference)) == 9390
    assert len(json.loads(report.read_text("utf-8"))) == 2663
    assert "1620 code exponent" in sqlite_desk.said


@pytest.mark.data
def test_real_products_are_sold_when_a_mapping_gives_them_a_demonstration_price(
    sqlite_desk: Desk, shared_data: Path
) -> None:
    mapping = sqlite_desk.file(
        "m.toml",
        "[columns]",
        'code = "gtin"',
        'pack = "quantity"',
        "[constants]",
        'price = "1.00"',
        'vat_class = "reduced"',
        'demo_price = "yes"',
    )

    code = sqlite_desk.imports(
        "own", shared_data / "catalogue" / "off-products-full.csv", "--mapping", str(mapping), "--replace"
    )

    assert code == 0
    assert len(sqlite_desk.products()) == 9390
    assert len(sqlite_desk.codes()) == 9390


def _a_record(sku: str, price: int) -> ProductRecord:
    return ProductRecord(2, sku, sku, None, None, None, None, None, price, "reduced", None, None, None, None)


def test_sale_of_a_web_shop_holds_in_its_days_alone_when_it_was_imported(desk: Desk) -> None:
    heading = "SKU,Name,Tax class,Regular price,Sale price,Date sale price starts,Date sale price ends"
    desk.imports("woocommerce", desk.file("first.csv", heading, "a,Pain,reduced-rate,2,1.50,2026-12-01,2026-12-24"))

    def price(day: int) -> int | None:
        at = datetime(2026, 12, day, 11, 0, tzinfo=UTC)
        now = desk.database.read(lambda work: work.shelf.prices_at("", at=at)).get("a")
        return None if now is None else now.unit_price_minor

    assert desk.products()["a"].unit_price_minor == 200
    assert (price(1), price(24), price(25)) == (150, 150, None)

    desk.imports("woocommerce", desk.file("second.csv", heading, "a,Pain,reduced-rate,2,,,"))

    assert price(1) is None


@pytest.mark.parametrize(
    ("form", "lines", "field"),
    [
        ("shopify", ("Handle,Title,Variant SKU,Variant Price,Variant Barcode", "x,Pâte,a,3.99,3017620422004"), "code"),
        ("shopify", ("Handle,Title,Variant SKU,Variant Price,Variant Barcode", "x,Pâte,a,cheap,"), "price"),
        ("odoo", ("default_code,barcode,name,lst_price,taxes_id", "a,3017620422004,Pâte,3.99,5.5% G"), "code"),
        ("odoo", ("default_code,barcode,name,lst_price,taxes_id", "a,,Pâte,3.99,home-made"), "vat_class"),
    ],
)
def test_shop_is_as_before_and_the_way_out_told_when_another_systems_row_is_wrong(
    sqlite_desk: Desk, form: str, lines: tuple[str, ...], field: str
) -> None:
    sqlite_desk.brings("a,,Pain,,,,1.20,reduced,")
    before = sqlite_desk.products()
    report = sqlite_desk.folder / "report.csv"

    code = sqlite_desk.imports(form, sqlite_desk.file("export.csv", *lines), "--report", str(report))

    assert code == 1
    assert sqlite_desk.products() == before
    (told, *_) = csv.DictReader(report.read_text("utf-8").splitlines())
    assert (told["line"], told["field"], told["severity"]) == ("2", field, "refused")
    assert told["what_to_do"]
    assert f"export.csv, line 2, {field}:" in sqlite_desk.said
