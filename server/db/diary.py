"""The access diary, in SQL. Rows are only ever added; they go with the account."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from server.db.tables import diary
from server.flows.ports.people import DiaryRow


class DiaryStore:
    """Who looked at whose data."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, row: DiaryRow) -> None:
        """Add a line."""
        self._connection.execute(
            insert(diary).values(customer_id=row.customer_id, at=row.at, act=row.act, at_where=row.where)
        )

    def of(self, customer_id: str, *, limit: int) -> Sequence[DiaryRow]:
        """Return the lines of one person, newest first."""
        mine = select(diary).where(diary.c.customer_id == customer_id).order_by(diary.c.diary_id.desc()).limit(limit)
        return [DiaryRow(row.customer_id, row.at, row.act, row.at_where) for row in self._connection.execute(mine)]
