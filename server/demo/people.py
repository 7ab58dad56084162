"""The people of the demonstration: those who work here, a live campaign, and one shopper with a wallet and no face.

Doing it twice changes nothing: a password or PIN is made and told once, and is nowhere to be read afterwards.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import choice, randbelow

from checkout.ledger import PSP_SANDBOX, Posting, Transfer, TransferKind, main_account
from checkout.money import EUR, Money
from server.flows.coupon_codes import ALPHABET
from server.flows.errors import FlowError
from server.flows.hearing import MERCHANTS
from server.flows.people import People
from server.flows.pins import check_pin_choice
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow
from server.flows.ports.people import Customer
from server.flows.ports.proofs import StaffMember
from server.flows.ports.wallet import FunderRow, ProgrammeRow
from server.flows.run_campaign import Plan, create_campaign

CAMPAIGN_ID = "d3a0c0de-0000-4000-8000-000000000001"
SHOPPER_ID = "d3a0c0de-0000-4000-8000-000000000002"
SHOPPER_PHONE = "+33199005678"
"""From the range that the French regulator keeps for films and demonstrations (ARCEP, decision 2018-0881: 01 99 00)."""
SHOPPER_BALANCE_MINOR = 10_000
STAFF = (
    ("amal", "Amal", ("staff_assist", "staff_manager")),
    ("marc", "Marc", ("marketer",)),
    ("nora", "Nora", ("finance",)),
    ("emile", "Émile", ("privacy_officer",)),
    ("karim", "Karim", ("staff_assist", "staff_manager")),
    ("ines", "Inès", ("sponsor_admin",)),
    ("luc", "Luc", ("merchant_owner",)),
    ("sacha", "Sacha", ("admin",)),
    ("awa", "Awa", ("admin",)),  # settings need two
    ("lea", "Léa", ("marketing_lead",)),  # and so does a large budget
)
WHAT = {
    "staff_assist": "attendant",
    "staff_manager": "manager",
    "sponsor_admin": "sponsor",
    "merchant_owner": "merchant",
    "privacy_officer": "privacy officer",
}
WORDS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """What is printed once, to the person who set the demonstration up."""

    who: str
    login: str
    secret: str


def people_the_demo(work: Work, people: People, store_id: str, *, at: datetime) -> list[Told]:
    """Add whoever is missing and return the secrets that were made, none the second time."""
    told = []
    for login, name, roles in STAFF:
        if work.staff.get(login) is None:
            password = new_password()
            mine = store_id if MERCHANTS.intersection(roles) else ""
            work.staff.put(StaffMember(login, name, people.secrets.hasher.hash(password), roles, mine))
            told.append(Told(f"{name} ({', '.join(map(_in_words, roles))})", login, password))
    if work.customers.get(SHOPPER_ID) is None:
        told.append(_add_shopper(work, people, at))
    launch_demo_campaign(work, store_id, at=at)
    fund_demo_cashback(work, store_id)
    return told


def fund_demo_cashback(work: Work, store_id: str) -> None:
    """Give 5 % back, up to 3000.00 a year, unless there is cashback: a State pays most of it, the shop the rest."""
    if work.cashback.programme(store_id) is None:
        state = {"fr": "l’État (démo)", "en": "the State (demo)", "zh": "国家 (演示)"}  # noqa: RUF001 - a typographic sign
        shop = {"fr": "le magasin", "en": "the shop", "zh": "本店"}
        funders = (FunderRow("state", state, 89, 1_000_000), FunderRow("shop", shop, 11, 1_000_000))
        work.cashback.put(ProgrammeRow(store_id, 500, 300_000, funders))


def launch_demo_campaign(work: Work, store_id: str, *, at: datetime) -> CampaignRow:
    """Launch "2 € off from 10 €, share it with a friend" once, and return it."""
    if (there := work.campaigns.get(CAMPAIGN_ID)) is not None:
        return there
    plan = Plan(
        campaign_id=CAMPAIGN_ID,
        name="2 € à partager",
        label={
            "fr": "2 € offerts dès 10 €, à partager avec un ami",
            "en": "€2 off from €10, share it with a friend",
            "zh": "满 €10 减 €2，可与好友分享",  # noqa: RUF001 - Chinese punctuation
        },
        effect_kind="amount",
        effect_value=200,
        min_basket_minor=1000,
        budget_minor=500_000,
        limit_coupons=10_000,
        limit_per_person=20,
        limit_generations=3,
        starts_at=at,
        ends_at=at + timedelta(days=90),
        share_mode="copy",
        issue_on_ticket=True,
        ticket_from_minor=100,
        launch=True,
    )
    return create_campaign(work, plan, store_id=store_id, by="demo", at=at)


def _in_words(role: str) -> str:
    return WHAT.get(role, role.replace("_", " "))


def new_password() -> str:
    """Return a password that can be typed from a sheet of paper: 60 bits."""
    return "-".join("".join(choice(ALPHABET.lower()) for _ in range(4)) for _ in range(WORDS))


def new_pin(phone_last4: str) -> str:
    """Return four digits that a stranger would not try first."""
    while True:
        pin = f"{randbelow(10_000):04d}"
        try:
            check_pin_choice(pin, phone_last4=phone_last4)
        except FlowError:
            continue  # one of the few hundred that are too easy
        return pin


def _add_shopper(work: Work, people: People, at: datetime) -> Told:
    phone = people.phones.parse(SHOPPER_PHONE)
    pin = new_pin(phone.last4)
    work.customers.add(
        Customer(
            customer_id=SHOPPER_ID,
            name="Lina Durand",
            phone_hash=people.phones.hash(phone),
            phone_last4=phone.last4,
            pin_hash=people.secrets.hasher.hash(pin),
            pin_failures=0,
            pin_locked_until=None,
            locale="fr",
            created_at=at,
        )
    )
    posting = Posting(PSP_SANDBOX, main_account(SHOPPER_ID), Money(SHOPPER_BALANCE_MINOR, EUR))
    work.ledger.post([Transfer(f"topup:{SHOPPER_ID}", TransferKind.TOPUP, SHOPPER_ID, (posting,))], at=at)
    return Told("Lina Durand (shopper)", SHOPPER_PHONE, pin)
