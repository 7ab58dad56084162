"""What is known of each file of weights, read from ``manifest.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NewType

from models.errors import ModelUnknownError, OperatorFileError

ModelId = NewType("ModelId", str)

YUNET = ModelId("yunet-2023mar-fp32")
SFACE = ModelId("sface-2021dec-fp32")
DLIB_RESNET = ModelId("dlib-resnet-v1")
DLIB_FIVE_POINTS = ModelId("dlib-five-points")
DLIB_MMOD = ModelId("dlib-mmod-detector")
PRESENTATION_ATTACK = ModelId("presentation-attack")
OPERATOR_FILE = "operator.toml"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A file that a pinned package carries: distribution name, version, and path under its root."""

    package: str
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class Made:
    """A file that ``models.fold`` makes out of another one, with the axes whose size it leaves open."""

    source: ModelId
    free_axes: Mapping[str, Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Given:
    """A file that the operator of a kiosk puts beside ``operator.toml``, on their own responsibility."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The score asked of the best of ``candidates`` people, and the share of strangers who reach it.

    ``fused_threshold`` is asked instead where a second model was heard; ``basis`` says how ``threshold`` is known.
    """

    candidates: int
    threshold: float
    fused_threshold: float
    false_accept_rate: float
    basis: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One row of the manifest.

    ``threshold`` and ``margin`` are scores, higher is closer. ``impostor_mean`` and ``impostor_sd`` are those of the
    score between two different people, and bring two models to one scale. Of a model against presentation attacks:
    ``side_px`` of its square input, ``crop_scale`` of the face's box that it sees, and which output means alive.
    """

    id: ModelId
    file: str
    origin: Shipped | Made | Given
    sha256: str
    size_bytes: int
    licence: str
    source: str
    input: str
    measured: str
    dimension: int | None = None
    threshold: float | None = None
    margin: float | None = None
    impostor_mean: float | None = None
    impostor_sd: float | None = None
    operating_points: tuple[OperatingPoint, ...] = ()
    side_px: int = 80
    crop_scale: float = 2.7
    live_class: int = 1


@cache
def read_manifest() -> Mapping[ModelId, ModelCard]:
    """Return every card by its id, in the order of the file. Read once: it comes with the program."""
    text = resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8")
    return cards_in(text)


def operator_cards(folder: Path) -> Mapping[ModelId, ModelCard]:
    """Return the cards of ``operator.toml`` in a folder of weights; none where there is no such file.

    Raises:
        OperatorFileError: It is no such file, or a row lacks what every row has, or has the id of one of ours.
    """
    place = folder / OPERATOR_FILE
    if not place.is_file():
        return MappingProxyType({})
    try:
        cards = cards_in(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as problem:
        raise OperatorFileError(place, f"it cannot be read ({problem!r})") from problem
    if ours := cards.keys() & read_manifest().keys():
        raise OperatorFileError(place, f"the rows {', '.join(sorted(ours))} are the project's own")
    return cards


def cards_in(text: str) -> Mapping[ModelId, ModelCard]:
    """Return the cards of a manifest given as TOML text.

    Raises:
        KeyError: A row lacks one of the fields that every row has.
    """
    cards = [_card(row) for row in tomllib.loads(text)["model"]]
    return MappingProxyType({card.id: card for card in cards})


def card(model_id: ModelId) -> ModelCard:
    """Return one card of the manifest.

    Raises:
        ModelUnknownError: The manifest has no such row.
    """
    cards = read_manifest()
    if model_id not in cards:
        raise ModelUnknownError(model_id, known=tuple(cards))
    return cards[model_id]


def _card(row: dict[str, Any]) -> ModelCard:  # Any: TOML tables are untyped; every field is read by name below
    return ModelCard(
        id=ModelId(row["id"]),
        file=row["file"],
        origin=_origin(row),
        sha256=row["sha256"],
        size_bytes=row["bytes"],
        licence=row["licence"],
        source=row["source"],
        input=row["input"],
        measured=" ".join(row["measured"].split()),
        dimension=row.get("dimension"),
        threshold=row.get("threshold"),
        margin=row.get("margin"),
        impostor_mean=row.get("impostor_mean"),
        impostor_sd=row.get("impostor_sd"),
        **{name: row[name] for name in ("side_px", "crop_scale", "live_class") if name in row},
        operating_points=tuple(OperatingPoint(**point) for point in row.get("operating_point", ())),
    )


def _origin(row: dict[str, Any]) -> Shipped | Made | Given:  # Any: as above
    if "package" not in row and "made_from" not in row:
        return Given()
    if "made_from" not in row:
        return Shipped(package=row["package"], version=row["package_version"], path=row["path"])
    axes = {name: {int(axis): size for axis, size in sizes.items()} for name, sizes in row["free_axes"].items()}
    return Made(source=ModelId(row["made_from"]), free_axes=axes)
