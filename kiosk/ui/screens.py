"""What the page shows of a visit: pure, one case a panel. ``kiosk/ui/web/screen.ts`` is the master of these shapes."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, assert_never

from kiosk.visit.foreseeing import lines_shown
from kiosk.visit.possible import face_offered, pass_offered, pin_needed, possible
from kiosk.visit.sight import Role, Sees, sight
from kiosk.visit.states import State
from kiosk.visit.values import Basket, HandOver, Payment, SearchHit
from kiosk.visit.visit import MAX_TRIES, Joining, Visit, case_number, sure

Json = dict[str, Any]  # the shapes of screen.ts; the golden test compares the keys


def screen_of(visit: Visit, seq: int) -> Json:
    """Return the whole screen.

    Args:
        visit: As it is.
        seq: Grows with each change.
    """
    return {
        "seq": seq,
        "locale": visit.locale,
        "kiosk": _kiosk(visit),
        "shop": "online" if visit.online else "offline",
        "cameras": [_camera(visit, Role(role), state) for role, state in visit.cameras],
        "basket": None if visit.basket is None else _basket(visit.basket, visit),
        "notice": _notice(visit),
        "last_scan": None if visit.last_scan is None else asdict(visit.last_scan),
        "waiting": []
        if visit.online
        else [{"line_id": one.key, "code": one.code, "name": one.name} for one in visit.unsent if not one.shown],
        "parked": [one.code for one in visit.parked],
        "prices_of": None if visit.online or visit.prices_of is None else wire_time(visit.prices_of),
        "gathering": _gathering(visit),
        "differences": [asdict(one) for one in visit.differences],
        "message": visit.store.message if visit.store is not None else "",
        "help_waiting": help_waits(visit),
        "idle_seconds_left": visit.idle_left,
        "panel": _panel(visit),
        "possible": list(possible(visit)),
    }


def help_waits(visit: Visit) -> bool:
    """Say whether a colleague is on the way to this shopper."""
    basket = visit.basket
    looks = basket is not None and (basket.age_check == "waiting" or basket.is_being_checked)
    return looks or visit.help_id is not None or visit.stuck_id is not None


def _kiosk(visit: Visit) -> Json:
    store = visit.store
    return {
        "kiosk_id": store.kiosk_id if store else "",
        "name": store.name if store else "",
        "store": store.store if store else "",
        "payee": store.payee if store else "",
        "currency": store.currency if store else "EUR",
        "demo_prices": store.demo_prices if store else True,
        "timezone": store.timezone if store else "UTC",
        "server_url": visit.rules.server_url,
    }


def _camera(visit: Visit, role: Role, state: str) -> Json:
    sees = sight(visit).of(role)
    return {
        "role": role.value,
        "state": state,
        "sees": sees.value,
        "lend": state == "browser" and sees is not Sees.NOTHING,
    }


def _basket(basket: Basket, visit: Visit) -> Json:
    shown = asdict(replace(basket, lines=lines_shown(visit)))
    wanted = {one.line_id: one.quantity for one in visit.wanted}
    for line in shown["lines"]:
        line["provisional"] |= (
            line["line_id"] in wanted
        )  # the quantity is the shopper's, the amount not yet the store's
        line["unit_text"] = line["unit_text"].get(visit.locale, "")
        line["quantity"] = wanted.get(line["line_id"], line["quantity"])
        del line["label_price_minor"], line["lot"]  # what the kiosk needs to price without the store
    # For machines; the emoji are the digest that a person can compare.
    del shown["digest"], shown["payment_id"], shown["holds"]
    return shown


def _notice(visit: Visit) -> Json | None:
    if visit.notice is None:
        return None
    return {
        "id": visit.notice.id,
        "kind": visit.notice.kind,
        "code": visit.notice.code,
        "facts": dict(visit.notice.facts),
    }


def _panel(visit: Visit) -> Json:
    name = {"name": visit.state.value}
    match visit.state:
        case State.WELCOME | State.SHOPPING | State.REVIEW | State.WITHDRAW:
            return name
        case State.DIGITS:
            challenge = visit.challenge or visit.rules.challenge
            return {**name, "challenge": challenge, "card": visit.card is not None}
        case State.PAUSED:
            return {**name, "reason": sure(visit.store).pause_reason}
        case State.STAFF:
            return {**name, **_staff(visit)}
        case State.OUT_OF_ORDER:
            return {**name, "reason": visit.reason}
        case State.SEARCH:
            return {
                **name,
                "query": visit.query,
                "results": [_hit(hit, visit.locale) for hit in visit.hits or _of_category(visit)],
                "categories": list(dict.fromkeys(sorted(hit.category for hit in visit.loose))),
                "category": visit.category,
                "weighing": None if visit.weighing is None else {"name": visit.weighing.name},
            }
        case State.METHOD:
            by_pass = pass_offered(visit)
            way = {"face": face_offered(visit), "code": visit.online or by_pass, "desk": True}
            return {**name, **way, "by_pass": by_pass, "face_tried": visit.face_failures >= MAX_TRIES}
        case State.LOOKING:
            return {**name, **_looking(visit), "tries_left": max(0, MAX_TRIES - visit.face_failures)}
        case State.ENROL_TEST:
            return {**name, **_looking(visit)}
        case State.CODE:
            way = {"by_pass": not visit.online, "pass_shown": visit.wallet_pass is not None}
            return {**name, "prefilled_code": visit.wallet_code, **way}
        case State.CONFIRMING:
            return {**name, **_confirming(visit)}
        case State.PAYING | State.CHECKING:
            return {**name, "case_number": case_number(visit), "stuck": visit.stuck_id is not None}
        case State.DESK:
            basket = sure(visit.basket)
            return {**name, "amount_minor": basket.total_minor, "emoji": list(basket.emoji)}
        case State.RECEIPT:
            return {**name, **_receipt(sure(visit.payment)), "paper": visit.paper}
        case State.ASIDE:
            return {**name, **_aside(sure(visit.aside))}
        case State.ENROL_CONSENT:
            consent = asdict(sure(visit.joining).consent)
            del consent["purpose"], consent["locale"]
            return {**name, "consent": consent}
        case State.ENROL_DETAILS:
            joining = sure(visit.joining)
            typed = {"typed_name": joining.name, "typed_phone": joining.phone}
            return {**name, "problem_field": joining.problem_field, **typed}
        case State.ENROL_CODE:
            return {**name, **_phone_code(sure(visit.joining))}
        case State.ENROL_CAPTURE:
            look = sure(visit.look)
            wanted = visit.rules.face_captures
            shown = {"hint": look.hint, "progress": look.progress}
            return {**name, "taken": look.taken, "wanted": wanted, "searching": not look.running, **shown}
        case State.ENROL_DONE:
            return {**name, **_enrolled(visit)}
        case State.WITHDRAWN:
            erasure = sure(visit.erasure)
            return {
                **name,
                "erasure_id": erasure.erasure_id,
                "erased_at": wire_time(erasure.erased_at),
                "references": erasure.references,
                "receipt_url": "/me",  # a page for people; the receipt's number stands beside the code
            }
        case _:
            assert_never(visit.state)


def _aside(given: HandOver) -> Json:
    until = None if given.expires_at is None else wire_time(given.expires_at)
    return {"code": given.code, "url": given.url, "expires_at": until, "texts": list(given.texts)}


def _gathering(visit: Visit) -> Json | None:
    gathering = visit.gathering
    return {"of": gathering.of, "missing": list(gathering.missing)} if gathering.parts else None


def _of_category(visit: Visit) -> tuple[SearchHit, ...]:
    return tuple(hit for hit in visit.loose if visit.category and hit.category == visit.category)


def _hit(hit: SearchHit, locale: str) -> Json:
    return {**asdict(hit), "unit_text": hit.unit_text.get(locale, "")}


def _staff(visit: Visit) -> Json:
    attendant, basket = visit.attendant, visit.basket
    ages = [line.min_age for line in basket.lines if line.min_age is not None] if basket is not None else []
    waits = basket is not None and basket.age_check == "waiting"
    return {
        "attendant": None if attendant is None else {"name": attendant.name, "alone_minor": attendant.alone_minor},
        "second": visit.staff_wants is not None,
        "busy": visit.staff_key is not None,
        "age": max(ages) if ages and waits else None,
        "check": basket is not None and basket.is_being_checked,
        "paused": visit.store is not None and visit.store.paused,
    }


def _looking(visit: Visit) -> Json:
    look = sure(visit.look)
    challenge = look.challenge if look.running else "none"
    return {"hint": look.hint, "progress": look.progress, "challenge": challenge}


def _confirming(visit: Visit) -> Json:
    auth, basket = sure(visit.auth), sure(visit.basket)
    return {
        "subject": auth.subject,
        "amount_minor": basket.total_minor,
        "payee": basket.payee,
        "emoji": list(basket.emoji),
        "pin_needed": pin_needed(visit),
        "pin_reason": auth.step_up_reason if pin_needed(visit) else None,
        "shortfall_minor": auth.shortfall_minor,
        "face_left": None if auth.face_left is None or auth.factors != ("face",) else asdict(auth.face_left),
        "voucher_minor": auth.purses.voucher_minor if auth.purses else 0,
        "cashback": _cashback_choice(visit),
        "earn": _earn(visit),
        "expires_at": wire_time(auth.expires_at),
        "by_pass": visit.by_pass,
    }


def _cashback_choice(visit: Visit) -> Json | None:
    purses = sure(visit.auth).purses
    if purses is None or not purses.cashback_max_minor:
        return None
    return {
        "used_minor": visit.cashback_minor,
        "min_minor": purses.cashback_min_minor,
        "max_minor": purses.cashback_max_minor,
    }


def _earn(visit: Visit) -> Json | None:
    """Return what paying would earn: cashback and vouchers earn nothing, and the year's cap bounds it."""
    auth = sure(visit.auth)
    if (outlook := auth.cashback) is None:
        return None
    own_minor = (
        sure(visit.basket).total_minor - visit.cashback_minor - (auth.purses.voucher_minor if auth.purses else 0)
    )
    room_minor = outlook.earn_minor + outlook.left_this_year_minor
    earn_minor = min(own_minor * outlook.rate_bp // 10_000, room_minor)
    return {
        "earn_minor": earn_minor,
        "left_this_year_minor": room_minor - earn_minor,
        "is_near_cap": outlook.is_near_cap,
    }


def _receipt(payment: Payment) -> Json:
    coupon = payment.coupon
    return {
        "amount_minor": payment.amount_minor,
        "subject": payment.subject or "",
        "ticket_number": payment.ticket.number if payment.ticket else 0,
        "ticket_url": payment.ticket.url if payment.ticket else "",
        "exit_code": payment.exit_code.code if payment.exit_code else "",
        "coupon": None
        if coupon is None
        else {
            "code": coupon.code,
            "label": coupon.label,
            "share_url": coupon.share_url,
            "expires_at": wire_time(coupon.expires_at),
        },
        "balance_after_minor": payment.balance_after_minor,
        "provisional": payment.provisional,
        "cashback": None if payment.cashback is None else asdict(payment.cashback),
    }


def _phone_code(joining: Joining) -> Json:
    code = joining.code
    return {
        "masked_phone": "" if code is None else code.masked_phone,
        "sandbox_code": None if code is None else code.sandbox_code,
        "sending": bool(joining.code_key),
    }


def _enrolled(visit: Visit) -> Json:
    enrolment = sure(visit.enrolment)
    return {
        "masked": enrolment.masked,
        "phone_last4": enrolment.phone_last4,
        "receipt_id": enrolment.receipt.receipt_id,
        "version": enrolment.receipt.version,
        "given_at": wire_time(enrolment.receipt.given_at),
        "withdraw_url": enrolment.receipt.withdraw_url,
        "look_alike": enrolment.look_alike,
        "card": visit.card,
        "tested": visit.tested,
    }


def wire_time(at: datetime) -> str:
    """Return RFC 3339 in UTC with a Z."""
    return at.isoformat().replace("+00:00", "Z")
