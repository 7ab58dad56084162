"""``python -m vision.bench SUBJECT ...``: what sight reads, beside the named peers in the same run.

Each subject is a module with ``run``, which parses what follows its name (``--help`` tells) and prints tables.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from vision.bench import barcodes

SUBJECTS: Mapping[str, Callable[[Sequence[str]], None]] = {
    "barcodes": barcodes.run,
}


def main(arguments: Sequence[str]) -> None:
    """Run one subject with the arguments after its name."""
    parser = argparse.ArgumentParser(prog="python -m vision.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("subject", choices=SUBJECTS, help="what to measure; SUBJECT --help tells its options")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    SUBJECTS[chosen.subject](chosen.rest)


if __name__ == "__main__":
    main(sys.argv[1:])
