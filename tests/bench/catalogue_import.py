"""Import 807 803 names, and as many priced products, into SQLite: `python -m tests.bench.catalogue_import [FOLDER]`.

FOLDER holds `catalogue/off-names-2019.csv.gz`. Each import is the real command in a process of its own; time on the
clock, time on the processor and peak memory are what the system says of that process (`wait4`). Prices are made from
the digits of the code: only their number matters here.
"""

import csv
import gzip
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from server.db.database import Database
from server.db.schema import upgrade
from server.demo.stock import STORE

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS, LIMIT_MB = 60, 600
"""Issue 4: 800 k rows in less than a minute and 600 MB."""


def main(arguments: Sequence[str]) -> int:
    """Print a table; return 1 when a limit is broken."""
    shared = Path(arguments[0]) if arguments else ROOT.parent / "shared" / "data"
    names = shared / "catalogue" / "off-names-2019.csv.gz"
    print(f"{'import':34} {'clock s':>8} {'cpu s':>7} {'peak MB':>8}")
    is_kept = True
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        upgrade(url)
        database = Database(url)
        database.write(lambda work: work.shelf.put_store(STORE))
        database.close()
        goods = Path(folder) / "products.csv"
        write_goods(names, goods)
        for title, form, path in (
            ("807 803 references, first time", "off", names),
            ("807 803 references, again", "off", names),
            ("807 803 priced products, first time", "own", goods),
            ("807 803 priced products, again", "own", goods),
        ):
            clock, cpu, peak_mb = measure(form, path, url)
            is_kept &= clock < LIMIT_SECONDS and peak_mb < LIMIT_MB
            print(f"{title:34} {clock:8.1f} {cpu:7.1f} {peak_mb:8.0f}", flush=True)
    print(f"limits: {LIMIT_SECONDS} s on the clock, {LIMIT_MB} MB: {'kept' if is_kept else 'BROKEN'}")
    return 0 if is_kept else 1


def write_goods(names: Path, target: Path) -> None:
    """Write a file of products with made prices."""
    with gzip.open(names, "rt", encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("code", "name", "price", "vat_class", "demo_price"))
        for row in csv.DictReader(source):
            writer.writerow((row["gtin"], row["name"], f"{int(row['gtin'][-4:-1])}.99", "reduced", "yes"))


def measure(form: str, path: Path, url: str) -> tuple[float, float, float]:
    """Return seconds on the clock, seconds on the processor and peak megabytes of one import."""
    arguments = [sys.executable, "-m", "server", "import-catalogue", form, str(path), "--database", url]
    started = time.monotonic()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.executable, arguments, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"the import of {path.name} ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, used.ru_utime + used.ru_stime, peak_megabytes(used)


def peak_megabytes(used: resource.struct_rusage) -> float:
    """Return the peak of resident memory; Linux counts it in kilobytes."""
    return used.ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
