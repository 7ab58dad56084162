"""Where a visit can be, what leads on, and what the shopper can do there. Diagram, tests and code read these tables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from checkout.transitions import TransitionTable


class State(StrEnum):
    """One screen of the visit."""

    OUT_OF_ORDER = "out_of_order"
    PAUSED = "paused"
    WELCOME = "welcome"
    SHOPPING = "shopping"
    SEARCH = "search"
    REVIEW = "review"
    METHOD = "method"
    DIGITS = "digits"
    LOOKING = "looking"
    CODE = "code"
    CONFIRMING = "confirming"
    PAYING = "paying"
    DESK = "desk"
    RECEIPT = "receipt"
    ASIDE = "aside"
    CHECKING = "checking"
    ENROL_CONSENT = "enrol_consent"
    ENROL_DETAILS = "enrol_details"
    ENROL_CODE = "enrol_code"
    ENROL_CAPTURE = "enrol_capture"
    ENROL_DONE = "enrol_done"
    ENROL_TEST = "enrol_test"
    WITHDRAW = "withdraw"
    WITHDRAWN = "withdrawn"
    STAFF = "staff"


class Turn(StrEnum):
    """What makes the visit leave a state."""

    OPEN = "open"  # the store told who we are
    BREAK = "break"  # the store no longer knows us
    RESUME = "resume"  # a basket was open when the process last ended
    CHECK = "check"  # a payment may have happened that we did not see
    SHOP = "shop"  # a code was read
    SEARCH = "search"
    BACK = "back"
    REVIEW = "review"
    CHOOSE = "choose"
    FACE = "face"
    CODE = "code"
    DESK = "desk"
    LOOK = "look"
    IDENTIFIED = "identified"
    UNSURE = "unsure"  # two accounts are too close
    FAILED = "failed"
    NOT_ME = "not_me"
    VOID = "void"  # what was agreed to no longer holds
    PAY = "pay"
    NEED_PIN = "need_pin"
    CAPTURED = "captured"
    PUT_ASIDE = "put_aside"  # the basket waits under a code, to be taken up elsewhere
    TAKE_UP = "take_up"
    JOIN = "join"
    AGREE = "agree"
    PROVE = "prove"  # the number must be shown to be theirs
    DETAILED = "detailed"
    JOINED = "joined"
    TEST = "test"
    TESTED = "tested"
    WITHDRAW = "withdraw"
    FORGOTTEN = "forgotten"
    RETURN = "return"  # back to an open basket after an errand
    END = "end"
    ATTEND = "attend"  # a colleague steps up
    PAUSE = "pause"  # staff have closed this kiosk to shoppers


_S, _T = State, Turn

# A visit can be put away from anywhere except while money moves or while the kiosk asks whether it did.
_ENDING = tuple(state for state in State if state not in {_S.OUT_OF_ORDER, _S.PAUSED, _S.WELCOME, _S.PAYING})
# A payment can turn out to have happened wherever an open basket is shown and no payment of ours is under way.
_CHECKABLE = (_S.SHOPPING, _S.SEARCH, _S.REVIEW, _S.METHOD, _S.DIGITS, _S.LOOKING, _S.CODE, _S.CONFIRMING, _S.STAFF)
# A colleague may step up wherever no money moves and no face is looked at.
_ATTENDED = (
    _S.PAUSED,
    _S.WELCOME,
    _S.SHOPPING,
    _S.SEARCH,
    _S.REVIEW,
    _S.METHOD,
    _S.DIGITS,
    _S.CODE,
    _S.CONFIRMING,
    _S.DESK,
)
# Where somebody has begun to say who pays: any change of the basket leads back to its review.
BOUND: Final = frozenset({_S.METHOD, _S.DIGITS, _S.LOOKING, _S.CODE, _S.CONFIRMING})

VISIT_TABLE: Final = TransitionTable(
    "visit",
    _S.OUT_OF_ORDER,
    {
        (_S.OUT_OF_ORDER, _T.OPEN): _S.WELCOME,
        (_S.OUT_OF_ORDER, _T.RESUME): _S.SHOPPING,
        (_S.OUT_OF_ORDER, _T.CHECK): _S.CHECKING,
        (_S.OUT_OF_ORDER, _T.PUT_ASIDE): _S.ASIDE,
        (_S.WELCOME, _T.BREAK): _S.OUT_OF_ORDER,
        (_S.WELCOME, _T.SHOP): _S.SHOPPING,
        (_S.WELCOME, _T.SEARCH): _S.SEARCH,
        (_S.WELCOME, _T.JOIN): _S.ENROL_CONSENT,
        (_S.WELCOME, _T.WITHDRAW): _S.WITHDRAW,
        (_S.SHOPPING, _T.SEARCH): _S.SEARCH,
        (_S.SHOPPING, _T.REVIEW): _S.REVIEW,
        (_S.SHOPPING, _T.PUT_ASIDE): _S.ASIDE,
        (_S.REVIEW, _T.PUT_ASIDE): _S.ASIDE,
        (_S.WELCOME, _T.TAKE_UP): _S.SHOPPING,
        (_S.SHOPPING, _T.JOIN): _S.ENROL_CONSENT,
        (_S.SEARCH, _T.SHOP): _S.SHOPPING,
        (_S.SEARCH, _T.BACK): _S.SHOPPING,
        (_S.REVIEW, _T.BACK): _S.SHOPPING,
        (_S.REVIEW, _T.SHOP): _S.SHOPPING,
        (_S.REVIEW, _T.CHOOSE): _S.METHOD,
        (_S.REVIEW, _T.FACE): _S.DIGITS,
        (_S.REVIEW, _T.CODE): _S.CODE,
        (_S.REVIEW, _T.DESK): _S.DESK,
        (_S.METHOD, _T.FACE): _S.DIGITS,
        (_S.METHOD, _T.CODE): _S.CODE,
        (_S.METHOD, _T.DESK): _S.DESK,
        (_S.METHOD, _T.BACK): _S.REVIEW,
        (_S.METHOD, _T.JOIN): _S.ENROL_CONSENT,
        (_S.DIGITS, _T.LOOK): _S.LOOKING,
        (_S.DIGITS, _T.BACK): _S.METHOD,
        (_S.LOOKING, _T.IDENTIFIED): _S.CONFIRMING,
        (_S.LOOKING, _T.UNSURE): _S.CODE,
        (_S.LOOKING, _T.FAILED): _S.METHOD,
        (_S.LOOKING, _T.BACK): _S.METHOD,
        (_S.CODE, _T.IDENTIFIED): _S.CONFIRMING,
        (_S.CODE, _T.FAILED): _S.METHOD,
        (_S.CODE, _T.BACK): _S.METHOD,
        (_S.CONFIRMING, _T.PAY): _S.PAYING,
        (_S.CONFIRMING, _T.NOT_ME): _S.METHOD,
        (_S.CONFIRMING, _T.BACK): _S.METHOD,
        (_S.CONFIRMING, _T.FAILED): _S.METHOD,
        (_S.PAYING, _T.CAPTURED): _S.RECEIPT,
        (_S.PAYING, _T.VOID): _S.REVIEW,
        (_S.PAYING, _T.CHECK): _S.CHECKING,
        (_S.PAYING, _T.NEED_PIN): _S.CONFIRMING,
        (_S.DESK, _T.CAPTURED): _S.RECEIPT,
        (_S.DESK, _T.VOID): _S.REVIEW,
        (_S.DESK, _T.BACK): _S.METHOD,
        (_S.CHECKING, _T.CAPTURED): _S.RECEIPT,
        (_S.CHECKING, _T.VOID): _S.REVIEW,
        (_S.ENROL_CONSENT, _T.AGREE): _S.ENROL_DETAILS,
        (_S.ENROL_CONSENT, _T.RETURN): _S.SHOPPING,
        (_S.ENROL_DETAILS, _T.DETAILED): _S.ENROL_CAPTURE,
        (_S.ENROL_DETAILS, _T.PROVE): _S.ENROL_CODE,
        (_S.ENROL_DETAILS, _T.BACK): _S.ENROL_CONSENT,
        (_S.ENROL_CODE, _T.DETAILED): _S.ENROL_CAPTURE,
        (_S.ENROL_CODE, _T.BACK): _S.ENROL_DETAILS,
        (_S.ENROL_CAPTURE, _T.PROVE): _S.ENROL_CODE,
        (_S.ENROL_CAPTURE, _T.JOINED): _S.ENROL_DONE,
        (_S.ENROL_CAPTURE, _T.BACK): _S.ENROL_DETAILS,
        (_S.ENROL_DONE, _T.RETURN): _S.SHOPPING,
        (_S.ENROL_DONE, _T.TEST): _S.ENROL_TEST,
        (_S.ENROL_TEST, _T.TESTED): _S.ENROL_DONE,
        (_S.ENROL_TEST, _T.BACK): _S.ENROL_DONE,
        (_S.WITHDRAW, _T.FORGOTTEN): _S.WITHDRAWN,
        (_S.WELCOME, _T.PAUSE): _S.PAUSED,
        (_S.PAUSED, _T.OPEN): _S.WELCOME,
        (_S.PAUSED, _T.BREAK): _S.OUT_OF_ORDER,
        (_S.STAFF, _T.RETURN): _S.SHOPPING,
        **{(state, _T.ATTEND): _S.STAFF for state in _ATTENDED},
        **{(state, _T.VOID): _S.REVIEW for state in State if state in BOUND},
        **{(state, _T.CHECK): _S.CHECKING for state in _CHECKABLE},
        **{(state, _T.END): _S.WELCOME for state in _ENDING},
    },
)

ACTS: Final[Mapping[State, tuple[str, ...]]] = {
    _S.OUT_OF_ORDER: (),
    _S.PAUSED: ("scan", "attend"),
    _S.WELCOME: ("scan", "open_search", "apply_coupon", "enrol", "withdraw", "attend"),
    _S.SHOPPING: (
        "scan",
        "open_search",
        "change_quantity",
        "add_pieces",
        "remove_line",
        "apply_coupon",
        "drop_coupon",
        "review",
        "put_aside",
        "enrol",
        "attend",
        "cancel_visit",
    ),
    _S.SEARCH: ("scan", "search", "open_category", "pick", "attend", "back"),
    _S.REVIEW: (
        "scan",
        "change_quantity",
        "add_pieces",
        "remove_line",
        "apply_coupon",
        "drop_coupon",
        "confirm",
        "choose_method",
        "put_aside",
        "attend",
        "back",
        "cancel_visit",
    ),
    _S.METHOD: ("scan", "choose_method", "enrol", "attend", "back", "cancel_visit"),
    _S.DIGITS: ("scan", "digits", "choose_challenge", "attend", "back", "cancel_visit"),
    _S.LOOKING: ("look_again", "choose_challenge", "back", "cancel_visit"),
    _S.CODE: ("scan", "identify", "attend", "back", "cancel_visit"),
    _S.CONFIRMING: ("confirm", "use_cashback", "pin", "not_me", "attend", "back", "cancel_visit"),
    _S.PAYING: (),
    _S.DESK: ("attend", "back", "cancel_visit"),
    _S.RECEIPT: ("print_ticket", "share_seen", "not_me", "new_visit"),
    _S.ASIDE: ("new_visit",),
    _S.CHECKING: (),
    _S.ENROL_CONSENT: ("consent", "back"),
    _S.ENROL_DETAILS: ("details", "back"),
    _S.ENROL_CODE: ("phone_code", "resend_code", "back"),
    _S.ENROL_CAPTURE: ("capture", "back"),
    _S.ENROL_DONE: ("test_face", "back", "new_visit"),
    _S.ENROL_TEST: ("choose_challenge", "back"),
    _S.WITHDRAW: ("withdraw_confirm", "back"),
    _S.WITHDRAWN: ("new_visit",),
    _S.STAFF: (
        "scan",
        "staff_sign_in",
        "staff_quantity",
        "staff_price",
        "staff_age",
        "staff_checked",
        "staff_pause",
        "staff_open",
        "back",
        "cancel_visit",
    ),
}
"""What the shopper can do in each state, before the facts of the moment narrow it (``kiosk.visit.possible``)."""

BARS: Final = frozenset(
    {_S.WELCOME, _S.SHOPPING, _S.SEARCH, _S.REVIEW, _S.METHOD, _S.CODE, _S.DIGITS, _S.STAFF, _S.PAUSED}
)
"""Where the scan camera may look for codes: while shopping, and where a wallet code, face card or badge is shown."""

FACES: Final = frozenset({_S.LOOKING, _S.ENROL_CAPTURE, _S.ENROL_TEST})
"""Where the face camera may be open at all."""

JOINING: Final = frozenset({_S.ENROL_CONSENT, _S.ENROL_DETAILS, _S.ENROL_CODE, _S.ENROL_CAPTURE})
"""Where what a joining shopper typed is remembered."""

CARDED: Final = frozenset({_S.DIGITS, _S.LOOKING, _S.ENROL_CAPTURE, _S.ENROL_DONE, _S.ENROL_TEST})
"""Where the text of a shopper's face card is remembered: to open their face with it, or to give it to them."""

TESTING: Final = frozenset({_S.ENROL_DONE, _S.ENROL_TEST})
"""Where it is remembered which face was just joined, so that it can be tried."""

PATIENT: Final = frozenset({_S.OUT_OF_ORDER, _S.PAUSED, _S.PAYING, _S.CHECKING, _S.DESK})
"""Where the shopper waits for us, so that no idle warning shows."""
