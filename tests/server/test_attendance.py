"""Staff at a kiosk: who may, for how long, how much they may take off, and what stays written down."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from checkout.errors import CheckoutError, QuantityOutOfRangeError
from server.db.database import Database
from server.db.tables import audit_log
from server.flows.assist import NewPrice, PriceLimits, amend_line, look_at_age, set_price
from server.flows.attendance import (
    LIFE,
    LONGEST,
    Attendant,
    Proof,
    attending,
    choose_pin,
    end_attendance,
    give_badge,
    open_attendance,
)
from server.flows.baskets import find, priced
from server.flows.crew import reset_member
from server.flows.errors import FlowError
from server.flows.pay import hold_payment
from server.flows.ports import BasketRow, Work
from server.flows.ports.proofs import Session, StaffMember
from server.flows.shop import Shop
from server.flows.tell_kiosk import Told, tell_kiosk
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import (
    COLA,
    KIOSK,
    KIOSK_TOKEN,
    NOON,
    NUTELLA,
    PASTA,
    WINE,
    a_basket,
    a_shopper,
    an_approval,
    an_id,
)
from tests.server.people.builders import at_once

pytestmark = pytest.mark.anyio
BADGE = "7KQ29DXM7KQ29DXM7KQ2"
LIMITS = PriceLimits(assist_minor=200, manager_minor=1000)


def a_colleague(work: Work, login: str = "amal", *roles: str) -> StaffMember:
    """Let somebody work here, an attendant unless said otherwise."""
    member = StaffMember(login, login.title(), "no hash", roles or ("staff_assist",))
    work.staff.put(member)
    return member


def an_attendance(work: Work, login: str = "amal", *roles: str, at: datetime = NOON) -> Attendant:
    """Let a colleague stand at the kiosk."""
    a_colleague(work, login, *roles)
    return open_attendance(work, an_id(), Proof(login=login), kiosk_id="kiosk-1", at=at)


@dataclass(frozen=True, slots=True)
class Trip:
    """A basket at the kiosk and who attends to it."""

    database: Database
    shop: Shop
    basket_id: str
    by: Attendant

    def price(self, line_id: str, price_minor: int, *, pieces: int = 1, second: StaffMember | None = None) -> BasketRow:
        """Set a price, in a transaction of its own."""
        wish = NewPrice(an_id(), line_id, pieces, price_minor, "shelf_label")
        return self.database.write(
            lambda work: set_price(
                work,
                self.shop,
                self.basket_id,
                wish,
                kiosk=KIOSK,
                by=self.by,
                second=second,
                limits=LIMITS,
                at=NOON,
                new_id=an_id,
            )
        )

    def line(self, place: int = 0) -> str:
        """Return the id of a line."""
        return self.database.read(lambda work: find(work, self.basket_id).lines[place].line_id)

    def total(self) -> int:
        """Return what is due now."""
        return self.database.read(
            lambda work: priced(work, self.shop, find(work, self.basket_id), at=NOON).quote.total.minor
        )


def a_trip(database: Database, shop: Shop, *codes: str, roles: tuple[str, ...] = ()) -> Trip:
    """Fill a basket and let somebody attend to it."""
    basket_id = database.write(lambda work: a_basket(work, shop, *codes))
    by = database.write(lambda work: an_attendance(work, "amal", *roles))
    return Trip(database, shop, basket_id, by)


def refused(act: Callable[[], object]) -> str:
    """Return the code that an act is refused with."""
    with pytest.raises((FlowError, CheckoutError)) as told:
        act()
    assert isinstance(told.value, FlowError | CheckoutError)
    return told.value.code


def log_of(database: Database, *acts: str) -> list[tuple[str, str, str, str | None]]:
    """Return who did which of these acts to what, and why, oldest first."""
    columns = (audit_log.c.who, audit_log.c.act, audit_log.c.subject, audit_log.c.reason)
    query = select(*columns).where(audit_log.c.act.in_(acts)).order_by(audit_log.c.audit_id)
    with database.engine.connect() as connection:
        return [(row.who, row.act, row.subject, row.reason) for row in connection.execute(query)]


def test_a_badge_opens_one_kiosk_once_when_it_is_shown_in_time(database: Database) -> None:
    def shown(work: Work) -> None:
        a_colleague(work)
        give_badge(work, "amal", BADGE, at=NOON)

    database.write(shown)
    first, at = an_id(), NOON + timedelta(seconds=50)
    proof = Proof(badge=f"sesame:a:{BADGE.lower()}")

    opened = database.write(lambda work: open_attendance(work, first, proof, kiosk_id="kiosk-1", at=at))
    again = database.write(lambda work: open_attendance(work, first, proof, kiosk_id="kiosk-1", at=at))

    assert (opened.member.login, opened.attendance.expires_at) == ("amal", at + LIFE)
    assert again.attendance == opened.attendance
    elsewhere = partial(open_attendance, attendance_id=an_id(), proof=proof, kiosk_id="kiosk-2", at=at)
    assert refused(lambda: database.write(elsewhere)) == "badge_unknown"


def test_an_old_badge_opens_nothing_when_a_newer_one_or_a_minute_has_come(database: Database) -> None:
    database.write(a_colleague)
    open_ = partial(open_attendance, attendance_id=an_id(), proof=Proof(badge=BADGE), kiosk_id="kiosk-1")
    database.write(lambda work: give_badge(work, "amal", BADGE, at=NOON))

    assert refused(lambda: database.write(partial(open_, at=NOON + timedelta(seconds=60)))) == "badge_unknown"
    database.write(lambda work: give_badge(work, "amal", BADGE[::-1], at=NOON))
    assert refused(lambda: database.write(partial(open_, at=NOON))) == "badge_unknown"


def test_one_of_two_kiosks_is_opened_when_both_show_the_same_badge_at_once(database: Database) -> None:
    database.write(a_colleague)
    database.write(lambda work: give_badge(work, "amal", BADGE, at=NOON))

    def act(kiosk_id: str) -> Callable[[], object]:
        proof = Proof(badge=BADGE)
        opening = partial(open_attendance, attendance_id=an_id(), proof=proof, kiosk_id=kiosk_id, at=NOON)
        return partial(database.write, opening)

    told = at_once([act("kiosk-1"), act("kiosk-2")])

    codes = sorted(one.code if isinstance(one, FlowError) else "opened" for one in told)
    assert codes == ["badge_unknown", "opened"]


def test_an_attendance_ends_by_itself_when_nothing_is_done_or_it_has_lasted_long(database: Database) -> None:
    by = database.write(an_attendance)
    look = partial(attending, attendance_id=by.attendance.attendance_id, kiosk_id="kiosk-1")

    at = NOON
    while at + LIFE - timedelta(seconds=1) < NOON + LONGEST:
        at += LIFE - timedelta(seconds=1)
        kept = database.write(partial(look, at=at))
        assert kept.attendance.expires_at == min(at + LIFE, NOON + LONGEST)

    assert refused(lambda: database.write(partial(look, at=NOON + LONGEST))) == "attendance_over"


def test_nobody_acts_when_the_attendance_is_anothers_or_ended_or_the_role_is_gone(database: Database) -> None:
    by = database.write(an_attendance)
    attendance_id = by.attendance.attendance_id
    look = partial(attending, attendance_id=attendance_id, at=NOON)

    assert refused(lambda: database.write(partial(look, kiosk_id="kiosk-2"))) == "attendance_over"
    database.write(lambda work: work.staff.put(replace(by.member, roles=("marketer",))))
    assert refused(lambda: database.write(partial(look, kiosk_id="kiosk-1"))) == "attendance_over"
    database.write(a_colleague)
    database.write(lambda work: end_attendance(work, attendance_id, kiosk_id="kiosk-1", at=NOON))
    assert refused(lambda: database.write(partial(look, kiosk_id="kiosk-1"))) == "attendance_over"
    assert [one[1] for one in log_of(database, "attend_kiosk", "leave_kiosk")] == ["attend_kiosk", "leave_kiosk"]


def test_a_marketer_opens_nothing_when_their_badge_is_shown(database: Database) -> None:
    database.write(lambda work: a_colleague(work, "marc", "marketer"))
    opening = partial(open_attendance, attendance_id=an_id(), proof=Proof(login="marc"), kiosk_id="kiosk-1", at=NOON)

    assert refused(lambda: database.write(opening)) == "forbidden_role"


def test_the_log_says_who_and_why_when_a_line_is_amended_and_voided(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, PASTA, PASTA, NUTELLA)
    pasta, nutella = trip.line(0), trip.line(1)
    act = partial(amend_line, basket_id=trip.basket_id, kiosk=KIOSK, by=trip.by, at=NOON)

    database.write(partial(act, line_id=pasta, quantity=1, reason="miscounted"))
    row = database.write(partial(act, line_id=nutella, quantity=0, reason="damaged"))

    assert [(line.sku, line.quantity) for line in row.lines] == [("pasta", 1)]
    assert log_of(database, "amend_line", "void_line") == [
        ("amal", "amend_line", trip.basket_id, "miscounted: pasta 2 -> 1"),
        ("amal", "void_line", trip.basket_id, "damaged: nutella 1 -> 0"),
    ]


def test_some_pieces_cost_less_when_an_attendant_sets_their_price(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA, NUTELLA, NUTELLA)
    nutella = trip.line()

    row = trip.price(nutella, 300, pieces=2)

    assert [(line.quantity, line.price_minor) for line in row.lines] == [(1, None), (1, 300), (1, 300)]
    assert row.lines[0].line_id == nutella
    assert trip.total() == 399 + 600
    said = "shelf_label: 2 x nutella 399 -> 300"
    assert log_of(database, "set_price") == [("amal", "set_price", trip.basket_id, said)]


def test_deposits_stay_due_when_a_price_is_set(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, COLA)

    trip.price(trip.line(), 100)

    assert trip.total() == 100 + 15


def test_a_manager_is_asked_for_when_small_steps_add_up_over_a_basket(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA, WINE)
    manager = database.write(lambda work: a_colleague(work, "karim", "staff_manager"))
    nutella, wine = trip.line(0), trip.line(1)
    trip.price(nutella, 399 - 150)

    assert refused(lambda: trip.price(wine, 649 - 51)) == "second_person_needed"
    assert refused(lambda: trip.price(wine, 649 - 51, second=trip.by.member)) == "own_request"
    trip.price(wine, 649 - 51, second=manager)

    assert trip.total() == 399 - 150 + 649 - 51
    assert [who for who, *_ in log_of(database, "set_price")] == ["amal", "amal+karim"]


def test_a_second_attendant_does_not_do_when_a_manager_is_asked_for(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA)
    other = database.write(lambda work: a_colleague(work, "sacha"))

    assert refused(lambda: trip.price(trip.line(), 0, second=other)) == "second_person_needed"


def test_a_manager_alone_may_more_and_needs_another_above_it(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA, WINE, WINE, roles=("staff_manager",))
    trip.price(trip.line(0), 0)

    assert refused(lambda: trip.price(trip.line(0), 0, pieces=2)) == "second_person_needed"


def test_a_price_goes_back_up_to_the_shelf_and_no_further_when_it_was_a_mistake(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA)
    nutella = trip.line()
    trip.price(nutella, 199)

    assert refused(lambda: trip.price(nutella, 400)) == "price_too_high"
    trip.price(nutella, 399)
    trip.price(nutella, 199)  # what was taken back counts no more

    assert trip.total() == 199


def test_no_more_pieces_are_repriced_than_there_are_when_the_line_has_fewer(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA)

    with pytest.raises(QuantityOutOfRangeError):
        trip.price(trip.line(), 100, pieces=2)


def test_two_prices_set_at_once_take_off_no_more_than_one_alone_may(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA, WINE)
    nutella, wine = trip.line(0), trip.line(1)

    told = at_once([lambda: trip.price(nutella, 399 - 150), lambda: trip.price(wine, 649 - 150)])

    assert sorted(one.code if isinstance(one, FlowError) else "set" for one in told) == ["second_person_needed", "set"]
    assert trip.total() == 399 + 649 - 150


def test_an_approval_is_void_when_a_price_is_set_after_it(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, NUTELLA)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, trip.basket_id))
    trip.price(trip.line(), 300)

    holding = partial(hold_payment, shop=shop, approved=approved, caller=KIOSK, at=NOON, hold_seconds=180)
    assert refused(lambda: database.write(holding)) == "basket_changed"


def test_the_age_is_seen_at_the_kiosk_and_nobody_is_waited_for_any_more(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, WINE, NUTELLA)
    look = partial(look_at_age, shop=shop, basket_id=trip.basket_id, kiosk=KIOSK, by=trip.by, at=NOON)

    row = database.write(partial(look, approved=True))

    assert (row.age_check, row.age_checked_for) == ("approved", 18)
    assert database.read(lambda work: list(work.interventions.waiting(trip.basket_id))) == []
    assert refused(lambda: database.write(partial(look, approved=True))) == "age_not_asked"
    assert log_of(database, "age_check.approved") == [("amal", "age_check.approved", trip.basket_id, "at the kiosk")]


def test_what_asks_for_an_age_leaves_the_basket_when_the_look_is_not_passed(database: Database, shop: Shop) -> None:
    trip = a_trip(database, shop, WINE, NUTELLA)

    row = database.write(
        lambda work: look_at_age(work, shop, trip.basket_id, approved=False, kiosk=KIOSK, by=trip.by, at=NOON)
    )

    assert [line.sku for line in row.lines] == ["nutella"]


def test_a_kiosk_is_told_once_and_the_log_says_why_when_it_is_paused_twice(database: Database) -> None:
    tell = partial(tell_kiosk, kiosk_id="kiosk-1", store_id="demo", by="amal", at=NOON)
    newest = database.read(lambda work: work.events.newest())

    for _ in range(2):
        database.write(partial(tell, told=Told(is_paused=True, reason="cleaning")))
    database.write(partial(tell, told=Told(message="Back in ten minutes")))
    row = database.write(partial(tell, told=Told(is_paused=False, message="")))

    assert (row.paused_at, row.message) == (None, None)
    told = [one.body for one in database.read(lambda work: work.events.after(newest)) if one.kind == "kiosk.told"]
    assert [(one["paused"], one["pause_reason"], one["message"]) for one in told] == [
        (True, "cleaning", ""),
        (True, "cleaning", "Back in ten minutes"),
        (False, None, ""),
    ]
    acts = [(act, reason) for _, act, _, reason in log_of(database, "pause_kiosk", "open_kiosk", "tell_kiosk")]
    assert acts == [
        ("pause_kiosk", "cleaning"),
        ("tell_kiosk", "Back in ten minutes"),
        ("open_kiosk", None),
        ("tell_kiosk", ""),
    ]


# --- over HTTP

TOKENS = {"amal": "token-of-amal", "karim": "token-of-karim"}


@asynccontextmanager
async def a_front(database: Database, folder: Path) -> AsyncIterator[Shopfront]:
    """Start the application with an attendant and a manager signed in."""

    def sign_in(work: Work) -> None:
        for login, role in (("amal", "staff_assist"), ("karim", "staff_manager")):
            member = a_colleague(work, login, role)
            session = Session("staff", login, member.roles, NOON.replace(year=NOON.year + 50))
            work.sessions.open(token_hash(TOKENS[login]), session)

    database.write(sign_in)
    async with open_shopfront(database.engine.url.render_as_string(hide_password=False), folder) as front:
        yield front


async def attend(front: Shopfront, **proof: str) -> httpx.Response:
    """Step up to the kiosk."""
    return await front.ask("POST", "/v1/attendances", {"attendance_id": an_id(), **proof})


async def test_a_price_is_set_with_a_managers_pin_when_it_takes_off_too_much(
    database: Database, tmp_path: Path
) -> None:
    async with a_front(database, tmp_path) as front:
        chosen = await front.ask("PUT", "/v1/staff/kiosk-pin", {"pin": "270482"}, token=TOKENS["karim"])
        shown = (await front.ask("POST", "/v1/staff/badges", token=TOKENS["amal"])).json()
        opened = (await attend(front, badge=shown["badge"])).json()
        basket_id = await front.basket(*[NUTELLA] * 4)
        basket = (await front.ask("GET", f"/v1/baskets/{basket_id}")).json()
        act = {"act_id": an_id(), "attendance_id": opened["attendance_id"], "pieces": 4, "reason": "shelf_label"}
        path = f"/v1/baskets/{basket_id}/lines/{basket['lines'][0]['line_id']}:price"
        alone = await front.ask("POST", path, {**act, "price_minor": 100})
        second = {"number": chosen.json()["number"], "pin": "270482"}
        key = an_id()
        together = await front.ask("POST", path, {**act, "price_minor": 100, "second": second}, key=key)
        repeated = await front.ask("POST", path, {**act, "price_minor": 100, "second": second}, key=key)

    assert (opened["name"], opened["is_manager"], opened["alone_minor"]) == ("Amal", False, 1000)
    assert shown["qr"].startswith("data:image/svg+xml")
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert (alone.json()["amount_minor"], alone.json()["alone_minor"]) == (4 * 299, 1000)
    assert together.status_code == 200, together.text
    assert together.json()["total_minor"] == 400
    assert repeated.json() == together.json()
    assert repeated.headers["Idempotent-Replay"] == "true"


async def test_a_number_rests_when_its_pin_was_wrong_three_times(database: Database, tmp_path: Path) -> None:
    async with a_front(database, tmp_path) as front:
        weak = await front.ask("PUT", "/v1/staff/kiosk-pin", {"pin": "123456"}, token=TOKENS["amal"])
        chosen = await front.ask("PUT", "/v1/staff/kiosk-pin", {"pin": "270482"}, token=TOKENS["amal"])
        number = chosen.json()["number"]
        tried = [(await attend(front, number=number, pin="999999")).json()["code"] for _ in range(3)]
        right = await attend(front, number=number, pin="270482")
        nobody = await attend(front, number=f"{(int(number) + 1) % 10_000:04}", pin="270482")
        await front.ask("PUT", "/v1/staff/kiosk-pin", {"pin": "840272"}, token=TOKENS["amal"])
        anew = await attend(front, number=number, pin="840272")

    assert weak.json()["code"] == "pin_weak"
    assert tried == ["staff_pin_wrong", "staff_pin_wrong", "staff_pin_locked"]
    assert (right.status_code, right.json()["code"]) == (423, "staff_pin_locked")
    assert nobody.json()["code"] == "staff_pin_wrong"
    assert anew.status_code == 201


async def test_a_kiosk_is_slowed_when_it_shows_badges_that_nobody_has(database: Database, tmp_path: Path) -> None:
    async with a_front(database, tmp_path) as front:
        told = [(await attend(front, badge=f"SESAME:A:{BADGE}")).json()["code"] for _ in range(11)]

    assert told == ["badge_unknown"] * 10 + ["too_many_requests"]


async def test_the_kiosk_and_the_board_know_when_staff_pause_it(database: Database, tmp_path: Path) -> None:
    async with a_front(database, tmp_path) as front:
        opened = (await attend(front, badge=(await a_badge(front))["badge"])).json()
        path, body = "/v1/kiosks/kiosk-1:tell", {"paused": True, "reason": "cleaning"}
        from_afar = await front.ask("POST", path, {**body, "message": " Back soon "}, token=TOKENS["karim"])
        told = (await front.ask("GET", "/v1/kiosks/me")).json()
        nobody = await front.ask("POST", path, {"paused": False})
        there = await front.ask("POST", path, {"paused": False, "attendance_id": opened["attendance_id"]})
        other = await front.ask("POST", "/v1/kiosks/kiosk-2:tell", {"paused": True}, token=KIOSK_TOKEN)
        board = (await front.ask("GET", "/v1/kiosks", token=TOKENS["amal"])).json()

    assert from_afar.status_code == 200, from_afar.text
    assert (told["paused"], told["pause_reason"], told["message"]) == (True, "cleaning", "Back soon")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "attendance_over")
    assert (there.json()["paused"], there.json()["message"]) == (False, "Back soon")
    assert other.json()["code"] == "kiosk_not_found"
    assert [(one["kiosk_id"], one["paused"]) for one in board["items"]] == [("kiosk-1", False), ("kiosk-2", False)]
    pauses = log_of(database, "pause_kiosk", "open_kiosk")
    assert [(who, act) for who, act, *_ in pauses] == [("karim", "pause_kiosk"), ("amal", "open_kiosk")]


async def test_reason_is_on_record_when_a_manager_lets_a_kiosk_change_the_key_of_faces(
    database: Database, tmp_path: Path
) -> None:
    async with a_front(database, tmp_path) as front:
        path, why = "/v1/kiosks/kiosk-1:allow-face-key", {"reason": "kiosk 2 was stolen"}
        early = await front.ask("POST", path, why, token=TOKENS["karim"])
        await front.ask("POST", "/v1/face-keys", {"key_id": "0f" * 16})
        unsaid = await front.ask("POST", path, {"reason": ""}, token=TOKENS["karim"])
        attendant = await front.ask("POST", path, why, token=TOKENS["amal"])
        allowed = await front.ask("POST", path, why, token=TOKENS["karim"])

    assert early.json()["code"] == "face_key_missing"
    assert unsaid.status_code == 422
    assert attendant.json()["code"] == "forbidden_role"
    assert (allowed.status_code, allowed.json()["kiosk_id"]) == (201, "kiosk-1")
    assert log_of(database, "allow_face_key") == [("karim", "allow_face_key", "kiosk-1", "kiosk 2 was stolen")]


async def a_badge(front: Shopfront) -> dict[str, str]:
    """Return the badge that an attendant's phone shows."""
    shown: dict[str, str] = (await front.ask("POST", "/v1/staff/badges", token=TOKENS["amal"])).json()
    return shown


async def test_a_shown_proof_is_named_when_it_is_neither_badge_nor_number(database: Database, tmp_path: Path) -> None:
    async with a_front(database, tmp_path) as front:
        neither = await attend(front)
        both = await attend(front, badge=f"SESAME:A:{BADGE}", number="0001", pin="270482")

    assert [neither.status_code, both.status_code] == [422, 422]


def test_a_reset_colleague_has_no_pin_for_kiosks_any_more(database: Database) -> None:
    def reset(work: Work) -> None:
        a_colleague(work)
        choose_pin(work, "amal", "a hash", at=NOON)
        reset_member(work, "amal", "another hash", by="ada", at=NOON)

    database.write(reset)

    assert database.read(lambda work: work.attendances.pin_of("amal")) is None


def test_another_number_is_drawn_when_somebody_has_the_first(database: Database) -> None:
    def choose(work: Work) -> list[str]:
        drawn = iter([7, 7, 8])
        made = [
            choose_pin(work, login, "a hash", at=NOON, draw=lambda _: next(drawn)).number for login in ("amal", "karim")
        ]
        return [*made, choose_pin(work, "karim", "another", at=NOON).number]

    assert database.write(choose) == ["0007", "0008", "0008"]
