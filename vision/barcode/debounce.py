"""Believe a code only when it was read well enough, and only once per presentation.

Measured on bursts of six frames of 925 hard photographs: the first engine to answer wins reads 72.1 % and 77 wrong
products; two frames or two engines that agree read 65.7 % and none wrong. What one engine says alone but steadily, and
nothing contradicts, is believed as well: on 274 photographs that reads 77.7 % in place of 71.2 %, and none wrong
(``docs/sight.md``).
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from vision.barcode.observation import (
    GS1_DATA,
    MATRICES,
    MODULES,
    RETAIL,
    SHOP_TEXT_AT_MOST,
    Engine,
    Observation,
    Symbology,
    gtin14,
    is_book_price,
    is_coupon,
    is_price_bearing,
)
from vision.frame import Box

WINDOW_FRAMES = 6
WINDOW_NS = 2_000_000_000  # a busy machine reads three frames a second, and two of them have to agree
GONE_NS = 600_000_000  # a pack that left for so long was put down; scanner makers ask for 0.4 to 3 s
GONE_FRAMES = 4  # and so many frames went by without it: two rounds of the schedule, however slow the machine is
AGAIN_NS = 1_200_000_000  # the same pack twice within this time is one scan, whatever was seen between (SC12)
SLIVER = 0.05  # a reading from less than this share of the symbol's length is what misreads are made of
MODULE_PX = 2.5  # least width of one bar where digits carry a price: nothing else can catch a wrong one
OVERLAPPING = 0.3  # share of the smaller box; two numbers cannot be printed on one another
CODES_OF_A_PACK = 3  # its own, a sticker's and a square with lot and date; more of one number is somebody's game
LEAD = 2  # times the votes of any rival
READS = 2
STRICT_READS = 3
STRICT_ENGINES = 2
ALONE_READS = 4  # of six frames by OpenCV alone; its wrong EAN-13 were never seen in more than two
LEVELS_READS = 3  # of six frames by our own reader alone, which knows itself how sure it is
STEADY_READS = 3  # by any engine, where another one saw the same in a sliver

_SLIVERS = RETAIL | {Symbology.ITF14, Symbology.CODE128, Symbology.GS1_128}

OWN_TEXTS = re.compile(r"SESAME:[A-Z]:[!-~]{1,500}|https?://[^\s/]{1,200}/c/[\w-]{1,200}", re.ASCII)
"""The shop's own codes, and links to shared coupons; any other free text is passed over without a sound."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A code that was presented.

    Attributes:
        text: As encoded; of several symbols of one product in view, the one that says most.
        symbology: Its kind.
        symbology_id: Its AIM identifier.
        gtin14: The product number, where it has one.
        at_ns: When the deciding frame was taken; monotonic.
        box: Where it was last seen, pixels of the full frame.
        votes: Frames and engines that read it, counted as pairs.
        add_on: The digits beside an EAN-13, where two frames had read them by then.
        same_pack: Another code of this product was told since it came into view: both stand on one pack.
    """

    text: str
    symbology: Symbology
    symbology_id: str
    gtin14: str | None
    at_ns: int
    box: Box
    votes: int
    add_on: str | None = None
    same_pack: bool = False

    @property
    def said(self) -> tuple[str, str | None]:
        """What it says in all."""
        return self.text, self.add_on


@dataclass(slots=True)
class _Presence:
    """One product in front of the camera: since when, seen last when, frames missed since, and when it was accepted.

    ``told`` are the texts that were told of it, each with its add-on.
    """

    since_ns: int
    seen_ns: int
    missed: int = 0
    accepted_ns: int | None = None
    told: list[tuple[str, str | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Vote:
    """An observation that passed the filters, under the key that it stands for."""

    key: str
    gtin14: str | None
    seen: Observation


@dataclass(frozen=True, slots=True)
class _Moment:
    """One frame: what counts, and what is only heard to second or to doubt it (slivers and contradictions)."""

    taken_ns: int
    votes: tuple[_Vote, ...]
    murmurs: tuple[_Vote, ...]


class Accepter:
    """Turn observations, frame by frame, into codes. Holds no camera and no clock; for one thread."""

    def __init__(self, *, free_text: re.Pattern[str] = OWN_TEXTS) -> None:
        """Start with nothing in view.

        Args:
            free_text: Which texts of QR codes, Code 128 and Data Matrix that are no product are taken. Full match.
        """
        self._free_text = free_text
        self._moments: deque[_Moment] = deque(maxlen=WINDOW_FRAMES)
        self._presences: dict[str, _Presence] = {}

    def observe(self, observations: Sequence[Observation], at_ns: int) -> tuple[Accepted, ...]:
        """Take in one frame and return the codes that it decides, usually none or one.

        Args:
            observations: What the engines saw in it; empty when they saw nothing, which matters as well.
            at_ns: When the frame was taken, monotonic; not earlier than the frame before.
        """
        heard = [vote for seen in observations if (vote := self._vote(seen)) is not None]
        readable = [vote for vote in heard if not _is_sliver(vote.seen)]
        self._note_presence(readable, at_ns)
        clear = _without_contradictions(readable)
        self._moments.append(_Moment(at_ns, tuple(clear), tuple(vote for vote in heard if vote not in clear)))
        accepted = []
        for key, presence in self._presences.items():
            if presence.seen_ns != at_ns or len(presence.told) >= CODES_OF_A_PACK:
                continue
            found = next((one for one in self._decided(key, at_ns) if _is_news(one, presence.told)), None)
            if found is not None:
                accepted.append(replace(found, same_pack=presence.accepted_ns is not None))
                presence.told.append(found.said)
        for found in accepted:
            presence = self._presences[_key(found.gtin14, found.text)]
            presence.accepted_ns = at_ns if presence.accepted_ns is None else presence.accepted_ns
        return tuple(accepted)

    def _vote(self, seen: Observation) -> _Vote | None:
        gtin = gtin14(seen.text, seen.symbology)
        if not self._is_of_interest(seen, gtin) or (gtin is not None and _is_too_small(seen, gtin)):
            return None
        return _Vote(_key(gtin, seen.text), gtin, seen)

    def _is_of_interest(self, seen: Observation, gtin: str | None) -> bool:
        if gtin is not None or seen.symbology in GS1_DATA:
            # GS1 data without a product is a coupon or another element string: the price list knows.
            return len(seen.text) <= SHOP_TEXT_AT_MOST and (gtin is None or not is_book_price(gtin))
        return seen.symbology not in RETAIL and self._free_text.fullmatch(seen.text) is not None

    def _note_presence(self, votes: Iterable[_Vote], at_ns: int) -> None:
        for vote in votes:
            presence = self._presences.get(vote.key)
            if presence is None:
                self._presences[vote.key] = _Presence(since_ns=at_ns, seen_ns=at_ns)
                continue
            if _has_left(presence, at_ns):
                presence.since_ns, presence.accepted_ns, presence.told = at_ns, None, []
            presence.seen_ns, presence.missed = at_ns, 0
        for presence in self._presences.values():
            presence.missed += presence.seen_ns != at_ns
        # Whatever has left long enough ago to count as new anyway is forgotten, so that a day of codes takes no room.
        gone = [key for key, presence in self._presences.items() if _has_left(presence, at_ns)]
        for key in gone:
            del self._presences[key]

    def _decided(self, key: str, at_ns: int) -> Iterator[Accepted]:
        """Yield the codes of a product that are believed now, the one that says most first."""
        since_ns = self._presences[key].since_ns
        window = [moment for moment in self._moments if at_ns - moment.taken_ns <= WINDOW_NS]
        mine = [vote for one in window if one.taken_ns >= since_ns for vote in one.votes if vote.key == key]
        for text in sorted({vote.seen.text for vote in mine}, key=lambda text: (-len(text), text)):
            said = [vote for vote in mine if vote.seen.text == text]
            newest = said[-1].seen
            if not _is_enough(said) and not _is_undoubted(said, window):
                continue
            if newest.symbology not in MATRICES and len(mine) < LEAD * _rival_votes(key, window):
                return
            yield Accepted(
                text=text,
                symbology=newest.symbology,
                symbology_id=newest.symbology_id,
                gtin14=said[-1].gtin14,
                at_ns=at_ns,
                box=newest.box,
                votes=len(said),
                add_on=_add_on(said),
            )


def _is_news(found: Accepted, told: Sequence[tuple[str, str | None]]) -> bool:
    """Say whether a code tells something that was not told yet: another text, or digits beside a known one.

    A bare number after a text that holds it is none.
    """
    if told and found.symbology in RETAIL and found.add_on is None:
        return False
    return all(found.text != text or (found.add_on is not None and add_on is None) for text, add_on in told)


def _key(gtin: str | None, text: str) -> str:
    # One product is one key, whether its bars or its Digital Link were read.
    return text if gtin is None else gtin


def _has_left(presence: _Presence, at_ns: int) -> bool:
    if at_ns - presence.seen_ns < GONE_NS or presence.missed < GONE_FRAMES:
        return False
    return presence.accepted_ns is None or at_ns - presence.accepted_ns >= AGAIN_NS


def _is_sliver(seen: Observation) -> bool:
    # DataBar is long and low by design, and its checksums are strong.
    return seen.symbology in _SLIVERS and seen.thickness_px < SLIVER * seen.length_px


def _is_too_small(seen: Observation, gtin: str) -> bool:
    modules = MODULES.get(seen.symbology)
    return modules is not None and is_price_bearing(gtin) and seen.length_px < MODULE_PX * modules


def _without_contradictions(votes: Sequence[_Vote]) -> list[_Vote]:
    """Drop retail numbers that lie on one another in a frame and differ: one is wrong, and who knows which."""
    return [vote for vote in votes if not any(_contradict(vote, other) for other in votes)]


def _contradict(vote: _Vote, other: _Vote) -> bool:
    both_retail = vote.seen.symbology in RETAIL and other.seen.symbology in RETAIL
    return both_retail and vote.key != other.key and vote.seen.box.overlap(other.seen.box) > OVERLAPPING


def _is_enough(votes: Sequence[_Vote]) -> bool:
    """Say whether these votes for one text are proof."""
    newest = votes[-1]
    if newest.seen.symbology in MATRICES:
        return True
    moments = len({vote.seen.captured_at_ns for vote in votes})
    engines = {vote.seen.engine for vote in votes}
    main = len({vote.seen.captured_at_ns for vote in votes if vote.seen.engine is Engine.ZXING})
    if newest.seen.symbology is Symbology.DATABAR:
        # Its checksum is of 1 in 79 or 211 and its patterns are strict: two scales of one frame are two readings.
        return sum(vote.seen.engine is Engine.ZXING for vote in votes) >= READS
    if newest.seen.symbology not in RETAIL:
        return main >= READS
    if newest.gtin14 is not None and (is_price_bearing(newest.gtin14) or is_coupon(newest.gtin14)):
        return moments >= STRICT_READS and len(engines) >= STRICT_ENGINES
    return main >= READS or len(engines) >= STRICT_ENGINES


def _is_undoubted(votes: Sequence[_Vote], window: Sequence[_Moment]) -> bool:
    """Say whether one engine read this retail number so steadily, and nobody anything else, that it needs no second.

    OpenCV may stand alone and pyzbar may not: when whatever any engine said twice was taken from 925 photographs, the
    five wrong products were all pyzbar's. Never for numbers that no list behind us can check.
    """
    gtin, newest = votes[-1].gtin14, votes[-1].seen
    if newest.symbology not in RETAIL or gtin is None or is_price_bearing(gtin) or is_coupon(gtin):
        return False
    heard = [vote for one in window for vote in (*one.votes, *one.murmurs) if vote.seen.symbology in RETAIL]
    if any(vote.key != votes[-1].key for vote in heard):
        return False
    engines = {vote.seen.engine for vote in heard}
    reads = {engine: len({one.seen.captured_at_ns for one in votes if one.seen.engine is engine}) for engine in engines}
    is_wide = newest.length_px >= MODULE_PX * MODULES[newest.symbology]
    alone = reads.get(Engine.OPENCV, 0) >= ALONE_READS and is_wide
    alone = alone or reads.get(Engine.LEVELS, 0) >= LEVELS_READS
    return alone or (len(engines) > 1 and max(reads.values()) >= STEADY_READS)


def _add_on(votes: Sequence[_Vote]) -> str | None:
    """Return the add-on that two frames agree on; of several none, since one is wrong."""
    said = [vote.seen.add_on for vote in votes if vote.seen.add_on is not None]
    return said[0] if len(said) >= READS and len(set(said)) == 1 else None


def _rival_votes(key: str, window: Sequence[_Moment]) -> int:
    """Return the most votes of any other bars that may be the same symbol, read otherwise.

    Two codes that one frame shows beside each other are two things, and neither doubts the other. A pack that was just
    taken does doubt what comes after it: the next pack waits about four frames, and its own misreads are outvoted.
    """
    beside: set[str] = set()
    counts: dict[str, int] = {}
    for moment in window:
        bars = [vote for vote in moment.votes if vote.seen.symbology not in MATRICES]
        mine = [vote for vote in bars if vote.key == key]
        for vote in bars:
            if vote.key == key:
                continue
            counts[vote.key] = counts.get(vote.key, 0) + 1
            if mine and all(vote.seen.box.overlap(own.seen.box) == 0 for own in mine):
                beside.add(vote.key)
    return max((count for other, count in counts.items() if other not in beside), default=0)
