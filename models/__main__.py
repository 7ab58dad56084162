"""``python -m models list | verify | install [FOLDER]``: which weights there are, and whether they are right."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.card import OPERATOR_FILE, PRESENTATION_ATTACK, Given, Made, ModelCard, Shipped
from models.errors import ModelError
from models.install import Outcome, Report, install, verify
from models.store import DEFAULT_FOLDER, Store

WORDS = {Outcome.PRESENT: "right", Outcome.MADE: "made", Outcome.REFUSED: "REFUSED"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 when all is right, 1 when a file is refused, 2 when misused."""
    parser = argparse.ArgumentParser(prog="python -m models", description="The weights: list, verify, install.")
    parser.add_argument("command", choices=["list", "verify", "install"])
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER, help="default: %(default)s")
    chosen = parser.parse_args(arguments)
    if chosen.folder.exists() and not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is no folder: name the one that holds the weights, or is to hold them")
    try:
        store = Store(chosen.folder)
    except ModelError as problem:
        print(problem)
        return 1
    if chosen.command == "list":
        for card in store.cards.values():
            print(_described(card))
        if PRESENTATION_ATTACK not in store.cards:
            print(f"{PRESENTATION_ATTACK:<20} none: no trained model looks for photographs, masks or screens.")
            print(f"    An operator may put an ONNX file and its row into {chosen.folder / OPERATOR_FILE}.")
        return 0
    reports = install(store) if chosen.command == "install" else verify(store)
    for report in reports:
        print(_line(report))
    refused = sum(report.outcome is Outcome.REFUSED for report in reports)
    print(f"{len(reports) - refused} of {len(reports)} files of weights are right.")
    return 1 if refused else 0


def _described(card: ModelCard) -> str:
    match card.origin:
        case Shipped(package=package, version=version):
            origin = f"in {package} {version}"
        case Made(source=source):
            origin = f"made from {source}"
        case Given():
            origin = "given by the operator"
    return f"{card.id:<20} {card.size_bytes / 1e6:7.1f} MB  {card.licence:<11} {origin}\n    {card.measured}"


def _line(report: Report) -> str:
    return f"{WORDS[report.outcome]:<8} {report.model_id}" + (f"\n    {report.reason}" if report.reason else "")


if __name__ == "__main__":
    sys.exit(main())
