"""Attend to a call: one takes it, the same one closes it, and what follows from it happens in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.flows.errors import FlowError
from server.flows.intervene import intervention_json
from server.flows.ports import Work
from server.flows.ports.help import Intervention

LISTED = 200
"""Calls in one answer: a store has some hundred a day, and the board shows those that wait."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done about one type of call.

    Attributes:
        remote: Whether it may be closed from afar, without standing at the kiosk.
        tenders: With what a yes must be paid; empty where nothing is.
        audited: Whether the act goes into the audit log.
    """

    remote: bool
    tenders: frozenset[str] = frozenset()
    audited: bool = True


POLICIES: Mapping[str, Policy] = {
    # A person sees the shopper: law asks for it (CSP L3342-1), and a face on a screen is not a person.
    "age_check": Policy(remote=False),
    # Goods are looked at where they lie.
    "random_check": Policy(remote=False),
    # The money is decided about as a request, by a manager; the call only says that somebody waits.
    "refund_approval": Policy(remote=True),
    # Cash and cards change hands at the desk.
    "payment_at_desk": Policy(remote=False, tenders=frozenset({"cash", "card"})),
    "unknown_item": Policy(remote=True),
    "face_help": Policy(remote=True),
    # Somebody changed prices on a kiosk's disk or on the way to it; the kiosk kept those that the store had signed.
    "catalogue_refused": Policy(remote=True),
    # Money is neither paid nor given back yet; the sweeper ends it, and somebody stays with the shopper meanwhile.
    "payment_stuck": Policy(remote=True),
    # A payment without the network, and a wallet that was short when it was booked: settled at the desk.
    "offline_debt": Policy(remote=True, tenders=frozenset({"cash", "card"})),
    # Somebody who leaves has their money handed out, against the code on their phone.
    "pay_out": Policy(remote=False, tenders=frozenset({"cash"})),
    # A payment without the network that is not as it should be: a price, a pass, or the kiosk's numbers.
    "offline_check": Policy(remote=True),
    # A kiosk did not confirm that it forgot a face: somebody goes and looks.
    "erasure_unconfirmed": Policy(remote=False),
    # Somebody else's wallet has paid: who stands there and whose money it was must both be put right.
    "wrong_person": Policy(remote=False),
    # Code after code went unread in front of one camera: its glass is dirty, or it stands wrong.
    "lens_dirty": Policy(remote=False, audited=False),
    # A camera gives one picture for ever: its driver hangs, or somebody has put another picture in its place.
    "camera_frozen": Policy(remote=False, audited=False),
    "help_requested": Policy(remote=True, audited=False),
}
"""The rows of SF3: another rule is another row."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """How somebody closes a call; `amount_minor` is what they were shown and took, where something is paid."""

    approved: bool
    reason: str
    tender: str | None
    on_the_spot: bool
    amount_minor: int | None = None

    @property
    def word(self) -> str:
        """The resolution as it is kept."""
        return "approved" if self.approved else "refused"


Settle = Callable[[Work, Intervention, Resolution], None]
"""What follows from a closed call: (transaction, call, how it was closed)."""


def calls(work: Work, store_id: str, state: str | None) -> Sequence[Intervention]:
    """Return the calls of a store, newest first; the board sorts them by need."""
    return work.interventions.of(store_id, state, limit=LISTED)


def claim_call(work: Work, intervention_id: str, *, store_id: str, by: str, at: datetime) -> Intervention:
    """Take a call; taking one's own again changes nothing.

    Raises:
        FlowError: `intervention_not_found`; `intervention_taken` with who has it and since when.
    """
    call = find_call(work, intervention_id, store_id)
    if not work.interventions.claim(intervention_id, by, at=at):
        now = find_call(work, intervention_id, store_id)
        if now.state == "claimed" and now.claimed_by == by:
            return now
        raise _taken(now)
    call = find_call(work, intervention_id, store_id)
    work.events.tell(store_id, "intervention.claimed", intervention_json(call), at=at)
    return call


def resolve_call(
    work: Work,
    intervention_id: str,
    resolution: Resolution,
    *,
    store_id: str,
    by: str,
    at: datetime,
    settle: Settle,
) -> Intervention:
    """Close a call that one has taken, and let follow what follows.

    Raises:
        FlowError: `intervention_not_found`, `intervention_taken`, `intervention_not_claimed`, `must_be_on_the_spot`,
            `tender_missing`, `amount_missing`.
        CheckoutError: What follows is refused; the call stays open then.
    """
    call = find_call(work, intervention_id, store_id)
    policy = POLICIES.get(call.type, Policy(remote=True))
    if not policy.remote and not resolution.on_the_spot:
        raise FlowError("must_be_on_the_spot", "This is settled at the kiosk, face to face.", call_type=call.type)
    if policy.tenders and resolution.approved and resolution.tender not in policy.tenders:
        raise FlowError("tender_missing", "How was it paid?", allowed=sorted(policy.tenders), tender=resolution.tender)
    if policy.tenders and resolution.approved and resolution.amount_minor is None:
        raise FlowError("amount_missing", "How much was taken?")
    if not work.interventions.resolve(intervention_id, by, resolution.word, resolution.reason, at=at):
        now = find_call(work, intervention_id, store_id)
        if now.state == "open":
            raise FlowError("intervention_not_claimed", "Take the call first, so that nobody else comes too.")
        raise _taken(now)
    settle(work, call, resolution)
    closed = find_call(work, intervention_id, store_id)
    work.events.tell(store_id, "intervention.resolved", intervention_json(closed), at=at)
    if policy.audited:
        work.events.record(by, f"{call.type}.{resolution.word}", call.basket_id or call.kiosk_id, at=at)
    return closed


def find_call(work: Work, intervention_id: str, store_id: str) -> Intervention:
    """Return a call of this store.

    Raises:
        FlowError: `intervention_not_found`.
    """
    call = work.interventions.get(intervention_id)
    if call is None or call.store_id != store_id:
        raise FlowError("intervention_not_found", "There is no such call.", intervention_id=intervention_id)
    return call


def _taken(call: Intervention) -> FlowError:
    # Who claims is who resolves, so one name serves both.
    by, since = call.resolved_by or call.claimed_by, call.resolved_at or call.claimed_at
    name = call.claimed_by_name or by
    return FlowError("intervention_taken", f"{name} has it already.", by=by, by_name=name, at=since, state=call.state)
