"""A visit in which somebody joins with their face, tries it, or has it forgotten."""

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.effects import BeginCapture, BeginLook, DropFaces, Effect, ForgetReferences, SearchAlike
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from kiosk.visit.values import Alike, Candidate
from kiosk.visit.visit import Look, Visit
from tests.kiosk.builders import (
    a_consent,
    a_visit,
    after,
    an_enrolment,
    an_erasure,
    an_evidence,
    answered,
    asked,
    at,
    shopping,
    walked,
    welcomed,
)


def test_nobody_is_led_to_the_consent_when_its_text_comes_after_they_went_on() -> None:
    visit, effects = walked(shopping(), acts.StartEnrolment(), acts.Review())
    (text, _quote) = asked(effects)

    late, _ = walked(visit, answered(text, a_consent()))
    again, _ = walked(late, acts.Back(), acts.StartEnrolment(), answered(text, a_consent()))

    assert late.state is State.REVIEW
    assert again.state is State.ENROL_CONSENT


def test_the_consent_comes_in_the_new_language_when_it_is_chosen_while_the_text_is_on_its_way() -> None:
    visit, effects = walked(welcomed(), acts.StartEnrolment(), acts.ChooseLocale("zh"))

    assert asked(effects) == [calls.FetchConsent(visit.rules.locale), calls.FetchConsent("zh")]
    for locale in (visit.rules.locale, "zh"):
        visit, _ = walked(visit, answered(calls.FetchConsent(locale), a_consent(locale)))

    assert visit.state is State.ENROL_CONSENT
    assert visit.joining is not None
    assert visit.joining.consent == a_consent("zh")


def test_nothing_is_kept_when_a_box_stays_unticked() -> None:
    visit, effects = walked(welcomed(), acts.StartEnrolment())
    visit, _ = walked(visit, answered(asked(effects)[0], a_consent()))

    young, _ = walked(visit, acts.GiveConsent(given=True, over_15=False))
    unsure, _ = walked(visit, acts.GiveConsent(given=False, over_15=True))

    assert young.notice is not None
    assert unsure.notice is not None
    assert (young.state, young.notice.code) == (State.ENROL_CONSENT, "too_young")
    assert (unsure.state, unsure.notice.code) == (State.ENROL_CONSENT, "consent_missing")


@pytest.mark.parametrize(
    ("details", "field", "notice"),
    [
        (acts.GiveDetails("", "0612345678", "2718", "2718"), "name", "name_missing"),
        (acts.GiveDetails("Lina Durand", "12", "2718", "2718"), "phone", "phone_malformed"),
        (acts.GiveDetails("Lina Durand", "0612345678", "1234", "1234"), "pin", "pin_weak"),
        (acts.GiveDetails("Lina Durand", "0612345678", "2580", "2580"), "pin", "pin_weak"),  # before any picture
        (acts.GiveDetails("Lina Durand", "0612345678", "5678", "5678"), "pin", "pin_weak"),
        (acts.GiveDetails("Lina Durand", "0612345678", "2718", "2719"), "pin_again", "pin_mismatch"),
    ],
)
def test_the_field_is_named_when_a_detail_is_wrong(details: acts.GiveDetails, field: str, notice: str) -> None:
    visit, _ = walked(welcomed(), acts.StartEnrolment(), answered(calls.FetchConsent("fr"), a_consent()))
    visit, _ = walked(visit, acts.GiveConsent(given=True, over_15=True), details)

    assert visit.state is State.ENROL_DETAILS
    assert visit.joining is not None
    assert visit.joining.problem_field == field
    assert visit.notice is not None
    assert visit.notice.code == notice


def test_the_consent_receipt_shows_when_three_captures_are_sealed() -> None:
    visit, _ = walked(welcomed(), acts.StartEnrolment(), answered(calls.FetchConsent("fr"), a_consent()))
    details = acts.GiveDetails("Lina Durand", "0612345678", "2718", "2718")
    visit, effects = walked(visit, acts.GiveConsent(given=True, over_15=True), details)
    (begin,) = effects
    assert isinstance(begin, BeginCapture)

    visit, effects = walked(visit, events.FaceSealed(begin.look_id, "sface", "c2VhbGVk", 3))
    assert asked(effects) == [calls.FetchReferences("")]
    assert DropFaces() not in effects  # the captured face is still to be compared with those on file
    visit, effects = searched(visit)
    call = asked(effects)[-1]
    assert isinstance(call, calls.Enrol)
    assert (call.reference_id, call.mode) == (begin.reference_id, "gallery")
    assert DropFaces() in effects
    visit, _ = walked(visit, answered(call, an_enrolment()))

    assert visit.state is State.ENROL_DONE
    assert visit.joining is None


@pytest.mark.parametrize(
    ("state", "locale"), [(State.ENROL_DONE, "zh"), (State.WITHDRAWN, "zh"), (State.RECEIPT, "fr")]
)
def test_the_language_stays_only_when_the_same_person_goes_on(state: State, locale: str) -> None:
    visit, _ = walked(a_visit(state=state, locale="zh"), acts.NewVisit())

    assert (visit.state, visit.locale) == (State.WELCOME, locale)


def searched(visit: Visit, *alike: Alike) -> tuple[Visit, list[Effect]]:
    """Let the only page of those on file be compared."""
    assert visit.joining is not None
    assert visit.joining.sealed is not None
    look_id = visit.joining.sealed.look_id
    page = answered(calls.FetchReferences(visit.joining.asked_after), events.References((CANDIDATE,), None))
    return walked(visit, page, events.AlikeFound(look_id, alike))


CANDIDATE = Candidate("ref-7", "sface", "AA")


def captured(*, own_key: bool = False) -> Visit:
    """Return a visit whose last capture was just sealed."""
    visit, _ = walked(welcomed(), acts.StartEnrolment(), answered(calls.FetchConsent("fr"), a_consent()))
    details = acts.GiveDetails("Lina Durand", "0612345678", "2718", "2718", own_key)
    visit, _ = walked(visit, acts.GiveConsent(given=True, over_15=True), details)
    assert visit.look is not None
    card = CARD if own_key else None
    visit, _ = walked(visit, events.FaceSealed(visit.look.look_id, "sface", "c2VhbGVk", 3, card))
    return visit


CARD = "SESAME:K:" + "A" * 52


def test_every_page_is_compared_when_many_are_on_file() -> None:
    visit = captured()
    first, second = Alike("ref-2", 0.45, pin_always=False), Alike("ref-7", 0.6, pin_always=True)
    assert visit.joining is not None
    look_id = visit.joining.sealed.look_id if visit.joining.sealed else ""

    visit, effects = walked(visit, answered(calls.FetchReferences(""), events.References((CANDIDATE,), "ref-7")))
    assert effects == [SearchAlike(look_id, (CANDIDATE,))]
    visit, effects = walked(visit, events.AlikeFound(look_id, (first,)))
    assert asked(effects) == [calls.FetchReferences("ref-7")]
    visit, effects = searched(visit, second)

    call = asked(effects)[-1]
    assert isinstance(call, calls.Enrol)
    assert call.look_alikes == (second, first)


def test_the_search_goes_on_when_the_network_is_back_and_the_button_is_pressed() -> None:
    visit = captured()
    visit, effects = walked(visit, events.Unreached(calls.FetchReferences(""), kept=False, waiting=0))
    assert DropFaces() not in effects

    visit, effects = walked(visit, acts.Capture())
    assert asked(effects) == [calls.FetchReferences("")]
    _, effects = searched(visit)

    assert isinstance(asked(effects)[-1], calls.Enrol)


def test_nothing_of_the_face_stays_when_the_shopper_leaves_during_the_search() -> None:
    visit, effects = walked(captured(own_key=True), acts.Back())

    assert DropFaces() in effects
    assert visit.card is None


def enrolled_now(*, own_key: bool = False) -> Visit:
    visit, effects = searched(captured(own_key=own_key))
    visit, _ = walked(visit, answered(asked(effects)[-1], an_enrolment()))
    return visit


@pytest.mark.parametrize("own_key", [False, True])
def test_the_one_who_joined_is_looked_for_when_they_test_it(*, own_key: bool) -> None:
    visit = enrolled_now(own_key=own_key)
    own = visit.own_reference
    assert own is not None

    visit, effects = walked(visit, acts.TestFace())
    assert visit.state is State.ENROL_TEST
    assert asked(effects) == [calls.FetchCandidates(None, "5678")]
    visit, effects = walked(visit, answered(asked(effects)[0], events.Candidates((CANDIDATE,))))
    (begin,) = effects
    assert isinstance(begin, BeginLook)
    assert begin.card == (CARD if own_key else None)
    visit, effects = walked(visit, events.FaceRecognised(begin.look_id, own, an_evidence()))

    assert (visit.state, visit.tested) == (State.ENROL_DONE, "recognised")
    assert asked(effects) == []  # nobody pays
    assert "test_face" not in possible(visit)
    assert (visit.card is not None) == own_key


@pytest.mark.parametrize("end", ["other", "stranger", "ambiguous", "not alive", "late", "refused", "unreached", "lost"])
def test_the_test_says_not_when_nobody_or_somebody_else_was_found(end: str) -> None:
    visit, effects = walked(enrolled_now(), acts.TestFace())
    (call,) = asked(effects)
    assert visit.look is not None
    look_id = visit.look.look_id
    told: dict[str, events.Event] = {
        "other": events.FaceRecognised(look_id, "somebody", an_evidence()),
        "stranger": events.FaceStranger(look_id),
        "ambiguous": events.FaceAmbiguous(look_id),
        "not alive": events.LivenessFailed(look_id),
        "late": events.Ticked(),
        "refused": events.Refused(call, "too_many_requests", {}),
        "unreached": events.Unreached(call, kept=False, waiting=0),
        "lost": events.FaceOutOfOrder(),
    }

    visit, _ = walked(visit, told[end], now=after(13))

    assert visit.state is State.ENROL_DONE
    assert visit.tested == ("not" if end != "lost" else "")
    assert visit.face_failures == 0  # a test is no try to pay


def test_the_screen_flashes_when_somebody_looks_and_a_turn_is_asked_when_they_prefer_it() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None
    assert visit.look.challenge == "flash"

    visit, effects = walked(visit, acts.ChooseChallenge("turn"))
    assert visit.look is not None
    assert visit.look.challenge.startswith("turn_")
    assert asked(effects) == [calls.FetchCandidates("basket-1", "5678")]
    again, _ = walked(at(State.DIGITS), acts.ChooseChallenge("turn"), acts.GiveDigits("5678"))

    assert again.look is not None
    assert again.look.challenge.startswith("turn_")


def test_there_is_time_for_the_turn_when_it_takes_the_place_of_the_flashes() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None

    visit, _ = walked(visit, events.ChallengeChanged(visit.look.look_id, "turn_left"), now=after(10))
    visit, _ = walked(visit, events.Ticked(), now=after(13))

    assert visit.state is State.LOOKING
    assert visit.look is not None
    assert (visit.look.running, visit.look.challenge) == (True, "turn_left")


@pytest.mark.parametrize("state", [State.METHOD, State.REVIEW, State.DIGITS])
def test_the_card_opens_the_look_when_it_is_shown_before_paying(state: State) -> None:
    visit, effects = walked(at(state), events.CodeRead(CARD, "qr"))
    assert (visit.state, visit.card, effects) == (State.DIGITS, CARD, [])
    visit, effects = walked(visit, acts.GiveDigits("5678"))

    _, effects = walked(visit, answered(asked(effects)[0], events.Candidates((CANDIDATE,))))

    (begin,) = effects
    assert isinstance(begin, BeginLook)
    assert begin.card == CARD
    assert CARD not in repr(begin)


@pytest.mark.parametrize("typed", [False, True])
def test_the_card_goes_nowhere_when_it_is_shown_while_shopping(*, typed: bool) -> None:
    shown: events.Event = acts.Scan(CARD.lower()) if typed else events.CodeRead(CARD, "qr")

    visit, effects = walked(shopping(), shown)

    assert effects == []
    assert visit.last_code is None
    assert visit.card is None
    assert visit.notice is not None
    assert visit.notice.code == "face_card_later"


def test_the_number_is_asked_again_when_it_is_known_already() -> None:
    visit, effects = searched(captured())

    visit, _ = walked(visit, events.Refused(asked(effects)[-1], "phone_known", {}))

    assert visit.state is State.ENROL_DETAILS
    assert visit.joining is not None
    assert visit.joining.problem_field == "phone"


def test_the_erasure_receipt_shows_when_a_face_is_forgotten() -> None:
    visit, effects = walked(welcomed(), acts.StartWithdrawal(), acts.ConfirmWithdrawal("0612345678", "2718"))
    (call,) = asked(effects)
    assert isinstance(call, calls.Erase)

    visit, _ = walked(visit, answered(call, an_erasure(call.key)))

    assert visit.state is State.WITHDRAWN


def test_opened_references_are_forgotten_before_it_is_acknowledged_when_a_face_is_erased() -> None:
    _, effects = walked(at(State.LOOKING, look=Look("l")), events.FaceErased("e-1", ("ref-1",)))

    assert effects[0] == ForgetReferences(("ref-1",))
    (call,) = asked(effects)
    assert isinstance(call, calls.AcknowledgeErasure)
