"""Who of a few is this? NumPy only."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models import DLIB_RESNET, SFACE, ModelId, OperatingPoint, card
from vision.errors import ModelMismatchError
from vision.matching.gallery import Gallery, ReferenceId
from vision.matching.impostors import ImpostorHistogram
from vision.matching.template import Template, Vector
from vision.matching.turned import made_by

FIRST_WEIGHT = 0.6  # measured: flat between 0.4 and 0.6; the first model alone is the better of the two
LOWER_AT_MOST = 0.02  # cosine; whoever fed a store's histogram on purpose would gain no more than this
GREY_BELOW = 0.10  # two decades of false accepts: further down, a second opinion mostly helps strangers


@dataclass(frozen=True, slots=True)
class Recognised:
    """One person, clearly: ``score`` is a cosine, ``margin`` its lead over the runner-up (over 0 when alone).

    ``fused_score`` is in standard deviations of impostors, and there when a second model was heard.
    """

    reference_id: ReferenceId
    score: float
    margin: float
    fused_score: float | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Good enough, but somebody else is nearly as close: another factor must decide."""

    reference_ids: tuple[ReferenceId, ReferenceId]
    score: float
    margin: float


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nobody here; ``score`` is the best cosine seen, -1 for an empty gallery."""

    score: float


Outcome = Recognised | Ambiguous | Stranger


def identify(probe: Template, gallery: Gallery, *, threshold: float, margin: float) -> Outcome:
    """Compare a face with all candidates.

    Args:
        probe: The face here now.
        gallery: The candidates.
        threshold: Least cosine of the best. Take it from ``operating_point(len(gallery))``. The best may have to bring
            more, by its own ``lifts`` and ``floors``.
        margin: Least lead over the runner-up, whoever the runner-up is.

    Returns:
        Ties go to the reference that stands first in the gallery, and are ``Ambiguous`` for any margin above 0.

    Raises:
        ModelMismatchError: Probe and gallery are of different models.
    """
    scores = _scores(probe, gallery)  # (N,)
    ranked = _top_two(scores)
    best = float(scores.max(initial=-1.0))
    if not len(ranked) or best < _asked(gallery, int(ranked[0]), threshold):
        return Stranger(score=best)
    lead = _lead(scores, ranked)
    first = gallery.reference_ids[int(ranked[0])]
    if len(ranked) > 1 and lead < margin:
        return Ambiguous((first, gallery.reference_ids[int(ranked[1])]), score=best, margin=lead)
    return Recognised(first, score=best, margin=lead)


def is_doubtful(outcome: Outcome, point: OperatingPoint) -> bool:
    """Say whether a second opinion may turn the outcome: nobody passed, but somebody was near."""
    return isinstance(outcome, Stranger) and outcome.score >= point.threshold - GREY_BELOW


def fuse(probe: Template, gallery: Gallery, *, point: OperatingPoint, margin: float) -> Outcome:
    """Decide a doubtful case with both models.

    Only candidates in the grey band below the threshold are asked, so that the second model can save a shopper whom the
    first just missed, and can never bring in one whom it finds unlike.

    Args:
        probe: The face here now; its ``second`` is needed.
        gallery: The candidates; those without ``second`` are passed over.
        point: The operating point for the size of the gallery.
        margin: Least lead in cosine; it is brought to the fused scale.

    Raises:
        ModelMismatchError: Probe and gallery are of different models.
        ValueError: The probe has no second vector.
    """
    if probe.second is None:
        raise ValueError("a fused decision needs the probe's second vector")
    scores = _scores(probe, gallery)
    fused = np.array(
        [
            -math.inf
            if second is None or score < point.threshold - GREY_BELOW
            else float(fused_scores([score], probe.second, second[None])[0])
            for score, second in zip(scores.tolist(), gallery.seconds, strict=True)
        ]
    )
    ranked = np.argsort(-fused, kind="stable")[:2]
    best = float(scores.max(initial=-1.0))
    if not len(ranked) or not _passes_fused(gallery, int(ranked[0]), point, scores, fused):
        return Stranger(score=best)
    first = gallery.reference_ids[int(ranked[0])]
    score, lead = float(scores[ranked[0]]), float(fused[ranked[0]]) - _runner_up(fused, ranked)
    if lead < margin / _card_sd(SFACE):
        return Ambiguous((first, gallery.reference_ids[int(ranked[1])]), score=score, margin=lead * _card_sd(SFACE))
    return Recognised(first, score=score, margin=_lead(scores, ranked), fused_score=float(fused[ranked[0]]))


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Somebody on file who could pass for a newcomer, and the newcomer for them; ``score`` is a cosine."""

    reference_id: ReferenceId
    score: float


def look_alikes(template: Template, gallery: Gallery, *, threshold: float | None = None) -> tuple[LookAlike, ...]:
    """Return whom a newcomer looks like, the most alike first. Flag both: each goes into ``Gallery.of(likeness=...)``.

    It may also be the same person, enrolled twice.

    Args:
        template: The newcomer.
        gallery: Everybody whom the store may ever compare with the newcomer.
        threshold: Least cosine; by default that of a single candidate, which is asked of everybody who gives digits.

    Raises:
        ModelMismatchError: Template and gallery are of different models.
    """
    least = operating_point(1, made_by(template.model_id)).threshold if threshold is None else threshold
    scores = _scores(template, gallery)
    near = [index for index in np.argsort(-scores, kind="stable").tolist() if scores[index] >= least]
    return tuple(LookAlike(gallery.reference_ids[index], float(scores[index])) for index in near)


def operating_point(
    candidates: int, model_id: ModelId = SFACE, *, histogram: ImpostorHistogram | None = None
) -> OperatingPoint:
    """Return what to ask of the best among so many candidates.

    With a ``histogram`` of the store's own impostors the threshold is the one at which a stranger passes as seldom as
    the row says, as far as those impostors tell (basis ``histogram``); see ``ImpostorHistogram.threshold``.

    The table is what was measured on photographs of a benchmark.

    Between two rows of the manifest thresholds are interpolated in the logarithm of the count, the false accept rate is
    the worse of the two, and the basis is ``interpolated``. Fewer candidates than the first row get the first row.

    Raises:
        ValueError: More candidates than the table reaches, or none.
    """
    points = card(model_id).operating_points
    if candidates < 1 or not points or candidates > points[-1].candidates:
        raise ValueError(f"no operating point is known for {candidates} candidates of {model_id}")
    above = next(point for point in points if point.candidates >= candidates)
    below = max((point for point in points if point.candidates <= candidates), key=_size, default=above)
    if above.candidates == below.candidates:
        return _by(histogram, replace(above, candidates=candidates))
    share = math.log(candidates / below.candidates) / math.log(above.candidates / below.candidates)
    between = OperatingPoint(
        candidates=candidates,
        threshold=below.threshold + share * (above.threshold - below.threshold),
        fused_threshold=below.fused_threshold + share * (above.fused_threshold - below.fused_threshold),
        false_accept_rate=max(below.false_accept_rate, above.false_accept_rate),
        basis="interpolated" if above.basis == below.basis == "measured" else "extrapolated",
    )
    return _by(histogram, between)


def _by(histogram: ImpostorHistogram | None, point: OperatingPoint) -> OperatingPoint:
    if histogram is None:
        return point
    own = histogram.threshold(
        point.false_accept_rate / max(point.candidates, 1), at_least=point.threshold - LOWER_AT_MOST
    )
    if own is None:
        return point
    shift = FIRST_WEIGHT * (own - point.threshold) / _card_sd(SFACE)
    return replace(point, threshold=own, fused_threshold=point.fused_threshold + shift, basis="histogram")


def _asked(gallery: Gallery, row: int, threshold: float) -> float:
    return max(threshold + float(gallery.lifts[row]), float(gallery.floors[row]))


def _passes_fused(
    gallery: Gallery,
    row: int,
    point: OperatingPoint,
    scores: npt.NDArray[np.float32],
    fused: npt.NDArray[np.float64],
) -> bool:
    """Say whether a person brings what is asked of them: their lift on the fused scale, their floor in cosine."""
    lifted = point.fused_threshold + FIRST_WEIGHT * float(gallery.lifts[row]) / _card_sd(SFACE)
    return bool(fused[row] >= lifted and scores[row] >= gallery.floors[row])


def _size(point: OperatingPoint) -> int:
    return point.candidates


def _scores(probe: Template, gallery: Gallery) -> npt.NDArray[np.float32]:
    if probe.model_id != gallery.model_id:
        raise ModelMismatchError(expected=gallery.model_id, found=probe.model_id)
    if not len(gallery):
        return np.empty(0, dtype=np.float32)
    return np.asarray(gallery.vectors @ probe.vector, dtype=np.float32)  # (N, D) @ (D,) -> (N,)


def _top_two(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """Return the places of the two best, the best first; of equals the one that stands first."""
    if len(scores) < 2:  # noqa: PLR2004 - two are asked for
        return np.arange(len(scores))
    first = int(scores.argmax())
    others = scores.copy()
    others[first] = -np.inf
    return np.array([first, int(others.argmax())])


def _lead(scores: npt.NDArray[np.float32], ranked: npt.NDArray[np.intp]) -> float:
    others = np.delete(scores, ranked[0])
    return float(scores[ranked[0]]) - float(others.max(initial=0.0 if not len(others) else -1.0))


def _runner_up(fused: npt.NDArray[np.float64], ranked: npt.NDArray[np.intp]) -> float:
    return float(fused[ranked[1]]) if len(ranked) > 1 else -math.inf


def fused_scores(scores: npt.ArrayLike, probe: Vector, references: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return both models' scores as one ``(N,)``, in standard deviations of impostors.

    Args:
        scores: Cosines ``(N,)`` of the first model.
        probe: The second model's vector ``(D,)`` of the face here now.
        references: The second model's vectors ``(N, D)``.
    """
    return joined(scores, np.linalg.norm(references.astype(np.float64) - probe, axis=1))


def joined(scores: npt.ArrayLike, distances: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the first model's cosines and the second's distances as one, in standard deviations of impostors."""
    first = _standardised(np.asarray(scores, dtype=np.float64), SFACE)
    second = _standardised(-np.asarray(distances, dtype=np.float64), DLIB_RESNET)
    return FIRST_WEIGHT * first + (1 - FIRST_WEIGHT) * second


def _standardised(scores: npt.NDArray[np.float64], model_id: ModelId) -> npt.NDArray[np.float64]:
    mean = card(model_id).impostor_mean
    if mean is None:
        raise ValueError(f"the model card of {model_id} states no impostor mean")
    return (scores - mean) / _card_sd(model_id)


def _card_sd(model_id: ModelId) -> float:
    sd = card(model_id).impostor_sd
    if sd is None:
        raise ValueError(f"the model card of {model_id} states no impostor deviation")
    return sd
