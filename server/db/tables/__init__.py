"""Every table of the store, once. Ids are made by the application; the ledger is only ever added to.

Instants are stored as microseconds since 1970 in UTC, so that both engines compare them alike. Documents that are read
and written whole (lines of a basket, a ticket's body) are JSON; whatever is counted, limited or joined is a column.
"""

from server.db.tables.base import EPOCH, Instant, metadata
from server.db.tables.baskets import basket, handover
from server.db.tables.coupons import campaign, campaign_day, campaign_held_out, coupon, share, share_claim
from server.db.tables.doors import pairing_code, passkey, recovery_code, second_request, used_word
from server.db.tables.money import balance, closing, exit_token, ledger_head, payment, posting, refund, ticket, transfer
from server.db.tables.people import (
    authentication,
    consent,
    customer,
    erasure,
    erasure_acknowledgement,
    face_reference,
    session,
    staff,
    topup,
    topup_fact,
    wallet_code,
)
from server.db.tables.record import audit_log, idempotency, intervention, outbox
from server.db.tables.shop import (
    catalogue_import,
    kiosk,
    price,
    product,
    product_code,
    product_reference,
    promotion,
    recalled_lot,
    store,
)
from server.db.tables.wallet import cashback_funder, cashback_programme, cashback_year, credit_batch, credit_row, purse

__all__ = [
    "EPOCH",
    "Instant",
    "audit_log",
    "authentication",
    "balance",
    "basket",
    "campaign",
    "campaign_day",
    "campaign_held_out",
    "cashback_funder",
    "cashback_programme",
    "cashback_year",
    "catalogue_import",
    "closing",
    "consent",
    "coupon",
    "credit_batch",
    "credit_row",
    "customer",
    "erasure",
    "erasure_acknowledgement",
    "exit_token",
    "face_reference",
    "handover",
    "idempotency",
    "intervention",
    "kiosk",
    "ledger_head",
    "metadata",
    "outbox",
    "pairing_code",
    "passkey",
    "payment",
    "posting",
    "price",
    "product",
    "product_code",
    "product_reference",
    "promotion",
    "purse",
    "recalled_lot",
    "recovery_code",
    "refund",
    "second_request",
    "session",
    "share",
    "share_claim",
    "staff",
    "store",
    "ticket",
    "topup",
    "topup_fact",
    "transfer",
    "used_word",
    "wallet_code",
]
