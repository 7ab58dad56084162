"""What the flows need, in their own words. `Work` is one transaction; `server.db` keeps these promises."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from server.flows.ports.answers import Answers, StoredAnswer
from server.flows.ports.attendance import Attendances
from server.flows.ports.baskets import BasketRow, Baskets
from server.flows.ports.books import Closings, Refunds
from server.flows.ports.bounds import Bounds
from server.flows.ports.callers import Caller, Callers
from server.flows.ports.campaigns import Campaigns, Coupons, Shares
from server.flows.ports.checks import Checks
from server.flows.ports.counters import Counters
from server.flows.ports.devices import Devices, UsedWords
from server.flows.ports.events import Event, Events
from server.flows.ports.face_keys import FaceKeys
from server.flows.ports.handovers import Handovers
from server.flows.ports.help import Interventions, TopUps
from server.flows.ports.households import Households
from server.flows.ports.idle import IdleAccounts
from server.flows.ports.ledger import Entry, Ledger, Report
from server.flows.ports.offline import Offline
from server.flows.ports.payments import Payments, Tickets
from server.flows.ports.peers import Peers
from server.flows.ports.people import Consents, Customers, Diary, Erasures, References
from server.flows.ports.phone_codes import PhoneCodes
from server.flows.ports.proofs import Authentications, Kiosks, Sessions, Staff, WalletCodes
from server.flows.ports.shelf import Shelf, StoreRow
from server.flows.ports.spread import Spread
from server.flows.ports.staff import Factors, Requests
from server.flows.ports.together import Ahead
from server.flows.ports.wallet import Batches, CashbackBook, Purses
from server.flows.ports.webhooks import Webhooks

__all__ = [
    "Ahead",
    "Answers",
    "BasketRow",
    "Baskets",
    "Caller",
    "Callers",
    "Database",
    "Entry",
    "Event",
    "Events",
    "Ledger",
    "Report",
    "Shelf",
    "StoreRow",
    "StoredAnswer",
    "Together",
    "Work",
]

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Work(Protocol):
    """One transaction: everything done through it happens, or nothing does."""

    @property
    def events(self) -> Events:
        """The outbox and the audit log."""
        ...

    @property
    def answers(self) -> Answers:
        """What was answered to which key."""
        ...

    @property
    def callers(self) -> Callers:
        """Who a token belongs to."""
        ...

    @property
    def bounds(self) -> Bounds:
        """When what is bounded was tried."""
        ...

    @property
    def devices(self) -> Devices:
        """Kiosks and gates, by their keys."""
        ...

    @property
    def used_words(self) -> UsedWords:
        """Words that count once."""
        ...

    @property
    def shelf(self) -> Shelf:
        """Products, codes, promotions and the store itself."""
        ...

    @property
    def baskets(self) -> Baskets:
        """The baskets."""
        ...

    @property
    def checks(self) -> Checks:
        """What was drawn to be looked at."""
        ...

    @property
    def attendances(self) -> Attendances:
        """Staff at the kiosks."""
        ...

    @property
    def handovers(self) -> Handovers:
        """Baskets that were put aside, by their codes."""
        ...

    @property
    def payments(self) -> Payments:
        """The payments."""
        ...

    @property
    def tickets(self) -> Tickets:
        """Receipts and exit codes."""
        ...

    @property
    def counters(self) -> Counters:
        """Codes on counters, and what was paid by them."""
        ...

    @property
    def offline(self) -> Offline:
        """What kiosks took while the store was away."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Who has what."""
        ...

    @property
    def refunds(self) -> Refunds:
        """What came back."""
        ...

    @property
    def closings(self) -> Closings:
        """Closed days."""
        ...

    @property
    def customers(self) -> Customers:
        """Who has a wallet here."""
        ...

    @property
    def households(self) -> Households:
        """Who lives with whom."""
        ...

    @property
    def consents(self) -> Consents:
        """Who agreed to what, and until when."""
        ...

    @property
    def references(self) -> References:
        """The gallery, as sealed bytes."""
        ...

    @property
    def face_keys(self) -> FaceKeys:
        """What the gallery is kept under."""
        ...

    @property
    def diary(self) -> Diary:
        """Who looked at whose data."""
        ...

    @property
    def erasures(self) -> Erasures:
        """The receipts of erasures."""
        ...

    @property
    def authentications(self) -> Authentications:
        """Approvals, each used at most once."""
        ...

    @property
    def wallet_codes(self) -> WalletCodes:
        """Eight digits that stand for a wallet."""
        ...

    @property
    def idle_accounts(self) -> IdleAccounts:
        """Accounts that nobody uses."""
        ...

    @property
    def phone_codes(self) -> PhoneCodes:
        """Codes that prove phone numbers."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Who is logged in."""
        ...

    @property
    def staff(self) -> Staff:
        """Who works here."""
        ...

    @property
    def factors(self) -> Factors:
        """What staff prove themselves with."""
        ...

    @property
    def requests(self) -> Requests:
        """What waits for a second person."""
        ...

    @property
    def webhooks(self) -> Webhooks:
        """Who is told of events."""
        ...

    @property
    def kiosks(self) -> Kiosks:
        """What the kiosks say of themselves."""
        ...

    @property
    def campaigns(self) -> Campaigns:
        """Campaigns with their counters."""
        ...

    @property
    def coupons(self) -> Coupons:
        """Coupons by code."""
        ...

    @property
    def shares(self) -> Shares:
        """Links by which coupons are passed on."""
        ...

    @property
    def interventions(self) -> Interventions:
        """Calls for a person."""
        ...

    @property
    def topups(self) -> TopUps:
        """Money on its way into a wallet."""
        ...

    @property
    def cashback(self) -> CashbackBook:
        """What is promised back, and what was given of it."""
        ...

    @property
    def purses(self) -> Purses:
        """Restricted credit."""
        ...

    @property
    def spread(self) -> Spread:
        """What campaigns have done."""
        ...

    @property
    def batches(self) -> Batches:
        """Batches of credit."""
        ...

    @property
    def peers(self) -> Peers:
        """Money between people."""
        ...


class Together(Protocol[Result_co]):
    """A request in two steps, which shares one transaction with the others that wait at the same moment.

    All requests of a batch are admitted before the first is finished: the second step takes what they share (the
    store's next number, the head of the ledger's chain) and so holds it for as short as can be. The two are begun
    again from the first when the transaction is.
    """

    @property
    def ahead(self) -> Ahead:
        """What it will ask for."""
        ...

    def foresee(self, work: Work) -> None:
        """Do what needs no lock, from what stands before the transaction; it may be in vain, and writes nothing.

        Read ahead are the caller and the coupons.
        """
        ...

    def admit(self, work: Work) -> None:
        """Look at everything, decide, and set aside; what it raises refuses this request alone."""
        ...

    def finish(self, work: Work) -> Result_co:
        """Hand over what was admitted."""
        ...


class Database(Protocol):
    """Where a transaction begins and ends."""

    async def settle_async(self, request: Together[Result]) -> Result:
        """Run a request in one transaction with the others that wait; all of it is durable on return, or none.

        Raises:
            FlowError: `busy`: more wait than can be answered soon.
        """
        ...

    async def write_async(self, flow: Callable[[Work], Result]) -> Result:
        """Run `flow` in a transaction of its own, off the event loop; all of it is durable on return, or none.

        Raises:
            FlowError: `busy`: more wait than can be answered soon, or somebody does not end their write.
        """
        ...

    async def read_async(self, flow: Callable[[Work], Result]) -> Result:
        """Run `flow` against one snapshot, off the event loop."""
        ...

    async def read_late_async(self, flow: Callable[[Work], Result]) -> Result:
        """`read_async` for what may be seconds old: a copy of the database answers where there is one."""
        ...

    async def checkpoint_async(self) -> None:
        """Tidy up behind the writes while others read and write; where the database does so by itself, nothing."""
        ...

    def hung_writer(self) -> tuple[int, float] | None:
        """Return the process that has been writing for longer than others wait, and for how many seconds."""
        ...

    async def scrub_async(self) -> None:
        """Let nothing of what was deleted stand in a file; outside any transaction."""
        ...
