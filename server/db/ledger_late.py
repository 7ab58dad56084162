"""A ledger that takes the head of the chain last, for whoever sets money aside and hands it over in one transaction.

Every post takes the head's row (`server.db.ledger`), and rows are taken in one order, the head after all others. Two
steps in one transaction would take it with the first and coupons, funders and numbers after it: two such would wait for
each other crosswise. So what is posted waits here until somebody asks for its place, or until the commit.
"""

from collections.abc import Sequence
from datetime import datetime

from checkout import AccountId, Money, Transfer, balances, currency, guard
from server.db.ledger import LedgerStore
from server.flows.ports.ledger import Entry, Link


class LateLedger(LedgerStore):
    """Keeps transfers in hand; whether an account covers them is looked at when they come, and again when they go."""

    _waiting: tuple[tuple[Transfer, datetime], ...] = ()

    def post(self, transfers: Sequence[Transfer], *, at: datetime) -> None:
        """Take transfers in hand, in order; one whose id is there already is left out.

        Raises:
            InsufficientFundsError: A guarded account would end below zero; nothing at all has happened then.
        """
        known = self._known([transfer.id for transfer in transfers]) | {each.id for each, _ in self._waiting}
        fresh = [transfer for transfer in transfers if transfer.id not in known]
        for transfer in fresh:
            touched = [account for account in balances([transfer]) if account.is_guarded]
            unit = currency(transfer.postings[0].amount.currency.code)
            guard({account: Money(self.balance_of(account), unit) for account in touched}, transfer)
            self._waiting = (*self._waiting, (transfer, at))

    def write_down(self) -> None:
        """Append what is in hand; from here on nobody else posts before this transaction ends."""
        waiting, self._waiting = self._waiting, ()
        for at in dict.fromkeys(moment for _, moment in waiting):
            super().post([transfer for transfer, moment in waiting if moment == at], at=at)

    def get(self, transfer_id: str) -> Transfer | None:
        """Return a transfer, in hand or written down."""
        in_hand = (transfer for transfer, _ in self._waiting if transfer.id == transfer_id)
        return next(in_hand, None) or super().get(transfer_id)

    def balance_of(self, account: AccountId | str) -> int:
        """Return the balance of an account in minor units, with what is in hand."""
        held = AccountId.parse(str(account))
        changed = balances([transfer for transfer, _ in self._waiting]).get(held)
        return super().balance_of(held) + (0 if changed is None else changed.minor)

    def link(self, transfer_id: str) -> Link | None:
        """Return where a transfer stands in the chain: what is in hand gets its place now."""
        self.write_down()
        return super().link(transfer_id)

    def entries_of(self, account: AccountId | str, limit: int = 50, *, below: int | None = None) -> list[Entry]:
        """Return the movements of an account, newest first; those before a place in the chain where one is given."""
        self.write_down()
        return super().entries_of(account, limit, below=below)
