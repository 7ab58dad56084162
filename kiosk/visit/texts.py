"""What a text asks for that a camera, a scanner or the keypad gave."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from kiosk.visit import attending, by_pass, calls, carried, paying
from kiosk.visit.aside import on_basket_code
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.possible import can_pay
from kiosk.visit.reading import Reading, ReadingKind, read
from kiosk.visit.shopping import SHOPPING, begun, lay_coupon, on_its_way, with_basket
from kiosk.visit.states import State, Turn
from kiosk.visit.visit import Visit

AGAIN_SECONDS: Final = 1.2  # product SC12: the same code within this time counts once
DIRTY_LENS: Final = 5  # codes in a row that nobody could read: no single bad print any more


def on_code(visit: Visit, text: str, symbology: str | None, now: datetime, *, same_pack: bool = False) -> Outcome:
    """Do what a text asks for that a camera, a scanner or the keypad gave.

    A second code on a pack (``same_pack``) is passed over where it says no more of it than the first one did.
    """
    reading = read(text, symbology)
    if same_pack and not reading.says_more:
        return nothing(visit)
    if reading.kind is ReadingKind.FACE_CARD:
        return paying.on_card(visit, reading.text, now)  # before it is noted anywhere: it is a key
    if reading.kind is ReadingKind.BADGE:
        return attending.on_badge(visit, reading.text)  # likewise
    if visit.state in {State.STAFF, State.PAUSED}:
        return nothing(visit)
    if visit.last_code is not None:
        said, at = visit.last_code
        if said == reading.text and now - at < timedelta(seconds=AGAIN_SECONDS):
            return nothing(replace(visit, last_code=(said, now)))
    visit = replace(visit, last_code=(reading.text, now), unreadable=0)
    match reading.kind:
        case ReadingKind.WALLET:
            return _on_wallet_code(visit, reading, now)
        case ReadingKind.OFFLINE:
            return by_pass.on_pass(replace(visit, last_code=None), reading.text, now)
        case ReadingKind.BASKET:
            return on_basket_code(visit, reading.text, now)
        case ReadingKind.BASKET_TEXT if visit.state in SHOPPING:
            return carried.on_part(visit, reading.text, now)
        case ReadingKind.SHARE_LINK:
            return nothing(visit.say("info", "share_link_seen", now))
        case ReadingKind.ADVERT:
            return nothing(visit)  # a web address on a pack is not a question of the shopper: no beep, no notice
        case ReadingKind.OTHER_OURS:
            return nothing(visit.say("warn", "not_a_product", now))
        case ReadingKind.COUPON if visit.state in SHOPPING:
            return lay_coupon(visit, reading.text, now)
        case ReadingKind.PRODUCT if visit.state in SHOPPING:
            visit, line_id = begun(visit).fresh_id()
            visit, opening = with_basket(visit, now)
            basket_id = str(visit.basket_id)
            call = calls.AddLine(line_id, basket_id, reading.text, symbology, same_pack=same_pack)
            return (visit if same_pack else on_its_way(visit, call)), opening + ask(call)
        case ReadingKind.COUPON | ReadingKind.PRODUCT | ReadingKind.BASKET_TEXT:
            return nothing(visit)  # somebody is choosing how to pay; a pack in view must not disturb
        case _:
            assert_never(reading.kind)


def on_unreadable(visit: Visit, now: datetime) -> Outcome:
    """Say how to hold what is not read, and what else leads to the item; several in a row call for a cloth."""
    if visit.state not in SHOPPING:
        return nothing(visit)  # on the way to paying, a pack that lies in view is no question
    visit = replace(visit, unreadable=visit.unreadable + 1, touched_at=now, idle_left=None)
    visit = visit.say("info", "code_unreadable", now)
    if visit.unreadable != DIRTY_LENS:
        return nothing(visit)
    visit, key = visit.fresh_id()
    return visit, ask(calls.OpenIntervention(key, "lens_dirty", None, {"unread": visit.unreadable}))


def _on_wallet_code(visit: Visit, reading: Reading, now: datetime) -> Outcome:
    if visit.state in {State.REVIEW, State.METHOD} and can_pay(visit):
        return nothing(replace(visit.turn(Turn.CODE), wallet_code=reading.text))
    if visit.state is State.CODE:
        return nothing(replace(visit, wallet_code=reading.text))
    if visit.state in SHOPPING and visit.basket is not None:
        # Before paying, the code brings the prices of members; it stays good for the payment.
        code = reading.text.removeprefix(paying.WALLET_PREFIX)
        return visit, ask(calls.ShowWallet(visit.basket.basket_id, code))
    return nothing(visit.say("info", "not_a_product", now))
