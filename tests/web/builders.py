"""Screens as the kiosk process sends them, one of each panel, with everyday values."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from checkout import Carried, CarriedKind, write_basket

# JSON as it goes over the wire: its shape is kiosk/ui/web/screen.ts, which the compiler checks on the other side.
Json = dict[str, Any]

LABEL_3_FOR_2 = {"fr": "3 pour 2 sur les yaourts", "en": "3 for 2 on yoghurt", "zh": "酸奶买三付二"}
LABEL_CHEESE = {"fr": "−10 % dès 2 fromages", "en": "10% off from 2 cheeses", "zh": "两块奶酪九折"}
WHY_NOT = {
    "fr": "Il ne va pas avec « 2 € offerts », qui vous fait gagner plus. Vous pouvez échanger.",
    "en": "It does not go with “€2 off”, which saves you more. You may swap them.",
    "zh": "不能与“减 €2”同用，后者更省。您可以替换。",
}
LABEL_COUPON = {"fr": "2 € dès 15 €", "en": "€2 off from €15", "zh": "满15欧减2欧"}
LABEL_NEXT = {"fr": "−10 % dès 25 €", "en": "10% off from €25", "zh": "满25欧九折"}
EMOJI = ["🍎", "🚲", "🌙", "🎈"]
TICKET = "7f3c1d8a-5b0e-4d4f-9a55-3d4f0a0c9e11"
CARRIED = write_basket("demo", [Carried(CarriedKind.PRODUCT, f"{3017620422003 + step * 7919}") for step in range(60)])
PAYEE = "Sésame Démo · Magasin 12"


def a_line(number: int, name: str, unit: int, **facts: Any) -> Json:
    quantity = facts.get("quantity", 1)
    line = {
        "line_id": f"line-{number}",
        "sku": f"sku-{number}",
        "code": f"301762042{number:04d}",
        "name": name,
        "brand": "",
        "pack": "",
        "quantity": quantity,
        "provisional": False,
        "weight_g": None,
        "unit_price_minor": unit,
        "unit_text": "",
        "gross_minor": unit * quantity,
        "due_minor": unit * quantity,
        "vat_rate_bp": 550,
        "demo_price": True,
        "min_age": None,
        "adjustments": [],
    }
    return line | facts


def a_basket(**facts: Any) -> Json:
    yoghurt = {"rule_id": "p-1", "label": LABEL_3_FOR_2, "amount_minor": -189}
    cheese = {"rule_id": "p-2", "label": LABEL_CHEESE, "amount_minor": -78}
    lines = [
        a_line(1, "Lait demi-écrémé", 115, brand="Lactel", pack="1 L", unit_text="1,15 €/L", quantity=2),
        a_line(2, "Baguette tradition", 120, brand="Fournil", pack="250 g", unit_text="4,80 €/kg"),
        a_line(3, "Bananes", 229, weight_g=842, gross_minor=193, due_minor=193, unit_text="2,29 €/kg"),
        a_line(4, "Comté AOP 12 mois", 389, brand="Juraflore", pack="200 g", unit_text="19,45 €/kg", quantity=2)
        | {"due_minor": 700, "adjustments": [cheese]},
        a_line(5, "Yaourt nature", 189, brand="La Laitière", pack="4 × 125 g", unit_text="3,78 €/kg", quantity=3)
        | {"due_minor": 378, "adjustments": [yoghurt]},
        a_line(
            6, "Pâte à tartiner aux noisettes et au cacao", 399, brand="Nutella", pack="400 g", unit_text="9,98 €/kg"
        ),
    ]
    gross = sum(line["gross_minor"] for line in lines)
    saved = gross - sum(line["due_minor"] for line in lines) + 200
    basket = {
        "basket_id": "b5a3",
        "state": "open",
        "version": 9,
        "currency": "EUR",
        "payee": PAYEE,
        "lines": lines,
        "coupons": [
            {
                "code": "ABCD-EFGH",
                "label": LABEL_COUPON,
                "state": "applied",
                "reason_code": None,
                "reason": None,
                "saved_minor": 200,
                "why": None,
                "can_swap": False,
            }
        ],
        "kept_coupons": [],
        "problems": [],
        "gross_minor": gross,
        "saved_minor": saved,
        "total_minor": gross - saved,
        "next_step": {"label": LABEL_NEXT, "short_minor": 462, "short_units": 0},
        "emoji": EMOJI,
        "provisional": False,
        "age_check": "not_needed",
    }
    return basket | facts


def a_camera(role: str, **facts: Any) -> Json:
    return {"role": role, "state": "dark" if role == "face" else "on", "sees": "nothing", "lend": False} | facts


CONSENTS: dict[str, Json] = json.loads(Path(__file__).with_name("consents.json").read_text(encoding="utf-8"))

EVERYWHERE = ["choose_locale", "ask_help"]
SHOPPING = [
    "scan",
    "open_search",
    "change_quantity",
    "add_pieces",
    "remove_line",
    "apply_coupon",
    "drop_coupon",
    "review",
    "attend",
    "cancel_visit",
]


def soon(seconds: int = 55) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def a_screen(panel: Json, *, locale: str = "fr", possible: list[str] | None = None, **facts: Any) -> Json:
    kiosk = {
        "kiosk_id": "kiosk-1",
        "name": "Caisse 1",
        "store": "Magasin 12 · Démo",
        "payee": PAYEE,
        "currency": "EUR",
        "demo_prices": True,
        "timezone": "Europe/Paris",
        "server_url": "http://127.0.0.1:8800",
    }
    screen = {
        "seq": 1,
        "locale": locale,
        "kiosk": kiosk,
        "shop": "online",
        "cameras": [a_camera("scan", sees="bars"), a_camera("face")],
        "basket": a_basket(),
        "notice": None,
        "last_scan": None,
        "waiting": [],
        "parked": [],
        "prices_of": None,
        "gathering": None,
        "differences": [],
        "message": "",
        "help_waiting": False,
        "idle_seconds_left": None,
        "panel": panel,
        "possible": [*(possible or []), *EVERYWHERE],
    }
    return screen | facts


def a_notice(code: str, kind: str = "info", /, **facts: Any) -> Json:
    return {"id": 7, "kind": kind, "code": code, "facts": facts}


AMAL = {"name": "Amal Benali", "alone_minor": 1000}
STAFF_ACTS = ("staff_quantity", "staff_price", "staff_age", "staff_pause", "back", "cancel_visit")


def nobody_yet(**facts: Any) -> Json:
    """Return the panel of colleagues before anybody was let in, unless said otherwise."""
    return {"attendant": None, "second": False, "busy": False, "age": None, "check": False, "paused": False} | facts


def unit_price(french: str, locale: str) -> str:
    """Return a unit price as the store writes it in a language, from the French one."""
    return french if locale == "fr" else re.sub(r"(\d+),(\d+) €", r"€\1.\2", french)


def every_screen(locale: str) -> dict[str, Json]:
    """Return a screen of each panel and of each state that looks different, by a name for its picture."""

    def screen(name: str, *possible: str, panel: Json | None = None, **facts: Any) -> Json:
        shown = a_screen({"name": name} | (panel or {}), locale=locale, possible=list(possible), **facts)
        for line in (shown["basket"] or {"lines": []})["lines"]:
            line["unit_text"] = unit_price(line["unit_text"], locale)
        return shown

    face_on = {"cameras": [a_camera("scan"), a_camera("face", state="on", sees="face")]}
    confirming: Json = {
        "subject": "L*** D.",
        "amount_minor": 1863,
        "payee": PAYEE,
        "emoji": EMOJI,
        "pin_needed": False,
        "pin_reason": None,
        "shortfall_minor": 0,
        "face_left": {"payments": 2, "sum_minor": 3810},
        "voucher_minor": 0,
        "cashback": None,
        "earn": {"earn_minor": 93, "left_this_year_minor": 240000, "is_near_cap": False},
        "expires_at": soon(),
        "by_pass": False,
    }
    with_shop: Json = {"by_pass": False, "pass_shown": False}
    coupon = {"code": "WXYZ-2345", "label": LABEL_COUPON, "share_url": "/c/Zk3v9", "expires_at": "2026-12-24T23:00:00Z"}
    paid: Json = {
        "amount_minor": 1863,
        "subject": "L*** D.",
        "ticket_number": 17,
        "ticket_url": f"/t/{TICKET}",
        "exit_code": "SESAME:X:eyJ0IjoxN30.c2lnbmF0dXJl",
        "coupon": coupon,
        "balance_after_minor": 2137,
        "provisional": None,
        "cashback": {
            "total_minor": 93,
            "parts": [
                {"name": {"fr": "l’État", "en": "the State", "zh": "国家"}, "amount_minor": 83},
                {"name": {"fr": "le magasin", "en": "the shop", "zh": "商店"}, "amount_minor": 10},
            ],
            "left_this_year_minor": 239907,
            "is_near_cap": False,
        },
        "paper": "",
    }
    hits = [
        {"sku": f"s{n}", "code": "3560070000000", "name": name, "brand": brand, "pack": pack, "min_age": None}
        | {"unit_price_minor": price, "unit_text": unit, "is_weighed": False, "category": "grocery"}
        for n, (name, brand, pack, price, unit) in enumerate(
            [
                ("Pommes Gala", "Verger d’Anjou", "1 kg", 279, "2,79 €/kg"),
                ("Pommes de terre Charlotte", "Pompadour", "2,5 kg", 399, "1,60 €/kg"),
                ("Jus de pomme trouble", "Alain Milliat", "1 L", 345, "3,45 €/L"),
                ("Compote pomme sans sucre", "Andros", "4 × 100 g", 219, "5,48 €/kg"),
            ]
        )
    ]
    loose = [
        {"sku": f"plu-{plu}", "code": plu, "name": name, "brand": "", "pack": "", "min_age": None, "unit_text": ""}
        | {"unit_price_minor": price, "is_weighed": weighed, "category": "fruit"}
        for plu, name, price, weighed in [
            ("4046", "Avocat Hass", 129, False),
            ("4011", "Bananes", 199, True),
            ("4053", "Citron jaune", 59, False),
            ("4048", "Citron vert", 65, False),
            ("4030", "Kiwi", 55, False),
            ("4012", "Oranges à déguster", 249, True),
            ("4409", "Poires Williams", 329, True),
            ("4133", "Pommes Gala", 279, True),
            ("4139", "Pommes Granny Smith", 299, True),
            ("4022", "Raisin blanc sans pépins", 449, True),
            ("4023", "Raisin rouge sans pépins", 449, True),
        ]
    ]
    finding: Json = {
        "query": "",
        "results": [],
        "weighing": None,
        "category": "",
        "categories": ["bread", "fruit", "pastries", "vegetables"],
    }
    may_find = ("scan", "search", "open_category", "pick", "back")
    wine = a_line(7, "Crémant de Loire brut", 895, brand="Ackerman", pack="75 cl", unit_text="11,93 €/L", min_age=18)
    with_wine = a_basket(
        lines=[*a_basket()["lines"], wine],
        age_check="waiting",
        problems=[{"code": "age_check_required", "level": "critical", "line_id": "line-7", "detail": "age"}],
    )
    typed: Json = {"problem_field": None, "typed_name": "", "typed_phone": ""}
    code_sent: Json = {"masked_phone": "*** 5678", "sandbox_code": None, "sending": False}
    enrolled: Json = {
        "masked": "L*** D.",
        "phone_last4": "5678",
        "receipt_id": TICKET,
        "version": "2026-11-1",
        "given_at": "2026-11-22T13:05:00Z",
        "withdraw_url": "/me",
        "look_alike": False,
        "card": None,
        "tested": "",
    }
    erased: Json = {
        "erasure_id": TICKET,
        "erased_at": "2026-11-22T13:09:00Z",
        "references": 1,
        "receipt_url": "/me",
    }
    looking: Json = {"hint": "hold_still", "progress": 0.6, "challenge": "none", "tries_left": 2}
    ways: Json = {"face": True, "face_tried": False, "code": True, "desk": True, "by_pass": False}
    stop = "cancel_visit"
    return {
        "welcome": screen("welcome", "scan", "open_search", "enrol", "withdraw", "attend", basket=None),
        "shopping": screen(
            "shopping", *SHOPPING, last_scan={"id": 3, "outcome": "added", "line_id": "line-6", "code": "3017620420006"}
        ),
        "shopping_empty": screen(
            "shopping",
            "scan",
            "open_search",
            stop,
            basket=a_basket(lines=[], coupons=[], next_step=None, total_minor=0, saved_minor=0),
        ),
        "shopping_unknown": screen(
            "shopping", *SHOPPING, notice=a_notice("unknown_code", "warn", code="2000000000015")
        ),
        "shopping_age": screen("shopping", *SHOPPING, basket=with_wine, notice=a_notice("age_check_wait")),
        "shopping_offline": screen(
            "shopping", *SHOPPING, shop="offline", notice=a_notice("offline", "warn", waiting=1)
        ),
        "search": screen("search", *may_find, panel=finding | {"query": "pom", "results": hits}),
        "search_nothing": screen("search", *may_find, panel=finding | {"query": "xyz"}),
        "search_pictures": screen("search", *may_find, panel=finding),
        "search_category": screen("search", *may_find, panel=finding | {"category": "fruit", "results": loose}),
        "search_weighing": screen(
            "search",
            *may_find,
            panel=finding | {"category": "fruit", "results": loose, "weighing": {"name": "Bananes"}},
            notice=a_notice("scale_put", name="Bananes"),
        ),
        "review": screen("review", *SHOPPING, "confirm", "choose_method", "back"),
        "review_blocked": screen("review", *SHOPPING, "back", basket=with_wine),
        "method": screen("method", "choose_method", "back", stop, panel=ways),
        "method_by_pass": screen(
            "method",
            "choose_method",
            "back",
            stop,
            panel=ways | {"face": False, "by_pass": True},
            shop="offline",
        ),
        "method_no_face": screen(
            "method",
            "choose_method",
            "back",
            stop,
            panel=ways | {"face": False, "face_tried": True},
            notice=a_notice("face_tries_over", "warn"),
        ),
        "digits": screen("digits", "digits", "back", stop, panel={"challenge": "none", "card": False}),
        "digits_flash": screen(
            "digits", "digits", "choose_challenge", "back", stop, panel={"challenge": "flash", "card": False}
        ),
        "looking": screen("looking", "back", stop, panel=looking, **face_on),
        "looking_turn": screen(
            "looking", "back", stop, panel=looking | {"challenge": "turn_left", "hint": "ok"}, **face_on
        ),
        "looking_frozen": screen(
            "looking",
            "back",
            stop,
            panel=looking,
            cameras=[a_camera("scan"), a_camera("face", state="frozen", sees="face")],
            notice=a_notice("face_camera_frozen", "warn"),
        ),
        "looking_over": screen(
            "looking", "look_again", "back", stop, panel=looking, notice=a_notice("face_not_recognised", "warn")
        ),
        "code": screen("code", "identify", "scan", "back", stop, panel={"prefilled_code": None} | with_shop),
        "code_by_pass": screen(
            "code",
            "scan",
            "back",
            stop,
            panel={"prefilled_code": None, "by_pass": True, "pass_shown": False},
            shop="offline",
        ),
        "code_pass_shown": screen(
            "code",
            "identify",
            "scan",
            "back",
            stop,
            panel={"prefilled_code": None, "by_pass": True, "pass_shown": True},
            shop="offline",
        ),
        "confirming_by_pass": screen(
            "confirming",
            "confirm",
            "not_me",
            "back",
            stop,
            panel=confirming | {"by_pass": True, "face_left": None, "earn": None},
            shop="offline",
        ),
        "code_prefilled": screen(
            "code",
            "identify",
            "scan",
            "back",
            stop,
            panel={"prefilled_code": "12345678"} | with_shop,
            notice=a_notice("pin_wrong", "warn", attempts_left=3),
        ),
        "confirming": screen("confirming", "confirm", "not_me", "back", stop, panel=confirming),
        "confirming_cashback": screen(
            "confirming",
            "confirm",
            "use_cashback",
            "not_me",
            "back",
            stop,
            panel=confirming
            | {
                "voucher_minor": 500,
                "cashback": {"used_minor": 120, "min_minor": 0, "max_minor": 340},
                "earn": {"earn_minor": 62, "left_this_year_minor": 1240, "is_near_cap": True},
            },
        ),
        "confirming_pin": screen(
            "confirming",
            "pin",
            "not_me",
            "back",
            stop,
            panel=confirming | {"pin_needed": True, "pin_reason": "amount_over_limit", "face_left": None},
        ),
        "confirming_short": screen("confirming", "not_me", "back", stop, panel=confirming | {"shortfall_minor": 620}),
        "paying": screen("paying", panel={"case_number": "K1-0042", "stuck": False}),
        "paying_stuck": screen("paying", panel={"case_number": "K1-0042", "stuck": True}, help_waiting=True),
        "shopping_unreadable": screen("shopping", *SHOPPING, notice=a_notice("code_unreadable")),
        "shopping_waiting": screen(
            "shopping",
            *SHOPPING,
            shop="offline",
            waiting=[
                {"line_id": "l-8", "code": "3228857000906", "name": None},
                {"line_id": "l-9", "code": "3017620422003", "name": "Lait demi-écrémé"},
            ],
        ),
        "checking": screen("checking", panel={"case_number": "K1-0042", "stuck": False}),
        "aside": screen(
            "aside",
            "new_visit",
            panel={"code": "SESAME:B:k3Zv9QpL2xT7", "url": "/b/k3Zv9QpL2xT7", "expires_at": soon(900), "texts": []},
        ),
        "aside_without_shop": screen(
            "aside",
            "new_visit",
            panel={"code": "", "url": "", "expires_at": None, "texts": list(CARRIED)},
            shop="offline",
            basket=None,
        ),
        "welcome_gathering": screen(
            "welcome",
            "scan",
            "open_search",
            "enrol",
            "withdraw",
            basket=None,
            gathering={"of": 3, "missing": [1, 3]},
            notice=a_notice("carried_part", number=2, of=3, missing="1, 3"),
        ),
        "staff_sign_in": screen("staff", "staff_sign_in", "back", panel=nobody_yet()),
        "staff": screen("staff", *STAFF_ACTS, panel=nobody_yet(attendant=AMAL, age=18)),
        "staff_check": screen("staff", *STAFF_ACTS, "staff_checked", panel=nobody_yet(attendant=AMAL, check=True)),
        "review_check": screen(
            "review",
            "back",
            "attend",
            basket=a_basket(
                problems=[{"code": "random_check", "level": "critical", "line_id": None, "detail": "wait"}],
                state="quoted",
            ),
            notice=a_notice("random_check"),
            help_waiting=True,
        ),
        "staff_second": screen(
            "staff",
            "staff_sign_in",
            "back",
            panel=nobody_yet(attendant=AMAL, second=True),
            notice=a_notice("second_person_needed", alone_minor=1000),
        ),
        "paused": screen(
            "paused", "attend", panel={"reason": "cleaning"}, basket=None, message="De retour à 14 h · Back at 2 pm"
        ),
        "enrol_test": screen(
            "enrol_test",
            "choose_challenge",
            "back",
            panel={"hint": "flash", "progress": 0.4, "challenge": "flash"},
            basket=None,
            **face_on,
        ),
        "shopping_differs": screen(
            "shopping",
            *SHOPPING,
            notice=a_notice("store_differs", "warn", before_minor=1863, after_minor=1898),
            differences=[
                {"name": "Bananes", "reason": "price", "before_minor": 193, "after_minor": 228},
                {"name": "Lait demi-écrémé", "reason": "gone", "before_minor": 115, "after_minor": None},
            ],
        ),
        "review_coupon_refused": screen(
            "review",
            *SHOPPING,
            "confirm",
            "choose_method",
            "back",
            basket=a_basket(
                coupons=[
                    a_basket()["coupons"][0],
                    {
                        "code": "WXYZ-2345",
                        "label": LABEL_CHEESE,
                        "state": "not_applicable",
                        "reason_code": "coupon_not_applicable",
                        "reason": "under its minimum",
                        "saved_minor": 0,
                        "why": WHY_NOT,
                        "can_swap": True,
                    },
                ],
                kept_coupons=[{"code": "KEPT-2345", "label": LABEL_NEXT}],
            ),
        ),
        "desk": screen("desk", "back", stop, panel={"amount_minor": 1863, "emoji": EMOJI}),
        "receipt": screen("receipt", "new_visit", "share_seen", panel=paid),
        "receipt_printed": screen(
            "receipt", "new_visit", panel=paid | {"paper": "printed"}, notice=a_notice("printed", "good")
        ),
        "receipt_by_pass": screen(
            "receipt",
            "new_visit",
            panel=paid | {"coupon": None, "balance_after_minor": None, "cashback": None, "provisional": "kiosk-1-7"},
            shop="offline",
        ),
        "receipt_plain": screen(
            "receipt",
            "new_visit",
            panel=paid | {"coupon": None, "subject": "", "balance_after_minor": None, "cashback": None},
        ),
        "enrol_consent": screen("enrol_consent", "consent", "back", panel={"consent": CONSENTS[locale]}, basket=None),
        "enrol_details": screen("enrol_details", "details", "back", panel=typed, basket=None),
        "enrol_code": screen("enrol_code", "phone_code", "resend_code", "back", panel=code_sent, basket=None),
        "enrol_code_demo": screen(
            "enrol_code",
            "phone_code",
            "resend_code",
            "back",
            panel=code_sent | {"sandbox_code": "482913"},
            notice=a_notice("phone_code_wrong", "warn", attempts_left=4),
            basket=None,
        ),
        "enrol_code_away": screen(
            "enrol_code",
            "resend_code",
            "back",
            panel=code_sent | {"masked_phone": ""},
            notice=a_notice("phone_code_offline", "warn"),
            shop="offline",
            basket=None,
        ),
        "enrol_details_wrong": screen(
            "enrol_details",
            "details",
            "back",
            panel=typed | {"problem_field": "phone", "typed_name": "Lina Durand", "typed_phone": "+3361234567"},
            notice=a_notice("phone_malformed", "warn"),
            basket=None,
        ),
        "enrol_details_pin": screen(
            "enrol_details",
            "details",
            "back",
            panel={"problem_field": "pin_again"},
            notice=a_notice("pin_mismatch", "warn"),
            basket=None,
        ),
        "enrol_capture": screen(
            "enrol_capture",
            "capture",
            "back",
            panel={"taken": 1, "wanted": 3, "hint": "come_closer", "progress": 0.3, "searching": False},
            basket=None,
            **face_on,
        ),
        "enrol_saving": screen(
            "enrol_capture",
            "capture",
            "back",
            panel={"taken": 3, "wanted": 3, "hint": "ok", "progress": 1.0, "searching": True},
            basket=None,
        ),
        "enrol_done": screen("enrol_done", "back", "new_visit", panel=enrolled, basket=None),
        "enrol_done_card": screen(
            "enrol_done",
            "test_face",
            "back",
            "new_visit",
            panel=enrolled | {"look_alike": True, "card": "SESAME:K:" + "k3Zv9QpL2xT7" * 8},
            basket=None,
        ),
        "withdraw": screen("withdraw", "withdraw_confirm", "back", basket=None),
        "withdrawn": screen("withdrawn", "new_visit", panel=erased, basket=None),
        "withdrawn_none": screen("withdrawn", "new_visit", panel=erased | {"references": 0}, basket=None),
        "out_of_order": screen(
            "out_of_order",
            panel={"reason": "token"},
            basket=None,
            cameras=[a_camera("scan", state="lost"), a_camera("face", state="none")],
        ),
        "idle": screen("shopping", *SHOPPING, "stay", idle_seconds_left=24),
        "idle_paid": screen("receipt", "new_visit", "stay", panel=paid, idle_seconds_left=24),
    }
