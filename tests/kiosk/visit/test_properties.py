"""What holds whatever happens: random walks through the visit."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.effects import Ask, BeginCapture, BeginLook, DropFaces, Effect
from kiosk.visit.outcome import ActNotPossibleError
from kiosk.visit.possible import can_pay, possible
from kiosk.visit.sight import holds_faces
from kiosk.visit.states import FACES, VISIT_TABLE, State
from kiosk.visit.step import step
from kiosk.visit.values import Basket, Candidate, HandOver, KioskTold, PhoneCode, Problem
from kiosk.visit.visit import Visit
from tests.examples import examples
from tests.kiosk.builders import (
    MILK,
    NOON,
    a_basket,
    a_consent,
    a_hit,
    a_line,
    a_payment,
    a_store,
    a_ticket_body,
    a_visit,
    an_attendant,
    an_authentication,
    an_enrolment,
    an_erasure,
    an_evidence,
    at,
)

HOME = {State.WELCOME, State.PAUSED}
"""Where a kiosk rests that nobody is at; the second where staff have closed it."""
ACTS: tuple[acts.Act, ...] = (
    acts.ChooseLocale("zh"),
    acts.Scan(MILK),
    acts.Scan("SESAME:C:ABCD-EFGH"),
    acts.Scan("SESAME:W:12345678"),
    acts.OpenSearch(),
    acts.SearchFor("pain"),
    acts.Pick("s-2"),
    acts.SetQuantity("line-1", 0),
    acts.TakeOut("line-1"),
    acts.UseCoupon("ABCD-EFGH"),
    acts.LeaveCoupon("ABCD-EFGH"),
    acts.Review(),
    acts.Back(),
    acts.ChooseMethod("face"),
    acts.ChooseMethod("code"),
    acts.ChooseMethod("desk"),
    acts.GiveDigits("5678"),
    acts.LookAgain(),
    acts.Confirm(),
    acts.NotMe(),
    acts.Identify(pin="2718", phone="0612345678"),
    acts.GivePin("2718"),
    acts.AskHelp(),
    acts.CancelVisit(),
    acts.NewVisit(),
    acts.StartEnrolment(),
    acts.GiveConsent(given=True, over_15=True),
    acts.GiveDetails("Lina Durand", "0612345678", "1397", "1397"),
    acts.GivePhoneCode("482913"),
    acts.ResendCode(),
    acts.Capture(),
    acts.StartWithdrawal(),
    acts.ConfirmWithdrawal("0612345678", "1397"),
    acts.Stay(),
    acts.ShareSeen(),
    acts.Scan("SESAME:A:7KQ29DXM7KQ29DXM7KQ2"),
    acts.Attend(),
    acts.StaffSignIn("0427", "270482"),
    acts.StaffQuantity("line-1", 1, "miscounted"),
    acts.StaffPrice("line-1", 1, 100, "damaged"),
    acts.StaffAge(approved=True),
    acts.StaffChecked(),
    acts.StaffPause("cleaning"),
    acts.StaffOpen(),
)
ENDING = {"cancel_visit", "new_visit", "back", "not_me", "choose_locale", "ask_help"}
REFUSALS = (
    "product_not_found",
    "basket_changed",
    "insufficient_funds",
    "step_up_required",
    "pin_wrong",
    "pin_locked",
    "payment_not_found",
    "too_many_requests",
    "phone_known",
    "phone_unproven",
    "phone_code_wrong",
    "phone_code_over",
    "malformed_phone",
    "consent_missing",
    "basket_not_found",
    "assertion_expired",
    "coupon_expired",
)


class Walker:
    """A visit, the calls that wait for an answer, and chance that decides what comes next."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.visit: Visit = a_visit()
        self.now: datetime = NOON
        self.waiting: list[calls.Call] = []
        self.version = 1
        self.holding = False
        start = data.draw(st.sampled_from([State.OUT_OF_ORDER, State.REVIEW, State.METHOD, State.DIGITS, State.CODE]))
        if start is not State.OUT_OF_ORDER:
            self.visit = at(start)
            return
        self.take(events.Started(None))
        self.answer(replace(a_store(), phone_codes=self.draw("required", "offered")))

    def draw(self, *choices: str) -> str:
        return self.data.draw(st.sampled_from(choices))

    def take(self, event: events.Event) -> None:
        before = self.visit
        self.visit, effects = step(before, event, self.now)
        self.check(before, effects)

    def check(self, before: Visit, effects: tuple[Effect, ...]) -> None:
        moved = before.state is not self.visit.state
        assert not moved or reachable_in_few(before.state, self.visit.state)
        for effect in effects:
            if isinstance(effect, Ask):
                self.waiting.append(effect.call)
            if isinstance(effect, BeginLook | BeginCapture):
                assert self.visit.state in FACES
                self.holding = True
            if isinstance(effect, DropFaces):
                self.holding = False
        if not holds_faces(self.visit):
            assert not self.holding, "something of a face outlived its look"
        if any(isinstance(effect, Ask) and isinstance(effect.call, calls.Pay) for effect in effects):
            assert before.state is State.CONFIRMING
            assert can_pay(before)
        assert len(effects) <= 5
        screen_of(self.visit, 1)  # every state can be shown

    def answer(self, answer: events.Answer) -> None:
        self.take(events.Answered(self.waiting.pop(0), answer))

    def happen(self) -> None:
        match self.draw("act", "act", "answer", "answer", "answer", "refuse", "unreach", "time", "face", "news"):
            case "act":
                offered = set(possible(self.visit)) - ENDING
                leading: list[acts.Act] = [act for act in ACTS if act.act in offered]
                # Mostly what leads on, or the walks would all end where they begin.
                wanders: bool = self.data.draw(st.integers(0, 7)) == 0
                choices = list(ACTS) if wanders or not leading else leading
                act = self.data.draw(st.sampled_from(choices))
                try:
                    self.take(act)
                except ActNotPossibleError:
                    return
            case "answer" if self.waiting:
                self.answer(self.likely(self.waiting[0]))
            case "refuse" if self.waiting:
                self.take(events.Refused(self.waiting.pop(0), self.draw(*REFUSALS), {}))
            case "unreach" if self.waiting:
                call = self.waiting[0]
                kept = isinstance(call, calls.KeptWrite)
                if not kept:
                    self.waiting.pop(0)
                self.take(events.Unreached(call, kept=kept, waiting=1 if kept else 0))
            case "time":
                self.now += timedelta(seconds=self.data.draw(st.sampled_from([1, 4, 15, 70, 100])))
                self.take(events.Ticked())
            case "face" if self.visit.look is not None:
                self.see(self.visit.look.look_id)
            case "news":
                self.hear()
            case _:
                self.take(events.CodeRead(MILK, "ean13"))

    def see(self, look_id: str) -> None:
        match self.draw("hint", "recognised", "ambiguous", "stranger", "spoof", "taken", "other", "sealed", "broken"):
            case "hint":
                self.take(events.FaceHinted(look_id, "come_closer", 0.4))
            case "recognised" if self.visit.state is State.LOOKING:
                self.take(events.FaceRecognised(look_id, "ref-1", an_evidence()))
            case "ambiguous" if self.visit.state is State.LOOKING:
                self.take(events.FaceAmbiguous(look_id))
            case "stranger" if self.visit.state is State.LOOKING:
                self.take(events.FaceStranger(look_id))
            case "spoof" if self.visit.state is State.LOOKING:
                self.take(events.LivenessFailed(look_id))
            case "taken" if self.visit.state is State.ENROL_CAPTURE:
                self.take(events.CaptureTaken(look_id, 1))
            case "other" if self.visit.state is State.ENROL_CAPTURE:
                self.take(events.CaptureRefused(look_id))
            case "sealed" if self.visit.state is State.ENROL_CAPTURE:
                self.take(events.FaceSealed(look_id, "sface", "AAAA", 3))
            case "broken" if self.data.draw(st.integers(0, 9)) == 0:
                self.take(events.FaceOutOfOrder())
            case _:
                self.take(events.FaceHinted("another look", "ok", 1.0))

    def hear(self) -> None:
        basket_id = self.visit.basket_id or "basket-x"
        match self.draw("changed", "captured", "resolved", "erased", "camera", "back"):
            case "changed":
                self.take(events.BasketChangedElsewhere(basket_id, self.version + 1))
            case "captured":
                self.take(events.PaymentCaptured(basket_id, "pay-9"))
            case "resolved":
                help_id = self.visit.desk_id or self.visit.help_id or "i-1"
                resolution = self.draw("approved", "refused")
                self.take(events.InterventionResolved(help_id, "payment_at_desk", basket_id, resolution))
            case "erased":
                self.take(events.FaceErased("e-1", ("ref-1",)))
            case "camera":
                self.take(events.CameraChanged(self.draw("scan", "face"), self.draw("on", "lost", "dark")))
            case _:
                self.take(events.ShopBack())

    def likely(self, call: calls.Call) -> events.Answer:  # noqa: C901, PLR0911, PLR0912 - one row a call
        match call:
            case calls.FetchStore():
                return replace(a_store(), phone_codes=self.draw("required", "offered"))
            case calls.FetchCandidates():
                return events.Candidates((Candidate("ref-1", "sface", "AAAA"),))
            case calls.SearchProducts() | calls.FetchLoose():
                return events.Products((a_hit(),))
            case calls.AuthenticateFace(key=key) | calls.AuthenticatePin(key=key):
                return an_authentication(
                    key, step_up=self.data.draw(st.booleans()), expires_at=self.now + timedelta(60)
                )
            case calls.StepUp(key=key):
                return an_authentication(key, factors=("face", "pin"), step_up=True)
            case calls.Pay(key=key, approval=approval):
                return a_payment(key, approval.basket_id)
            case calls.SettleByPass(key=key):
                return a_payment(key, key)
            case calls.FetchPayment(payment_id=payment_id):
                return a_payment(payment_id, self.visit.basket_id or "basket-x")
            case calls.FetchBasketPayment(basket_id=basket_id):
                return a_payment("pay-9", basket_id)
            case calls.FetchConsent():
                return a_consent()
            case calls.AskPhoneCode(key=key):
                return PhoneCode(key, "*** 5678", self.now + timedelta(minutes=10))
            case calls.Enrol():
                return an_enrolment()
            case calls.Erase(key=key):
                return an_erasure(key)
            case (
                calls.OpenIntervention()
                | calls.CancelIntervention()
                | calls.AbandonBasket()
                | calls.AcknowledgeErasure()
                | calls.StopFace()
                | calls.TellRefusals()
                | calls.ProvePhoneCode()
                | calls.EndAttendance()
            ):
                return events.Accepted()
            case calls.OpenAttendance(key=key):
                return an_attendant(attendance_id=key)
            case calls.TellKiosk(kiosk_id=kiosk_id, paused=paused):
                return KioskTold(kiosk_id, paused, "cleaning" if paused else None, "")
            case calls.SuspendBasket():
                return HandOver("SESAME:B:t", "/b/t", NOON)
            case calls.ResumeBasket():
                return events.BasketNow(self.a_basket("from-elsewhere", "open", fresh=True))
            case calls.FetchTicket():
                return a_ticket_body()
            case calls.FetchReferences():
                return events.References((), None)
            case calls.QuoteBasket(basket_id=basket_id):
                return events.BasketNow(self.a_basket(basket_id, "quoted", fresh=False))
            case _:
                return events.BasketNow(self.a_basket(call.basket_id, "open", fresh=True), "line-1")

    def a_basket(self, basket_id: str, state: str, *, fresh: bool) -> Basket:
        if fresh and not self.data.draw(st.integers(0, 3)):
            self.version += 1
        lines = (a_line(),) if self.version % 6 else ()  # the same version is the same content
        critical = (Problem("age_check_required", "critical", None, "18"),) if self.version % 5 == 0 else ()
        state = "paid" if not self.data.draw(st.integers(0, 30)) else state
        return a_basket(
            basket_id, state=state, version=self.version, digest=f"d{self.version}", lines=lines, problems=critical
        )


def reachable_in_few(before: State, now: State) -> bool:
    """Say whether rows of the table lead there; an answer may take two turns at once."""
    one = {state for (at, _), state in VISIT_TABLE.rows.items() if at is before}
    two = {state for (at, _), state in VISIT_TABLE.rows.items() if at in one}
    return now in one | two


@given(st.data())
def test_no_step_breaks_and_no_face_outlives_its_look_when_anything_happens(data: st.DataObject) -> None:
    walker = Walker(data)

    for _ in range(data.draw(st.integers(5, 60))):
        walker.happen()

    assert len(walker.visit.unknown_codes) <= 20


@examples(40)
@given(st.data())
def test_the_welcome_screen_returns_and_nothing_of_the_shopper_stays_when_everybody_has_left(
    data: st.DataObject,
) -> None:
    walker = Walker(data)
    for _ in range(data.draw(st.integers(5, 40))):
        walker.happen()

    for _ in range(60):
        while walker.waiting:
            call = walker.waiting.pop(0)
            if isinstance(call, calls.FetchPayment | calls.FetchBasketPayment):
                walker.take(events.Refused(call, "payment_not_found", {}))
            else:
                walker.take(events.Answered(call, walker.likely(call)))
        if walker.visit.state is State.DESK:
            walker.take(acts.CancelVisit())
        walker.now += timedelta(seconds=100)
        walker.take(events.Ticked())
        if walker.visit.state in HOME and walker.visit.basket_id is None:
            break

    visit = walker.visit
    assert visit.state in HOME
    assert (visit.basket, visit.auth, visit.joining, visit.payment, visit.digits) == (None, None, None, None, None)
