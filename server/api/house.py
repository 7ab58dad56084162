"""What every route may reach: one value, put together in `server.app` and kept on the application."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import choice
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server import chance
from server.api.detached import Listening, Tell
from server.flows.capture import Minted, mint
from server.flows.coupon_codes import ALPHABET, new_coupon_code
from server.flows.errors import FlowError
from server.flows.hearing import Hearing
from server.flows.import_recalls import OpenStage
from server.flows.people import People
from server.flows.phone_codes import Messenger
from server.flows.ports import Database
from server.flows.sessions import NewSession
from server.flows.shop import Shop, open_shop
from server.flows.snapshot import Snapshots
from server.flows.top_up import TopUpProvider
from server.settings import Settings

BADGE_SIGNS = 20  # of 32 letters and digits that nobody confuses: 100 bits


class Announcer(Protocol):
    """Where live events come from and fleeting ones go."""

    def say(self, store_id: str, kind: str, body: Mapping[str, Any]) -> None:
        """Hand a fleeting event to the listeners of a store."""
        ...

    @property
    def newest(self) -> int:
        """The last event that was handed out."""
        ...

    def listen(self, who: Hearing, after: int | None, tell: Tell, *, since: int | None = None) -> Listening:
        """Return a listener to the events from the one after `after` on, until device or session are shut out.

        What was handed out after `since`, before it was looked whether they may listen, may have shut them out already.
        """
        ...


@dataclass(slots=True)
class House:
    """The parts behind the routes. Clock, ids and chance are here, so that flows take them as arguments."""

    settings: Settings
    database: Database
    hub: Announcer
    shop: Shop
    people: People
    schema: str
    engine: str
    signing_key: Ed25519PrivateKey
    """What the store signs with; its public half is what kiosks and gates check by."""
    snapshots: Snapshots
    """The catalogue as it travels."""
    provider: TopUpProvider
    """Whoever takes money from a card."""
    messenger: Messenger
    """Whoever carries messages to phones."""
    open_stage: OpenStage
    """Where an import waits until all of it is known."""
    drift_minor: int = 0
    """What the sweeper last found: by how much balances and ledger differ. Zero, or something is very wrong."""
    swept_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When the sweeper last came round."""
    under_way: set[tuple[str, str]] = field(default_factory=set)
    """Callers and keys of the requests that this process is answering now."""

    @property
    def refund_alone_minor(self) -> int:
        """Up to what one manager alone gives back of a ticket: what the store has set, else the server's settings."""
        own_minor = self.shop.row.limits.refund_alone_minor
        return self.settings.refund_alone_minor if own_minor is None else own_minor

    def demand_store(self, store_id: str) -> None:
        """Refuse a store that this server does not hold.

        Raises:
            FlowError: `store_not_found`.
        """
        if store_id != self.shop.store_id:
            raise FlowError("store_not_found", f"There is no store {store_id!r} here.", store_id=store_id)

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """Return an id that nobody else makes."""
        return chance.new_id()

    async def reread_shop(self) -> None:
        """Sell from now on what the tables hold; other servers of the shop see a change within `shop_seconds`."""
        group, at, before = self.settings.price_group, self.now(), self.shop
        self.shop = await self.database.read_async(
            lambda work: open_shop(work, before.store_id, price_group=group, at=at, before=before)
        )

    def mint(self, trace_id: str | None = None) -> Minted:
        """Draw what a payment needs of chance, with the store's signature for its exit pass."""
        seconds = self.settings.exit_token_seconds
        return mint(self.new_id, self.new_token, exit_seconds=seconds, sign=self.signing_key.sign, trace_id=trace_id)

    def staff_session(self, agent: str) -> NewSession:
        """Draw what a session of staff needs of chance."""
        return NewSession(self.new_token(), self.new_id(), timedelta(hours=self.settings.session_hours), agent)

    def new_password(self) -> str:
        """Return a password that can be typed from a sheet of paper."""
        return new_coupon_code().lower()

    def new_badge(self) -> str:
        """Return a code that a kiosk reads off a phone, in signs that make its picture small."""
        return "".join(choice(ALPHABET) for _ in range(BADGE_SIGNS))

    def new_token(self) -> str:
        """Return a text that nobody guesses."""
        return chance.new_token()
