"""What can be wrong with weights.

ModelError
    ModelUnknownError      the manifest has no such row
    WeightMissingError     the file is not where it should be
    WeightMismatchError    the file is there, and is not the one that was measured
    OperatorFileError      the operator's own list of weights cannot be used
"""

from pathlib import Path


class ModelError(Exception):
    """The root of the family."""


class ModelUnknownError(ModelError):
    """No row of the manifest has this id."""

    def __init__(self, model_id: str, *, known: tuple[str, ...]) -> None:
        self.model_id = model_id
        super().__init__(f"No model is called {model_id!r}. The manifest knows: {', '.join(known)}.")


class OperatorFileError(ModelError):
    """The file in which an operator lists weights of their own cannot be used."""

    def __init__(self, place: Path, reason: str) -> None:
        self.place = place
        super().__init__(
            f"{place.name} cannot be used: {reason}. It holds [[model]] rows with id, file, sha256, bytes, licence, "
            "source, input, measured and threshold; docs/sight.md shows one. Delete it to go on without."
        )


class WeightMissingError(ModelError):
    """A file of weights is not there; the sentence says what brings it."""

    def __init__(self, model_id: str, *, file: str, remedy: str) -> None:
        self.model_id = model_id
        self.file = file
        super().__init__(f"The weights {model_id!r} ({file}) are missing. {remedy}")


class WeightMismatchError(ModelError):
    """A file of weights is not the one that was measured, and is not loaded."""

    def __init__(self, model_id: str, *, path: Path, expected: str, found: str) -> None:
        self.model_id = model_id
        self.path = path
        self.expected = expected
        self.found = found
        super().__init__(
            f"The file {path.name} is not the {model_id!r} of the manifest: its sha256 begins with {found[:12]}, "
            f"not {expected[:12]}. Delete it and run `python -m models install`."
        )
