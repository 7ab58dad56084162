"""The kiosk's page in Chromium: reach, reading, keyboard, speech, scanners and borrowed cameras."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import wedge
from tests.axe import faint, violations
from tests.web import looking
from tests.web.builders import a_basket, a_camera, a_line, a_screen, every_screen
from tests.web.looking import show
from tests.web.mock_kiosk import MockKiosk

pytestmark = pytest.mark.e2e

NAMES = list(every_screen("fr"))


@pytest.mark.parametrize("theme", ["dark", "contrast"])
def test_every_panel_can_be_read_when_the_colours_change(page: Page, kiosk: MockKiosk, theme: str) -> None:
    if theme == "dark":
        page.emulate_media(color_scheme="dark")
    else:
        page.get_by_role("button", name="Contraste fort").click()
    broken: dict[str, object] = {}

    for name in NAMES:
        if name == "welcome":
            continue  # coming back to the first panel would end the visit and with it the contrast
        show(page, kiosk, every_screen("fr")[name])
        if found := faint(page):
            broken[name] = found

    assert broken == {}


def test_no_panel_scrolls_sideways_when_the_text_is_large(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["shopping"])
    page.get_by_role("button", name="Texte plus grand").click()
    wrong = []

    for name in NAMES:
        if name == "welcome":
            continue  # as above
        show(page, kiosk, every_screen("fr")[name])
        if page.evaluate(
            "[document.documentElement, document.querySelector('main')].some(e => e.scrollWidth > e.clientWidth)"
        ):
            wrong.append(name)

    assert wrong == []


def test_languages_help_and_cameras_are_told_on_every_panel(page: Page, kiosk: MockKiosk) -> None:
    for screen in every_screen("fr").values():
        show(page, kiosk, screen)

        hidden = screen["idle_seconds_left"] is not None  # a modal dialog hides what is beneath
        for name in map(re.compile, ("^Français$", "^English$", "^中文$", "^(\\? *)?Aide")):
            expect(page.get_by_role("button", name=name, exact=True, include_hidden=hidden)).to_be_visible()
        expect(page.locator(".cameras .chip")).to_have_count(2)


def test_words_change_when_another_language_is_chosen(page: Page, kiosk: MockKiosk) -> None:
    page.get_by_role("button", name="中文").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("请扫描第一件商品")
    assert kiosk.wait_for_act("choose_locale")["locale"] == "zh"
    assert page.evaluate("document.documentElement.lang") == "zh"


def test_code_is_sent_once_when_a_wedge_scanner_types_it(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["shopping"])
    # The Enter that ends the code must not press the button that has the focus.
    page.get_by_role("button", name="Vérifier et payer").focus()

    pressed = wedge.type_code(page, "3017620422003")

    assert not pressed
    assert kiosk.wait_for_act("scan") == {"act": "scan", "code": "3017620422003"}
    assert [act["act"] for act in kiosk.acts] == ["scan"]


def test_code_stays_whole_when_a_field_appears_while_a_wedge_scanner_types_it(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["shopping"])

    wedge.press(page, "301762")
    # A field takes the focus between two keys of the code, as one does on a panel that is drawn meanwhile.
    page.evaluate("() => { const f = document.createElement('input'); document.body.append(f); f.focus(); }")
    left = wedge.press(page, [*"0422003", "Enter"], go_on=True)

    assert kiosk.wait_for_act("scan") == {"act": "scan", "code": "3017620422003"}
    assert left.count(True) == 0  # the browser typed none of them into the field


def test_a_code_is_scanned_and_the_words_stay_when_a_wedge_scanner_types_into_the_search(
    page: Page, kiosk: MockKiosk
) -> None:
    show(page, kiosk, every_screen("fr")["search"])
    field = page.get_by_role("textbox")
    field.fill("caf")

    pressed = wedge.type_code(page, "3017620422003")

    assert not pressed
    assert kiosk.wait_for_act("scan") == {"act": "scan", "code": "3017620422003"}
    expect(field).to_have_value("caf")


def test_no_digits_are_sent_when_a_wedge_scanner_types_into_the_keypad(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["digits"])

    pressed = wedge.type_code(page, "3017620422003")

    assert not pressed
    page.get_by_role("button", name="Retour").click()
    assert kiosk.wait_for_act("back")
    assert [act["act"] for act in kiosk.acts] == ["back"]


def test_a_keyboard_alone_pays_by_phone_and_pin(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["method"])
    for _ in range(20):
        if page.evaluate("document.activeElement.textContent").find("Téléphone et code PIN") >= 0:
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert kiosk.wait_for_act("choose_method")["method"] == "code"

    show(page, kiosk, every_screen("fr")["code"])
    page.keyboard.type("0612345678", delay=80)
    page.keyboard.press("Enter")
    page.keyboard.type("4821", delay=80)
    page.keyboard.press("Enter")

    assert kiosk.wait_for_act("identify") == {"act": "identify", "phone": "0612345678", "pin": "4821"}
    expect(page.get_by_label("Code PIN", exact=True)).to_have_value("")


def test_fingers_alone_give_the_four_digits(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["digits"])
    go = page.get_by_role("button", name="Allumer la caméra")
    expect(go).to_be_disabled()

    for digit in "5678":
        page.get_by_role("button", name=digit, exact=True).click()
    go.click()

    assert kiosk.wait_for_act("digits")["digits"] == "5678"


def test_consent_is_open_only_when_both_boxes_are_ticked_by_hand(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["enrol_consent"])
    agree = page.get_by_role("button", name="J’accepte, continuer")
    boxes = page.get_by_role("checkbox")
    expect(boxes.nth(0)).not_to_be_checked()
    expect(boxes.nth(1)).not_to_be_checked()

    boxes.nth(0).check()
    expect(agree).to_be_disabled()
    boxes.nth(1).check()
    agree.click()

    assert kiosk.wait_for_act("consent") == {"act": "consent", "given": True, "over_15": True}


def test_what_is_shown_is_spoken_when_reading_aloud_is_on(page: Page, kiosk: MockKiosk) -> None:
    page.evaluate("() => { window.said = []; speechSynthesis.speak = one => window.said.push([one.lang, one.text]) }")
    show(page, kiosk, every_screen("fr")["shopping"])
    assert page.evaluate("window.said") == []  # off until asked for

    page.get_by_role("button", name="Lire à voix haute").click()
    show(page, kiosk, every_screen("fr")["confirming"])
    page.wait_for_function("window.said.some(([, text]) => text.includes('Payer 18,63'))")

    said = page.evaluate("window.said.at(-1)")
    assert said[0] == "fr-FR"
    assert "L*** D." in said[1]


def test_lines_wait_beside_the_basket_when_the_network_is_away(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["shopping_waiting"])

    waiting = page.locator(".waiting-lines .line")
    expect(waiting).to_have_count(2)
    expect(waiting.nth(0)).to_contain_text("Lait demi-écrémé")  # the newest first, by name where it is known
    expect(waiting.nth(1)).to_contain_text("3228857000906")
    expect(waiting.nth(1)).to_contain_text("attend le réseau")


def test_a_colleague_is_announced_when_a_payment_does_not_end(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["paying"])
    expect(page.get_by_role("button", name="Aide", exact=False)).to_be_enabled()
    expect(page.get_by_text("Cela dure plus longtemps")).to_have_count(0)

    kiosk.show(every_screen("fr")["paying_stuck"])

    expect(page.get_by_text("Cela dure plus longtemps")).to_be_visible()
    expect(page.get_by_text("K1-0042")).to_be_visible()


def test_scan_is_told_in_words_when_a_line_comes(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["shopping_empty"])

    milk = a_line(1, "Lait", 115)
    basket = a_basket(lines=[milk], coupons=[], total_minor=115, saved_minor=0)
    kiosk.show(
        a_screen(
            {"name": "shopping"},
            basket=basket,
            last_scan={"id": 1, "outcome": "added", "line_id": "line-1", "code": "c"},
        )
    )

    expect(page.locator("p.visually-hidden[role=status]")).to_have_text("Ajouté : Lait, 1,15 €. Total 1,15 €.")
    expect(page.locator(".line.flash")).to_have_count(1)

    misread = {"id": 2, "outcome": "misread", "line_id": None, "code": "3017620422004"}
    kiosk.show(a_screen({"name": "shopping"}, basket=basket, last_scan=misread))

    expect(page.locator("p.visually-hidden[role=status]")).to_have_text("Mal lu\u00a0: scannez-le encore une fois.")


def test_a_coupon_names_its_last_day_by_the_stores_clock_when_it_ends_at_midnight_there(
    page: Page, kiosk: MockKiosk
) -> None:
    show(page, kiosk, every_screen("fr")["receipt"])

    expect(page.get_by_text("24 décembre 2026")).to_be_visible()


def test_comfort_is_forgotten_when_the_visit_ends(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["receipt"])
    contrast = page.get_by_role("button", name="Contraste fort")
    contrast.click()
    expect(contrast).to_have_attribute("aria-pressed", "true")

    show(page, kiosk, every_screen("fr")["welcome"])

    expect(contrast).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("name", ["search_pictures", "enrol_consent", "enrol_done", "withdraw"])
def test_comfort_stays_when_its_owner_only_comes_back_to_the_welcome(page: Page, kiosk: MockKiosk, name: str) -> None:
    show(page, kiosk, every_screen("fr")["welcome"])
    contrast = page.get_by_role("button", name="Contraste fort")
    contrast.click()

    show(page, kiosk, every_screen("fr")[name])
    show(page, kiosk, every_screen("fr")["welcome"])

    expect(contrast).to_have_attribute("aria-pressed", "true")


def test_nothing_is_spoken_twice_when_the_language_changes(page: Page, kiosk: MockKiosk) -> None:
    page.evaluate("() => { window.said = []; speechSynthesis.speak = one => window.said.push([one.lang, one.text]) }")
    page.get_by_role("button", name="Lire à voix haute").click()
    show(page, kiosk, every_screen("fr")["method"])
    page.wait_for_function("window.said.some(([, text]) => text.includes('Comment voulez-vous payer'))")

    show(page, kiosk, every_screen("en")["method"])
    page.wait_for_function("window.said.some(([, text]) => text.includes('How would you like to pay'))")

    said = page.evaluate("window.said.filter(([, text]) => text.includes('payer') || text.includes('to pay'))")
    assert [language for language, _text in said] == ["fr-FR", "en-GB"]


def test_a_refused_pin_is_typed_anew_when_nobody_can_mend_dots(page: Page, kiosk: MockKiosk) -> None:
    screens = every_screen("fr")
    show(page, kiosk, screens["enrol_details"])
    page.get_by_label("PIN (4 à 6 chiffres)").fill("1234")
    page.get_by_label("Le PIN encore").fill("1235")

    show(page, kiosk, screens["enrol_details_pin"])

    expect(page.get_by_label("PIN (4 à 6 chiffres)")).to_have_value("")
    expect(page.get_by_label("Le PIN encore")).to_have_value("")
    expect(page.get_by_text("Les deux PIN diffèrent")).to_be_visible()


def test_the_idle_warning_says_that_it_is_paid_when_it_is(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["idle_paid"])

    expect(page.get_by_role("dialog")).to_contain_text("C’est payé.")
    expect(page.get_by_role("dialog")).not_to_contain_text("Rien n’a été débité")


def test_idle_warning_keeps_the_visit_when_enter_is_pressed(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["idle"])
    expect(page.get_by_role("dialog")).to_contain_text("24 secondes")

    page.keyboard.press("Enter")

    kiosk.wait_for_act("stay")
    assert [act["act"] for act in kiosk.acts] == ["stay"]


def test_nothing_of_the_basket_is_read_by_others_while_the_idle_warning_asks(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["shopping"])
    expect(page.get_by_text("Comté AOP 12 mois")).to_be_visible()

    kiosk.show(every_screen("fr")["idle"])
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_text("Comté AOP 12 mois")).not_to_be_visible()
    expect(page.locator(".totals")).not_to_be_visible()

    kiosk.show(every_screen("fr")["shopping"])
    expect(page.get_by_text("Comté AOP 12 mois")).to_be_visible()


def test_a_tip_goes_and_stays_away_when_the_shopper_puts_it_away(page: Page, kiosk: MockKiosk) -> None:
    screen = every_screen("fr")["shopping"]
    show(page, kiosk, screen)

    page.get_by_role("button", name="Ne plus afficher ce conseil").click()
    expect(page.locator(".next-step")).to_have_count(0)
    looking.newly(page, kiosk, screen, every_screen("fr")["review"])
    expect(page.locator(".basket .line").first).to_be_visible()
    expect(page.locator(".next-step")).to_have_count(0)

    another = screen["basket"] | {"basket_id": "another-shopper-s"}
    kiosk.show(screen | {"basket": another})
    expect(page.locator(".next-step")).to_have_count(1)


def test_keypad_and_search_stand_out_when_a_code_cannot_be_read(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["shopping_unreadable"])

    expect(page.get_by_text("Tenez-le à plat")).to_be_visible()
    expect(page.locator(".scan-side button.accent")).to_have_count(2)


def test_idle_warning_is_answered_by_itself_when_somebody_is_typing(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["enrol_details"])
    page.keyboard.type("Lina", delay=80)

    kiosk.show(every_screen("fr")["enrol_details"] | {"idle_seconds_left": 30})

    kiosk.wait_for_act("stay")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Prénom et nom")).to_have_value("Lina")


def test_own_camera_is_lent_only_while_it_is_asked_for(page: Page, kiosk: MockKiosk) -> None:
    dark = a_screen({"name": "shopping"}, cameras=[a_camera("scan", state="browser"), a_camera("face")])
    show(page, kiosk, dark)
    expect(page.locator(".cameras").get_by_text("Caméra articles : éteinte")).to_be_visible()
    assert kiosk.frames == {}

    lent = a_screen(
        {"name": "shopping"}, cameras=[a_camera("scan", state="browser", sees="bars", lend=True), a_camera("face")]
    )
    kiosk.show(lent)
    assert kiosk.wait_for_frames("scan", 3)
    expect(page.locator(".camera.scan[data-seen=true]")).to_be_visible()

    kiosk.show(dark)
    expect(page.locator(".cameras").get_by_text("Caméra articles : éteinte")).to_be_visible()
    expect(page.locator(".camera.scan[data-seen=false]")).to_be_visible()


def test_shopper_is_told_what_to_do_when_the_camera_is_refused(page: Page, kiosk: MockKiosk) -> None:
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no')) }")

    show(
        page,
        kiosk,
        a_screen({"name": "shopping"}, cameras=[a_camera("scan", state="browser", lend=True), a_camera("face")]),
    )

    expect(page.locator(".camera-words")).to_contain_text("Tapez le code")


def test_picture_is_drawn_when_the_process_owns_the_camera(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["looking"])

    expect(page.locator(".camera.face[data-seen=true]")).to_be_visible()
    lit = page.evaluate(
        "() => { const c = document.querySelector('.camera.face canvas');"
        " return [...c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data] }"
    )
    assert lit[3] == 255
    assert sum(lit[:3]) > 0


def test_hint_follows_the_camera_when_a_look_event_comes(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["looking"])

    kiosk.see({"role": "face", "box": [0.3, 0.2, 0.3, 0.5], "hint": "too_dark", "progress": 0.25})

    expect(page.locator(".hint-now")).to_contain_text("tournez-vous vers la lumière")
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")


def test_methods_are_equal_in_size_when_all_are_possible(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["method"])

    boxes = [way.bounding_box() for way in page.locator(".way").all()]

    sizes = {(round(box["width"]), round(box["height"])) for box in boxes if box is not None}
    assert len(boxes) == 3
    assert len(sizes) == 1


def test_a_keyboard_asks_why_a_coupon_waits_and_uses_it_instead(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("fr")["review_coupon_refused"])
    asks = page.get_by_role("button", name=re.compile("^Pourquoi .* ne compte-t-il pas"))

    asks.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("qui vous fait gagner plus")).to_be_visible()
    expect(asks).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name=re.compile("^Prendre plutôt")).focus()
    page.keyboard.press("Enter")

    assert kiosk.wait_for_act("apply_coupon") == {"act": "apply_coupon", "code": "WXYZ-2345", "instead": True}
    page.get_by_role("button", name=re.compile("^Utiliser")).click()
    kiosk.wait_for_act("apply_coupon")
    expect(page.get_by_text("Gardés pour vous")).to_be_visible()
    assert [*violations(page), *looking.out_of_reach(page)] == []


def test_nothing_is_said_to_be_erased_when_no_face_was_stored(page: Page, kiosk: MockKiosk) -> None:
    show(page, kiosk, every_screen("en")["withdrawn_none"])

    expect(page.get_by_role("heading", level=1)).to_have_text("No face was stored")
    expect(page.locator("main")).not_to_contain_text("erased.")
