"""A fit: judgments in, a ranking with its intervals and its own reservations out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.field import Field, field
from ratings.psychometrics.inference.open_ends import Direction, OpenEnd, open_ends
from ratings.psychometrics.inference.ranking_row import FIGURES, ON_SCALE, RANKS, RankingFigures
from ratings.psychometrics.inference.ranks import groups, rank_sets
from ratings.psychometrics.inference.score_bounds import score_bounds
from ratings.psychometrics.inference.standing import Estimate, Standing, Ties
from ratings.psychometrics.model.connectivity import Placement, placement, share_note
from ratings.psychometrics.model.likelihood import preference
from ratings.psychometrics.model.prior import in_order, prior_scores
from ratings.psychometrics.model.unanimous import least_chance, least_lead

PUBLISHED_DECIMALS = 4
# Raised whenever any published digit of the same judgments moves: a ranking is kept under it.
METHOD_VERSION = "5"
# The columns of a published ranking.
COLUMNS = (*RANKS, "method", *(name for name in FIGURES if name not in RANKS), "open_end")


@dataclass(frozen=True)
class Settings:
    """What can be chosen about a fit.

    `level` is the confidence of intervals, bands and rank sets. `ties` says what a tie is: half
    a win for each, or an outcome of its own (Davidson 1970).
    """

    level: float = 0.95
    ties: Ties = "half"

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError(f"The level must lie between 0 and 1 (0.95, say), not {self.level}.")
        if self.ties not in ("half", "davidson"):
            raise ValueError(f'ties must be "half" or "davidson", not {self.ties!r}.')


@dataclass(frozen=True, kw_only=True)
class Row(RankingFigures):
    """One method's place, in log odds; `method` is its label.

    `open_end` is the direction of its `OpenEnd`, where it has one.
    """

    method: str
    open_end: Direction | None = None

    @property
    def placed(self) -> bool:
        """Say whether it is on the scale: not every ranked method is."""
        return self.win_rate is not None


@dataclass(frozen=True)
class Difference:
    """How far `first` is ahead of `second` in log odds; None where nothing honest can be said.

    It is infinite, and so is the upper end, where judgments say who is ahead and not how far.
    `probability` is that of `first` being preferred to `second`. The intervals are for this one
    pair; `told_apart` holds for all pairs at once.
    """

    first: str
    second: str
    difference: float
    se: float | None
    ci_low: float | None
    ci_high: float | None
    told_apart: bool
    probability: float
    probability_low: float | None
    probability_high: float | None


@dataclass(frozen=True, eq=False)
class Fit:
    """A ranking as a value: the same tally and settings always give the same one.

    `rows` are in order of rank, methods without a rank last, by label. `open_ends` are those of the
    ranked methods that are not placed, by label: ahead or behind, and not known how far.
    `covariance` is that of the scores of the placed methods, in the order of `rows`; None where no
    intervals exist. `field` is what is known of the ranked methods, in arrays.
    `groups` are the longest runs of two or more methods, in order of rank, in which no two are
    told apart; they may overlap. `tie` is Davidson's tie parameter (0: no ties), None where ties
    are half wins. `rater_groups` and `scenes` say by how many groups of raters and scenes of
    pictures judgments are clustered, None where it is by raters, or by pictures.
    """

    settings: Settings
    input_sha256: str
    rows: tuple[Row, ...]
    open_ends: Mapping[str, OpenEnd]
    covariance: FloatArray | None
    field: Field
    groups: tuple[tuple[str, ...], ...]
    tie: float | None
    judgments: int
    raters: int
    pictures: int
    provisional: bool
    notes: tuple[str, ...]
    rater_groups: int | None = None
    scenes: int | None = None

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The pairs in a group that is linked both ways, and others of which something is known.

        These were judged or are told apart. The better one is first. They are made when they are
        first asked for: a thousand methods have half a million.
        """
        return tuple(_differences(self.field, self.settings.level))


def fit(tally: Tally, settings: Settings | None = None, estimate: Estimate | None = None) -> Fit:
    """Fit Bradley-Terry scores with intervals to a tally; never fails on a valid one.

    An `estimate` of the placed methods takes the place of the usual one.
    """
    settings = settings or Settings()
    chosen = placement(tally)
    ranked = field(tally, chosen, settings.level, settings.ties, estimate)
    known, ends = ranked.scale.uncertainty, open_ends(ranked, settings.level)
    return Fit(
        settings=settings,
        input_sha256=tally.digest(),
        rows=tuple(_rows(tally, chosen, ranked, _of_ends(tally, ranked, ends, settings.level))),
        open_ends=ends,
        covariance=known.covariance if known else None,
        field=ranked,
        groups=tuple(ranked.methods[start:end] for start, end in groups(ranked.distinguishable)),
        tie=ranked.scale.tie,
        judgments=tally.judgments,
        raters=tally.raters,
        pictures=tally.pictures,
        provisional=len(ranked.methods) < len(tally.methods) or not ranked.ordered,
        notes=(*share_note(tally, chosen), *chosen.notes, *ranked.scale.notes),
        rater_groups=tally.rater_groups,
        scenes=tally.scenes,
    )


def ranking_table(fit: Fit) -> list[dict[str, str | int | float | None]]:
    """Return the rows as they are published, numbers rounded to `PUBLISHED_DECIMALS` decimals."""
    return [{name: _published(getattr(row, name)) for name in COLUMNS} for row in fit.rows]


def _published(value: str | float | None) -> str | float | None:
    # Adding 0.0 turns -0.0 into 0.0.
    return round(value, PUBLISHED_DECIMALS) + 0.0 if isinstance(value, float) else value


def _rows(
    tally: Tally, chosen: Placement, ranked: Field, of_ends: Mapping[str, dict[str, Any]]
) -> Iterator[Row]:
    """Yield the rows of the ranked methods, in order of rank, then those of the others."""
    judged, score = tally.judged().tolist(), _scores(tally, chosen, ranked).tolist()
    ranks, on_scale = _ranks(ranked), _on_scale(ranked.scale)
    rest = sorted({*range(len(tally.methods))} - {*chosen.ranked})
    for i in [*ranked.index.tolist(), *rest]:
        name = tally.methods[i]
        yield Row(
            method=name,
            score=score[i] if judged[i] else None,
            judgments=judged[i],
            **ranks.get(name, {}),
            **on_scale.get(name, {}),
            **of_ends.get(name, {}),
        )


def _of_ends(
    tally: Tally, ranked: Field, ends: Mapping[str, OpenEnd], level: float
) -> dict[str, dict[str, Any]]:
    """Return what a row says of an open end, by method."""
    directions = {name: end.direction for name, end in ends.items()}
    bounds = score_bounds(tally, ranked.scale, directions, level)
    return {name: {"open_end": directions[name], **asdict(bounds[name])} for name in ends}


def _scores(tally: Tally, chosen: Placement, ranked: Field) -> FloatArray:
    """Return the scores of all methods, those that are not placed by the weak prior."""
    place = {name: i for i, name in enumerate(tally.methods)}
    placed = [place[name] for name in ranked.scale.methods]
    ahead = chosen.ahead.copy()
    ahead[np.ix_(ranked.index, ranked.index)] = ranked.ahead
    by_prior = prior_scores(tally.wins(), placed, ranked.scale.score)
    return in_order(by_prior, placed, ahead)


def _ranks(ranked: Field) -> dict[str, dict[str, Any]]:
    """Return what a row says of a ranked method's order, by method."""
    low, high = rank_sets(ranked.distinguishable)
    nowhere = [None] * len(low)
    columns = (
        ranked.rank,
        low.tolist() if ranked.sure else nowhere,
        high.tolist() if ranked.sure else nowhere,
    )
    return _by_method(ranked.methods, RANKS, columns)


def _on_scale(scale: Standing) -> dict[str, dict[str, Any]]:
    """Return what a row says of a placed method's score, by method."""
    size = len(scale.methods)
    chances = preference(scale.score[:, None] - scale.score[None, :], scale.tie)
    columns = (
        _known(np.diag(scale.se)),
        _known(scale.score - scale.score_half_width),
        _known(scale.score + scale.score_half_width),
        ((chances.sum(axis=1) - 0.5) / max(1, size - 1)).tolist(),
        _known(scale.score - scale.simultaneous_half_width),
        _known(scale.score + scale.simultaneous_half_width),
        _known(scale.dof),
    )
    return _by_method(scale.methods, ON_SCALE, columns)


def _by_method(
    methods: Sequence[str], names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> dict[str, dict[str, Any]]:
    cells = zip(*columns, strict=True)
    rows = [dict(zip(names, row, strict=True)) for row in cells]
    return dict(zip(methods, rows, strict=True))


def _differences(ranked: Field, level: float) -> Iterator[Difference]:
    """Yield pairs of ranked methods, better one first, in order of rank."""
    within = {
        (pair.first, pair.second): pair
        for group in ranked.standings.values()
        for pair in _differences_within(group)
    }
    together = ranked.group[:, None] == ranked.group
    said = together | ranked.distinguishable | (ranked.independent > 0)
    for i, j in zip(*np.nonzero(np.triu(said, 1)), strict=True):
        if together[i, j]:
            yield within[ranked.methods[i], ranked.methods[j]]
        else:
            yield _without_distance(ranked, i, j, level)


def _without_distance(ranked: Field, i: int, j: int, level: float) -> Difference:
    """Return a pair of which the first won every judgment that tells of them."""
    independent = int(ranked.independent[i, j])
    least = least_chance(independent, level)
    return Difference(
        first=ranked.methods[i],
        second=ranked.methods[j],
        difference=math.inf,
        se=None,
        ci_low=least_lead(independent, level),
        ci_high=None if least is None else math.inf,
        told_apart=bool(ranked.distinguishable[i, j]),
        probability=1.0,
        probability_low=least,
        probability_high=None if least is None else 1.0,
    )


def _differences_within(standing: Standing) -> tuple[Difference, ...]:
    """Return all pairs of a group that is linked both ways, better one first."""
    first, second = np.triu_indices(len(standing.methods), 1)
    distance = standing.score[first] - standing.score[second]
    half_width = standing.half_width[first, second]
    low, high = distance - half_width, distance + half_width
    columns = (
        [standing.methods[i] for i in first],
        [standing.methods[j] for j in second],
        distance.tolist(),
        _known(standing.se[first, second]),
        _known(low),
        _known(high),
        standing.distinguishable[first, second].tolist(),
        preference(distance, standing.tie).tolist(),
        _known(preference(low, standing.tie)),
        _known(preference(high, standing.tie)),
    )
    return tuple(Difference(*row) for row in zip(*columns, strict=True))


def _known(numbers: FloatArray) -> list[float | None]:
    """Return numbers as a list, nan as None."""
    return [None if number != number else number for number in numbers.tolist()]
