"""Money between people, for shoppers themselves: orders as text, sending, asking, names for numbers."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from checkout.money import Money
from checkout.order_text import NAME_MOST, TEXT_MOST, Question, clean_memo, read_order
from checkout.peer import CLAIM_WITHIN
from server.api.dependencies import AsShopper, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, once
from server.api.own_pin import once_with_pin
from server.api.peers_json import asked_json, between_json, contact_json, moved_json, outlook_json, sender_json
from server.api.routes.enrolment import PhoneText, PinText
from server.api.schemas import Body, ClientId
from server.flows import ask_money, peer_words, send_money
from server.flows.errors import FlowError
from server.flows.log_in import prove_own_pin
from server.flows.open_account import own_account
from server.flows.phone_codes import Proof
from server.flows.ports import Caller, Work
from server.flows.ports.peers import AskRow, PeerRow
from server.flows.ports.people import Customer
from server.flows.send_money import LOOKS, Person, Sending
from server.flows.share_ticket import MOST_FRIENDS, Friend, share_ticket

router = APIRouter(tags=["people"])

Sum = Annotated[int, Field(ge=1, le=10**9)]
Memo = Annotated[str, Field(max_length=TEXT_MOST)]
LineId = Annotated[str, Field(min_length=1, max_length=64)]
Called = Annotated[str, Field(min_length=1, max_length=NAME_MOST)]


class OrderText(Body):
    """An order as it was typed or pasted."""

    text: Annotated[str, Field(max_length=TEXT_MOST, examples=["#envoyer 20 euros @luc pizza"])]


class To(Body):
    """Whom it is for: a phone number, or somebody known by a name; one of the two."""

    phone: PhoneText | None = None
    contact_id: ClientId | None = None


class Looked(To):
    """A sum for somebody, before anything moves."""

    amount_minor: Sum


class NewTransfer(To):
    """Money for somebody, with the PIN; `phone_code_id` is one's own number, proven, where `needs` says so."""

    transfer_id: ClientId
    amount_minor: Sum
    memo: Memo = ""
    pin: PinText
    phone_code_id: ClientId | None = None


class NewRequest(To):
    """Money that is asked for."""

    request_id: ClientId
    amount_minor: Sum
    memo: Memo = ""


class Acceptance(Body):
    """What is asked is paid, with the PIN."""

    transfer_id: ClientId
    pin: PinText
    phone_code_id: ClientId | None = None


class SplitFriend(To):
    """Somebody who took part in lines of a ticket."""

    line_ids: Annotated[list[LineId], Field(min_length=1, max_length=500)]


class NewSplit(Body):
    """One's own ticket, shared: `mine` are the lines among those of friends that one took part in too."""

    split_id: ClientId
    ticket_id: Annotated[str, Field(min_length=1, max_length=64)]
    friends: Annotated[list[SplitFriend], Field(min_length=1, max_length=MOST_FRIENDS)]
    mine: Annotated[list[LineId], Field(max_length=500)]


class NewContact(Body):
    """A name for a number, for one's own eyes."""

    contact_id: ClientId
    name: Called
    phone: PhoneText


class Declared(Body):
    """Whoever sends is of age."""

    is_adult: Annotated[bool, Field(examples=[True])]


class OwnPin(Body):
    """The PIN once more."""

    pin: PinText


@router.post("/v1/orders:parse")
async def parse(body: OrderText, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Read an order in French, English or Chinese; nothing moves, and what is not clear stands under `asks`."""
    order = read_order(body.text, house.shop.currency)
    contact = await house.database.read_async(
        lambda work: (
            None if order.is_number else peer_words.person_named(work, own_account(work, who.subject), order.to)
        )
    )
    return {
        "act": None if order.act is None else order.act.value,
        "amount_minor": None if order.amount is None else order.amount.minor,
        "to": order.to,
        "phone": order.to if order.is_number else None,
        "contact": None if contact is None else contact_json(contact),
        "memo": order.memo,
        "asks": [_question_json(each) for each in order.asks],
    }


@router.get("/v1/transfers")
async def mine(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return what stands between a shopper and other people; nobody else sees any of it."""
    at = house.now()
    return await house.database.read_async(
        lambda work: between_json(peer_words.between(work, own_account(work, who.subject), at=at))
    )


@router.post("/v1/transfers:look")
async def look(body: Looked, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return what a sum for somebody would meet, and as whom they are known to the sender: before the PIN.

    The answer is the same whether the number has an account or not.
    """
    at = house.now()
    await LOOKS.take(house.database, who.subject, at=at)

    def flow(work: Work) -> dict[str, Any]:
        me = own_account(work, who.subject)
        to = _person(work, house, me, body)
        amount = Money(body.amount_minor, house.shop.currency)
        seen = send_money.outlook(work, me, to, amount, policy=house.shop.step_up, at=at)
        return outlook_json(seen) | {
            "who": peer_words.known_name(work, me, to),
            "last4": to.phone_last4,
            "they_see": peer_words.spoken(me),
            "waits_days": CLAIM_WITHIN.days,
        }

    return await house.database.read_async(flow)


@router.post("/v1/transfers", status_code=201, dependencies=[NeedsKey])
async def send(request: Request, body: NewTransfer, house: TheHouse, who: AsShopper) -> Response:
    """Send money from the main purse: at once to an account, else kept seven days for the number."""

    def flow(work: Work, me: Customer) -> Answer:
        at = house.now()
        amount = Money(body.amount_minor, house.shop.currency)
        order = Sending(body.transfer_id, _person(work, house, me, body), amount, clean_memo(body.memo))
        proof = _proof(body.phone_code_id, who)
        row = send_money.send_money(work, order, me, proof=proof, policy=house.shop.step_up, at=at)
        return _moved_answer(work, row, me, 201)

    return await once_with_pin(request, house, who, body.pin, flow)


@router.post("/v1/transfers/{transfer_id}:cancel", dependencies=[NeedsKey])
async def cancel(transfer_id: str, request: Request, house: TheHouse, who: AsShopper) -> Response:
    """Take back what nobody has claimed yet."""

    def flow(work: Work) -> Answer:
        me = own_account(work, who.subject)
        return _moved_answer(work, send_money.cancel(work, transfer_id, me, at=house.now()), me, 200)

    return await once(request, who, flow)


@router.post("/v1/transfers/{transfer_id}:hide-memo")
async def hide_memo(transfer_id: str, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Show the memo of what one has received to oneself no more."""

    def flow(work: Work) -> dict[str, Any]:
        row = work.peers.get(transfer_id) if work.peers.hide_memo(transfer_id, who.subject) else None
        if row is None:
            raise send_money.not_found()
        me = own_account(work, who.subject)
        return moved_json(peer_words.moved(work, row, me, peer_words.names_of(work, me)))

    return await house.database.write_async(flow)


@router.post("/v1/transfer-requests", status_code=201, dependencies=[NeedsKey])
async def ask(request: Request, body: NewRequest, house: TheHouse, who: AsShopper) -> Response:
    """Ask somebody for money; the answer is the same whether the number has an account or not."""

    def flow(work: Work) -> Answer:
        me, at = own_account(work, who.subject), house.now()
        amount = Money(body.amount_minor, house.shop.currency)
        to, memo = _person(work, house, me, body), clean_memo(body.memo)
        return _asked_answer(
            work, house, ask_money.ask_for(work, body.request_id, to, amount, memo, me, at=at), me, 201
        )

    return await once(request, who, flow)


@router.post("/v1/transfer-requests/{request_id}:accept", dependencies=[NeedsKey])
async def accept(request_id: str, request: Request, body: Acceptance, house: TheHouse, who: AsShopper) -> Response:
    """Pay what is asked, with the PIN."""

    def flow(work: Work, me: Customer) -> Answer:
        proof, policy, at = _proof(body.phone_code_id, who), house.shop.step_up, house.now()
        row = ask_money.accept(work, request_id, body.transfer_id, me, proof=proof, policy=policy, at=at)
        return _moved_answer(work, row, me, 200)

    return await once_with_pin(request, house, who, body.pin, flow)


@router.post("/v1/transfer-requests/{request_id}:decline", dependencies=[NeedsKey])
async def decline(request_id: str, request: Request, house: TheHouse, who: AsShopper) -> Response:
    """Say no, without a reason."""
    return await _answered(request, house, who, request_id, ask_money.decline)


@router.post("/v1/transfer-requests/{request_id}:withdraw", dependencies=[NeedsKey])
async def withdraw(request_id: str, request: Request, house: TheHouse, who: AsShopper) -> Response:
    """Ask no more."""
    return await _answered(request, house, who, request_id, ask_money.withdraw)


@router.post("/v1/transfer-requests/{request_id}:remind", dependencies=[NeedsKey])
async def remind(request_id: str, request: Request, house: TheHouse, who: AsShopper) -> Response:
    """Remind once, a day later at the earliest."""
    return await _answered(request, house, who, request_id, ask_money.remind)


@router.post("/v1/transfer-requests/{request_id}:hide-memo")
async def hide_ask(request_id: str, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Show the memo of what is asked of one to oneself no more."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        me = own_account(work, who.subject)
        row = work.peers.get_ask(request_id) if work.peers.hide_ask(request_id, me.phone_hash) else None
        if row is None:
            raise FlowError("ask_not_found", "There is no such request of yours.")
        return asked_json(peer_words.asked(work, row, me, peer_words.names_of(work, me), at=at))

    return await house.database.write_async(flow)


@router.post("/v1/splits", status_code=201, dependencies=[NeedsKey])
async def split(request: Request, body: NewSplit, house: TheHouse, who: AsShopper) -> Response:
    """Ask friends for their lines of one's own ticket; shared lines are divided, what does not come out even stays."""

    def flow(work: Work) -> Answer:
        me, at = own_account(work, who.subject), house.now()
        friends = [Friend(_person(work, house, me, one), frozenset(one.line_ids)) for one in body.friends]
        shared = share_ticket(work, body.split_id, body.ticket_id, friends, set(body.mine), me, at=at)
        names = peer_words.names_of(work, me)
        items = [asked_json(peer_words.asked(work, row, me, names, at=at)) for row in shared.asked]
        return Answer(201, {"items": items, "own_minor": shared.own_minor})

    return await once(request, who, flow)


@router.post("/v1/contacts", status_code=201, dependencies=[NeedsKey])
async def remember(request: Request, body: NewContact, house: TheHouse, who: AsShopper) -> Response:
    """Keep a name for a number, of which a keyed hash and four digits are kept."""

    def flow(work: Work) -> Answer:
        me = own_account(work, who.subject)
        peer_words.remember(work, me, body.contact_id, body.name, _by_number(house, body.phone))
        return Answer(201, {"items": [contact_json(each) for each in work.peers.contacts(me.customer_id)]})

    return await once(request, who, flow)


@router.delete("/v1/contacts/{contact_id}", status_code=204)
async def forget(contact_id: str, house: TheHouse, who: AsShopper) -> Response:
    """Forget a name."""
    if not await house.database.write_async(lambda work: work.peers.drop_contact(who.subject, contact_id)):
        raise _no_contact()
    return Response(status_code=204)


@router.post("/v1/sending:declare")
async def declare(body: Declared, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Say to be 18 or over, once; who is not asks an adult."""
    if not body.is_adult:
        raise FlowError("peer_adult_needed", "Money is sent by adults.")
    at = house.now()
    return await house.database.write_async(
        lambda work: sender_json(peer_words.declare_adult(work, own_account(work, who.subject), at=at))
    )


@router.post("/v1/sending:block")
async def block(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Let no money be sent from one's wallet, at once and without the PIN; what others send still comes."""
    at = house.now()
    return await house.database.write_async(
        lambda work: sender_json(peer_words.block(work, own_account(work, who.subject), at=at))
    )


@router.post("/v1/sending:unblock")
async def unblock(body: OwnPin, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Let money be sent again, by the PIN."""
    me = await prove_own_pin(house.database, house.people, who, body.pin, clock=house.now)
    return await house.database.write_async(lambda work: sender_json(peer_words.unblock(work, me)))


async def _answered(
    request: Request, house: House, who: Caller, request_id: str, answer: Callable[..., AskRow]
) -> Response:
    """Step a request on, once, and return it as the one who did so sees it."""

    def flow(work: Work) -> Answer:
        me = own_account(work, who.subject)
        return _asked_answer(work, house, answer(work, request_id, me, at=house.now()), me, 200)

    return await once(request, who, flow)


def _person(work: Work, house: House, me: Customer, to: To) -> Person:
    if (to.phone is None) == (to.contact_id is None):
        raise FlowError("person_unclear", "It is for a phone number, or for somebody known by a name.")
    if to.phone is not None:
        return _by_number(house, to.phone)
    found = next((each for each in work.peers.contacts(me.customer_id) if each.contact_id == to.contact_id), None)
    if found is None:
        raise _no_contact()
    return Person(found.phone_hash, found.phone_last4)


def _by_number(house: House, text: str) -> Person:
    phone = house.people.phones.parse(text)
    return Person(house.people.phones.hash(phone), phone.last4)


def _no_contact() -> FlowError:
    return FlowError("contact_not_found", "You know nobody under this id.")


def _proof(phone_code_id: str | None, who: Caller) -> Proof | None:
    return None if phone_code_id is None else Proof(phone_code_id, who.name, is_needed=True)


def _moved_answer(work: Work, row: PeerRow, me: Customer, status: int) -> Answer:
    seen = moved_json(peer_words.moved(work, row, me, peer_words.names_of(work, me)))
    return Answer(status, seen | {"balance_minor": work.ledger.balance_of(f"main:{me.customer_id}")})


def _asked_answer(work: Work, house: House, row: AskRow, me: Customer, status: int) -> Answer:
    names = peer_words.names_of(work, me)
    return Answer(status, asked_json(peer_words.asked(work, row, me, names, at=house.now())))


def _question_json(question: Question) -> dict[str, Any]:
    return {"kind": question.kind.value, "choices_minor": [choice.minor for choice in question.choices]}
