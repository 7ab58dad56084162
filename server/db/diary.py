"""The access diary, in SQL. Rows are only ever added; they go with the account."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

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

    def count(self, customer_id: str, acts: Collection[str], *, since: datetime) -> int:
        """Return how many of one person's lines are of these acts and later than `since`."""
        lines = select(func.count()).where(
            diary.c.customer_id == customer_id, diary.c.act.in_(sorted(acts)), diary.c.at > since
        )
        return int(self._connection.execute(lines).scalar_one())
