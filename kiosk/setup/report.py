"""What a check found, and the report of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    RIGHT = "right"
    MEND = "mend"  # the kiosk cannot do its work until it is mended
    LOOK = "look"  # it works, worse than it could
    NONE = "none"  # there is none, and none is needed


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the report.

    Attributes:
        what: The thing that was looked at.
        verdict: How it is.
        found: What was seen, with its figures.
        fix: What to do about it; empty where nothing is to be done.
    """

    what: str
    verdict: Verdict
    found: str
    fix: str = ""


def told(findings: Sequence[Finding]) -> str:
    """Return the report as text: a row each, what to do below it, and the count at the end."""
    width = max(len(finding.what) for finding in findings)
    rows = []
    for finding in findings:
        rows.append(f"{finding.verdict:<6} {finding.what:<{width}}  {finding.found}")
        if finding.fix:
            rows.append(f"{'':<6} {'':<{width}}  -> {finding.fix}")
    to_mend = sum(finding.verdict is Verdict.MEND for finding in findings)
    rows.append(f"{len(findings)} things looked at, {to_mend} to mend.")
    return "\n".join(rows)
