"""Who may use a coupon, where and how often: the last use of a store, of a household, a first purchase."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from functools import partial

import pytest

from checkout.errors import CheckoutError, CouponConditionError, CouponLimitReachedError
from server.db.database import Database
from server.flows.basket_coupons import apply_coupon
from server.flows.baskets import find, priced
from server.flows.campaign_words import conditions
from server.flows.capture import capture, give_back
from server.flows.check_out import Laid, Whole, admit, price_whole
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupon_rules import Bearer
from server.flows.coupon_terms import Asked
from server.flows.coupons import issue, reserve
from server.flows.desk import Seen, pay_at_desk
from server.flows.errors import FlowError
from server.flows.pay import Approved, hold_payment
from server.flows.ports import Caller, Work
from server.flows.ports.campaigns import CampaignRow
from server.flows.ports.payments import PaymentRow
from server.flows.ports.proofs import Authentication
from server.flows.run_campaign import rewrite_campaign
from server.flows.segments import sizes
from server.flows.shop import Shop
from tests.server.builders import (
    KIOSK,
    NOON,
    NUTELLA,
    PHONES,
    a_basket,
    a_sale,
    a_shopper,
    an_approval,
    an_id,
    minted,
)
from tests.server.people.builders import a_campaign, a_plan, at_once
from tests.server.test_rush import paid, rush

RUSH = 64
SECONDS = 180


def launched(work: Work, **facts: object) -> CampaignRow:
    return a_campaign(work, **{"min_basket_minor": 0, "effect_kind": "percent", "effect_value": 10} | facts)


def codes_of(work: Work, campaign: CampaignRow, count: int) -> list[str]:
    """Give coupons out that anybody may bring."""
    return [
        issue(work, campaign, code=new_coupon_code(), phone_hash=None, generation=0, at=NOON).code for _ in range(count)
    ]


def phone_of(work: Work, customer_id: str) -> str:
    customer = work.customers.get(customer_id)
    assert customer is not None
    return customer.phone_hash


def a_basket_of(work: Work, shop: Shop, customer_id: str | None, *codes: str) -> str:
    """Fill a basket for somebody whose wallet was shown, and lay coupons on it."""
    basket_id = a_basket(work, shop, NUTELLA)
    if customer_id is not None:
        row = find(work, basket_id)
        work.baskets.put(replace(row, is_member=True, member_phone_hash=phone_of(work, customer_id)))
    for code in codes:
        apply_coupon(work, basket_id, KIOSK, code, at=NOON)
    return basket_id


def reasons(work: Work, shop: Shop, basket_id: str) -> dict[str, str | None]:
    found = priced(work, shop, find(work, basket_id), at=NOON)
    said = {each.code: each.reason_code for each in found.quote.coupons}
    return said | {code: error.code for code, error in found.refused}


def hold(shop: Shop, approved: Approved, work: Work) -> PaymentRow:
    return hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=SECONDS)


def pay(shop: Shop, approved: Approved, work: Work) -> PaymentRow:
    held = hold(shop, approved, work)
    return capture(work, shop, held.payment_id, minted(), at=NOON)


def test_no_store_passes_its_limit_when_64_coupons_want_its_last_places(doors: list[Database], shop: Shop) -> None:
    database = doors[0]
    campaign = database.write(lambda work: launched(work, limit_per_store=7))
    sales = database.write(
        lambda work: [a_sale(work, shop, coupons=(code,)) for code in codes_of(work, campaign, RUSH)]
    )

    outcomes = rush(doors, shop, sales)

    refused = [each for each in outcomes if not isinstance(each, PaymentRow)]
    assert len(paid(outcomes)) == 7
    assert {(type(each), each.limit, each.used) for each in refused} == {(CouponLimitReachedError, "per_store", 7)}
    assert database.read(lambda work: work.campaigns.used_in(campaign.campaign_id, "demo")) == 7


def test_no_household_passes_its_limit_when_its_people_use_64_coupons_at_once(database: Database) -> None:
    def prepare(work: Work) -> list[tuple[str, str]]:
        campaign = launched(work, limit_per_household=5)
        people, household = [phone_of(work, a_shopper(work)) for _ in range(4)], an_id()
        work.households.add(household, at=NOON)
        for each in people:
            work.households.join(household, each, at=NOON)
        return [(code, people[n % 4]) for n, code in enumerate(codes_of(work, campaign, RUSH))]

    wanted = database.write(prepare)

    outcomes = at_once([partial(database.write, partial(set_aside, code, phone)) for code, phone in wanted])

    assert Counter(type(each) for each in outcomes) == {type(None): 5, CouponLimitReachedError: RUSH - 5}
    assert {each.limit for each in outcomes if each is not None} == {"per_household"}


def set_aside(code: str, phone_hash: str, work: Work) -> None:
    reserve(work, an_id(), [(code, 40)], Bearer("demo", phone_hash), NOON)


def test_one_purchase_is_the_first_when_a_newcomer_pays_64_times_at_once(database: Database, shop: Shop) -> None:
    def prepare(work: Work) -> list[Approved]:
        newcomer = a_shopper(work, balance_minor=100_000)
        campaigns = [launched(work, asked=Asked(first_purchase_only=True)) for _ in range(4)]
        codes = [code for campaign in campaigns for code in codes_of(work, campaign, RUSH // 4)]
        baskets = [a_basket_of(work, shop, newcomer, code) for code in codes]
        return [an_approval(work, shop, newcomer, basket_id) for basket_id in baskets]

    approvals = database.write(prepare)

    outcomes = at_once([partial(database.write, partial(pay, shop, approved)) for approved in approvals])

    assert len(paid(outcomes)) == 1
    # The others were refused at the counter, or found that the price without the coupon is another.
    assert {each.code for each in outcomes if isinstance(each, CheckoutError)} <= {
        "coupon_condition",
        "basket_changed",
    }
    assert len(outcomes) == RUSH


def test_a_place_is_open_again_when_a_payment_is_given_back_or_goods_return(database: Database, shop: Shop) -> None:
    def prepare(work: Work) -> tuple[CampaignRow, str, Approved]:
        campaign = launched(work, limit_per_store=1, limit_per_household=1)
        shopper = a_shopper(work, balance_minor=5000)
        (code,) = codes_of(work, campaign, 1)
        return campaign, shopper, an_approval(work, shop, shopper, a_basket_of(work, shop, shopper, code))

    campaign, shopper, approved = database.write(prepare)
    held = database.write(partial(hold, shop, approved))
    full = database.write(partial(next_reason, shop, campaign, shopper))

    database.write(lambda work: give_back(work, held.payment_id, at=NOON))

    assert full == "coupon_limit_reached"
    assert database.write(partial(next_reason, shop, campaign, shopper)) is None


def next_reason(shop: Shop, campaign: CampaignRow, shopper: str, work: Work) -> str | None:
    """Return why one more coupon could not be used."""
    (code,) = codes_of(work, campaign, 1)
    try:
        basket_id = a_basket_of(work, shop, shopper, code)
    except CheckoutError as error:
        return error.code
    return reasons(work, shop, basket_id)[code]


def test_only_as_many_coupons_of_a_basket_count_as_the_store_has_places(database: Database, shop: Shop) -> None:
    def story(work: Work) -> dict[str, str | None]:
        campaign = launched(work, limit_per_store=2)
        return reasons(work, shop, a_basket_of(work, shop, None, *codes_of(work, campaign, 3)))

    assert Counter(database.write(story).values()) == {None: 2, "coupon_limit_reached": 1}


def test_a_coupon_asks_who_stands_there_when_it_is_somebodys_own(database: Database, shop: Shop) -> None:
    asked = (Asked(members_only=True), Asked(segments=("regular",)), Asked(first_purchase_only=True))

    def story(work: Work, shopper: str | None) -> list[str | None]:
        codes = [codes_of(work, launched(work, asked=each), 1)[0] for each in asked]
        said = reasons(work, shop, a_basket_of(work, shop, shopper, *codes))
        return [said[code] for code in codes]

    newcomer = database.write(lambda work: a_shopper(work, balance_minor=100_000))
    guest = database.write(lambda work: story(work, None))
    at_first = database.write(lambda work: story(work, newcomer))
    for _ in range(3):
        approved = database.write(lambda work: an_approval(work, shop, newcomer, a_basket_of(work, shop, newcomer)))
        database.write(partial(pay, shop, approved))
    in_the_end = database.write(lambda work: story(work, newcomer))

    assert guest == ["coupon_condition"] * 3
    assert at_first == [None, "coupon_condition", None]
    assert in_the_end == [None, None, "coupon_condition"]


def test_hours_days_and_stores_are_kept_when_a_campaign_names_them(database: Database, shop: Shop) -> None:
    friday_noon = Asked(opens=time(12), closes=time(13), days=(5,))  # NOON is Friday, 12:00 in Paris
    others = (Asked(opens=time(9), closes=time(12)), Asked(days=(1, 2)), Asked(stores=("demo",)))

    def story(work: Work) -> list[str | None]:
        row = work.shelf.store("demo")
        assert row is not None
        work.shelf.put_store(replace(row, store_id="elsewhere"))
        asked = (friday_noon, *others, Asked(stores=("elsewhere",)))
        codes = [codes_of(work, launched(work, asked=each), 1)[0] for each in asked]
        said = reasons(work, shop, a_basket_of(work, shop, None, *codes))
        return [said[code] for code in codes]

    closed = "coupon_out_of_hours"
    assert database.write(story) == [None, closed, closed, None, "coupon_condition"]


def test_joint_category_priority_and_bound_of_a_basket_hold_when_coupons_meet(database: Database, shop: Shop) -> None:
    def story(work: Work) -> tuple[list[str | None], list[str | None]]:
        small, large = (launched(work, joint="autumn", effect_value=percent) for percent in (10, 20))
        joint = [*codes_of(work, small, 1), *codes_of(work, large, 1)]
        said = reasons(work, shop, a_basket_of(work, shop, None, *joint))
        pairs = codes_of(work, launched(work, max_per_basket=1), 2)
        bounded = reasons(work, shop, a_basket_of(work, shop, None, *pairs))
        return [said[code] for code in joint], sorted(map(str, bounded.values()))  # type: ignore[return-value] # as text

    joint, bounded = database.write(story)

    assert joint == ["not_combinable", None]
    assert bounded == ["None", "coupons_per_basket"]


def test_nobody_else_pays_when_a_coupon_is_somebodys_own(database: Database, shop: Shop) -> None:
    def prepare(work: Work) -> tuple[Approved, str]:
        campaign = launched(work, asked=Asked(members_only=True))
        mine, theirs = codes_of(work, campaign, 2)
        owner, other = a_shopper(work, balance_minor=5000), a_shopper(work, balance_minor=5000)
        return (
            an_approval(work, shop, other, a_basket_of(work, shop, owner, mine)),
            a_basket_of(work, shop, owner, theirs),
        )

    approved, at_the_desk = database.write(prepare)

    with pytest.raises(CouponConditionError, match="same_person"):
        database.write(partial(pay, shop, approved))
    payment = database.write(partial(at_desk, shop, at_the_desk))

    assert payment.phone_hash is not None  # whose wallet was shown has bought, whoever took the money


def at_desk(shop: Shop, basket_id: str, work: Work) -> PaymentRow:
    quote = priced(work, shop, find(work, basket_id), at=NOON).quote
    seen = Seen(quote.digest, quote.total.minor)
    return pay_at_desk(work, shop, basket_id, seen=seen, tender="cash", by="amal", at=NOON, minted=minted())


def test_a_whole_basket_of_a_shopper_counts_for_them_when_it_is_sent_at_once(database: Database, shop: Shop) -> None:
    def send(shopper: str, code: str, work: Work) -> PaymentRow:
        me = Caller("shopper", shopper)
        whole = Whole(an_id(), (Laid(an_id(), NUTELLA),), (code,))
        quote = price_whole(work, shop, whole, me, at=NOON).quote
        approved = Approved(an_id(), whole.basket_id, quote.digest, quote.total.minor, shop.payee, an_id())
        facts = {"basket_id": whole.basket_id, "digest": quote.digest, "amount_minor": quote.total.minor}
        made = {"factors": ("wallet_code", "pin"), "evidence": None, "step_up_reason": None, "used_at": None}
        times = {"pin_at": NOON, "made_at": NOON, "expires_at": NOON + timedelta(seconds=60)}
        whose = {"customer_id": shopper, "kiosk_id": shopper, "payee": shop.payee}
        work.authentications.add(
            Authentication(approved.authentication_id, **facts, **made, **times, **whose)  # type: ignore[arg-type] # facts by name
        )
        held = admit(work, shop, whole, approved, me, at=NOON, hold_seconds=SECONDS, phones=PHONES)
        return capture(work, shop, held.payment_id, minted(), at=NOON)

    def prepare(work: Work) -> tuple[str, list[str]]:
        campaign = launched(work, limit_per_household=1, asked=Asked(first_purchase_only=True))
        return a_shopper(work, balance_minor=5000), codes_of(work, campaign, 2)

    shopper, (first, second) = database.write(prepare)
    payment = database.write(partial(send, shopper, first))
    with pytest.raises(CouponLimitReachedError):
        database.write(partial(send, shopper, second))

    assert payment.amount_minor == 399 - 40


def test_every_field_is_named_when_conditions_and_limits_could_never_hold(database: Database) -> None:
    asked = Asked(time(9), time(9), (), ("nowhere",), ("friends",), first_purchase_only=True)
    plan = a_plan(asked=asked, joint=" ", stacking="alone", max_per_basket=0, limit_per_store=0, limit_per_household=0)

    with pytest.raises(FlowError) as told:
        database.write(lambda work: a_campaign(work, **{name: getattr(plan, name) for name in plan.__slots__}))

    fields = [row["field"] for row in told.value.facts["errors"]]
    assert Counter(fields) == Counter(
        [
            "limits.per_store",
            "limits.per_household",
            "max_per_basket",
            "joint",
            "joint",
            "conditions.closes",
            "conditions.days",
            "conditions.stores.0",
            "conditions.segments.0",
            "conditions.segments",
        ]
    )


def test_a_draft_is_written_anew_and_nothing_else_when_marketing_mends_it(database: Database) -> None:
    draft = database.write(lambda work: a_campaign(work, launch=False))
    plan = a_plan(campaign_id=draft.campaign_id, name="Winter", limit_per_store=9, asked=Asked(days=(6, 7)))
    anew = partial(rewrite_campaign, plan=plan, store_id="demo", by="marc", at=NOON)

    mended = database.write(anew)
    database.write(lambda work: work.campaigns.move(draft.campaign_id, "draft", "live"))

    assert (mended.name, mended.limit_per_store, mended.state) == ("Winter", 9, "draft")
    assert mended.conditions is not None
    assert mended.conditions["days"] == [6, 7]
    with pytest.raises(FlowError, match="Only a draft"):
        database.write(anew)


def test_conditions_are_said_in_every_language_when_a_campaign_asks_for_much(database: Database) -> None:
    asked = Asked(time(9), time(12), (1, 6), ("demo",), ("regular", "lapsed"), members_only=True)

    row = database.write(lambda work: launched(work, asked=asked, joint="autumn", limit_per_household=1))

    said = conditions(row)
    assert said["en"].endswith(
        "On Monday, Saturday. From 09:00 to 12:00. In certain stores only. For those who come at least once a month or "
        "have not come for three months. With your account. One coupon of this kind a basket. Limited per household."
    )
    assert "周一、周六" in said["zh"]
    assert "Le lundi, samedi." in said["fr"]


def test_small_segments_are_not_told_when_marketing_asks_for_their_size(database: Database, shop: Shop) -> None:
    def buy(work: Work) -> None:
        for _ in range(20):
            shopper = a_shopper(work, balance_minor=5000)
            pay(shop, an_approval(work, shop, shopper, a_basket_of(work, shop, shopper)), work)

    few = database.read(lambda work: sizes(work, at=NOON))
    database.write(buy)
    later = database.read(lambda work: sizes(work, at=NOON + timedelta(days=100)))

    assert {each["people"] for each in few} == {None}
    assert {each["segment"]: each["people"] for each in later} == {
        "regular": None,
        "occasional": None,
        "lapsed": 20,
    }
