"""One real purchase: a photographed barcode, a photographed face, a paid ticket, a coupon that a friend claims.

The photographs are real (shared data, never part of the project); every step is done on the screens.
"""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import Stack, get_json

pytestmark = [pytest.mark.e2e, pytest.mark.data]

LINA = {"name": "Lina Durand", "phone": "+33612345678", "pin": "7391"}
BEN = {"name": "Ben Morel", "phone": "+33687654321", "pin": "8264"}
OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], Path]

PACKS = {
    "3343001113322_2.jpg": "Nougat de Mont",
    "3523320200136_2.jpg": "Oignon ros",
    "5200300110613_2.jpg": "Konjac pasta",
}
"""Photographs of packs that French shoppers took, and the product that the demo store has under their code."""


@pytest.fixture(scope="module")
def faces(shared_data: Path) -> dict[str, list[Path]]:
    """Return photographs by person."""
    folder = shared_data / "faces" / "johns"
    people_: dict[str, list[Path]] = {}
    with (folder / "identities.csv").open(newline="") as opened:
        for row in csv.DictReader(opened):
            people_.setdefault(row["identity"], []).append(folder / row["path"])
    return {name: sorted(paths) for name, paths in people_.items()}


@pytest.fixture(scope="module")
def packs(shared_data: Path) -> dict[Path, str]:
    """Return photographs of packs and the names of their products."""
    return {shared_data / "barcodes" / "images" / "off_photos" / file: name for file, name in PACKS.items()}


def test_shopper_enrols_scans_photographs_and_pays_by_face(
    shop: Stack, open_page: OpenPage, picture: Picture, faces: dict[str, list[Path]], packs: dict[Path, str]
) -> None:
    lina = faces["John_Salley"]
    kiosk, phone = open_page(shop.kiosk.url), open_page(shop.server.url, PHONE)
    people.begin(kiosk)
    people.enrol(kiosk, shop.face, lina[:3], **LINA)
    picture(kiosk, "kiosk-enrolled")
    people.press(kiosk, "Done")
    people.sign_in(phone, shop, phone=LINA["phone"], pin=LINA["pin"])
    people.top_up(phone)
    picture(phone, "me-topped-up")
    people.show_packs(kiosk, shop.scan, packs)
    picture(kiosk, "kiosk-basket-photographs")
    total_minor = shop.screen()["basket"]["total_minor"]
    people.to_methods(kiosk)
    picture(kiosk, "kiosk-method")

    people.look(kiosk, shop.face, lina[5], LINA["phone"][-4:])  # a photograph that was not enrolled
    expect(kiosk.get_by_text("L*** D.")).to_be_visible()
    shop.face.clear()
    picture(kiosk, "kiosk-confirming")
    assert people.panel(shop)["amount_minor"] == total_minor
    people.confirm(kiosk, shop, LINA["pin"])

    picture(kiosk, "kiosk-receipt")
    receipt = people.panel(shop)
    assert total_minor > 0
    assert receipt["amount_minor"] == total_minor
    assert receipt["balance_after_minor"] == 5000 - total_minor
    assert any(text.startswith("SESAME:X:") for text in people.qr_texts(kiosk))
    ticket = open_page(shop.server.url + receipt["ticket_url"], PHONE)
    expect(ticket.get_by_role("heading", name=f"Ticket {receipt['ticket_number']}")).to_be_visible()
    picture(ticket, "ticket")
    assert get_json(f"{shop.server.url}/health")["ledger_drift_minor"] == 0


def test_friend_claims_the_tickets_coupon_without_account_and_redeems_it(
    shop: Stack, open_page: OpenPage, picture: Picture, packs: dict[Path, str]
) -> None:
    kiosk = open_page(shop.kiosk.url)
    receipt = people.panel(shop)  # the test before left Lina's receipt on the screen
    friend = open_page(shop.server.url + receipt["coupon"]["share_url"], PHONE)
    picture(friend, "claim-offer")
    coupon = people.claim(friend, BEN["phone"])
    picture(friend, "claim-done")
    account = open_page(shop.server.url, PHONE)
    people.open_account(account, shop, **BEN)
    people.top_up(account)

    people.begin(kiosk)
    people.show_packs(kiosk, shop.scan, packs)
    for pieces in range(2, 7):
        kiosk.get_by_role("button", name="One Oignon rosés more").click()
        expect(people.line_of(kiosk, "Oignon ros").get_by_text(str(pieces), exact=True)).to_be_visible()
    people.to_methods(kiosk)
    shown_minor = shop.screen()["basket"]["total_minor"]
    people.pay_with_pin(kiosk, phone=BEN["phone"], pin=BEN["pin"])
    expect(kiosk.get_by_text("B*** M.")).to_be_visible()
    # Nobody typed the coupon: it is his, and counts by itself as soon as it is known who pays.
    expect(kiosk.get_by_text("Your own prices and coupons count: €2.00 less").first).to_be_visible()
    used = [each for each in shop.screen()["basket"]["coupons"] if each["state"] == "applied"]
    picture(kiosk, "kiosk-own-coupon")
    people.confirm(kiosk, shop, BEN["pin"])

    assert [each["saved_minor"] for each in used] == [200]
    assert coupon.endswith(used[0]["code"])
    assert people.panel(shop)["amount_minor"] == shown_minor - 200
    marketing = open_page(shop.server.url)
    people.staff_sign_in(marketing, shop, "marc", "/marketing")
    expect(marketing.get_by_text(re.compile("redeemed", re.IGNORECASE)).first).to_be_visible()
    picture(marketing, "marketing")
    assert "chain" in shop.verify()


def test_somebody_else_is_not_recognised_under_linas_digits(
    shop: Stack, open_page: OpenPage, picture: Picture, faces: dict[str, list[Path]], packs: dict[Path, str]
) -> None:
    """Try to pay from Lina's wallet with another face."""
    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)
    photograph, name = next(iter(packs.items()))
    shop.scan.show(photograph)
    expect(people.line_of(kiosk, name)).to_be_visible()
    shop.scan.clear()
    people.to_methods(kiosk)

    people.look(kiosk, shop.face, faces["John_Simm"][0], LINA["phone"][-4:])

    expect(kiosk.get_by_text("We did not recognise you").first).to_be_visible(timeout=25_000)
    picture(kiosk, "kiosk-not-recognised")
    shop.face.clear()
    assert "L***" not in kiosk.inner_text("body")
    assert shop.screen()["basket"]["state"] in {"open", "quoted"}
    assert "chain" in shop.verify()


def test_withdrawn_face_matches_nobody_at_once(
    shop: Stack, open_page: OpenPage, picture: Picture, faces: dict[str, list[Path]], packs: dict[Path, str]
) -> None:
    """Withdraw at the kiosk, then try to pay by face."""
    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)
    people.press(kiosk, "Forget my face")
    kiosk.get_by_label("Phone number").fill(LINA["phone"])
    kiosk.get_by_role("textbox", name="PIN").fill(LINA["pin"])

    people.press(kiosk, "Delete now")

    expect(kiosk.get_by_role("heading", name="Your face is deleted")).to_be_visible()
    picture(kiosk, "kiosk-withdrawn")
    gone = people.panel(shop)
    assert gone["references"] == 1
    proof = get_json(f"{shop.server.url}/v1/erasures/{gone['erasure_id']}")
    assert [each["acknowledged_at"] is not None for each in proof["kiosks"]] == [True]
    people.press(kiosk, "Done")
    photograph, name = list(packs.items())[1]
    shop.scan.show(photograph)
    expect(people.line_of(kiosk, name)).to_be_visible()
    shop.scan.clear()
    people.to_methods(kiosk)
    people.look(kiosk, shop.face, faces["John_Salley"][5], LINA["phone"][-4:])
    expect(kiosk.get_by_text("We did not recognise you").first).to_be_visible(timeout=25_000)
    assert shop.screen()["cameras"][1]["sees"] == "nothing"
    shop.face.clear()
