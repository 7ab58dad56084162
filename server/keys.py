"""Keys that must not lie in the database: whoever takes a copy of it takes no phone number with it."""

import os
from pathlib import Path
from secrets import token_bytes
from tempfile import mkstemp

PEPPER_BYTES = 32


def load_pepper(var_dir: Path) -> bytes:
    """Return the key for hashes of phone numbers, made at the first start and readable by its owner alone.

    Losing it means that nobody's number is recognised any more: it belongs into the backup, apart from the database.

    Raises:
        ValueError: The file is there and does not hold a key.
    """
    path = var_dir / "pepper.key"
    var_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written apart and linked into place: two servers that start at once agree on one key, whole or not at all.
        descriptor, fresh = mkstemp(prefix=".pepper-", dir=var_dir)  # readable by its owner alone
        with os.fdopen(descriptor, "wb") as file:
            file.write(token_bytes(PEPPER_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another process was first; its key is the key
        finally:
            Path(fresh).unlink()
    pepper = path.read_bytes()
    if len(pepper) != PEPPER_BYTES:
        raise ValueError(f"{path.name} holds {len(pepper)} bytes where a key has {PEPPER_BYTES}")
    return pepper
