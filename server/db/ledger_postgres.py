"""The ledger's statements in the words of PostgreSQL: rows come in as one JSON text, through `jsonb_to_recordset`."""

from sqlalchemy import text

from server.db.ledger import Statements

POSTGRES = Statements(
    accounts=text(
        "INSERT INTO balance (account_id, currency, balance_minor) "
        "SELECT account_id, currency, 0 FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
        "AS given (account_id text, currency text) ON CONFLICT (account_id) DO NOTHING"
    ),
    balances=text(
        "UPDATE balance SET balance_minor = balance_minor + moved.change "
        "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS moved (account_id text, currency text, change bigint) "
        "WHERE balance.account_id = moved.account_id AND balance.currency = moved.currency "
        "AND balance.balance_minor + moved.change >= 0"
    ),
)
