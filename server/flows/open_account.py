"""Open an account: a name, a phone number, a PIN. No face, no consent: that is another act."""

from datetime import datetime

from server.flows.errors import FlowError
from server.flows.names import clean_name
from server.flows.people import People
from server.flows.phone import Phone
from server.flows.pins import check_pin_choice
from server.flows.ports import Work
from server.flows.ports.people import Customer
from server.flows.send_money import claim_waiting


async def draft_customer(
    people: People, *, customer_id: str, name: str, phone: Phone, pin: str, locale: str, at: datetime
) -> Customer:
    """Return the customer as they would be kept; the slow hash happens here, before any transaction.

    Raises:
        FlowError: `pin_weak` or `name_missing`.
    """
    check_pin_choice(pin, phone_last4=phone.last4)
    cleaned = clean_name(name)
    if not cleaned:
        fields = [{"field": "name", "message": "it is empty", "fix": "Write at least one letter."}]
        raise FlowError("name_missing", "A name is needed, so that the kiosk can show who pays.", errors=fields)
    return Customer(
        customer_id=customer_id,
        name=cleaned,
        phone_hash=people.phones.hash(phone),
        phone_last4=phone.last4,
        pin_hash=await people.secrets.hash(pin),
        pin_failures=0,
        pin_locked_until=None,
        locale=locale,
        created_at=at,
    )


def open_account(work: Work, customer: Customer) -> None:
    """Add the customer, with what waits for their number.

    Raises:
        FlowError: `phone_known`.
    """
    if not work.customers.add(customer):
        raise phone_known()
    claim_waiting(work, customer, at=customer.created_at)


def own_account(work: Work, customer_id: str) -> Customer:
    """Return whose account it is.

    Raises:
        FlowError: `shopper_unknown`.
    """
    if (customer := work.customers.get(customer_id)) is None:
        raise _gone()
    return customer


def unclosed_account(work: Work, customer_id: str) -> Customer:
    """Return whose account it is, unless they have left, perhaps a moment ago and on another device.

    Raises:
        FlowError: `shopper_unknown`.
    """
    if not (customer := own_account(work, customer_id)).pin_hash:
        raise _gone()
    return customer


def demand_open(work: Work, customer: Customer) -> Customer:
    """Return somebody as they stand, whose account nobody closes before this transaction ends.

    A PIN takes a tenth of a second to prove: in the meantime they may have left, on another device.

    Raises:
        FlowError: `shopper_unknown`.
    """
    work.customers.lock_row(customer.customer_id)
    now = own_account(work, customer.customer_id)
    if now.phone_hash != customer.phone_hash:
        raise _gone()
    return now


def phone_known() -> FlowError:
    """Return the refusal of a number that has an account already."""
    return FlowError("phone_known", "There is an account for this number already.")


def _gone() -> FlowError:
    return FlowError("shopper_unknown", "There is no such account any more.")
