"""Whatever the visit can say has words in every language of the shop, with the same gaps to fill."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
LOCALES = ("fr", "en", "zh")
SAID = re.compile(r'\.say\(\s*"(?:info|good|warn|error)",\s*"(\w+)"')

BAD_PATHS = {
    "network down before pay": ("app.offline_prices", "shopping.provisional_total", "method.away", "notices.offline"),
    "network down mid-pay": ("paying.title", "paying.lead", "paying.case", "paying.stuck"),
    "network back": ("notices.online_again", "notices.store_differs", "differences.title", "differences.price"),
    "kiosk crash mid-payment": ("paying.checking", "paying.checking_more", "app.lost_title", "app.lost_body"),
    "kiosk starts without the store": ("out_of_order.offline",),
    "unknown barcode": ("notices.unknown_code", "shopping.parked", "notices.item_learnt", "notices.item_set_aside"),
    "unreadable code": ("notices.code_misread",),
    "sale stop or recall": ("notices.sale_stop",),
    "coupon without a network": ("reasons.coupon_offline",),
    "camera lost": ("notices.camera_lost", "notices.face_camera_lost"),
    "printer does not print": ("notices.print_paper_out", "notices.print_cover_open", "notices.print_stopped"),
    "camera frozen": ("notices.camera_frozen", "notices.face_camera_frozen"),
}
"""The rows of network, crash and catalogue of the product's table of bad paths, by the words that a shopper reads."""


def words(locale: str) -> dict[str, str]:
    """Return every sentence of a language by its place."""

    def flat(told: dict[str, Any], before: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in told.items():
            found |= flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
        return found

    return flat(json.loads((ROOT / f"kiosk/ui/messages/{locale}.json").read_text("utf-8")), "")


def said() -> set[str]:
    """Return every notice that the visit can give by name."""
    return {name for path in (ROOT / "kiosk/visit").glob("*.py") for name in SAID.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize("locale", LOCALES)
def test_each_notice_has_words_when_the_visit_gives_it(locale: str) -> None:
    assert len(said()) > 30
    assert {f"notices.{name}" for name in said()} - set(words(locale)) == set()


@pytest.mark.parametrize("case", BAD_PATHS)
def test_shopper_reads_what_to_do_in_each_language_when_something_goes_wrong(case: str) -> None:
    for place in BAD_PATHS[case]:
        sentences = [words(locale)[place] for locale in LOCALES]
        assert all(sentence.strip() for sentence in sentences)
        assert len(set(sentences)) == len(LOCALES), f"{place} is not translated"


@pytest.mark.parametrize(
    ("locale", "covered", "other_way"),
    [
        ("fr", ("masque", "lunettes noires"), "PIN"),
        ("en", ("mask", "dark glasses"), "PIN"),
        ("zh", ("口罩", "墨镜"), "密码"),
    ],
)
def test_shopper_reads_what_covers_a_face_and_how_else_to_pay_when_it_was_not_recognised(
    locale: str, covered: tuple[str, str], other_way: str
) -> None:
    sentences = words(locale)

    assert all(thing in sentences["notices.face_not_recognised"] for thing in (*covered, other_way))
    assert all(thing in sentences["enrol.capture_lead"] for thing in covered)


def test_signs_stay_on_the_line_of_their_word_when_french_is_wrapped() -> None:
    files = ("kiosk/ui/messages/fr.json", "server/web/messages/fr.json", "server/web/messages/crew/fr.json")
    told = [(ROOT / name).read_text("utf-8") for name in files]

    assert [found for text in told for found in re.findall(r"\S+ [:;!?»]|« \S+", text)] == []


def test_chinese_has_its_own_signs_between_its_words() -> None:
    files = ("kiosk/ui/messages/zh.json", "server/web/messages/zh.json", "server/web/messages/crew/zh.json")
    told = [line for name in files for line in (ROOT / name).read_text("utf-8").splitlines() if "姓名,电话" not in line]

    assert [line for line in told if re.search(r"[\u4e00-\u9fff][,;:?!](?:[\u4e00-\u9fff]|\",?$)", line)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_consent_names_the_button_that_ends_it_as_the_welcome_does(locale: str) -> None:
    newest = max(ROOT.glob(f"server/flows/consent_texts/*/{locale}.toml"))
    told = tomllib.loads(newest.read_text("utf-8"))["withdraw"]

    assert words(locale)["welcome.withdraw"] in told.replace("\u00a0", " ")
    assert words(locale)["withdraw.title"] == words(locale)["welcome.withdraw"]


def test_languages_have_the_same_places_and_gaps_when_laid_side_by_side() -> None:
    french, others = words("fr"), [words(locale) for locale in LOCALES[1:]]

    assert [set(other) ^ set(french) for other in others] == [set(), set()]
    gaps = re.compile(r"\{(\w+)")
    for place, sentence in french.items():
        for other in others:
            assert set(gaps.findall(other[place])) == set(gaps.findall(sentence)), place
