"""Coupons of a basket: the shopper's own by themselves, one instead of another, and why one takes nothing off."""

from datetime import time, timedelta

from server.db.database import Database
from server.flows.authenticate import Approval, Shown, authenticate_pin
from server.flows.basket_coupons import apply_coupon, drop_coupon, for_member, use_instead
from server.flows.baskets import find, priced, view
from server.flows.change_basket import leave_wallet, quote_basket
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupon_terms import Asked
from server.flows.coupons import issue
from server.flows.pay import Approved, hold_payment
from server.flows.ports import Work
from server.flows.shop import Shop
from tests.server.builders import KIOSK, NOON, NUTELLA, a_basket, a_shopper, an_id
from tests.server.people.builders import a_campaign


def given(work: Work, holder: str | None, **facts: object) -> str:
    """Launch a campaign of 10 % and give somebody a coupon of it."""
    facts = {"effect_kind": "percent", "effect_value": 10, "min_basket_minor": 0, "holdout_percent": 0} | facts
    campaign = a_campaign(work, **facts)
    return issue(work, campaign, code=new_coupon_code(), phone_hash=holder, generation=0, at=NOON).code


def recognised(work: Work, shop: Shop, basket_id: str, customer_id: str) -> None:
    """Show somebody's wallet for a basket."""
    customer = work.customers.get(customer_id)
    assert customer is not None
    work.baskets.put(for_member(work, shop, find(work, basket_id), customer, at=NOON))


def phone_of(work: Work, customer_id: str) -> str:
    customer = work.customers.get(customer_id)
    assert customer is not None
    return customer.phone_hash


def shown(work: Work, shop: Shop, basket_id: str) -> dict[str, tuple[str, int]]:
    """Return the state and saving of each coupon on the screen, kept ones too."""
    seen = view(work, shop, find(work, basket_id), at=NOON)
    kept = {each["code"]: ("kept", 0) for each in seen["kept_coupons"]}
    return {each["code"]: (each["state"], each["saved_minor"]) for each in seen["coupons"]} | kept


def test_the_best_of_a_shoppers_own_coupons_count_by_themselves_when_the_wallet_is_shown(
    database: Database, shop: Shop
) -> None:
    def story(work: Work) -> tuple[dict[str, tuple[str, int]], list[str]]:
        ada = a_shopper(work)
        phone = phone_of(work, ada)
        small, large = given(work, phone, joint="x"), given(work, phone, joint="x", effect_value=20)
        far_off = given(work, phone, min_basket_minor=5000)
        given(work, phone, starts_at=NOON - timedelta(days=2), limit_per_store=1, budget_minor=1)
        given(work, "somebody else")
        basket_id = a_basket(work, shop, NUTELLA)
        recognised(work, shop, basket_id, ada)
        return shown(work, shop, basket_id), [small, large, far_off]

    seen, (small, large, far_off) = database.write(story)

    assert seen[large] == ("applied", 80)
    assert seen[small] == seen[far_off] == ("not_applicable", 0)
    assert len(seen) == 4


def test_another_coupon_counts_and_the_first_is_kept_when_they_are_swapped(database: Database, shop: Shop) -> None:
    def story(work: Work) -> list[dict[str, tuple[str, int]]]:
        ada = a_shopper(work)
        small, large = (given(work, phone_of(work, ada), joint="x", effect_value=each) for each in (10, 20))
        basket_id = a_basket(work, shop, NUTELLA)
        recognised(work, shop, basket_id, ada)
        use_instead(work, shop, basket_id, KIOSK, small, at=NOON)
        swapped = shown(work, shop, basket_id)
        apply_coupon(work, basket_id, KIOSK, large, at=NOON)
        back = shown(work, shop, basket_id)
        drop_coupon(work, basket_id, KIOSK, large, at=NOON)
        return [
            {name: seen[code] for name, code in (("small", small), ("large", large))}
            for seen in (swapped, back, shown(work, shop, basket_id))
        ]

    swapped, back, dropped = database.write(story)

    assert swapped == {"small": ("applied", 40), "large": ("kept", 0)}
    assert back == {"small": ("not_applicable", 0), "large": ("applied", 80)}
    assert dropped == {"small": ("applied", 40), "large": ("kept", 0)}


def test_those_that_save_most_are_laid_when_somebody_holds_more_than_a_basket_takes(
    database: Database, shop: Shop
) -> None:
    def story(work: Work) -> tuple[dict[str, tuple[str, int]], list[str]]:
        ada = a_shopper(work)
        codes = [given(work, phone_of(work, ada), effect_value=percent) for percent in range(1, 13)]
        basket_id = a_basket(work, shop, NUTELLA)
        recognised(work, shop, basket_id, ada)
        return shown(work, shop, basket_id), codes

    seen, codes = database.write(story)

    assert [seen[code][0] for code in codes] == ["kept"] * 2 + ["applied"] * 10


def test_nothing_of_the_first_is_left_when_another_wallet_is_shown(database: Database, shop: Shop) -> None:
    def story(work: Work) -> tuple[dict[str, tuple[str, int]], list[str]]:
        ada, ben = a_shopper(work), a_shopper(work)
        hers, his, paper = given(work, phone_of(work, ada)), given(work, phone_of(work, ben)), given(work, None)
        basket_id = a_basket(work, shop, NUTELLA)
        apply_coupon(work, basket_id, KIOSK, paper, at=NOON)
        recognised(work, shop, basket_id, ada)
        drop_coupon(work, basket_id, KIOSK, hers, at=NOON)
        recognised(work, shop, basket_id, ben)
        recognised(work, shop, basket_id, ben)
        return shown(work, shop, basket_id), [his, paper]

    seen, codes = database.write(story)

    assert sorted(seen) == sorted(codes)


def test_a_coupon_that_stands_alone_makes_room_when_it_is_wanted_instead(database: Database, shop: Shop) -> None:
    def story(work: Work) -> tuple[dict[str, tuple[str, int]], str]:
        others = [given(work, None, effect_value=5) for _ in range(10)]
        alone = given(work, None, stacking="alone", effect_value=5)
        basket_id = a_basket(work, shop, NUTELLA, NUTELLA)
        for code in others:
            apply_coupon(work, basket_id, KIOSK, code, at=NOON)
        use_instead(work, shop, basket_id, KIOSK, alone, at=NOON)
        return shown(work, shop, basket_id), alone

    seen, alone = database.write(story)

    assert seen.pop(alone) == ("applied", 40)
    assert {state for state, _ in seen.values()} == {"kept"}


def test_each_refusal_says_why_and_what_to_do_when_coupons_take_nothing_off(database: Database, shop: Shop) -> None:
    facts: list[dict[str, object]] = [
        {"min_basket_minor": 1000},
        {"categories": ("pasta",)},
        {"asked": Asked(members_only=True)},
        {"asked": Asked(opens=time(20), closes=time(21))},
        {"joint": "x", "effect_value": 1},
    ]

    def story(work: Work) -> list[dict[str, object]]:
        codes = [given(work, None, **each) for each in facts]
        basket_id = a_basket(work, shop, NUTELLA)
        for code in (*codes, given(work, None, joint="x")):
            apply_coupon(work, basket_id, KIOSK, code, at=NOON)
        seen = view(work, shop, find(work, basket_id), at=NOON)
        by_code = {each["code"]: each for each in seen["coupons"]}
        return [by_code[code] for code in codes]

    coupons = database.write(story)

    assert [each["why"]["en"] for each in coupons] == [  # type: ignore[index] # JSON
        "€6.01 more of the goods it is for, and it counts by itself.",
        "Nothing in the basket is what it is for, or it is on offer already.",
        "It is for members: show the code of your phone to the camera, and it counts.",
        "It counts at other hours: again from 2026-11-20 20:00. It stays yours.",
        "It does not go with “€2 off”, which saves you more. You may swap them.",
    ]
    assert coupons[0]["why"]["fr"].startswith("Encore 6,01 €")  # type: ignore[index] # JSON
    assert coupons[0]["facts"] == {
        "coupon": coupons[0]["code"],
        "reason": "basket_below_minimum",
        "short_minor": 601,
    }
    assert [each["can_swap"] for each in coupons] == [False, False, False, False, True]


def test_an_approval_is_for_the_shoppers_own_price_when_they_are_recognised_at_paying(
    database: Database, shop: Shop
) -> None:
    def story(work: Work, *, with_own: bool) -> tuple[Approval, int]:
        ada = a_shopper(work, balance_minor=5000)
        given(work, phone_of(work, ada), effect_value=50)
        basket_id = a_basket(work, shop, NUTELLA)
        quote_basket(work, basket_id, KIOSK, at=NOON)
        quote = priced(work, shop, find(work, basket_id), at=NOON).quote
        seen = Shown(an_id(), basket_id, quote.digest, quote.total.minor, shop.payee, with_own)
        customer = work.customers.get(ada)
        assert customer is not None
        life = timedelta(seconds=60)
        approval = authenticate_pin(work, shop, seen, customer, code_hash=None, kiosk=KIOSK, at=NOON, life=life)
        made = approval.authentication
        approved = Approved(an_id(), basket_id, made.digest, made.amount_minor, shop.payee, made.authentication_id)
        held = hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=60)
        return approval, held.amount_minor

    own, own_minor = database.write(lambda work: story(work, with_own=True))
    plain, plain_minor = database.write(lambda work: story(work, with_own=False))

    assert (own_minor, plain_minor) == (199, 399)
    assert plain.basket is None
    assert own.basket is not None
    assert (own.basket["total_minor"], own.basket["digest"]) == (199, own.authentication.digest)


def test_what_was_set_aside_stays_so_when_its_owner_is_recognised(database: Database, shop: Shop) -> None:
    def story(work: Work) -> tuple[dict[str, tuple[str, int]], str]:
        ada = a_shopper(work)
        code = given(work, phone_of(work, ada))
        basket_id = a_basket(work, shop, NUTELLA)
        apply_coupon(work, basket_id, KIOSK, code, at=NOON)
        drop_coupon(work, basket_id, KIOSK, code, at=NOON)
        recognised(work, shop, basket_id, ada)
        return shown(work, shop, basket_id), code

    seen, code = database.write(story)

    assert seen == {code: ("kept", 0)}


def test_nothing_of_theirs_is_left_when_the_basket_was_taken_for_somebody_elses(database: Database, shop: Shop) -> None:
    def story(work: Work) -> tuple[dict[str, tuple[str, int]], bool]:
        ada = a_shopper(work)
        given(work, phone_of(work, ada))
        basket_id = a_basket(work, shop, NUTELLA)
        recognised(work, shop, basket_id, ada)
        row = leave_wallet(work, basket_id, KIOSK, at=NOON)
        leave_wallet(work, basket_id, KIOSK, at=NOON)
        return shown(work, shop, basket_id), row.is_member

    assert database.write(story) == ({}, False)
