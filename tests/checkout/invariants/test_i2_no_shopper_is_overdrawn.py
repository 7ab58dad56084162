"""I2: what a shopper has, and what is set aside for them, is never below zero.

Caught: a guard that lets a guarded account pass (as when it looked at the balance before instead of after).
"""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    PSP_SANDBOX,
    AccountId,
    Money,
    Posting,
    Tender,
    Transfer,
    TransferKind,
    guard,
    hold,
    hold_account,
    main_account,
    post,
    void,
)
from checkout.errors import InsufficientFundsError
from tests.checkout.builders import euros

ADA = main_account("ada")
ACTS = st.lists(
    st.tuples(st.sampled_from(["topup", "hold", "post", "void"]), st.integers(1, 500), st.integers(0, 2)), max_size=25
)


def act(what: str, number: int, minor: int, payment: int, holds: dict[int, Transfer]) -> Transfer | None:
    """Return the transfer of one act, also of one that nobody should ask for: posted twice, held without money."""
    name = str(payment)
    match what:
        case "topup":
            posting = Posting(PSP_SANDBOX, ADA, euros(minor))
            return Transfer(f"t{number}", TransferKind.TOPUP, name, (posting,))
        case "hold":
            return holds.setdefault(payment, hold(f"h{number}", name, euros(minor), [Tender(ADA, euros(minor))]))
        case "post":
            return post(f"p{number}", name, holds[payment], store="12") if payment in holds else None
        case _:
            return void(f"v{number}", name, holds[payment]) if payment in holds else None


@given(ACTS)
def test_no_guarded_account_is_below_zero_when_anything_is_tried(acts: list[tuple[str, int, int]]) -> None:
    held: dict[AccountId, Money] = {}
    holds: dict[int, Transfer] = {}
    for number, (what, minor, payment) in enumerate(acts):
        transfer = act(what, number, minor, payment, holds)
        if transfer is not None:
            with suppress(InsufficientFundsError):
                held = dict(guard(held, transfer))
        assert all(balance.minor >= 0 for account, balance in held.items() if account.is_guarded)
        assert sum(balance.minor for balance in held.values()) == 0
    set_aside = sum(held.get(hold_account(str(payment)), euros(0)).minor for payment in range(3))
    posted_in = -held.get(PSP_SANDBOX, euros(0)).minor
    assert held.get(ADA, euros(0)).minor + set_aside <= posted_in
