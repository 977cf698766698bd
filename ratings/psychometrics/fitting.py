"""A fit: judgments in, a ranking with its intervals and its own reservations out."""

from dataclasses import asdict, dataclass, replace
from itertools import combinations

import numpy as np
from scipy import special

from ratings.psychometrics.bradley_terry import scores, win_probabilities
from ratings.psychometrics.intervals import BoolArray, Uncertainty, uncertainty
from ratings.psychometrics.placement import phrase, placement
from ratings.psychometrics.tally import FloatArray, Tally

PRINTED_DECIMALS = 4
# Scores closer than this are equal: rounding errors are a thousand times smaller.
_EQUAL = 1e-9
_FEW_CLUSTERS = 6


@dataclass(frozen=True)
class Settings:
    """What can be chosen about a fit: `level` is the confidence of intervals and rank sets."""

    level: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError(f"The level must lie between 0 and 1 (0.95, say), not {self.level}.")


@dataclass(frozen=True)
class Row:
    """One method's place. None where the judgments don't say (the fit's notes say why).

    `score` and its interval are log odds with mean 0 over the placed methods; `rank_low` to
    `rank_high` are the ranks it may have, for all methods at once; `win_rate` is its mean
    probability to be preferred to another placed method; `judgments` counts all its judgments.
    """

    rank: int | None
    rank_low: int | None
    rank_high: int | None
    method: str
    score: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    win_rate: float | None
    judgments: int


@dataclass(frozen=True)
class Difference:
    """How far `first` is ahead of `second` in log odds; None where nothing honest can be said.

    The interval is for this one difference; `told_apart` holds for all differences at once.
    """

    first: str
    second: str
    difference: float
    se: float | None
    ci_low: float | None
    ci_high: float | None
    told_apart: bool


@dataclass(frozen=True, eq=False)
class Fit:
    """A ranking as a value: the same tally and settings always give the same one.

    `rows` are in order of rank, methods without a score last, by label. `covariance` is that of
    the scores of the placed methods, in the order of `rows`; None where no intervals exist.
    `degrees_of_freedom` is that of Student's t for all intervals.
    """

    settings: Settings
    input_sha256: str
    rows: tuple[Row, ...]
    covariance: FloatArray | None
    degrees_of_freedom: int | None
    differences: tuple[Difference, ...]
    judgments: int
    raters: int
    pictures: int
    provisional: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Scale:
    """The placed methods in order of score, with what is known of them (arrays in that order)."""

    methods: tuple[str, ...]
    score: FloatArray
    rank: list[int]
    se: list[float | None]
    difference_se: FloatArray | None  # nan where a difference rests on one rater or picture
    apart: BoolArray  # [i, j]: i is told apart from j, all differences taken together
    uncertainty: Uncertainty | None
    notes: tuple[str, ...]


def fit(tally: Tally, settings: Settings | None = None) -> Fit:
    """Fit Bradley-Terry scores with intervals to a tally; never fails on a valid one."""
    settings = settings or Settings()
    chosen = placement(tally)
    kept = tally.keep(chosen.placed)
    scale = _scale(kept, settings)
    return Fit(
        settings=settings,
        input_sha256=tally.digest(),
        rows=_rows(tally, scale, settings),
        covariance=scale.uncertainty.covariance if scale.uncertainty else None,
        degrees_of_freedom=scale.uncertainty.degrees_of_freedom if scale.uncertainty else None,
        differences=_differences(scale, settings),
        judgments=tally.judgments,
        raters=tally.raters,
        pictures=tally.pictures,
        provisional=len(scale.methods) < len(tally.methods) or not _ordered(scale),
        notes=(*_share_note(tally, kept), *chosen.notes, *scale.notes),
    )


def table(fit: Fit) -> list[dict[str, str | int | float | None]]:
    """Return the rows as they are printed, numbers rounded to `PRINTED_DECIMALS` decimals."""
    return [
        {
            # Adding 0.0 turns -0.0 into 0.0.
            name: round(value, PRINTED_DECIMALS) + 0.0 if isinstance(value, float) else value
            for name, value in asdict(row).items()
        }
        for row in fit.rows
    ]


def _scale(kept: Tally, settings: Settings) -> _Scale:
    """Fit the placed methods and put them in order."""
    score = scores(kept.wins())
    known = uncertainty(kept, score) if len(score) else None
    order, rank = _ranks(kept.methods, score)
    methods = tuple(kept.methods[i] for i in order)
    known = _reordered(known, order) if known else None
    errors = _difference_errors(known) if known else None
    return _Scale(
        methods=methods,
        score=score[order],
        rank=rank,
        se=_score_errors(known) if known else [None] * len(methods),
        difference_se=errors,
        apart=_apart(score[order], errors, known, settings),
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


def _difference_errors(known: Uncertainty) -> FloatArray:
    """Return the standard errors of differences, nan where they rest on one cluster."""
    return np.where(known.alone, np.nan, known.difference_se())


def _score_errors(known: Uncertainty) -> list[float | None]:
    """Return the standard errors of scores.

    Only the largest set of methods that no single rater or picture holds together has them.
    """
    company = (~known.alone).sum(axis=1)
    members = company == company.max()
    # Two sets of equal size: neither can stand for the scale.
    if company.max() < 2 or members.sum() > company.max():
        return [None] * len(company)
    se = np.sqrt(np.diag(known.covariance))
    return [float(error) if has else None for error, has in zip(se, members, strict=True)]


def _quantile(known: Uncertainty, level: float) -> float:
    """Return the two-sided quantile of Student's t."""
    return float(special.stdtrit(known.degrees_of_freedom, (1 + level) / 2))


def _apart(
    score: FloatArray, errors: FloatArray | None, known: Uncertainty | None, settings: Settings
) -> BoolArray:
    """Say which methods are told apart, all pairs at once (Sidak 1967, with Student's t)."""
    size = len(score)
    if errors is None or known is None or size < 2:
        return np.zeros((size, size), bool)
    level = settings.level ** (2 / (size * (size - 1)))
    distance = np.abs(score[:, None] - score[None, :])
    # A comparison with nan is false: not told apart.
    return distance > _quantile(known, level) * errors


def _ordered(scale: _Scale) -> bool:
    """Say whether there is a ranking and every method is told apart from the next."""
    return len(scale.methods) > 1 and bool(np.diag(scale.apart, 1).all())


def _rows(tally: Tally, scale: _Scale, settings: Settings) -> tuple[Row, ...]:
    judged = dict(zip(tally.methods, tally.judged().tolist(), strict=True))
    placed = [_placed_row(scale, i, settings, judged) for i in range(len(scale.methods))]
    missing = [name for name in tally.methods if name not in set(scale.methods)]
    return (*placed, *(_unplaced_row(name, judged[name]) for name in missing))


def _unplaced_row(method: str, judgments: int) -> Row:
    return Row(
        rank=None,
        rank_low=None,
        rank_high=None,
        method=method,
        score=None,
        se=None,
        ci_low=None,
        ci_high=None,
        win_rate=None,
        judgments=judgments,
    )


def _placed_row(scale: _Scale, i: int, settings: Settings, judged: dict[str, int]) -> Row:
    known, size, score, se = scale.uncertainty, len(scale.methods), float(scale.score[i]), None
    margin = rank_low = rank_high = None
    if known:
        ahead = scale.score > score
        rank_low = 1 + int((scale.apart[i] & ahead).sum())
        rank_high = size - int((scale.apart[i] & ~ahead).sum())
        se = scale.se[i]
        margin = None if se is None else _quantile(known, settings.level) * se
    chances = win_probabilities(scale.score)[i]
    return Row(
        rank=scale.rank[i],
        rank_low=rank_low,
        rank_high=rank_high,
        method=scale.methods[i],
        score=score,
        se=se,
        ci_low=None if margin is None else score - margin,
        ci_high=None if margin is None else score + margin,
        win_rate=float((chances.sum() - chances[i]) / (size - 1)),
        judgments=judged[scale.methods[i]],
    )


def _differences(scale: _Scale, settings: Settings) -> tuple[Difference, ...]:
    """Return all pairs of placed methods, better one first."""
    known = scale.uncertainty
    quantile = _quantile(known, settings.level) if known else 0.0
    result = []
    for i, j in combinations(range(len(scale.methods)), 2):
        distance = float(scale.score[i] - scale.score[j])
        error = np.nan if scale.difference_se is None else float(scale.difference_se[i, j])
        margin = quantile * error
        result.append(
            Difference(
                first=scale.methods[i],
                second=scale.methods[j],
                difference=distance,
                se=None if np.isnan(error) else error,
                ci_low=None if np.isnan(error) else distance - margin,
                ci_high=None if np.isnan(error) else distance + margin,
                told_apart=bool(scale.apart[i, j]),
            )
        )
    return tuple(result)


def _share_note(tally: Tally, kept: Tally) -> tuple[str, ...]:
    """Say how many judgments the scores use, where it isn't all."""
    if not tally.judgments:
        return ("There are no judgments yet.",)
    if kept.judgments in (0, tally.judgments):
        return ()
    return (
        f"The scores use {kept.judgments} of {tally.judgments} judgments: those among the "
        f"{len(kept.methods)} of {len(tally.methods)} methods that have a place.",
    )


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
        name for name, error in zip(methods, _score_errors(known), strict=True) if error is None
    ]
    if not missing:
        return ()
    return (
        f"No honest interval yet for {phrase(missing)}: without some single rater or picture "
        "nothing would link them with the rest.",
    )
