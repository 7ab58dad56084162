"""`python -m server.db upgrade [URL]`: bring a database to the newest schema."""

import sys

from server.db.schema import upgrade
from server.settings import Settings


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    match arguments:
        case ["upgrade"]:
            url = Settings().database_url
        case ["upgrade", url]:
            pass
        case _:
            print(__doc__)
            return 2
    print(f"schema is at {upgrade(url)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
