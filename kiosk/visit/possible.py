"""Which acts would be taken now: the table of the state, narrowed by the facts of the moment."""

from kiosk.visit.equipment import works
from kiosk.visit.states import ACTS, State
from kiosk.visit.visit import MAX_TRIES, Visit


def possible(visit: Visit) -> tuple[str, ...]:
    """Return the names of the acts that would do something, in the order of the table."""
    acts = [act for act in ACTS[visit.state] if _makes_sense(visit, act)]
    if visit.state is not State.OUT_OF_ORDER:
        acts.append("choose_locale")
        if visit.help_id is None:
            acts.append("ask_help")
    if visit.idle_left is not None:
        acts.append("stay")
    return tuple(acts)


def can_pay(visit: Visit) -> bool:
    """Say whether the basket has a price that may be paid: quoted, with nothing critical in the way."""
    return visit.basket is not None and visit.basket.state == "quoted" and visit.basket.payable


def face_offered(visit: Visit) -> bool:
    """Say whether the face may be used for this basket."""
    return visit.rules.face and visit.face_works and visit.online and visit.face_failures < MAX_TRIES


def pass_offered(visit: Visit) -> bool:
    """Say whether a pass may pay this basket here while the store is away."""
    return not visit.online and visit.basket is not None and 0 < visit.basket.total_minor <= visit.offline_minor


def pin_needed(visit: Visit) -> bool:
    """Say whether a PIN is still missing before the shopper may confirm."""
    return visit.auth is not None and visit.auth.step_up_required and "pin" not in visit.auth.factors


def _may_attend(visit: Visit) -> bool:
    """Say whether a colleague was let in and is not being answered."""
    return visit.attendant is not None and visit.staff_key is None


def _makes_sense(visit: Visit, act: str) -> bool:
    match act:
        case "review":
            return visit.basket is not None and bool(visit.basket.lines)
        case "choose_method":
            return can_pay(visit)
        case "confirm" if visit.state is State.REVIEW:
            return can_pay(visit)
        case "confirm":
            return can_pay(visit) and visit.auth is not None and visit.auth.sufficient and not pin_needed(visit)
        case "use_cashback":
            purses = visit.auth.purses if visit.auth else None
            return purses is not None and purses.cashback_max_minor > purses.cashback_min_minor
        case "pin":
            return pin_needed(visit) and visit.auth_key is None
        case "identify":
            return visit.auth_key is None and (visit.online or visit.wallet_pass is not None)
        case "look_again":
            return visit.look is not None and not visit.look.running and visit.auth_key is None
        case "choose_challenge":
            return visit.rules.challenge == "flash" and (visit.look is None or visit.look.running)
        case "test_face":
            return (
                visit.own_reference is not None and visit.tested != "recognised" and visit.online and visit.face_works
            )
        case "phone_code":
            joining = visit.joining
            return joining is not None and joining.code is not None and not joining.is_proving
        case "resend_code":
            return visit.joining is not None and not visit.joining.code_key
        case "enrol":
            return visit.rules.face and visit.face_works
        case "put_aside":
            is_known = not visit.online or not visit.unsent
            return is_known and visit.basket is not None and bool(visit.basket.lines)
        case "not_me" if visit.state is State.RECEIPT:
            return visit.paid_with is not None
        case "print_ticket":
            has_ticket = visit.payment is not None and visit.payment.ticket is not None
            is_final = has_ticket and visit.payment is not None and visit.payment.provisional is None
            return is_final and works(visit, "printer") and not visit.paper
        case "withdraw_confirm":
            return visit.erasing is None
        case "change_quantity" | "add_pieces" | "remove_line":
            return visit.basket is not None and bool(visit.basket.lines)
        case "staff_sign_in":
            return visit.staff_key is None and (visit.attendant is None or visit.staff_wants is not None)
        case "staff_quantity" | "staff_price":
            return _may_attend(visit) and visit.basket is not None and bool(visit.basket.lines)
        case "staff_age":
            return _may_attend(visit) and visit.basket is not None and visit.basket.age_check == "waiting"
        case "staff_checked":
            return _may_attend(visit) and visit.basket is not None and visit.basket.is_being_checked
        case "staff_pause" | "staff_open":
            is_paused = visit.store is not None and visit.store.paused
            return _may_attend(visit) and is_paused is (act == "staff_open")
        case "cancel_visit" if visit.state is State.STAFF:
            return visit.attendant is not None and visit.basket_id is not None
        case "drop_coupon":
            return visit.basket is not None and bool(visit.basket.coupons)
        case _:
            return True
