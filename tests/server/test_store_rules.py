"""What a store sets for itself holds at the till, on the ticket, at the purses and in the tester, and on no half."""

import json
from pathlib import Path

import pytest

from checkout import AccountKind, InStoreLayout, StoreRules, assortment_of, cashback_account, replay
from checkout.codes import price_check_digit
from checkout.gtin import check_digit
from server.__main__ import main
from server.db.database import Database
from server.flows.baskets import find
from server.flows.ports import Work
from server.flows.shop import Shop, open_shop
from server.flows.snapshot import read_tables
from tests.server.apps import open_shopfront
from tests.server.builders import NUTELLA, PASTA, a_basket, a_shopper
from tests.server.test_wallet import a_purse, bought, credit, means, ticket_body

GUARDED = InStoreLayout("21IIIIIPPPPPC")
INNER = InStoreLayout("26IIIIVPPPPPC")


def ruled(work: Work, **facts: object) -> Shop:
    """Let rules hold, and return the shop that knows of them."""
    assert work.shelf.put_rules("demo", StoreRules(**facts))  # type: ignore[arg-type] # named by the test
    return open_shop(work, "demo")


def whole(payload: str) -> str:
    return payload + check_digit(payload)


APPLES = whole("211234501250")


def test_a_label_is_read_by_the_store_s_own_layout_when_it_is_scanned(database: Database, shop: Shop) -> None:
    def story(work: Work) -> list[tuple[int | None, int | None]]:
        own = ruled(work, layouts=(GUARDED,))
        rows = [find(work, a_basket(work, seller, APPLES)) for seller in (shop, own)]
        return [(row.lines[0].weight_g, row.lines[0].price_minor) for row in rows]

    assert database.write(story) == [(1250, None), (None, 1250)]


def test_no_more_comes_off_than_the_store_allows_when_a_receipt_is_paid(database: Database) -> None:
    shop = database.write(lambda work: ruled(work, max_off_bp=500))
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=10_000))

    payment = database.write(lambda work: bought(work, shop, customer_id, PASTA, PASTA, PASTA))

    assert payment.amount_minor == 387 - 387 * 5 // 100
    body = database.read(lambda work: ticket_body(work, payment))
    assert body["rules"]["policy"]["max_off_bp"] == 500
    assert replay(body) == ()


@pytest.mark.parametrize(
    ("order", "bounds", "drawn"),
    [
        (("cashback", "voucher", "main"), (0, 250, 0), [("cashback", 250), ("voucher", 149)]),
        (("main", "voucher", "cashback"), (0, 0, 0), [("main", 399)]),
        (("voucher", "main", "cashback"), (0, 0, 0), [("voucher", 200), ("main", 199)]),
    ],
)
def test_purses_pay_in_the_store_s_order_when_it_sets_one(
    database: Database, order: tuple[str, ...], bounds: tuple[int, int, int], drawn: list[tuple[str, int]]
) -> None:
    shop = database.write(lambda work: ruled(work, tender_order=tuple(AccountKind(word) for word in order)))
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    database.write(lambda work: a_purse(work, customer_id, 200))
    database.write(lambda work: credit(work, cashback_account(customer_id), 250))

    told = database.write(lambda work: means(work, shop, customer_id, NUTELLA))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, cashback_minor=250))

    assert (told.cashback_min_minor, told.cashback_max_minor, told.shortfall_minor) == bounds
    assert [(each["account"], each["amount_minor"]) for each in payment.tenders] == drawn


def test_rules_travel_with_the_catalogue_when_a_kiosk_fetches_it(database: Database) -> None:
    rules = StoreRules((GUARDED,), 4000)
    database.write(lambda work: work.shelf.put_rules("demo", rules))

    tables = database.read(lambda work: read_tables(work, "demo", ""))

    assert assortment_of(tables).rules == rules


@pytest.mark.anyio
async def test_groups_are_told_whatever_is_wrong_with_them_when_a_code_is_tested(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    database.write(lambda work: work.shelf.put_rules("demo", StoreRules((GUARDED, INNER))))
    wrong = str((int(price_check_digit("14685")) + 1) % 10)
    async with open_shopfront(database_url, tmp_path) as front:
        found = (await front.ask("GET", f"/v1/codes/{APPLES}")).json()
        sold = (await front.ask("GET", f"/v1/readings?text={APPLES}")).json()
        bad = (await front.ask("GET", f"/v1/readings?text={whole(f'261234{wrong}14685')}")).json()
        empty = await front.ask("GET", "/v1/readings?text=")

    groups = {group["name"]: group["text"] for group in found["reading"]["groups"]}
    assert groups == {"prefix": "21", "item": "12345", "price_minor": "01250", "check": APPLES[-1]}
    assert (found["sku"], found["reading"]["layout"]) == ("apples", GUARDED.template)
    assert (sold["product"]["sku"], sold["refusal"]) == ("apples", None)
    assert (bad["product"], bad["refusal"]["code"], bad["layout"]) == (None, "malformed_code", INNER.template)
    (inner,) = [group for group in bad["groups"] if not group["is_right"]]
    assert (inner["name"], inner["text"], inner["should_be"]) == ("price_check", wrong, price_check_digit("14685"))
    assert empty.status_code == 422


def test_rules_are_shown_set_and_refused_whole_when_a_person_types_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SESAME_SERVER_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("SESAME_SERVER_DATABASE_URL", f"sqlite:///{tmp_path / 'store.db'}")
    file = tmp_path / "rules.json"
    assert main(["store-rules"]) == 1
    assert "demo-data" in capsys.readouterr().err
    main(["demo-data"])
    capsys.readouterr()
    file.write_text(json.dumps({"layouts": [INNER.template], "max_off_bp": 5000}))

    assert main(["store-rules", str(file), "--dry-run"]) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert main(["store-rules", str(file)]) == 0
    told = json.loads(capsys.readouterr().out)
    file.write_text(json.dumps({"layouts": ["30IIIIIWWWWWC"], "max_off_bp": -1}))
    assert main(["store-rules", str(file)]) == 1
    faults = capsys.readouterr().err
    file.write_text("{")
    assert main(["store-rules", str(file)]) == 1
    assert "cannot be read" in capsys.readouterr().err
    main(["store-rules"])

    offline = {"kiosk_day_minor": 30000, "person_day_minor": 3000}
    order = ["voucher", "cashback", "main"]
    assert told == {
        "layouts": [INNER.template],
        "max_off_bp": 5000,
        "tender_order": order,
        "offline": offline,
        "add_ons": ["977+II", "977+IIIII"],
    }
    assert "layouts.0: 30 belongs to other people's products: begin it with 02" in faults
    assert "max_off_bp: -1 is no share" in faults
    assert json.loads(capsys.readouterr().out) == told
