"""``python -m vision.bench SUBJECT ...``: what sight reads, beside the named peers in the same run.

Each subject is a module with ``run``, which parses what follows its name (``--help`` tells) and prints tables.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence

SUBJECTS = ("barcodes", "faces", "index", "liveness")


def main(arguments: Sequence[str]) -> None:
    """Run one subject with the arguments after its name."""
    parser = argparse.ArgumentParser(prog="python -m vision.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("subject", choices=SUBJECTS, help="what to measure; SUBJECT --help tells its options")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    # Imported by name: each sets its threads before NumPy comes, and none needs the others' libraries.
    program: Callable[[Sequence[str]], None] = importlib.import_module(f"vision.bench.{chosen.subject}").run
    program(chosen.rest)


if __name__ == "__main__":
    main(sys.argv[1:])
