"""Where the placed methods of a tally stand: order, ranks, errors, and who is told apart."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import special

from ratings.psychometrics import davidson, ranks
from ratings.psychometrics.bradley_terry import scores
from ratings.psychometrics.intervals import BoolArray, Uncertainty, uncertainty
from ratings.psychometrics.placement import phrase
from ratings.psychometrics.tally import FloatArray, Tally

# Scores closer than this are equal: rounding errors are a thousand times smaller.
_EQUAL = 1e-9
_FEW_CLUSTERS = 6

Ties = Literal["half", "davidson"]


@dataclass(frozen=True, eq=False)
class Standing:
    """The placed methods in order of score, with what is known of them (arrays in that order).

    `error[i, j]` is the standard error of the difference of i and j, `error[i, i]` that of the
    score of i, nan where it rests on one rater or picture; `reach`, alike, is how far their
    intervals reach to either side. `freedom` are the degrees of freedom of the scores' intervals,
    `band` is how far the band that holds all scores reaches. All are nan where `uncertainty` is
    None. `apart[i, j]` says that i and j are told apart, all pairs taken together.
    """

    methods: tuple[str, ...]
    score: FloatArray
    tie: float | None
    rank: list[int]
    error: FloatArray
    reach: FloatArray
    freedom: FloatArray
    band: FloatArray
    apart: BoolArray
    uncertainty: Uncertainty | None
    notes: tuple[str, ...]

    @property
    def ordered(self) -> bool:
        """Say whether there is a ranking and every method is told apart from the next."""
        return len(self.methods) > 1 and bool(np.diag(self.apart, 1).all())

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the longest runs of methods of which no two are told apart."""
        return tuple(self.methods[start:end] for start, end in ranks.groups(self.apart))


def standing(kept: Tally, level: float, ties: Ties = "half") -> Standing:
    """Fit a tally in which all methods can be placed and put the methods in order."""
    score, tie, notes = _scores(kept, ties)
    known = uncertainty(kept, score, tie) if len(score) else None
    order, rank = _ranks(kept.methods, score)
    methods, score = tuple(kept.methods[i] for i in order), score[order]
    known = _reordered(known, order) if known else None
    nothing = np.full((len(score), len(score)), np.nan)
    found = Standing(
        methods=methods,
        score=score,
        tie=tie,
        rank=rank,
        error=nothing,
        reach=nothing,
        freedom=np.diag(nothing),
        band=np.diag(nothing),
        apart=np.zeros((len(score), len(score)), bool),
        uncertainty=known,
        notes=(*notes, *_interval_notes(kept, known, methods)),
    )
    return _with_errors(found, known, level) if known else found


def _scores(kept: Tally, ties: Ties) -> tuple[FloatArray, float | None, tuple[str, ...]]:
    """Return scores, Davidson's tie parameter where it was asked for and exists, and why not."""
    if ties == "half" or not kept.methods:
        return scores(kept.wins()), None, ()
    decided, level = kept.wins() - kept.ties() / 2, kept.ties()
    obstacle = davidson.obstacle(decided, level)
    if obstacle:
        return scores(kept.wins()), None, (f"{obstacle} Ties count as half wins instead.",)
    found = davidson.fit(decided, level)
    return found.score, found.tie, ()


def _with_errors(found: Standing, known: Uncertainty, level: float) -> Standing:
    """Add errors, intervals, the band, and who is told apart."""
    error = np.where(known.alone, np.nan, known.se())
    np.fill_diagonal(error, _score_errors(known))
    freedom, own = known.degrees_of_freedom, np.diag(error)
    errors = ranks.simulated_errors(found.score, known.covariance)
    return replace(
        found,
        error=error,
        reach=error * _quantiles(freedom, level),
        freedom=np.where(np.isnan(own), np.nan, np.diag(freedom)),
        band=own * ranks.band_margins(errors, own, np.diag(freedom), level),
        apart=ranks.told_apart(errors, found.score, error, freedom, level),
    )


def _quantiles(freedom: FloatArray, level: float) -> FloatArray:
    """Return Student's two-sided quantiles of a symmetric matrix of degrees of freedom."""
    quantile = np.zeros_like(freedom)
    half = np.triu_indices(len(freedom))
    quantile[half] = special.stdtrit(freedom[half], (1 + level) / 2)
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
        alone=known.alone[square],
    )


def _score_errors(known: Uncertainty) -> FloatArray:
    """Return the standard errors of scores.

    Only the largest set of methods that no single rater or picture holds together has them.
    """
    company = (~known.alone).sum(axis=1)
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
            for who, count in (("rater", kept.raters), ("picture", kept.pictures))
            if count < 2
        )
    return (*_few_notes(kept, known), *_alone_notes(known, methods))


def _few_notes(kept: Tally, known: Uncertainty) -> tuple[str, ...]:
    """Say where there are few clusters, or few that carry most of the judgments."""
    counts = (("raters", kept.raters, known.raters), ("pictures", kept.pictures, known.pictures))
    return tuple(
        f"{count} {what}{_worth(count, effective)} are few: the intervals are widened for that "
        "and still rough."
        for what, count, effective in counts
        if effective < _FEW_CLUSTERS
    )


def _worth(count: int, effective: float) -> str:
    """Say what unequal shares of judgments leave of a number of clusters."""
    if effective > count - 0.5:
        return ""
    return f" (worth {effective:.1f}, since some gave most of the judgments)"


def _alone_notes(known: Uncertainty, methods: tuple[str, ...]) -> tuple[str, ...]:
    """Name the methods without an interval."""
    missing = [
        name for name, gap in zip(methods, np.isnan(_score_errors(known)), strict=True) if gap
    ]
    if not missing:
        return ()
    return (
        f"No honest interval yet for {phrase(missing)}: without some single rater or picture "
        "nothing would link them with the rest.",
    )
