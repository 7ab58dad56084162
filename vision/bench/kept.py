"""Portraits of earlier runs in one file, so that a program that is run again, or goes on after a break, is quick.

Only numbers are kept, under the hash of the photograph: no picture, no name, no path. Weights or steps that change make
other keys, so that nothing old is ever believed. Delete the file to forget them.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models import ModelId, Store

DEFAULT_FILE = Path("var/bench/portraits.sqlite")

Vectors = npt.NDArray[np.float32]


class Kept:
    """One file of vectors."""

    def __init__(self, file: Path, made_by: bytes) -> None:
        """Open or make the file.

        Args:
            file: Where the vectors are.
            made_by: Stands for all that has a say in them (``made_by``).

        Raises:
            OSError, sqlite3.Error: It cannot be written, or is something else.
        """
        self._file, self._made_by = file, made_by
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as opened, opened:
            opened.execute("create table if not exists portrait (key blob primary key, vectors blob not null)")

    def get(self, picture: bytes) -> Vectors | None:
        """Return the numbers ``(n,)`` that these bytes once gave, none of them where they show no face."""
        with closing(sqlite3.connect(self._file)) as opened:
            row = opened.execute("select vectors from portrait where key = ?", (self._key(picture),)).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f4").astype(np.float32)

    def put(self, picture: bytes, vectors: Iterable[Vectors]) -> None:
        """Keep what these bytes gave."""
        content = b"".join(vector.astype("<f4").tobytes() for vector in vectors)
        with closing(sqlite3.connect(self._file)) as opened, opened:
            opened.execute("insert or replace into portrait values (?, ?)", (self._key(picture), content))

    def _key(self, picture: bytes) -> bytes:
        return hashlib.sha256(self._made_by + hashlib.sha256(picture).digest()).digest()


def made_by(store: Store, models: Sequence[ModelId], modules: Iterable[str]) -> bytes:
    """Return what stands for these weights and for the files of these modules, as they are written."""
    weights = "".join(store.card(model_id).sha256 for model_id in models).encode()
    return hashlib.sha256(weights + b"".join(Path(module).read_bytes() for module in modules)).digest()
