"""The ledger's statements in the words of SQLite: rows come in as one JSON text and go through `json_each`."""

from sqlalchemy import text

from server.db.ledger import Statements

SQLITE = Statements(
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
