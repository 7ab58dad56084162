"""The weights: which there are, where they come from, what they measure.

The window holds what costs nothing to import. ``models.loaders`` opens the runtimes; ``models.install`` makes files.
"""

from models.card import (
    DLIB_RESNET,
    PRESENTATION_ATTACK,
    SFACE,
    YUNET,
    ModelCard,
    ModelId,
    OperatingPoint,
    card,
    read_manifest,
)
from models.errors import ModelError, ModelUnknownError, WeightMismatchError, WeightMissingError
from models.store import DEFAULT_FOLDER, Store

__all__ = [
    "DEFAULT_FOLDER",
    "DLIB_RESNET",
    "PRESENTATION_ATTACK",
    "SFACE",
    "YUNET",
    "ModelCard",
    "ModelError",
    "ModelId",
    "ModelUnknownError",
    "OperatingPoint",
    "Store",
    "WeightMismatchError",
    "WeightMissingError",
    "card",
    "read_manifest",
]
