"""Templates: made, sealed, compared. Needs NumPy and loads no camera, no picture and no network."""

from vision.matching.gallery import Gallery, ReferenceId
from vision.matching.matcher import (
    Ambiguous,
    Outcome,
    Recognised,
    Stranger,
    fuse,
    identify,
    is_doubtful,
    operating_point,
)
from vision.matching.sealed import SealKey, create_key, open_sealed, read_key, seal
from vision.matching.template import Template, average

__all__ = [
    "Ambiguous",
    "Gallery",
    "Outcome",
    "Recognised",
    "ReferenceId",
    "SealKey",
    "Stranger",
    "Template",
    "average",
    "create_key",
    "fuse",
    "identify",
    "is_doubtful",
    "open_sealed",
    "operating_point",
    "read_key",
    "seal",
]
