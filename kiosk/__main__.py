"""``python -m kiosk``: what it does stands in ``kiosk/commands.py``."""

import gc
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    # What is only just being made is no garbage: looking for it took a tenth of each start.
    gc.disable()
    from kiosk.commands import main as run  # noqa: PLC0415 - the imports are what is to be quick

    gc.freeze()
    gc.enable()
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
