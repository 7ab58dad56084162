"""Take out of `package-lock.json` what npm writes into it beyond what is installed: `python scripts/strip_lock.py`.

Who wants money for a package says so by an address, and a lock names no host.
"""

import json
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "package-lock.json"


def stripped(lock: str) -> str:
    """Return the text of a lock without what it says of funding."""
    told = json.loads(lock)
    for package in told["packages"].values():
        package.pop("funding", None)
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    LOCK.write_text(stripped(LOCK.read_text("utf-8")), "utf-8")
