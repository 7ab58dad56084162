"""What can be wrong with weights.

ModelError
    ModelUnknownError      the manifest has no such row
    WeightMissingError     the file is not where it should be
    WeightMismatchError    the file is there, and is not the one that was measured
"""

from pathlib import Path


class ModelError(Exception):
    """The root of the family."""


class ModelUnknownError(ModelError):
    """No row of the manifest has this id."""

    def __init__(self, model_id: str, *, known: tuple[str, ...]) -> None:
        self.model_id = model_id
        super().__init__(f"No model is called {model_id!r}. The manifest knows: {', '.join(known)}.")


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
