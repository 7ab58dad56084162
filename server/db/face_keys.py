"""Keys of galleries, and galleries on their way to another key, in SQL."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, exists, func, insert, select, tuple_, update

from server.db.people import covered
from server.db.tables import face_key, face_key_wrap, face_reference, face_reference_next
from server.flows.ports.face_keys import FaceKey, KeptAnew, Wrap

_ready, _on_file = face_reference_next.c, face_reference.c


class FaceKeyStore:
    """What the gallery is kept under."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, store_id: str, *, lock: bool = False) -> FaceKey | None:
        """Return the store's; ``lock`` keeps other transactions from changing it or adding a reference meanwhile."""
        asked = select(face_key).where(face_key.c.store_id == store_id)
        row = self._connection.execute(asked.with_for_update() if lock else asked).one_or_none()
        return None if row is None else FaceKey(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def put(self, key: FaceKey) -> None:
        """Write the store's down, in place of what was there."""
        facts = asdict(key)
        if not self._connection.execute(
            update(face_key).where(face_key.c.store_id == key.store_id).values(**facts)
        ).rowcount:
            self._connection.execute(insert(face_key).values(**facts))

    def wraps_for(self, store_id: str, kiosk_id: str) -> Sequence[Wrap]:
        """Return all that was ever closed for a kiosk, in no order."""
        wrap = face_key_wrap.c
        rows = self._connection.execute(
            select(wrap.kiosk_id, wrap.from_key_id, wrap.to_key_id, wrap.wrapped).where(
                wrap.store_id == store_id, wrap.kiosk_id == kiosk_id
            )
        )
        return [Wrap(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def add_wraps(self, store_id: str, wraps: Sequence[Wrap]) -> None:
        """Keep new keys for kiosks to fetch; of the same step the later counts."""
        if not wraps:
            return
        step = tuple_(face_key_wrap.c.from_key_id, face_key_wrap.c.kiosk_id)
        same = step.in_([(wrap.from_key_id, wrap.kiosk_id) for wrap in wraps])
        self._connection.execute(delete(face_key_wrap).where(face_key_wrap.c.store_id == store_id, same))
        self._connection.execute(insert(face_key_wrap), [{"store_id": store_id, **asdict(wrap)} for wrap in wraps])

    def stage(self, references: Sequence[KeptAnew]) -> None:
        """Lay references ready; of the same id the later counts."""
        if not references:
            return
        ids = [each.reference_id for each in references]
        self._connection.execute(delete(face_reference_next).where(_ready.reference_id.in_(ids)))
        self._connection.execute(insert(face_reference_next), [asdict(each) for each in references])

    def unstage(self) -> None:
        """Throw away what was laid ready."""
        self._connection.execute(delete(face_reference_next))

    def missing(self, purpose: str) -> int:
        """Return how many references that the store's key opens are not laid ready."""
        ready = exists(select(_ready.reference_id).where(_ready.reference_id == _on_file.reference_id))
        counted = (
            select(func.count()).select_from(face_reference).where(_on_file.mode == "gallery", covered(purpose), ~ready)
        )
        return int(self._connection.execute(counted).scalar_one())

    def take_staged(self) -> int:
        """Put what was laid ready in place of what it was made of, and return how many that were."""
        ready = select(_ready.sealed, _ready.model_id).where(_ready.reference_id == _on_file.reference_id)
        taken = self._connection.execute(
            update(face_reference)
            .where(_on_file.reference_id.in_(select(_ready.reference_id)), _on_file.mode == "gallery")
            .values(
                sealed=ready.with_only_columns(_ready.sealed).scalar_subquery(),
                model_id=ready.with_only_columns(_ready.model_id).scalar_subquery(),
            )
        ).rowcount
        self.unstage()
        return taken

    def has_gallery(self) -> bool:
        """Say whether anything is kept under the store's key."""
        kept = select(_on_file.reference_id).where(_on_file.mode == "gallery").limit(1)
        return self._connection.execute(kept).first() is not None
