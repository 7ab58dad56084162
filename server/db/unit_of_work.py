"""One transaction, seen as the stores that the flows ask for (`server.flows.ports.Work`)."""

from functools import cached_property

from sqlalchemy import Connection

from server.db.answers import AnswerStore
from server.db.attendance import AttendanceStore
from server.db.baskets import BasketStore
from server.db.books import ClosingStore, RefundStore
from server.db.bounds import BoundStore
from server.db.callers import CallerStore
from server.db.campaigns import CampaignStore, CouponStore, ShareStore
from server.db.checks import CheckStore
from server.db.counters import CounterStore
from server.db.devices import DeviceStore, UsedWordStore
from server.db.diary import DiaryStore
from server.db.events import EventStore
from server.db.face_keys import FaceKeyStore
from server.db.factors import FactorStore, RequestStore
from server.db.handovers import HandoverStore
from server.db.help import InterventionStore, TopUpStore
from server.db.households import HouseholdStore
from server.db.idle import IdleStore
from server.db.ledger import LedgerStore
from server.db.ledger_late import LateLedger
from server.db.offline import OfflineStore
from server.db.payments import PaymentStore, TicketStore
from server.db.peers import PeerStore
from server.db.people import ConsentStore, CustomerStore, ErasureStore, ReferenceStore
from server.db.phone_codes import PhoneCodeStore
from server.db.proofs import AuthenticationStore, KioskStore, SessionStore, StaffStore, WalletCodeStore
from server.db.shelf import ShelfStore
from server.db.spread import SpreadStore
from server.db.wallet import BatchStore, CashbackStore, PurseStore
from server.db.webhooks import WebhookStore


class UnitOfWork:
    """The stores of one open transaction. Each is made when first asked for."""

    def __init__(self, connection: Connection, *, posts_late: bool = False) -> None:
        self.connection = connection
        self._posts_late = posts_late

    @cached_property
    def events(self) -> EventStore:
        """What this change has to tell."""
        return EventStore(self.connection)

    @cached_property
    def answers(self) -> AnswerStore:
        """What was answered to which key."""
        return AnswerStore(self.connection)

    @cached_property
    def callers(self) -> CallerStore:
        """Who a token belongs to."""
        return CallerStore(self.connection)

    @cached_property
    def bounds(self) -> BoundStore:
        """When what is bounded was tried."""
        return BoundStore(self.connection)

    @cached_property
    def devices(self) -> DeviceStore:
        """Kiosks and gates, by their keys."""
        return DeviceStore(self.connection)

    @cached_property
    def used_words(self) -> UsedWordStore:
        """Words that count once."""
        return UsedWordStore(self.connection)

    @cached_property
    def shelf(self) -> ShelfStore:
        """Products, codes, promotions and the store itself."""
        return ShelfStore(self.connection)

    @cached_property
    def baskets(self) -> BasketStore:
        """The baskets."""
        return BasketStore(self.connection)

    @cached_property
    def checks(self) -> CheckStore:
        """What was drawn to be looked at."""
        return CheckStore(self.connection)

    @cached_property
    def attendances(self) -> AttendanceStore:
        """Staff at the kiosks."""
        return AttendanceStore(self.connection)

    @cached_property
    def handovers(self) -> HandoverStore:
        """Baskets that were put aside, by their codes."""
        return HandoverStore(self.connection)

    @cached_property
    def households(self) -> HouseholdStore:
        """Who lives with whom."""
        return HouseholdStore(self.connection)

    @cached_property
    def payments(self) -> PaymentStore:
        """The payments."""
        return PaymentStore(self.connection)

    @cached_property
    def tickets(self) -> TicketStore:
        """Receipts and exit codes."""
        return TicketStore(self.connection)

    @cached_property
    def counters(self) -> CounterStore:
        """Codes on counters, and what was paid by them."""
        return CounterStore(self.connection)

    @cached_property
    def offline(self) -> OfflineStore:
        """What kiosks took while the store was away."""
        return OfflineStore(self.connection)

    @cached_property
    def ledger(self) -> LedgerStore:
        """Who has what."""
        return LateLedger(self.connection) if self._posts_late else LedgerStore(self.connection)

    @cached_property
    def refunds(self) -> RefundStore:
        """What came back."""
        return RefundStore(self.connection)

    @cached_property
    def closings(self) -> ClosingStore:
        """Closed days."""
        return ClosingStore(self.connection)

    @cached_property
    def customers(self) -> CustomerStore:
        """Who has a wallet here."""
        return CustomerStore(self.connection)

    @cached_property
    def consents(self) -> ConsentStore:
        """Who agreed to what, and until when."""
        return ConsentStore(self.connection)

    @cached_property
    def references(self) -> ReferenceStore:
        """The gallery, as sealed bytes."""
        return ReferenceStore(self.connection)

    @cached_property
    def face_keys(self) -> FaceKeyStore:
        """What the gallery is kept under."""
        return FaceKeyStore(self.connection)

    @cached_property
    def diary(self) -> DiaryStore:
        """Who looked at whose data."""
        return DiaryStore(self.connection)

    @cached_property
    def erasures(self) -> ErasureStore:
        """The receipts of erasures."""
        return ErasureStore(self.connection)

    @cached_property
    def authentications(self) -> AuthenticationStore:
        """Approvals, each used at most once."""
        return AuthenticationStore(self.connection)

    @cached_property
    def wallet_codes(self) -> WalletCodeStore:
        """Eight digits that stand for a wallet."""
        return WalletCodeStore(self.connection)

    @cached_property
    def idle_accounts(self) -> IdleStore:
        """Accounts that nobody uses."""
        return IdleStore(self.connection)

    @cached_property
    def phone_codes(self) -> PhoneCodeStore:
        """Codes that prove phone numbers."""
        return PhoneCodeStore(self.connection)

    @cached_property
    def sessions(self) -> SessionStore:
        """Who is logged in."""
        return SessionStore(self.connection)

    @cached_property
    def staff(self) -> StaffStore:
        """Who works here."""
        return StaffStore(self.connection)

    @cached_property
    def factors(self) -> FactorStore:
        """What staff prove themselves with."""
        return FactorStore(self.connection)

    @cached_property
    def requests(self) -> RequestStore:
        """What waits for a second person."""
        return RequestStore(self.connection)

    @cached_property
    def webhooks(self) -> WebhookStore:
        """Who is told of events."""
        return WebhookStore(self.connection)

    @cached_property
    def kiosks(self) -> KioskStore:
        """What the kiosks say of themselves."""
        return KioskStore(self.connection)

    @cached_property
    def campaigns(self) -> CampaignStore:
        """Campaigns with their counters."""
        return CampaignStore(self.connection)

    @cached_property
    def coupons(self) -> CouponStore:
        """Coupons by code."""
        return CouponStore(self.connection)

    @cached_property
    def shares(self) -> ShareStore:
        """Links by which coupons are passed on."""
        return ShareStore(self.connection)

    @cached_property
    def interventions(self) -> InterventionStore:
        """Calls for a person."""
        return InterventionStore(self.connection)

    @cached_property
    def topups(self) -> TopUpStore:
        """Money on its way into a wallet."""
        return TopUpStore(self.connection)

    def flush(self) -> bool:
        """Write down what is left to write before the commit; return whether there is something to tell."""
        if isinstance(late := self.__dict__.get("ledger"), LateLedger):
            late.write_down()
        return "events" in self.__dict__ and self.events.flush()

    @cached_property
    def cashback(self) -> CashbackStore:
        """What is promised back, and what was given of it."""
        return CashbackStore(self.connection)

    @cached_property
    def purses(self) -> PurseStore:
        """Restricted credit."""
        return PurseStore(self.connection)

    @cached_property
    def batches(self) -> BatchStore:
        """Batches of credit."""
        return BatchStore(self.connection)

    @cached_property
    def peers(self) -> PeerStore:
        """Money between people."""
        return PeerStore(self.connection)

    @cached_property
    def spread(self) -> SpreadStore:
        """What campaigns have done."""
        return SpreadStore(self.connection)
