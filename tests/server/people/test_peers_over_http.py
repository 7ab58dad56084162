"""Money between people as a page asks for it: plain words first, then the PIN, each request answered once."""

import asyncio

import pytest

from tests.server.builders import NUTELLA, PASTA, an_id
from tests.server.people.builders import PIN, a_number
from tests.server.people.callers import Caller, shopper
from tests.server.people.served import Served
from tests.server.test_wallet import bought

LINA, BEN = "+33 1 99 00 71 01", "+33 1 99 00 71 02"


@pytest.fixture
def lina(served: Served) -> Caller:
    caller = shopper(served, LINA)
    assert caller.post("/v1/topups", {"topup_id": an_id(), "amount_minor": 20_000}).status_code == 201
    assert caller.post("/v1/sending:declare", {"is_adult": True}).json()["adult_at"]
    return caller


@pytest.fixture
def ben(served: Served) -> Caller:
    return shopper(served, BEN, "Ben Martin")


def a_sending(phone: str = BEN, **facts: object) -> dict[str, object]:
    return {"transfer_id": an_id(), "phone": phone, "amount_minor": 2000, "memo": "pizza 🍕", "pin": PIN} | facts


def test_an_order_in_words_reaches_a_friend_when_it_is_looked_at_and_the_pin_is_given(
    lina: Caller, ben: Caller
) -> None:
    contact_id = an_id()
    named = lina.post("/v1/contacts", {"contact_id": contact_id, "name": "Luc", "phone": BEN})
    order = lina.post("/v1/orders:parse", {"text": "#envoyer 20 euros @luc pizza 🍕"}).json()
    seen = lina.post("/v1/transfers:look", {"contact_id": contact_id, "amount_minor": order["amount_minor"]}).json()
    sending = {"transfer_id": an_id(), "contact_id": contact_id, "amount_minor": 2000, "memo": order["memo"]}
    sent = lina.post("/v1/transfers", sending | {"pin": PIN})

    assert named.json()["items"] == [order["contact"]] == [{"contact_id": contact_id, "name": "Luc", "last4": "7102"}]
    assert (order["act"], order["amount_minor"], order["memo"], order["asks"]) == ("send", 2000, "pizza 🍕", [])
    assert (seen["who"], seen["they_see"], seen["needs"], seen["refusal"]) == ("Luc", "Lina D.", ["pin"], None)
    assert (seen["person_left_minor"], seen["day_left_minor"], seen["month_left_minor"]) == (25_000, 50_000, 100_000)
    assert (sent.status_code, sent.json()["state"], sent.json()["balance_minor"]) == (201, "claimed", 18_000)
    got = ben.get("/v1/transfers").json()["transfers"][0]
    assert (got["way"], got["who"], got["amount_minor"], got["memo"]) == ("got", "Lina D.", 2000, "pizza 🍕")
    assert ben.get("/v1/wallets/me/entries").json()["items"][0]["memo"] == "pizza 🍕"
    assert lina.client.delete(f"/v1/contacts/{contact_id}", headers=lina.headers).status_code == 204
    assert lina.client.delete(f"/v1/contacts/{contact_id}", headers=lina.headers).json()["code"] == "contact_not_found"


def test_an_unclear_amount_is_asked_back_with_its_readings(lina: Caller) -> None:
    asked = lina.post("/v1/orders:parse", {"text": "send luc 20,000"}).json()

    assert asked["amount_minor"] is None
    assert asked["asks"] == [{"kind": "amount_unclear", "choices_minor": [2000, 2_000_000]}]
    assert (asked["to"], asked["contact"]) == ("luc", None)


def test_money_moves_once_when_an_answer_is_lost_and_the_request_comes_again(lina: Caller, ben: Caller) -> None:
    body, key = a_sending(), an_id()

    first, second = (lina.post("/v1/transfers", body, key=key) for _ in range(2))
    anew = lina.post("/v1/transfers", body)
    other = lina.post("/v1/transfers", body | {"amount_minor": 1})

    assert first.json() == second.json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert (anew.status_code, anew.json()["balance_minor"]) == (201, 18_000)
    assert other.json()["code"] == "peer_exists"
    assert ben.get("/v1/customers/me").json()["balance_minor"] == 2000


def test_nothing_moves_when_the_pin_is_wrong_or_nobody_is_named(lina: Caller, ben: Caller) -> None:
    wrong = lina.post("/v1/transfers", a_sending(pin="9999"))
    nobody = lina.post("/v1/transfers", a_sending() | {"phone": None})
    both = lina.post("/v1/transfers", a_sending(contact_id=an_id()))
    unknown = lina.post("/v1/transfers", a_sending() | {"phone": None, "contact_id": an_id()})
    no_number = lina.post("/v1/transfers:look", {"phone": "12345", "amount_minor": 1}).json()
    too_much = lina.post("/v1/transfers", a_sending(amount_minor=25_001))

    assert (wrong.json()["code"], wrong.json()["attempts_left"]) == ("pin_wrong", 4)
    assert [each.json()["code"] for each in (nobody, both)] == ["person_unclear"] * 2
    assert (unknown.json()["code"], no_number["code"]) == ("contact_not_found", "malformed_phone")
    assert (too_much.json()["code"], too_much.json()["limit"], too_much.json()["left_minor"]) == (
        "peer_limit",
        "person",
        25_000,
    )
    assert ben.get("/v1/customers/me").json()["balance_minor"] == 0


def test_a_limit_is_told_before_the_pin_when_a_sum_is_above_it(lina: Caller, ben: Caller) -> None:
    refused = lina.post("/v1/transfers:look", {"phone": BEN, "amount_minor": 25_001}).json()
    more = lina.post("/v1/transfers:look", {"phone": BEN, "amount_minor": 15_001}).json()
    child = ben.post("/v1/transfers:look", {"phone": LINA, "amount_minor": 1}).json()

    assert (refused["refusal"]["code"], refused["refusal"]["left_minor"]) == ("peer_limit", 25_000)
    assert more["needs"] == ["pin", "phone_code"]
    assert child["refusal"]["code"] == "peer_adult_needed"
    assert ben.post("/v1/sending:declare", {"is_adult": False}).json()["code"] == "peer_adult_needed"


def test_more_goes_when_the_sender_proves_their_number_by_a_message(lina: Caller, ben: Caller) -> None:
    body = a_sending(amount_minor=16_000)
    asked = lina.post("/v1/transfers", body)
    code_id = an_id()
    code = lina.post("/v1/phone-codes", {"phone_code_id": code_id, "phone": LINA, "locale": "fr"}).json()[
        "sandbox_code"
    ]
    assert lina.post(f"/v1/phone-codes/{code_id}:prove", {"code": code}).status_code == 200

    done = lina.post("/v1/transfers", body | {"phone_code_id": code_id})

    assert (asked.json()["code"], asked.json()["needed"]) == ("step_up_required", ["phone_code"])
    assert (done.status_code, done.json()["balance_minor"]) == (201, 4000)
    assert ben.get("/v1/customers/me").json()["balance_minor"] == 16_000


def test_money_waits_and_comes_back_when_it_is_cancelled_and_arrives_when_the_number_signs_up(
    served: Served, lina: Caller
) -> None:
    phone = a_number()
    waiting = lina.post("/v1/transfers", a_sending(phone)).json()
    kept = lina.post("/v1/transfers", a_sending(phone, amount_minor=500)).json()
    path = f"/v1/transfers/{waiting['transfer_id']}:cancel"
    back, again = lina.post(path), lina.post(path)

    newcomer = shopper(served, phone, "Chen Wei")

    assert (waiting["state"], waiting["who"], waiting["last4"]) == ("waiting", "", phone[-4:])
    assert (back.json()["state"], again.json()["balance_minor"]) == ("cancelled", 19_500)
    assert newcomer.get("/v1/customers/me").json()["balance_minor"] == 500
    late = lina.post(f"/v1/transfers/{kept['transfer_id']}:cancel").json()
    assert late["code"] == "illegal_transition"
    assert newcomer.post(path).json()["code"] == "peer_not_found"


def test_a_request_is_accepted_declined_withdrawn_or_told_again(lina: Caller, ben: Caller) -> None:
    ids = [an_id() for _ in range(3)]
    for request_id in ids:
        body = {"request_id": request_id, "phone": LINA, "amount_minor": 1500, "memo": "taxi"}
        made = ben.post("/v1/transfer-requests", body)
        assert (made.status_code, made.json()["state"], made.json()["who"]) == (201, "open", "")
    seen = lina.get("/v1/transfers").json()["requests"]

    paid = lina.post(f"/v1/transfer-requests/{ids[0]}:accept", {"transfer_id": an_id(), "pin": PIN})
    no = lina.post(f"/v1/transfer-requests/{ids[1]}:decline")
    gone = ben.post(f"/v1/transfer-requests/{ids[2]}:withdraw")
    soon = ben.post(f"/v1/transfer-requests/{ids[2]}:remind")

    assert {(each["way"], each["who"], each["memo"], each["is_open"]) for each in seen} == {
        ("asked_of_me", "Ben M.", "taxi", True)
    }
    assert (paid.json()["state"], paid.json()["memo"], no.json()["state"]) == ("claimed", "taxi", "declined")
    assert (gone.json()["state"], soon.json()["code"]) == ("withdrawn", "illegal_transition")
    assert ben.get("/v1/customers/me").json()["balance_minor"] == 1500


def test_a_memo_is_shown_to_its_recipient_no_more_when_they_hide_it(lina: Caller, ben: Caller) -> None:
    sent = lina.post("/v1/transfers", a_sending(memo="an insult")).json()
    asked = {"request_id": an_id(), "phone": BEN, "amount_minor": 100, "memo": "another"}
    lina.post("/v1/transfer-requests", asked)

    hidden = ben.post(f"/v1/transfers/{sent['transfer_id']}:hide-memo").json()
    quiet = ben.post(f"/v1/transfer-requests/{asked['request_id']}:hide-memo").json()

    assert [(each["memo"], each["memo_hidden"]) for each in (hidden, quiet)] == [("", True)] * 2
    assert ben.get("/v1/wallets/me/entries").json()["items"][0]["memo"] == ""
    assert lina.get("/v1/transfers").json()["transfers"][0]["memo"] == "an insult"
    assert lina.post(f"/v1/transfers/{sent['transfer_id']}:hide-memo").json()["code"] == "peer_not_found"
    assert lina.post(f"/v1/transfer-requests/{asked['request_id']}:hide-memo").json()["code"] == "ask_not_found"


def test_nothing_is_sent_from_a_blocked_wallet_until_the_pin_frees_it(lina: Caller, ben: Caller) -> None:
    lina.post("/v1/sending:block")
    refused = lina.post("/v1/transfers", a_sending())
    wrong = lina.post("/v1/sending:unblock", {"pin": "9999"})
    free = lina.post("/v1/sending:unblock", {"pin": PIN})
    sent = lina.post("/v1/transfers", a_sending())

    assert (refused.json()["code"], wrong.json()["code"]) == ("peer_blocked", "pin_wrong")
    assert (free.json()["blocked_at"], sent.status_code) == (None, 201)
    assert ben.get("/v1/customers/me").json()["balance_minor"] == 2000


def test_an_export_holds_what_was_sent_and_asked_for_and_who_is_known(lina: Caller, ben: Caller) -> None:
    lina.post("/v1/transfers", a_sending())
    lina.post("/v1/contacts", {"contact_id": an_id(), "name": "Ben", "phone": BEN})
    ben.post("/v1/transfer-requests", {"request_id": an_id(), "phone": LINA, "amount_minor": 700})

    people = lina.get("/v1/customers/me/export").json()["people"]

    assert [(each["way"], each["who"], each["memo"]) for each in people["transfers"]] == [("sent", "Ben", "pizza 🍕")]
    assert [(each["way"], each["amount_minor"]) for each in people["requests"]] == [("asked_of_me", 700)]
    assert [each["name"] for each in people["contacts"]] == ["Ben"]
    assert people["sending"]["adult_at"] is not None


def test_friends_are_asked_for_their_lines_when_a_ticket_is_shared(served: Served, lina: Caller, ben: Caller) -> None:
    me, house = lina.get("/v1/customers/me").json()["customer_id"], served.house
    sold = asyncio.run(house.database.write_async(lambda work: bought(work, house.shop, me, NUTELLA, PASTA)))
    assert sold.receipt is not None
    ticket_id = sold.receipt["ticket"]["ticket_id"]
    jar, pasta = (line["line_id"] for line in lina.get(f"/v1/tickets/{ticket_id}").json()["lines"])
    friends = [{"phone": BEN, "line_ids": [jar, pasta]}, {"phone": a_number(), "line_ids": [jar]}]
    body = {"split_id": an_id(), "ticket_id": ticket_id, "friends": friends, "mine": [jar]}

    shared = lina.post("/v1/splits", body)
    again = lina.post("/v1/splits", body | {"split_id": an_id()})
    stranger = ben.post("/v1/splits", body | {"friends": [{"phone": LINA, "line_ids": [jar]}]})

    assert shared.status_code == 201, shared.text
    assert ([each["amount_minor"] for each in shared.json()["items"]], shared.json()["own_minor"]) == ([262, 133], 133)
    assert (again.json()["code"], again.json()["left_minor"]) == ("split_too_much", 133)
    assert stranger.json()["code"] == "ticket_not_found"
    assert ben.get("/v1/transfers").json()["requests"][0]["memo"] == "Sésame Démo · Magasin 12 · 1"


def test_numbers_cannot_be_looked_at_without_end(lina: Caller) -> None:
    codes = [
        lina.post("/v1/transfers:look", {"phone": a_number(), "amount_minor": 100}).json().get("code")
        for _ in range(31)
    ]

    assert codes == [None] * 30 + ["too_many_requests"]
