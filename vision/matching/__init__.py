"""Templates: made, sealed, compared. Needs NumPy and loads no camera, no picture and no network."""

from vision.matching.gallery import Gallery, ReferenceId
from vision.matching.impostors import ImpostorHistogram
from vision.matching.index import Form, Hit, TemplateIndex
from vision.matching.matcher import (
    Ambiguous,
    LookAlike,
    Outcome,
    Recognised,
    Stranger,
    fuse,
    identify,
    is_doubtful,
    look_alikes,
    operating_point,
)
from vision.matching.sealed import (
    SealKey,
    create_key,
    new_shopper_secret,
    open_sealed,
    read_key,
    replace_key,
    seal,
    shopper_key,
)
from vision.matching.store_key import StoreKey, key_id, new_seal_key
from vision.matching.template import Template, average
from vision.matching.turned import Turn

__all__ = [
    "Ambiguous",
    "Form",
    "Gallery",
    "Hit",
    "ImpostorHistogram",
    "LookAlike",
    "Outcome",
    "Recognised",
    "ReferenceId",
    "SealKey",
    "StoreKey",
    "Stranger",
    "Template",
    "TemplateIndex",
    "Turn",
    "average",
    "create_key",
    "fuse",
    "identify",
    "is_doubtful",
    "key_id",
    "look_alikes",
    "new_seal_key",
    "new_shopper_secret",
    "open_sealed",
    "operating_point",
    "read_key",
    "replace_key",
    "seal",
    "shopper_key",
]
