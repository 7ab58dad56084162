"""The ledger's statements in the words of SQLite: rows come in as one JSON text and go through `json_each`."""

from sqlalchemy import text

from server.db.ledger import Statements

SQLITE = Statements(
    transfers=text(
        "INSERT INTO transfer (transfer_id, position, kind, ref, at, prev_hash, hash) "
        "SELECT value ->> 'transfer_id', value ->> 'position', value ->> 'kind', value ->> 'ref', value ->> 'at', "
        "value ->> 'prev_hash', value ->> 'hash' FROM json_each(:rows)"
    ),
    postings=text(
        "INSERT INTO posting (transfer_id, n, debit, credit, amount_minor, currency) "
        "SELECT value ->> 'transfer_id', value ->> 'n', value ->> 'debit', value ->> 'credit', "
        "value ->> 'amount_minor', value ->> 'currency' FROM json_each(:rows)"
    ),
    accounts=text(
        "INSERT INTO balance (account_id, currency, balance_minor) "
        "SELECT value ->> 'account_id', value ->> 'currency', 0 FROM json_each(:rows) WHERE true "
        "ON CONFLICT (account_id) DO NOTHING"
    ),
    balances=text(
        "UPDATE balance SET balance_minor = balance_minor + moved.change "
        "FROM (SELECT value ->> 'account_id' AS account_id, value ->> 'currency' AS currency, "
        "value ->> 'change' AS change FROM json_each(:rows)) AS moved "
        "WHERE balance.account_id = moved.account_id AND balance.currency = moved.currency "
        "AND balance.balance_minor + moved.change >= 0"
    ),
)
