"""One shopper at one kiosk, greeting to receipt, as a value."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar
from uuid import UUID

from checkout import Gathering
from kiosk.visit.calls import Enrol, Pay, SetPrice
from kiosk.visit.events import FaceSealed
from kiosk.visit.record import VisitRecord
from kiosk.visit.states import BOUND, VISIT_TABLE, State, Turn
from kiosk.visit.timed_ids import timed_id
from kiosk.visit.values import (
    Alike,
    Attendant,
    Authentication,
    Basket,
    Consent,
    Difference,
    Enrolment,
    Erasure,
    Facts,
    HandOver,
    Line,
    Payment,
    PhoneCode,
    SearchHit,
    StoreFacts,
)

T = TypeVar("T")
SPARE_FOR = timedelta(minutes=5)  # a shopper who came so near begins within it, or has gone
MAX_TRIES = 2  # product: not recognised twice leads to another way, no third look


@dataclass(frozen=True, slots=True)
class Rules:
    """What the shop chose for this kiosk; the same for every visit."""

    server_url: str = ""
    locale: str = "fr"
    idle_seconds: float = 60.0
    idle_answer_seconds: int = 30  # Visa's accessibility rule; WCAG 2.2.1 asks for at least 20
    look_timeout_seconds: float = 12.0
    face_captures: int = 3
    challenge: Literal["flash", "turn", "none"] = "flash"
    face: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the shopper, by its key in ``kiosk/ui/messages``."""

    id: int
    kind: str
    code: str
    facts: Facts
    at: datetime


@dataclass(frozen=True, slots=True)
class LastScan:
    """What became of the code that was shown last."""

    id: int
    outcome: str
    line_id: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """A product on its way to the store.

    Attributes:
        key: Of the question.
        code: What was read, or the product's own key.
        name: Where the kiosk happens to know it.
        quantity: Pieces.
        by_sku: The code is the product's own key.
        shown: The basket on the screen holds it, at a price that this kiosk reckoned.
        told: The shopper saw and heard that it was read, before the store answered.
        joins: The line that it will be or be part of, as far as that can be foreseen.
        lines: The line itself and its deposit, where it is a new one.
    """

    key: str
    code: str
    name: str | None = None
    quantity: int = 1
    by_sku: bool = False
    shown: bool = False
    told: bool = False
    joins: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def is_seen(self) -> bool:
        """Whether the lines on the screen hold it."""
        return self.shown or bool(self.joins or self.lines)


@dataclass(frozen=True, slots=True)
class Parked:
    """An item that the shop does not know yet, and the call of the colleague who looks it up."""

    code: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quantity that was asked for and not answered yet; ``key`` is the newest question's.

    ``unseen`` are the scans on their way that a tap was reckoned without, as the screen did not show them yet.
    """

    line_id: str
    quantity: int
    key: str
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spare:
    """A basket that was opened before anybody needed it."""

    basket_id: str
    opened_at: datetime

    def is_stale(self, now: datetime) -> bool:
        """Say whether it has lain too long to be sure that the store still keeps it."""
        return now - self.opened_at >= SPARE_FOR


@dataclass(frozen=True, slots=True)
class Weighing:
    """A product that the shopper chose and puts on the scale."""

    weigh_id: str
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class Look:
    """One try to recognise the face in view, or one row of captures."""

    look_id: str
    challenge: str = "none"
    hint: str = "no_face"
    progress: float = 0.0
    running: bool = True
    until: datetime | None = None
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Joining:
    """What a shopper said in order to join. It lives in memory until the answer, and never on disk.

    Attributes:
        code: The newest code that was sent to ``phone``, and ``code_key`` the id of one that is being asked for.
        is_proving: A typed code is with the store.
        proven: The id of a code that has shown that ``phone`` is theirs.
    """

    consent: Consent
    agreed: bool = False
    name: str = ""
    phone: str = ""
    pin: str = ""
    problem_field: str | None = None
    code: PhoneCode | None = None
    code_key: str = ""
    is_proving: bool = False
    proven: str | None = None
    enrolment_id: str = ""
    reference_id: str = ""
    own_key: bool = False
    sealed: FaceSealed | None = None
    asked_after: str = ""
    next_after: str | None = None
    alike: tuple[Alike, ...] = ()
    sent: Enrol | None = None

    @property
    def is_searching(self) -> bool:
        """Say whether the captured face is being compared with those on file."""
        return self.sealed is not None and self.sent is None

    def __repr__(self) -> str:
        """Show no name, number or PIN."""
        return f"Joining(version={self.consent.version!r}, agreed={self.agreed})"


@dataclass(frozen=True, slots=True)
class Visit:
    """Everything the kiosk knows now. ``ids_from`` is secret chance from outside; ids follow from it one by one."""

    rules: Rules
    ids_from: UUID
    touched_at: datetime
    ids_made: int = 0
    state: State = State.OUT_OF_ORDER
    reason: str = "starting"
    locale: str = "fr"
    store: StoreFacts | None = None
    store_known: StoreFacts | None = None  # from the disk, for an opening without a network
    online: bool = True
    waiting: int = 0
    prices_of: datetime | None = None
    record: VisitRecord | None = None
    cameras: tuple[tuple[str, str], ...] = (("scan", "dark"), ("face", "dark"))
    frozen: tuple[str, ...] = ()  # cameras of which a colleague was told that their picture stands still
    face_works: bool = True
    devices: tuple[tuple[str, str], ...] = ()

    unreadable: int = 0  # codes in a row that nothing could read, whoever held them

    spare: Spare | None = None
    basket_id: str | None = None
    basket: Basket | None = None
    last_scan: LastScan | None = None
    last_code: tuple[str, datetime] | None = None
    unknown_codes: tuple[str, ...] = ()
    parked: tuple[Parked, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    changed_to: int = 0  # a version of the basket that the store told of while our own changes were on their way
    differences: tuple[Difference, ...] = ()
    query: str = ""
    hits: tuple[SearchHit, ...] = ()
    loose: tuple[SearchHit, ...] = ()
    category: str = ""
    weighing: Weighing | None = None

    notice: Notice | None = None
    shown: int = 0
    help_id: str | None = None
    idle_left: int | None = None
    asked_at: datetime | None = None
    asking: bool = False

    digits: str | None = None
    face_failures: int = 0
    look: Look | None = None
    challenge: str | None = None
    card: str | None = field(default=None, repr=False)
    wallet_code: str | None = None
    wallet_pass: str | None = field(default=None, repr=False)
    by_pass: bool = False
    offline_minor: int = 0
    desk_id: str | None = None
    auth: Authentication | None = None
    auth_key: str | None = None
    cashback_minor: int = 0
    pay: Pay | None = None
    payment_id: str | None = None
    payment: Payment | None = None
    paid_with: str | None = None  # the approval by face, from the payment's leaving until its receipt is gone
    money_since: datetime | None = None
    stuck_id: str | None = None
    paper: str = ""
    aside: HandOver | None = None
    taking_up: str | None = None
    taken_up: tuple[str, str] | None = None
    """The code that brought a basket, and its id: a phone is held on before the camera."""
    gathering: Gathering = field(default_factory=Gathering)
    laid: tuple[str, ...] = ()
    print_id: str | None = None

    wants_to_join: bool = False  # asked to, and the consent's text is on its way
    joining: Joining | None = None
    enrolment: Enrolment | None = None
    own_reference: str | None = None
    tested: Literal["", "recognised", "not"] = ""
    erasing: str | None = None
    erasure: Erasure | None = None

    attendant: Attendant | None = None
    staff_key: str | None = None  # of what a colleague has asked and the store not answered
    staff_wants: SetPrice | None = None  # what a second person must agree to

    def fresh_id(self) -> tuple["Visit", str]:
        """Return the next id and the visit that will not give it again."""
        made = self.ids_made + 1
        return replace(self, ids_made=made), timed_id(self.touched_at, self.ids_from, made)

    def turn(self, turn: Turn) -> "Visit":
        """Return the visit in the state that the table names.

        Raises:
            IllegalTransitionError: The table has no such row.
        """
        return replace(self, state=VISIT_TABLE.after(self.state, turn))

    def can(self, turn: Turn) -> bool:
        """Say whether the table has a row for this."""
        return (self.state, turn) in VISIT_TABLE.rows

    def say(self, kind: str, code: str, now: datetime, /, **facts: str | int) -> "Visit":
        """Return the visit with a notice for the shopper."""
        shown = self.shown + 1
        return replace(self, shown=shown, notice=Notice(shown, kind, code, facts, now))

    def flash(self, outcome: str, code: str, line_id: str | None = None) -> "Visit":
        """Return the visit with what became of a code."""
        shown = self.shown + 1
        return replace(self, shown=shown, last_scan=LastScan(shown, outcome, line_id, code))

    def anew(self, now: datetime) -> "Visit":
        """Return what remains when a shopper has gone: the kiosk itself, and nothing of the shopper."""
        return Visit(
            rules=self.rules,
            ids_from=self.ids_from,
            ids_made=self.ids_made,
            touched_at=now,
            state=self.state,
            locale=self.rules.locale,
            store=self.store,
            online=self.online,
            waiting=self.waiting,
            prices_of=self.prices_of,
            store_known=self.store_known,
            cameras=self.cameras,
            frozen=self.frozen,
            face_works=self.face_works,
            devices=self.devices,
            unreadable=self.unreadable,
            offline_minor=self.offline_minor,
            spare=self.spare,
            shown=self.shown,
        )


def record_of(visit: Visit) -> VisitRecord | None:
    """Return what must be on disk before anything else of this visit happens."""
    if visit.state is State.OUT_OF_ORDER:
        return visit.record
    if visit.state is State.ASIDE:
        return VisitRecord("", None, visit.locale, State.ASIDE.value, aside=visit.aside)
    if visit.basket_id is None:
        return None
    screen = State.SHOPPING
    if visit.state in {State.REVIEW, State.DESK}:
        screen = visit.state
    elif visit.state in BOUND:
        screen = State.METHOD
    by_pass = visit.by_pass and visit.payment_id is not None
    return VisitRecord(
        visit.basket_id,
        visit.payment_id,
        visit.locale,
        screen.value,
        visit.desk_id,
        by_pass=by_pass,
        paid_with=visit.paid_with if visit.payment_id is not None else None,
    )


def case_number(visit: Visit) -> str:
    """Return what a shopper can read out to a colleague: eight signs of the payment's id, or of the basket's."""
    bare = (visit.payment_id or visit.basket_id or "").replace("-", "").upper()
    return f"{bare[:4]}-{bare[4:8]}"


def sure(value: T | None) -> T:
    """Return a value that the state guarantees; its absence would be a bug of the table, not of the shopper."""
    assert value is not None  # noqa: S101 - what only a bug could break
    return value
