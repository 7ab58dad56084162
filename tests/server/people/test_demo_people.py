"""The people of the demonstration, on both engines."""

from functools import partial

import pytest

from server.db.database import Database
from server.demo.people import CAMPAIGN_ID, SHOPPER_ID, SHOPPER_PHONE, STAFF, Told, people_the_demo
from server.flows.coupons import issue_on_ticket
from server.flows.people import People
from tests.server.builders import NOON


def set_up(database: Database, people: People) -> list[Told]:
    return database.write(lambda work: people_the_demo(work, people, "demo", at=NOON))


def test_secrets_are_told_once_when_the_demonstration_is_set_up_twice(database: Database, people: People) -> None:
    first, second = set_up(database, people), set_up(database, people)

    assert [each.login for each in first] == [*(login for login, _, _ in STAFF), SHOPPER_PHONE]
    assert second == []
    assert len({each.secret for each in first}) == len(STAFF) + 1
    assert database.read(lambda work: work.ledger.balance_of(f"main:{SHOPPER_ID}")) == 10_000
    assert database.read(lambda work: work.ledger.verify()).holds


@pytest.mark.parametrize("tickets", [1, 3])
def test_each_ticket_brings_a_coupon_to_share_when_the_demonstration_runs(
    database: Database, people: People, tickets: int
) -> None:
    set_up(database, people)

    given = [
        database.write(
            partial(
                issue_on_ticket,
                store_id="demo",
                ticket_id=f"ticket-{number}",
                phone_hash=None,
                paid_minor=1000,
                at=NOON,
            )
        )
        for number in range(tickets)
    ]

    assert all(each is not None and each.share_url is not None for each in given)
    campaign = database.read(lambda work: work.campaigns.get(CAMPAIGN_ID))
    assert campaign is not None
    assert (campaign.state, campaign.issued) == ("live", tickets)


def test_the_told_pin_opens_the_wallet_when_it_is_typed(database: Database, people: People) -> None:
    told = set_up(database, people)[-1]

    customer = database.read(lambda work: work.customers.get(SHOPPER_ID))

    assert customer is not None
    assert people.secrets.fits_now(customer.pin_hash, told.secret)
    assert not people.secrets.fits_now(customer.pin_hash, "0000")
