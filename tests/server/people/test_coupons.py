"""Coupons in baskets and payments, shared and claimed, on both engines."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from checkout.campaigns import CampaignEvent
from checkout.errors import (
    CouponAlreadyClaimedError,
    CouponBudgetSpentError,
    CouponExpiredError,
    CouponLimitReachedError,
    CouponNotApplicableError,
    CouponNotFoundError,
    CouponRedeemedError,
    CouponReservedError,
    CouponRevokedError,
    IllegalTransitionError,
    OwnShareError,
    ShareCapError,
)
from server.db.database import Database
from server.flows.claim_coupon import Claimed, claim_coupon
from server.flows.coupon_codes import new_coupon_code, read_coupon_code
from server.flows.coupon_rules import Bearer, find
from server.flows.coupons import issue, issue_on_ticket, pricing_terms, redeem, release, reserve
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow
from server.flows.run_campaign import create_campaign, step_campaign
from server.flows.share_coupon import (
    RETURN_AFTER,
    link_state,
    open_link,
    return_gifts,
    share_coupon,
    withdraw_share,
)
from tests.server.builders import NOON, an_id
from tests.server.people.builders import a_campaign, a_plan, at_once

THREADS = 64

DEMO = Bearer("demo", None)


def a_coupon(work: Work, campaign: CampaignRow, holder: str | None = "ada") -> CouponRow:
    return issue(work, campaign, code=new_coupon_code(), phone_hash=holder, generation=0, at=NOON)


def launched(database: Database, **facts: Any) -> CampaignRow:
    return database.write(lambda work: a_campaign(work, **facts))


def campaign_now(database: Database, campaign: CampaignRow) -> CampaignRow:
    found = database.read(lambda work: work.campaigns.get(campaign.campaign_id))
    assert found is not None
    return found


def shared_coupon(database: Database, campaign: CampaignRow, holder: str | None = "ada") -> ShareRow:
    coupon = database.write(lambda work: a_coupon(work, campaign, holder))
    return database.write(lambda work: share_coupon(work, coupon.code, phone_hash=holder, ticket_id=None, at=NOON))


def claim(database: Database, token: str, phone_hash: str) -> Claimed:
    return database.write(lambda work: claim_coupon(work, token, phone_hash, at=NOON))


@pytest.mark.parametrize(
    "typed", ["7KQ2-9DXM-04RA", "7kq2 9dxm 04ra", "SESAME:C:7KQ2-9DXM-04RA", "7KQ29DXMO4RA", " 7kq2-9dxm-o4ra "]
)
def test_a_code_is_the_same_when_it_is_typed_in_any_common_way(typed: str) -> None:
    assert read_coupon_code(typed) == "7KQ2-9DXM-04RA"


def test_no_two_codes_are_alike_when_thousands_are_drawn() -> None:
    drawn = [new_coupon_code() for _ in range(5000)]

    assert len(set(drawn)) == 5000
    assert {read_coupon_code(code) for code in drawn} == set(drawn)


def test_budget_is_reserved_spent_and_given_back_when_payments_end_either_way(database: Database) -> None:
    campaign = launched(database)
    first, second = (database.write(lambda work: a_coupon(work, campaign)) for _ in range(2))

    database.write(lambda work: reserve(work, "pay-1", [(first.code, 200), (second.code, 150)], DEMO, NOON))
    held = campaign_now(database, campaign)
    database.write(lambda work: release(work, "pay-1", NOON))
    back = campaign_now(database, campaign)
    database.write(lambda work: reserve(work, "pay-2", [(first.code, 200)], DEMO, NOON))
    costs = database.write(lambda work: redeem(work, "pay-2", NOON))
    spent = campaign_now(database, campaign)

    assert (held.reserved_minor, held.spent_minor) == (350, 0)
    assert (back.reserved_minor, back.spent_minor) == (0, 0)
    assert (spent.reserved_minor, spent.spent_minor) == (0, 200)
    assert costs == [(campaign.campaign_id, 200)]
    assert database.write(lambda work: redeem(work, "pay-2", NOON)) == []
    with pytest.raises(CouponRedeemedError):
        database.write(lambda work: reserve(work, "pay-3", [(first.code, 200)], DEMO, NOON))
    with pytest.raises(CouponRedeemedError):
        database.read(lambda work: pricing_terms(work, [first.code], DEMO, NOON))


def test_a_coupon_prices_only_its_own_payment_when_it_is_set_aside(database: Database) -> None:
    campaign = launched(database)
    coupon = database.write(lambda work: a_coupon(work, campaign))
    database.write(lambda work: reserve(work, "pay-1", [(coupon.code, 200)], DEMO, NOON))

    with pytest.raises(CouponReservedError):
        database.read(lambda work: pricing_terms(work, [coupon.code], DEMO, NOON))
    own = database.read(lambda work: pricing_terms(work, [coupon.code], DEMO, NOON, payment_id="pay-1"))

    assert [each.code for each in own] == [coupon.code]


def test_nothing_is_set_aside_when_the_second_of_two_coupons_is_refused(database: Database) -> None:
    campaign = launched(database)
    good = database.write(lambda work: a_coupon(work, campaign))

    with pytest.raises(CouponNotFoundError):
        database.write(lambda work: reserve(work, "pay", [(good.code, 200), ("ZZZZ-ZZZZ-ZZZZ", 100)], DEMO, NOON))

    assert campaign_now(database, campaign).reserved_minor == 0
    assert database.read(lambda work: find(work, good.code))[0].state == "issued"


def test_an_expired_coupon_is_refused_when_its_last_second_is_over(database: Database) -> None:
    campaign = launched(database)
    coupon = database.write(lambda work: a_coupon(work, campaign))

    with pytest.raises(CouponExpiredError):
        database.write(lambda work: reserve(work, "pay", [(coupon.code, 200)], DEMO, coupon.expires_at))

    last = coupon.expires_at - timedelta(microseconds=1)
    database.write(lambda work: reserve(work, "pay", [(coupon.code, 200)], DEMO, last))


def test_a_percentage_never_takes_more_than_the_budget_has_when_it_runs_low(database: Database) -> None:
    campaign = launched(
        database, effect_kind="percent", effect_value=10, budget_minor=300, min_basket_minor=0, limit_per_person=9
    )
    first, second = (database.write(lambda work: a_coupon(work, campaign)) for _ in range(2))
    database.write(lambda work: reserve(work, "pay-1", [(first.code, 250)], DEMO, NOON))

    (coupon,) = database.read(lambda work: pricing_terms(work, [second.code], DEMO, NOON))

    assert (coupon.terms.value, coupon.terms.max_off_minor) == (1000, 50)
    with pytest.raises(CouponBudgetSpentError):
        database.write(lambda work: reserve(work, "pay-2", [(second.code, 51)], DEMO, NOON))


def test_one_payment_gets_the_coupon_when_64_reserve_it_at_once(database: Database) -> None:
    campaign = launched(database)
    coupon = database.write(lambda work: a_coupon(work, campaign))

    def pay(number: int) -> Any:
        return database.write(lambda work: reserve(work, f"pay-{number}", [(coupon.code, 200)], DEMO, NOON))

    outcomes = at_once([partial(pay, number) for number in range(THREADS)])

    assert Counter(type(each) for each in outcomes) == {type(None): 1, CouponReservedError: THREADS - 1}
    assert campaign_now(database, campaign).reserved_minor == 200


def test_the_budget_is_never_overshot_when_64_coupons_are_reserved_at_once(database: Database) -> None:
    campaign = launched(database, budget_minor=1900, limit_per_person=THREADS)
    coupons = [database.write(lambda work: a_coupon(work, campaign)) for _ in range(THREADS)]

    def pay(coupon: CouponRow) -> Any:
        return database.write(lambda work: reserve(work, f"pay-{coupon.code}", [(coupon.code, 200)], DEMO, NOON))

    outcomes = at_once([partial(pay, coupon) for coupon in coupons])

    assert Counter(type(each) for each in outcomes) == {type(None): 9, CouponBudgetSpentError: THREADS - 9}
    assert campaign_now(database, campaign).reserved_minor == 1800
    states = Counter(each.state for each in database.read(lambda work: work.coupons.many([c.code for c in coupons])))
    assert states == {"reserved": 9, "issued": THREADS - 9}


def test_the_last_coupons_go_to_as_many_friends_when_64_claim_at_once(database: Database) -> None:
    campaign = launched(database, limit_coupons=4)
    share = shared_coupon(database, campaign)

    outcomes = at_once([partial(claim, database, share.token, f"friend-{number}") for number in range(THREADS)])

    assert Counter(type(each) for each in outcomes) == {Claimed: 3, CouponLimitReachedError: THREADS - 3}
    assert campaign_now(database, campaign).issued == 4
    funnel = database.read(lambda work: work.campaigns.funnel(campaign.campaign_id, at=NOON))
    assert (funnel.issued, funnel.claimed) == (4, 3)


def test_a_gift_has_one_new_holder_when_many_claim_it_at_once(database: Database) -> None:
    campaign = launched(database, share_mode="gift")
    share = shared_coupon(database, campaign)

    outcomes = at_once([partial(claim, database, share.token, f"friend-{number}") for number in range(16)])

    assert Counter(type(each) for each in outcomes) == {Claimed: 1, CouponAlreadyClaimedError: 15}
    assert campaign_now(database, campaign).issued == 1


def test_a_link_leads_to_the_new_code_when_its_gift_changes_hands_while_it_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = shared_coupon(database, launched(database, share_mode="gift"))
    taken = claim(database, share.token, "ben").coupon

    def read_a_moment_too_early(work: Work) -> CouponRow:
        now = work.shares.get
        answers = iter([share])
        monkeypatch.setattr(work.shares, "get", lambda token: next(answers, None) or now(token))
        return open_link(work, share.token)[1]

    assert database.read(read_a_moment_too_early).code == taken.code


def test_a_gift_changes_its_code_when_it_changes_hands(database: Database) -> None:
    campaign = launched(database, share_mode="gift")
    share = shared_coupon(database, campaign)

    taken = claim(database, share.token, "ben").coupon

    assert taken.code != share.coupon_code
    assert (taken.holder_phone_hash, taken.generation, taken.state) == ("ben", 1, "issued")
    with pytest.raises(CouponNotFoundError):
        database.read(lambda work: find(work, share.coupon_code))
    for friend in ("ben", "eve"):
        with pytest.raises(CouponAlreadyClaimedError) as refused:
            claim(database, share.token, friend)
        assert taken.code not in str(refused.value)


def test_who_gave_a_gift_on_does_not_learn_its_code_when_they_open_their_link_again(database: Database) -> None:
    campaign = launched(database, share_mode="gift")
    share = shared_coupon(database, campaign)
    bens = claim(database, share.token, "ben").coupon
    onward = database.write(lambda work: share_coupon(work, bens.code, phone_hash="ben", ticket_id=None, at=NOON))

    claim(database, onward.token, "chloe")

    assert onward.token != share.token
    with pytest.raises(CouponAlreadyClaimedError):
        claim(database, share.token, "ben")


def test_a_gift_cannot_be_used_by_its_giver_when_it_is_on_its_way(database: Database) -> None:
    campaign = launched(database, share_mode="gift")
    share = shared_coupon(database, campaign)

    with pytest.raises(CouponNotApplicableError):
        database.write(lambda work: reserve(work, "pay", [(share.coupon_code, 200)], DEMO, NOON))

    database.write(lambda work: withdraw_share(work, share.token, phone_hash="ada", ticket_id=None, at=NOON))
    database.write(lambda work: reserve(work, "pay", [(share.coupon_code, 200)], DEMO, NOON))
    with pytest.raises(CouponRevokedError):
        claim(database, share.token, "ben")


def test_a_copy_is_told_once_when_one_number_claims_it_many_times_at_once(database: Database) -> None:
    campaign = launched(database)
    share = shared_coupon(database, campaign)

    outcomes = at_once([partial(claim, database, share.token, "ben") for _ in range(8)])

    assert Counter(type(each) for each in outcomes) == {Claimed: 1, CouponAlreadyClaimedError: 7}
    assert campaign_now(database, campaign).issued == 2


def test_a_claim_is_refused_with_its_reason_when_a_rule_says_no(database: Database) -> None:
    campaign = launched(database, limit_generations=1, limit_per_person=1)
    share = shared_coupon(database, campaign)
    bens = claim(database, share.token, "ben").coupon

    with pytest.raises(OwnShareError):
        claim(database, share.token, "ada")
    with pytest.raises(ShareCapError):
        database.write(lambda work: share_coupon(work, bens.code, phone_hash="ben", ticket_id=None, at=NOON))
    with pytest.raises(CouponNotFoundError):
        database.write(lambda work: share_coupon(work, bens.code, phone_hash="eve", ticket_id=None, at=NOON))
    with pytest.raises(FlowError, match="no such link"):
        claim(database, "no-such-token", "eve")
    other = shared_coupon(database, campaign, holder="zoe")
    with pytest.raises(CouponLimitReachedError):
        claim(database, other.token, "ben")


def test_giving_stops_and_holding_goes_on_when_a_campaign_is_paused_or_ended(database: Database) -> None:
    campaign = launched(database)
    share = shared_coupon(database, campaign)
    step = partial(step_campaign, campaign_id=campaign.campaign_id, store_id="demo", by="marc", at=NOON)

    database.write(lambda work: step(work, event=CampaignEvent.PAUSE))
    with pytest.raises(CouponRevokedError):
        claim(database, share.token, "ben")
    assert database.write(lambda work: issue_on_ticket(work, "demo", an_id(), None, NOON, paid_minor=1000)) is None
    database.write(lambda work: reserve(work, "pay", [(share.coupon_code, 200)], DEMO, NOON))
    database.write(lambda work: step(work, event=CampaignEvent.LAUNCH))
    claim(database, share.token, "ben")
    database.write(lambda work: step(work, event=CampaignEvent.END))
    with pytest.raises(CouponExpiredError):
        claim(database, share.token, "chloe")
    with pytest.raises(IllegalTransitionError):
        database.write(lambda work: step(work, event=CampaignEvent.LAUNCH))


def test_a_ticket_brings_one_coupon_when_it_is_asked_for_twice(database: Database) -> None:
    campaign = launched(database)

    first = database.write(lambda work: issue_on_ticket(work, "demo", "ticket-1", "ada", NOON, paid_minor=1000))
    again = database.write(lambda work: issue_on_ticket(work, "demo", "ticket-1", "ada", NOON, paid_minor=1000))

    assert first == again
    assert first is not None
    assert first.share_url is not None
    assert campaign_now(database, campaign).issued == 1


def test_a_small_ticket_brings_the_coupon_of_a_campaign_that_asks_for_no_more_given_two(database: Database) -> None:
    launched(database, ticket_from_minor=500)
    second = launched(database, ticket_from_minor=1)

    nothing, small, large = (
        database.write(
            partial(issue_on_ticket, store_id="demo", ticket_id=an_id(), phone_hash="ada", at=NOON, paid_minor=paid)
        )
        for paid in (0, 499, 500)
    )

    assert nothing is None
    assert small is not None
    assert large is not None
    assert campaign_now(database, second).issued == 1


def test_the_next_campaign_gives_when_the_first_has_nothing_left_for_this_person(database: Database) -> None:
    first = launched(database, limit_per_person=1)
    second = launched(database, limit_per_person=1)

    codes = [
        database.write(lambda work: issue_on_ticket(work, "demo", an_id(), "ada", NOON, paid_minor=1000))
        for _ in range(3)
    ]

    assert [code is not None for code in codes] == [True, True, False]
    assert [campaign_now(database, each).issued for each in (first, second)] == [1, 1]


def test_a_link_tells_its_state_when_time_and_claims_pass(database: Database) -> None:
    copies = shared_coupon(database, launched(database, limit_coupons=2))
    gift = shared_coupon(database, launched(database, share_mode="gift"))

    def state(share: ShareRow, after: timedelta = timedelta()) -> str:
        def look(work: Work) -> str:
            return link_state(work, *open_link(work, share.token), at=NOON + after)

        return database.read(look)

    assert (state(copies), state(gift)) == ("open", "open")
    claim(database, copies.token, "ben")
    claim(database, gift.token, "ben")
    assert (state(copies), state(gift)) == ("used_up", "claimed")
    assert state(copies, timedelta(days=31)) == "expired"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "  "}, "name"),
        ({"effect_value": 0}, "effect.value"),
        ({"effect_kind": "percent", "effect_value": 101}, "effect.value"),
        ({"min_basket_minor": 300}, "min_basket_minor"),
        ({"budget_minor": 100}, "budget_minor"),
        ({"limit_coupons": 0}, "limits.coupons"),
        ({"ends_at": NOON - timedelta(days=2)}, "ends_at"),
        ({"label": {"fr": "a", "en": "b", "zh": ""}}, "label.zh"),
    ],
)
def test_a_campaign_is_refused_with_the_field_when_it_cannot_run(
    database: Database, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(FlowError) as refused:
        database.write(lambda work: create_campaign(work, a_plan(**facts), store_id="demo", by="marc", at=NOON))

    assert refused.value.code == "campaign_malformed"
    assert field in {each["field"] for each in refused.value.facts["errors"]}


def test_a_gift_returns_by_itself_when_nobody_claims_it_for_seven_days(database: Database) -> None:
    campaign = launched(database, share_mode="gift")
    waiting, taken = shared_coupon(database, campaign), shared_coupon(database, campaign)
    friend = claim(database, taken.token, "ben")
    due = NOON + RETURN_AFTER

    early = database.write(lambda work: return_gifts(work, at=due - timedelta(seconds=1)))
    first, again = (database.write(lambda work: return_gifts(work, at=due)) for _ in range(2))

    assert (early, first, again) == (0, 1, 0)
    _, mine, row = database.read(lambda work: open_link(work, waiting.token))
    assert (mine.state, mine.holder_phone_hash) == ("issued", "ada")
    closed = database.read(lambda work: work.shares.get(waiting.token))
    assert closed is not None
    assert database.read(lambda work: link_state(work, closed, mine, row, at=due)) == "ended"
    theirs = database.read(lambda work: work.coupons.get(friend.coupon.code))
    assert theirs is not None
    assert (theirs.state, theirs.holder_phone_hash) == ("issued", "ben")
    shared_again = database.write(lambda work: share_coupon(work, mine.code, phone_hash="ada", ticket_id=None, at=due))
    assert shared_again.token != waiting.token


def test_a_gift_that_was_passed_on_waits_its_own_days_when_the_first_link_is_old(database: Database) -> None:
    campaign = launched(database, share_mode="gift", limit_generations=3)
    taken = claim(database, shared_coupon(database, campaign).token, "ben")
    due = NOON + RETURN_AFTER
    onward = database.write(
        lambda work: share_coupon(work, taken.coupon.code, phone_hash="ben", ticket_id=None, at=due)
    )

    returned = database.write(lambda work: return_gifts(work, at=due))
    theirs = database.write(lambda work: claim_coupon(work, onward.token, "cleo", at=due))

    assert returned == 0
    assert theirs.coupon.holder_phone_hash == "cleo"
