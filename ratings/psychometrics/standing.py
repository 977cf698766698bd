"""Where the placed methods of a tally stand: order, ranks, errors, and who is told apart."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from ratings.psychometrics.bradley_terry import scores
from ratings.psychometrics.intervals import BoolArray, Uncertainty, uncertainty
from ratings.psychometrics.placement import phrase
from ratings.psychometrics.tally import FloatArray, Tally

# Scores closer than this are equal: rounding errors are a thousand times smaller.
_EQUAL = 1e-9
_FEW_CLUSTERS = 6


@dataclass(frozen=True, eq=False)
class Standing:
    """The placed methods in order of score, with what is known of them (arrays in that order).

    `se` has nan for methods and `difference_se` for pairs that rest on one rater or picture;
    both are all nan where `uncertainty` is None. `apart[i, j]` says that i and j are told apart,
    all pairs taken together.
    """

    methods: tuple[str, ...]
    score: FloatArray
    rank: list[int]
    se: FloatArray
    difference_se: FloatArray
    apart: BoolArray
    uncertainty: Uncertainty | None
    notes: tuple[str, ...]

    @property
    def ordered(self) -> bool:
        """Say whether there is a ranking and every method is told apart from the next."""
        return len(self.methods) > 1 and bool(np.diag(self.apart, 1).all())

    def margin(self, level: float) -> float:
        """Return how many standard errors an interval reaches to either side."""
        return _quantile(self.uncertainty, level) if self.uncertainty else np.nan

    def band_margin(self, level: float) -> float:
        """Return the same for the band that holds all scores at once (Sidak 1967)."""
        return self.margin(level ** (1 / max(1, len(self.methods))))

    def rank_set(self, i: int) -> tuple[int, int] | tuple[None, None]:
        """Return the best and the worst rank that a method may have."""
        if self.uncertainty is None:
            return None, None
        ahead = self.score > self.score[i]
        low = 1 + int((self.apart[i] & ahead).sum())
        return low, len(self.methods) - int((self.apart[i] & ~ahead).sum())

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the longest runs, in order of rank, in which no two methods are told apart."""
        runs, reached = [], 1
        for start in range(len(self.methods)):
            end = start + 1
            while end < len(self.methods) and not self.apart[start:end, end].any():
                end += 1
            if end > max(reached, start + 1):
                runs.append(self.methods[start:end])
                reached = end
        return tuple(runs)


def standing(kept: Tally, level: float) -> Standing:
    """Fit a tally in which all methods can be placed and put the methods in order."""
    score = scores(kept.wins())
    known = uncertainty(kept, score) if len(score) else None
    order, rank = _ranks(kept.methods, score)
    methods = tuple(kept.methods[i] for i in order)
    known = _reordered(known, order) if known else None
    errors = np.full((len(score), len(score)), np.nan)
    if known:
        errors = np.where(known.alone, np.nan, known.difference_se())
    return Standing(
        methods=methods,
        score=score[order],
        rank=rank,
        se=_score_errors(known) if known else np.full(len(score), np.nan),
        difference_se=errors,
        apart=_apart(score[order], errors, known, level),
        uncertainty=known,
        notes=_interval_notes(kept, known, methods),
    )


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
    return replace(known, covariance=known.covariance[square], alone=known.alone[square])


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


def _quantile(known: Uncertainty, level: float) -> float:
    """Return the two-sided quantile of Student's t."""
    return float(special.stdtrit(known.degrees_of_freedom, (1 + level) / 2))


def _apart(
    score: FloatArray, errors: FloatArray, known: Uncertainty | None, level: float
) -> BoolArray:
    """Say which methods are told apart, all pairs at once (Sidak 1967, with Student's t)."""
    size = len(score)
    if known is None or size < 2:
        return np.zeros((size, size), bool)
    together = level ** (2 / (size * (size - 1)))
    distance = np.abs(score[:, None] - score[None, :])
    # A comparison with nan is false: not told apart.
    return distance > _quantile(known, together) * errors


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
