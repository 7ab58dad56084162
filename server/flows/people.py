"""What the people side of the shop needs beyond a transaction: put together once, in the composition root."""

from dataclasses import dataclass, field
from datetime import timedelta

from server.flows.consent_texts import ConsentTexts, load_consent_texts
from server.flows.limits import Bound, SlidingWindow
from server.flows.phone import PhoneBook
from server.flows.pins import LOCK, TRIES, Secrets

FIVE_MINUTES = timedelta(minutes=5)
LOOKS = Bound("looks", 10, FIVE_MINUTES)
STRANGERS = Bound("strangers", 10, FIVE_MINUTES)
ABSENT = Bound("absent", TRIES - 1, LOCK)  # the fifth wrong secret of somebody real is answered by the lock
DOORS = Bound("doors", 60, FIVE_MINUTES)
ASIDE = Bound("aside", 300, FIVE_MINUTES)


def _many_in_five_minutes() -> SlidingWindow:
    return SlidingWindow(600, FIVE_MINUTES)


def _prices_in_five_minutes() -> SlidingWindow:
    return SlidingWindow(3000, FIVE_MINUTES)


@dataclass(frozen=True, slots=True)
class People:
    """How numbers are read, secrets kept, texts worded, and tries bounded."""

    phones: PhoneBook
    secrets: Secrets = field(default_factory=Secrets)
    texts: ConsentTexts = field(default_factory=load_consent_texts)
    looks: Bound = LOOKS
    """Questions for candidates, per kiosk and per four digits (product.md 4.1: 10 in 5 minutes)."""
    strangers: Bound = STRANGERS
    """Tries with codes that nobody has: what does not exist cannot be locked, but slowed."""
    absent: Bound = ABSENT
    """Tries with numbers and logins that nobody has, answered by a lock as soon as those of somebody real."""
    doors: Bound = DOORS
    """Slow hashes that the public may ask for, per address; one store's phones share an address."""
    passers: SlidingWindow = field(default_factory=_many_in_five_minutes)
    """What the public may ask of one process, per address and route: several times what a store's peak brings."""
    pricers: SlidingWindow = field(default_factory=_prices_in_five_minutes)
    """How often phones of guests ask for prices, per address: a store's peak is 5 scans a second, on one network."""
    aside: Bound = ASIDE
    """Baskets that phones leave for a till, per address or shopper: a store's peak is 20 tickets a minute."""
