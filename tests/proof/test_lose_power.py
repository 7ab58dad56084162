"""A simulated disk loses what was not synced, at hundreds of moments: no acknowledged payment is lost with it.

The real settlement runs (flows, batches, statements, pragmas); only the driver below it is another (`lossy_disk`). Now
and then the log is carried into the file, as a server does each second, so that the power goes in the middle of that,
too. The same is done with durability weakened, and then payments must be lost, so that we know that the test can fail.
"""

import random
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select

from server.db import tables
from server.db.database import Database
from server.db.schema import upgrade
from server.db.unit_of_work import UnitOfWork
from server.flows.ports.payments import PaymentRow
from server.flows.shop import Shop, open_shop
from tests.proof.lossy_disk import LossyDisk, lossy_engine
from tests.server.builders import Paying, Sale, a_sale, stock_small_shop

BATCHES, MOST_IN_BATCH = 40, 10
CARRIED_EACH = 4
CUTS = 200


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A payment whose outcome was given out, and how much had been done to the disk by then."""

    payment_id: str
    acts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What many power cuts left.

    Attributes:
        asked: Acknowledged payments looked for, over all cuts; `lost` of them were gone.
        unlucky: Cuts that lost at least one.
        broken: Cuts after which the books did not hold.
    """

    asked: int
    lost: int
    unlucky: int
    broken: int

    def __str__(self) -> str:
        """Say it to a person."""
        return f"{CUTS} power cuts: {self.lost} of {self.asked} acknowledged payments lost, in {self.unlucky} cuts"


def sell_on(folder: Path, synchronous: str) -> Outcome:
    """Settle batches of random sizes on a lossy disk, then cut the power at random moments of what was done to it."""
    path, dice = folder / "store.db", random.Random(20261123)
    upgrade(f"sqlite:///{path}")
    stocked = Database(f"sqlite:///{path}")
    stocked.write(stock_small_shop)
    shop = stocked.read(lambda work: open_shop(work, "demo"))
    stocked.scrub()
    stocked.close()
    before = {path.name: path.read_bytes()}
    told: list[Acknowledged] = []
    with lossy_engine(path, synchronous=synchronous) as (engine, disk):
        database = Database(engine)
        for n in range(BATCHES):
            sales = database.write(partial(some_sales, shop, dice.randint(1, MOST_IN_BATCH)))
            for outcome in database.settle([Paying(shop, sale) for sale in sales]):
                assert isinstance(outcome, PaymentRow), outcome
                told.append(Acknowledged(outcome.payment_id, len(disk.acts)))
            if n % CARRIED_EACH == 0:
                database.checkpoint()
        assert database.tally["alone"] == 0
        assert any(act.file == path.name for act in disk.acts), "the log was never carried into the file"
        database.close()
    return cut(folder, disk, told, before)


def cut(folder: Path, disk: LossyDisk, told: list[Acknowledged], before: dict[str, bytes]) -> Outcome:
    """Open what is left after each cut with the ordinary driver, as a server that starts again does; look for each."""
    dice = random.Random(7)
    asked = lost = unlucky = broken = 0
    for n in range(CUTS):
        upto = dice.randrange(told[0].acts, len(disk.acts))
        place = folder / f"cut-{n}"
        place.mkdir()
        for name, data in disk.after(upto, dice, before).items():
            (place / name).write_bytes(data)
        database = Database(f"sqlite:///{place / 'store.db'}")
        captured = database.read(captured_ids)
        broken += not database.read(lambda work: work.ledger.verify()).holds
        database.close()
        known = {each.payment_id for each in told if each.acts <= upto}
        asked, lost, unlucky = asked + len(known), lost + len(known - captured), unlucky + bool(known - captured)
    return Outcome(asked, lost, unlucky, broken)


def some_sales(shop: Shop, count: int, work: UnitOfWork) -> list[Sale]:
    """Return sales of shoppers with money."""
    return [a_sale(work, shop) for _ in range(count)]


def captured_ids(work: UnitOfWork) -> set[str]:
    """Return the payments that are captured."""
    payment = tables.payment
    query = select(payment.c.payment_id).where(payment.c.status == "captured")
    return set(work.connection.execute(query).scalars())


def test_no_acknowledged_payment_is_lost_when_the_power_goes_at_any_moment(tmp_path: Path) -> None:
    outcome = sell_on(tmp_path, "FULL")

    assert outcome.asked > CUTS
    assert (outcome.lost, outcome.broken) == (0, 0), str(outcome)
    sys.stdout.write(f"synchronous=FULL: {outcome}\n")


def test_payments_are_lost_when_durability_is_weakened(tmp_path: Path) -> None:
    outcome = sell_on(tmp_path, "NORMAL")

    assert outcome.lost > 0, "the control loses nothing: the proof above could not fail"
    assert outcome.broken == 0
    sys.stdout.write(f"synchronous=NORMAL, as a control: {outcome}\n")
