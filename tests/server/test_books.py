"""Goods come back to the cent, days are closed without gaps, and whoever changes a book is found."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from checkout import campaign_account, main_account, till_account
from server.__main__ import main
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.archive import archive, check_archive
from server.flows.basket_coupons import apply_coupon
from server.flows.baskets import find, priced
from server.flows.capture import capture
from server.flows.change_basket import change_line
from server.flows.close_day import close_day, faults_of
from server.flows.desk import Seen, pay_at_desk
from server.flows.errors import FlowError
from server.flows.pay import hold_payment
from server.flows.ports import Work
from server.flows.ports.books import ClosingRow, RefundRow
from server.flows.ports.payments import TicketRow
from server.flows.ports.proofs import Session
from server.flows.refund import Returned, refund, with_refunds
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import open_shopfront
from tests.server.builders import (
    COLA,
    KIOSK,
    NOON,
    NUTELLA,
    PASTA,
    a_basket,
    a_coupon,
    a_shopper,
    an_approval,
    an_id,
    minted,
)

Sale = tuple[str, TicketRow]


def a_sale(shop: Shop, work: Work, *, pasta: int = 3) -> Sale:
    """Sell a jar, several packs of pasta on offer, a bottle with deposit, and a coupon off it all."""
    customer_id = a_shopper(work, balance_minor=5000)
    basket_id = a_basket(work, shop, NUTELLA, PASTA, COLA)
    line_id = work.baskets.get(basket_id).lines[1].line_id  # type: ignore[union-attr] # it was made a line above
    change_line(work, basket_id, KIOSK, line_id, pasta, version=None, at=NOON)
    apply_coupon(work, basket_id, KIOSK, a_coupon(work), at=NOON)
    approved = an_approval(work, shop, customer_id, basket_id)
    hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=60)
    paid = capture(work, shop, approved.payment_id, minted(), at=NOON)
    assert paid.receipt is not None
    return customer_id, ticket(work, paid.receipt["ticket"]["ticket_id"])


def ticket(work: Work, ticket_id: str) -> TicketRow:
    found = work.tickets.get(ticket_id)
    assert found is not None
    return found


def give_back(sold: TicketRow, quantities: dict[str, int], work: Work, *, refund_id: str | None = None) -> RefundRow:
    returned = Returned(refund_id or an_id(), sold.ticket_id, quantities, "broken")
    return refund(work, returned, store_id="demo", by="amal", at=NOON)


def close(work: Work) -> ClosingRow:
    return close_day(work, an_id(), store_id="demo", currency="EUR", by="nora", at=NOON)


def faults(work: Work) -> list[str]:
    most = 10**9
    tickets, refunds = (read("demo", after=0, upto=most) for read in (work.closings.tickets, work.closings.refunds))
    return faults_of(work.closings.of("demo"), tickets, refunds)


def test_parts_sum_to_the_whole_for_each_rate_when_every_piece_comes_back(database: Database, shop: Shop) -> None:
    customer_id, sold = database.write(partial(a_sale, shop))
    pieces = [line["line_id"] for line in sold.body["lines"] for _ in range(line["quantity"])]
    assert sum(line["due_minor"] for line in sold.body["lines"]) == sold.body["total_minor"]

    made = [database.write(partial(give_back, sold, {line_id: 1})) for line_id in pieces]

    assert sum(each.amount_minor for each in made) == sold.body["total_minor"]
    assert database.read(lambda work: work.ledger.balance_of(main_account(customer_id))) == 5000
    for rate in sold.body["vat"]:
        parts = [part for each in made for part in each.body["vat"] if part["rate_bp"] == rate["rate_bp"]]
        for name in ("net_minor", "tax_minor", "gross_minor"):
            assert sum(part[name] for part in parts) == rate[name]
    assert [each.number for each in made] == list(range(1, len(pieces) + 1))
    assert made[-1].body["left_minor"] == 0
    with pytest.raises(FlowError, match="0 of this line") as told:
        database.write(partial(give_back, sold, {pieces[0]: 1}))
    assert told.value.code == "refund_too_much"
    shown = database.read(lambda work: with_refunds(work, sold))
    assert (len(shown["refunds"]), shown["refunded_minor"]) == (len(pieces), sold.body["total_minor"])
    assert "amal" not in str(shown)
    assert database.read(lambda work: work.ledger.verify()).holds


def of_coupon(sold: TicketRow, work: Work) -> tuple[str, str | None, int, int]:
    """Return state and payment of a sale's coupon, what its campaign has spent, and its balance."""
    row = work.coupons.get(sold.body["coupons"][0]["code"])
    assert row is not None
    campaign = work.campaigns.get(row.campaign_id)
    assert campaign is not None
    return row.state, row.payment_id, campaign.spent_minor, work.ledger.balance_of(campaign_account(row.campaign_id))


def test_coupon_and_budget_are_as_before_when_all_goods_come_back_in_parts(database: Database, shop: Shop) -> None:
    _, sold = database.write(partial(a_sale, shop))
    pieces = {line["line_id"]: line["quantity"] for line in sold.body["lines"]}
    first, *others = pieces
    used = database.read(partial(of_coupon, sold))

    part = database.write(partial(give_back, sold, {first: 1}))
    between = database.read(partial(of_coupon, sold))
    rest = database.write(partial(give_back, sold, {line_id: pieces[line_id] for line_id in others}))
    after = database.read(partial(of_coupon, sold))

    (partly,), (wholly,) = part.body["coupons"], rest.body["coupons"]
    assert (partly["fate"], wholly["fate"], partly["amount_minor"] + wholly["amount_minor"]) == (
        "stays_used",
        "restored",
        200,
    )
    assert (used[0], used[2:]) == ("redeemed", (200, -200))
    assert (between[0], between[2:]) == ("redeemed", (200 - partly["amount_minor"], partly["amount_minor"] - 200))
    assert after == ("issued", None, 0, 0)
    assert database.read(lambda work: work.ledger.verify()).holds
    again = database.write(lambda work: a_priced_basket(shop, wholly["code"], work))
    assert again == 200


def a_priced_basket(shop: Shop, code: str, work: Work) -> int:
    basket_id = a_basket(work, shop, NUTELLA)
    apply_coupon(work, basket_id, KIOSK, code, at=NOON)
    return priced(work, shop, find(work, basket_id), at=NOON).quote.saved.minor


def test_coupon_stays_used_when_its_campaign_voids_it_and_the_budget_goes_back(database: Database, shop: Shop) -> None:
    _, sold = database.write(partial(a_sale, shop))
    pieces = {line["line_id"]: line["quantity"] for line in sold.body["lines"]}

    def void(work: UnitOfWork) -> None:
        work.connection.execute(update(tables.campaign).values(on_refund="void"))

    database.write(void)
    made = database.write(partial(give_back, sold, pieces))

    assert [coupon["fate"] for coupon in made.body["coupons"]] == ["voided"]
    state, _, spent_minor, balance = database.read(partial(of_coupon, sold))
    assert (state, spent_minor, balance) == ("redeemed", 0, 0)


def test_money_moves_once_when_the_same_refund_comes_again(database: Database, shop: Shop) -> None:
    customer_id, sold = database.write(partial(a_sale, shop))
    line_id, refund_id = sold.body["lines"][0]["line_id"], an_id()

    first, again = (database.write(partial(give_back, sold, {line_id: 1}, refund_id=refund_id)) for _ in range(2))

    assert first == again
    left = 5000 - sold.body["total_minor"] + first.amount_minor
    assert database.read(lambda work: work.ledger.balance_of(main_account(customer_id))) == left
    with pytest.raises(FlowError) as told:
        database.write(partial(give_back, sold, {sold.body["lines"][1]["line_id"]: 1}, refund_id=refund_id))
    assert told.value.code == "refund_exists"


def test_one_piece_comes_back_once_when_two_ask_at_once(database: Database, shop: Shop) -> None:
    customer_id, sold = database.write(partial(a_sale, shop))
    line = sold.body["lines"][0]

    def ask(_: int) -> int:
        try:
            return database.write(partial(give_back, sold, {line["line_id"]: 1})).amount_minor
        except FlowError as error:
            assert error.code == "refund_too_much"  # noqa: PT017 - one of eight wins, the others are told so
            return 0

    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(ask, range(8)))

    assert sorted(given) == [0] * 7 + [line["due_minor"]]
    left = 5000 - sold.body["total_minor"] + line["due_minor"]
    assert database.read(lambda work: work.ledger.balance_of(main_account(customer_id))) == left


def test_the_till_pays_back_what_the_till_took_when_it_was_paid_in_cash(database: Database, shop: Shop) -> None:
    def sale(work: Work) -> TicketRow:
        basket_id = a_basket(work, shop, NUTELLA)
        quote = priced(work, shop, find(work, basket_id), at=NOON).quote
        seen = Seen(quote.digest, quote.total.minor)
        paid = pay_at_desk(work, shop, basket_id, seen=seen, tender="cash", by="amal", at=NOON, minted=minted())
        assert paid.receipt is not None
        return ticket(work, paid.receipt["ticket"]["ticket_id"])

    sold = database.write(sale)

    made = database.write(partial(give_back, sold, {sold.body["lines"][0]["line_id"]: 1}))

    assert made.body["tenders"] == [{"account": "till", "tender": "cash", "amount_minor": 399}]
    assert database.read(lambda work: work.ledger.balance_of(till_account("demo"))) == 0


def test_closings_add_up_without_gaps_when_sales_and_refunds_go_on(database: Database, shop: Shop) -> None:
    sales = [database.write(partial(a_sale, shop))[1] for _ in range(2)]
    first = database.write(close)
    database.write(partial(give_back, sales[0], {sales[0].body["lines"][0]["line_id"]: 1}))
    sales.append(database.write(partial(a_sale, shop, pasta=1))[1])
    second = database.write(close)

    assert (first.number, second.number, second.prev_hash) == (1, 2, first.hash)
    assert first.body["total_minor"] == sum(each.body["total_minor"] for each in sales[:2])
    assert (second.body["tickets"], second.body["refunds"]) == (1, 1)
    for body in (first.body, second.body):
        assert sum(rate["gross_minor"] for rate in body["vat"]) == body["total_minor"]
        assert sum(tender["amount_minor"] for tender in body["tenders"]) == body["total_minor"]
    assert second.body["running_total_minor"] == first.body["total_minor"] + second.body["total_minor"]
    assert database.read(faults) == []
    with pytest.raises(FlowError) as told:
        database.write(close)
    assert told.value.code == "nothing_to_close"


@pytest.mark.parametrize("harm", ["ticket", "closing"])
def test_a_changed_book_is_found_when_it_is_checked(database: Database, shop: Shop, harm: str) -> None:
    _, sold = database.write(partial(a_sale, shop))
    closed = database.write(close)

    def change(work: UnitOfWork) -> None:
        if harm == "ticket":
            body = sold.body | {"total_minor": sold.body["total_minor"] - 1}
            work.connection.execute(update(tables.ticket).values(body=body))
        else:
            work.connection.execute(update(tables.closing).values(body=closed.body | {"sold_minor": 1}))

    database.write(change)

    assert database.read(faults) != []


@pytest.mark.anyio
async def test_only_managers_refund_and_only_finance_closes_when_they_ask_over_http(
    database: Database, database_url: str, shop: Shop, tmp_path: Path
) -> None:
    _, sold = database.write(partial(a_sale, shop))
    ends = NOON.replace(year=NOON.year + 50)
    for login, role in (("amal", "staff_manager"), ("nora", "finance"), ("marc", "marketer")):
        session = Session("staff", login, (role,), ends)
        database.write(partial(open_session, f"token of {login}", session))
    back = {
        "refund_id": an_id(),
        "ticket_id": sold.ticket_id,
        "lines": [{"line_id": sold.body["lines"][0]["line_id"], "quantity": 1}],
        "reason": "broken",
    }
    day = {"closing_id": an_id()}

    async with open_shopfront(database_url, tmp_path) as front:
        for path, body, allowed in (("/v1/refunds", back, "amal"), ("/v1/closings", day, "nora")):
            for who in ("amal", "nora", "marc"):
                key = f"{path} {who}"
                answer = await front.ask("POST", path, body, token=f"token of {who}", key=key)
                assert answer.status_code == (201 if who == allowed else 403), answer.text
                again = await front.ask("POST", path, body, token=f"token of {who}", key=key)
                assert again.json().get("code") == answer.json().get("code")
            assert (await front.ask("POST", path, body, token=None)).status_code == 401
        listed = await front.ask("GET", "/v1/closings", token="token of nora")
        shown = await front.ask("GET", f"/v1/tickets/{sold.ticket_id}", token=None)

    assert [each["closing_id"] for each in listed.json()["items"]] == [day["closing_id"]]
    assert shown.json()["refunded_minor"] == sold.body["lines"][0]["due_minor"]


def open_session(token: str, session: Session, work: Work) -> None:
    work.sessions.open(token_hash(token), session)


def a_kept_archive(database: Database, shop: Shop) -> list[str]:
    """Sell, give back and close, and return the lines of the archive."""
    _, sold = database.write(partial(a_sale, shop))
    database.write(partial(give_back, sold, {sold.body["lines"][0]["line_id"]: 1}))
    database.write(close)
    return database.read(lambda work: list(archive(work, "demo", at=NOON)))


def test_an_archive_is_whole_when_it_is_checked_without_the_database(database: Database, shop: Shop) -> None:
    lines = a_kept_archive(database, shop)

    transfers, found = check_archive(lines)

    assert (transfers, found) == (6, [])  # top-up, hold, post, coupon, refund, coupon back


@pytest.mark.parametrize("harm", ["amount", "missing", "cut", "closing"])
def test_an_archive_is_refused_when_somebody_changed_it(database: Database, shop: Shop, harm: str) -> None:
    lines = a_kept_archive(database, shop)
    match harm:
        case "amount":
            lines[1] = lines[1].replace("5000", "6000")
        case "missing":
            del lines[2]
        case "cut":
            lines.pop()
        case _:
            lines[-2] = lines[-2].replace('"tickets":1', '"tickets":2')

    _, found = check_archive(lines)

    assert found


def test_the_commands_export_and_verify_when_a_person_types_them(
    database: Database, database_url: str, shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_kept_archive(database, shop)
    out = tmp_path / "books.jsonl"

    codes = [
        main(["export", "--out", str(out), "--database", database_url]),
        main(["verify", "--file", str(out)]),
        main(["verify", "--database", database_url]),
    ]

    assert codes == [0, 0, 0]
    assert capsys.readouterr().out.count("every total adds up") == 2
    out.write_text(out.read_text("utf-8").replace("5000", "6000"), "utf-8")
    assert main(["verify", "--file", str(out)]) == 1


def test_line_is_named_when_a_ticket_no_longer_follows_from_its_own_rules(database: Database, shop: Shop) -> None:
    _, sold = database.write(partial(a_sale, shop, pasta=3))
    assert database.read(faults) == []
    first, *others = sold.body["lines"]
    body = sold.body | {"lines": [first | {"gross_minor": first["gross_minor"] + 5}, *others]}

    def change(work: UnitOfWork) -> None:
        work.connection.execute(update(tables.ticket).values(body=body))

    database.write(change)

    (fault,) = database.read(faults)
    assert fault.startswith(f"ticket 1: {first['line_id']}: printed ")


def test_those_before_are_listed_when_a_closing_is_the_cursor(database: Database, shop: Shop) -> None:
    for _ in range(3):
        database.write(partial(a_sale, shop))
        database.write(close)

    newest = database.read(lambda work: work.closings.of("demo", newest_first=True, limit=2))
    before = database.read(lambda work: work.closings.of("demo", newest_first=True, limit=2, below=newest[-1].number))

    assert [each.number for each in newest] == [3, 2]
    assert [each.number for each in before] == [1]
