"""Find a file of weights and refuse any but the one that was measured."""

import hashlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from models.card import OPERATOR_FILE, Given, Made, ModelCard, ModelId, Shipped, operator_cards, read_manifest
from models.errors import ModelUnknownError, WeightMismatchError, WeightMissingError

DEFAULT_FOLDER = Path("var/models")


class Store:
    """The weights of one machine: what the packages ship, and what was put or made in ``folder``.

    A file in ``folder`` goes before the same file in a package, so that a machine without the package can be given a
    folder. Wherever it lies, its sha256 is compared each time before it is loaded.
    """

    def __init__(self, folder: Path = DEFAULT_FOLDER, *, cards: Mapping[ModelId, ModelCard] | None = None) -> None:
        """Take a folder; what its ``operator.toml`` lists comes beside the manifest.

        Raises:
            OperatorFileError: That list cannot be used.
        """
        self.folder = folder
        self.cards = {**read_manifest(), **operator_cards(folder)} if cards is None else cards

    def card(self, model_id: ModelId) -> ModelCard:
        """Return the row of the manifest.

        Raises:
            ModelUnknownError: There is none.
        """
        if model_id not in self.cards:
            raise ModelUnknownError(model_id, known=tuple(self.cards))
        return self.cards[model_id]

    def find(self, model_id: ModelId) -> Path:
        """Return where the file lies, without looking into it.

        Raises:
            ModelUnknownError: The manifest has no such row.
            WeightMissingError: It is neither in the folder nor in its package.
        """
        card = self.card(model_id)
        here = self.folder / card.file
        if here.is_file():
            return here
        match card.origin:
            case Given():
                remedy = f"Put it into {self.folder}, beside {OPERATOR_FILE}, or take its row out there."
            case Made():
                remedy = f"Run `python -m models install {self.folder}` once."
            case Shipped() as origin:
                path = _in_package(origin)
                if path is not None:
                    return path
                remedy = (
                    f"Install the package {origin.package} {origin.version}, or put the file into "
                    f"{self.folder}, then run `python -m models verify {self.folder}`."
                )
        raise WeightMissingError(model_id, file=card.file, remedy=remedy)

    def read(self, model_id: ModelId) -> bytes:
        """Return the verified bytes of a file. The bytes that were hashed are the bytes returned.

        Raises:
            ModelUnknownError, WeightMissingError: As for ``find``.
            WeightMismatchError: It is another file than the one of the manifest.
        """
        path = self.find(model_id)
        content = path.read_bytes()
        check(self.card(model_id), path, content)
        return content

    def verified_path(self, model_id: ModelId) -> Path:
        """Return the path of a verified file, for the runtimes that open files themselves.

        Raises:
            ModelUnknownError, WeightMissingError, WeightMismatchError: As for ``read``.
        """
        path = self.find(model_id)
        check(self.card(model_id), path, path.read_bytes())
        return path


def check(card: ModelCard, path: Path, content: bytes) -> None:
    """Compare the content of a file with its card.

    Raises:
        WeightMismatchError: The sha256 differs.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise WeightMismatchError(card.id, path=path, expected=card.sha256, found=found)


def _in_package(origin: Shipped) -> Path | None:
    # The distribution's records are asked rather than the package imported: some load a whole framework when imported.
    try:
        path = Path(str(metadata.distribution(origin.package).locate_file(origin.path)))
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None
