import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    CNY,
    EUR,
    GENESIS,
    PSP_SANDBOX,
    AccountId,
    AccountKind,
    Money,
    Posting,
    Transfer,
    TransferKind,
    balances,
    campaign_account,
    cashback_account,
    chain_hash,
    first_break,
    funder_account,
    guard,
    hold_account,
    main_account,
    receivable_account,
    sales_account,
    sponsor_account,
    till_account,
    voucher_account,
)
from checkout.errors import CurrencyMismatchError, InsufficientFundsError, MalformedRuleError
from tests.checkout.builders import euros

ADA, BEN = main_account("ada"), main_account("ben")
accounts = st.sampled_from([ADA, BEN, PSP_SANDBOX, sales_account("12"), hold_account("p"), campaign_account("c")])
postings = st.tuples(accounts, accounts, st.integers(1, 10**6)).filter(lambda p: p[0] != p[1])
transfers = st.lists(
    st.lists(postings.map(lambda p: Posting(p[0], p[1], euros(p[2]))), min_size=1, max_size=4).map(
        lambda found: Transfer("t", TransferKind.SALE, "r", tuple(found))
    ),
    max_size=8,
)


def a_transfer(minor: int = 100, transfer_id: str = "t-1") -> Transfer:
    return Transfer(transfer_id, TransferKind.TOPUP, "ref", (Posting(PSP_SANDBOX, ADA, euros(minor)),))


@given(transfers)
def test_all_accounts_sum_to_zero_when_anything_is_posted(journal: list[Transfer]) -> None:
    assert sum(balance.minor for balance in balances(journal).values()) == 0


@given(transfers)
def test_guarded_accounts_never_fall_below_zero_when_transfers_are_guarded(journal: list[Transfer]) -> None:
    held = balances([])
    for transfer in journal:
        try:
            held = guard(held, transfer)
        except InsufficientFundsError:
            continue
        assert all(balance.minor >= 0 for account, balance in held.items() if account.is_guarded)


def test_balance_is_what_came_in_less_what_went_out_when_folded() -> None:
    journal = [
        a_transfer(500),
        Transfer("t-2", TransferKind.SALE, "b", (Posting(ADA, sales_account("12"), euros(120)),)),
    ]
    assert balances(journal) == {PSP_SANDBOX: euros(-500), ADA: euros(380), sales_account("12"): euros(120)}


def test_error_says_what_is_there_when_a_wallet_is_overdrawn() -> None:
    held = balances([a_transfer(100)])
    spend = Transfer("t-2", TransferKind.SALE, "b", (Posting(ADA, sales_account("12"), euros(101)),))
    with pytest.raises(InsufficientFundsError) as refused:
        guard(held, spend)
    assert (refused.value.asked_minor, refused.value.held_minor, refused.value.currency) == (101, 100, "EUR")


@pytest.mark.parametrize(
    ("account", "text"),
    [
        (main_account("42"), "main:42"),
        (receivable_account("42"), "receivable:42"),
        (cashback_account("42"), "cashback:42"),
        (hold_account("p-1"), "hold:p-1"),
        (sales_account("12"), "sales:12"),
        (campaign_account("spring"), "campaign:spring"),
        (till_account("12"), "till:12"),
        (funder_account("brand"), "funder:brand"),
        (sponsor_account("aid"), "sponsor:aid"),
        (voucher_account("meals"), "voucher:meals"),
        (PSP_SANDBOX, "psp:sandbox"),
    ],
)
def test_account_reads_back_when_it_is_written(account: AccountId, text: str) -> None:
    assert str(account) == text
    assert AccountId.parse(text) == account


@pytest.mark.parametrize("text", ["", "main", "main:", "bank:1", "main:a b", "main:é", "main:" + "x" * 97])
def test_account_is_refused_when_kind_or_owner_cannot_be(text: str) -> None:
    with pytest.raises(MalformedRuleError):
        AccountId.parse(text)


def test_only_shoppers_money_is_guarded_when_asked() -> None:
    assert {kind for kind in AccountKind if AccountId(kind, "x").is_guarded} == {
        AccountKind.MAIN,
        AccountKind.CASHBACK,
        AccountKind.VOUCHER,
        AccountKind.HOLD,
        AccountKind.SPONSOR,
    }


def test_posting_cannot_be_written_down_when_it_moves_nothing_or_nowhere() -> None:
    for debit, credit, minor in ((ADA, BEN, 0), (ADA, BEN, -1), (ADA, ADA, 1)):
        with pytest.raises(MalformedRuleError):
            Posting(debit, credit, euros(minor))


def test_transfer_cannot_be_written_down_when_empty_or_of_two_currencies() -> None:
    with pytest.raises(MalformedRuleError):
        Transfer("t", TransferKind.SALE, "r", ())
    with pytest.raises(CurrencyMismatchError):
        Transfer("t", TransferKind.SALE, "r", (Posting(ADA, BEN, euros(1)), Posting(ADA, BEN, Money(1, CNY))))


def test_balances_are_refused_when_one_account_was_used_with_two_currencies() -> None:
    mixed = [
        Transfer(f"t{n}", TransferKind.SALE, "r", (Posting(ADA, BEN, Money(1, unit)),))
        for n, unit in enumerate((EUR, CNY))
    ]
    with pytest.raises(CurrencyMismatchError):
        balances(mixed)


def test_posting_runs_back_when_reversed() -> None:
    posting = Posting(ADA, BEN, euros(5))
    assert posting.reversed() == Posting(BEN, ADA, Money(5, EUR))


def chained(journal: list[Transfer]) -> list[tuple[Transfer, str]]:
    links, previous = [], GENESIS
    for transfer in journal:
        previous = chain_hash(previous, transfer)
        links.append((transfer, previous))
    return links


def test_chain_holds_when_nobody_edits_it() -> None:
    journal = [a_transfer(minor, f"t-{minor}") for minor in (1, 2, 3)]
    assert first_break(chained(journal)) is None
    assert first_break([]) is None


def test_chain_breaks_at_the_place_when_one_link_is_edited() -> None:
    links = chained([a_transfer(minor, f"t-{minor}") for minor in (1, 2, 3)])
    links[1] = (a_transfer(20, "t-2"), links[1][1])
    assert first_break(links) == 1
    assert first_break(links[2:], previous=GENESIS) == 0


@given(named=st.text(), ref=st.text())
def test_canonical_text_is_json_with_its_keys_in_order_when_names_hold_any_sign(named: str, ref: str) -> None:
    transfer = replace(a_transfer(), id=named, ref=ref)
    facts = json.loads(transfer.canonical)
    assert (facts["id"], facts["ref"]) == (named, ref)
    assert transfer.canonical == json.dumps(facts, sort_keys=True, separators=(",", ":"))


def test_hash_stays_the_same_when_computed_years_apart() -> None:
    # A stored chain must be verifiable for ever: the canonical text and this figure never change.
    assert a_transfer().canonical == (
        '{"currency":"EUR","id":"t-1","kind":"topup","postings":[["psp:sandbox","main:ada",100]],"ref":"ref"}'
    )
    assert chain_hash(GENESIS, a_transfer()) == "6609be38ffa7922321b538cc3976aa3d5624131cb461f985d10529ccbb39b30a"
