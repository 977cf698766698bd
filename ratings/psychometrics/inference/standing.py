"""Where the placed methods of a tally stand: order, ranks, errors, distinguishable pairs."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference import ranks
from ratings.psychometrics.inference.intervals import Uncertainty, uncertainty
from ratings.psychometrics.inference.step_down import distinguishable
from ratings.psychometrics.model import davidson
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.model.connectivity import short_phrase

# Scores closer than this are equal: rounding errors are a thousand times smaller.
_EQUAL = 1e-9
_FEW_CLUSTERS = 6
# The share of the error that the band has by which methods off the scale are told apart from it.
STRICT = 0.1
_GROUP = "group of raters"

Ties = Literal["half", "davidson"]


@dataclass(frozen=True, eq=False)
class Standing:
    """The placed methods in order of score, with what is known of them (arrays in that order).

    `se[i, j]` is the standard error of the difference of i and j, `se[i, i]` that of the score of
    i, nan where it rests on one rater or picture; intervals have the confidence `level`. `dof`,
    shape (methods,), are the degrees of freedom of the scores' intervals, and
    `simultaneous_half_width` is that of the band that holds all scores at once, and
    `strict_half_width` that of one with a tenth of the error. All are nan where `uncertainty` is
    None. `distinguishable[i, j]` says that i and j are significantly different,
    all pairs taken together.
    """

    methods: tuple[str, ...]
    score: FloatArray
    tie: float | None
    rank: list[int]
    se: FloatArray
    level: float
    dof: FloatArray
    simultaneous_half_width: FloatArray
    strict_half_width: FloatArray
    distinguishable: BoolArray
    uncertainty: Uncertainty | None
    notes: tuple[str, ...]

    @cached_property
    def half_width(self) -> FloatArray:
        """The half-widths of the intervals of differences and, on the diagonal, of scores."""
        if self.uncertainty is None:
            return self.se
        return self.se * _quantiles(self.uncertainty.degrees_of_freedom, self.level)

    @property
    def score_half_width(self) -> FloatArray:
        """The half-widths of the scores' intervals, shape (methods,), without those of pairs."""
        width: FloatArray = np.diag(self.se) * special.stdtrit(self.dof, (1 + self.level) / 2)
        return width


@dataclass(frozen=True, eq=False)
class Estimate:
    """Scores of a tally's methods, in their order, and how sure they are; the rest as above."""

    score: FloatArray
    tie: float | None
    uncertainty: Uncertainty | None
    notes: tuple[str, ...] = ()


def standing(
    kept: Tally,
    level: float,
    ties: Ties = "half",
    pairwise_level: float | None = None,
    estimate: Estimate | None = None,
) -> Standing:
    """Fit a tally in which all methods can be placed and put the methods in order.

    `pairwise_level` is that of all pairs at once, where other pairs share its error; by default
    `level`. An `estimate` takes the place of the usual one.
    """
    estimate = estimate or _usual(kept, ties)
    score, known = estimate.score, estimate.uncertainty
    order, rank = _ranks(kept.methods, score)
    methods, score = tuple(kept.methods[i] for i in order), score[order]
    known = _reordered(known, order) if known else None
    nothing = np.full((len(score), len(score)), np.nan)
    fitted = Standing(
        methods=methods,
        score=score,
        tie=estimate.tie,
        rank=rank,
        se=nothing,
        level=level,
        dof=np.diag(nothing),
        simultaneous_half_width=np.diag(nothing),
        strict_half_width=np.diag(nothing),
        distinguishable=np.zeros((len(score), len(score)), bool),
        uncertainty=known,
        notes=(*estimate.notes, *_interval_notes(kept, known, methods)),
    )
    return _with_errors(fitted, known, pairwise_level or level) if known else fitted


def _usual(kept: Tally, ties: Ties) -> Estimate:
    score, tie, notes = _scores(kept, ties)
    return Estimate(score, tie, uncertainty(kept, score, tie) if len(score) else None, notes)


def _scores(kept: Tally, ties: Ties) -> tuple[FloatArray, float | None, tuple[str, ...]]:
    """Return scores, Davidson's tie parameter where it was asked for and exists, and why not."""
    if ties == "half" or not kept.methods:
        return scores(kept.wins()), None, ()
    decided, level = kept.wins() - kept.ties() / 2, kept.ties()
    obstacle = davidson.obstacle(decided, level)
    if obstacle:
        return scores(kept.wins()), None, (f"{obstacle} Ties count as half wins instead.",)
    fitted = davidson.fit_davidson(decided, level)
    return fitted.score, fitted.tie, ()


def _with_errors(standing: Standing, known: Uncertainty, pairwise_level: float) -> Standing:
    """Add errors, intervals, the band, and which pairs are distinguishable."""
    se = np.where(known.single_cluster, np.nan, known.se())
    np.fill_diagonal(se, _score_errors(known))
    dof, own, level = known.degrees_of_freedom, np.diag(se), standing.level
    errors = ranks.simulated_errors(standing.score, known.covariance)
    bands = [
        own * ranks.band_margins(errors, own, np.diag(dof), one)
        for one in (level, 1 - STRICT * (1 - level))
    ]
    return replace(
        standing,
        se=se,
        dof=np.where(np.isnan(own), np.nan, np.diag(dof)),
        simultaneous_half_width=bands[0],
        strict_half_width=bands[1],
        distinguishable=distinguishable(errors, standing.score, se, dof, pairwise_level),
    )


def _quantiles(dof: FloatArray, level: float) -> FloatArray:
    """Return Student's two-sided quantiles of a symmetric matrix of degrees of freedom."""
    quantile = np.zeros_like(dof)
    half = np.triu_indices(len(dof))
    quantile[half] = special.stdtrit(dof[half], (1 + level) / 2)
    return np.maximum(quantile, quantile.T)


def _ranks(methods: tuple[str, ...], score: FloatArray) -> tuple[list[int], list[int]]:
    """Return the order, best first, and the ranks in that order.

    Methods with equal scores share the best rank of them (1, 2, 2, 4) and stand by label.
    """
    order = sorted(range(len(score)), key=lambda i: -score[i])
    rank: list[int] = []
    for place, i in enumerate(order):
        level = place > 0 and score[order[place - 1]] - score[i] <= _EQUAL
        rank.append(rank[-1] if level else place + 1)
    by_label = sorted(zip(rank, [methods[i] for i in order], order, strict=True))
    return [i for _, _, i in by_label], rank


def _reordered(known: Uncertainty, order: list[int]) -> Uncertainty:
    """Return the uncertainty with methods in another order."""
    square = np.ix_(order, order)
    return replace(
        known,
        covariance=known.covariance[square],
        degrees_of_freedom=known.degrees_of_freedom[square],
        single_cluster=known.single_cluster[square],
    )


def _score_errors(known: Uncertainty) -> FloatArray:
    """Return the standard errors of scores.

    Only the largest set of methods that no single rater or picture holds together has them.
    """
    company = (~known.single_cluster).sum(axis=1)
    members = company == company.max()
    # Two sets of equal size: neither can stand for the scale.
    if company.max() < 2 or members.sum() > company.max():
        return np.full(len(company), np.nan)
    return np.where(members, np.sqrt(np.diag(known.covariance)), np.nan)


def _interval_notes(
    kept: Tally, known: Uncertainty | None, methods: tuple[str, ...]
) -> tuple[str, ...]:
    """Say in plain words what the intervals can't know."""
    if not methods:
        return ()
    if known is None:
        return tuple(
            f"All judgments of the placed methods come from a single {who}: no honest interval "
            f"exists, since another {who} may see it differently."
            for who, _, count in _clusters(kept)
            if count < 2
        )
    return (*_few_notes(kept, known), *_single_cluster_notes(kept, known, methods))


def _few_notes(kept: Tally, known: Uncertainty) -> tuple[str, ...]:
    """Say where there are few clusters, or few that carry most of the judgments."""
    worth = (known.raters, known.pictures)
    return tuple(
        f"{count} {what}{_worth(count, effective)} are few: the intervals are widened for that "
        "and still rough."
        for (_, what, count), effective in zip(_clusters(kept), worth, strict=True)
        if effective < _FEW_CLUSTERS
    )


def _clusters(kept: Tally) -> tuple[tuple[str, str, int], ...]:
    """Return what judgments are clustered by: a word for one, for several, and how many."""
    rater = ("rater", "raters") if kept.rater_groups is None else (_GROUP, "groups of raters")
    picture = ("picture", "pictures") if kept.scenes is None else ("scene", "scenes")
    return (*rater, kept.rater_clusters), (*picture, kept.picture_clusters)


def _worth(count: int, effective: float) -> str:
    """Say what unequal shares of judgments leave of a number of clusters."""
    if effective > count - 0.5:
        return ""
    return f" (worth {effective:.1f}, since some gave most of the judgments)"


def _single_cluster_notes(
    kept: Tally, known: Uncertainty, methods: tuple[str, ...]
) -> tuple[str, ...]:
    """Name the methods without an interval."""
    missing = [
        name for name, gap in zip(methods, np.isnan(_score_errors(known)), strict=True) if gap
    ]
    if not missing:
        return ()
    single = " or ".join(who for who, _, _ in _clusters(kept))
    return (
        f"No honest interval yet for {short_phrase(missing)}: without some single {single} "
        "nothing would link them with the rest.",
    )
