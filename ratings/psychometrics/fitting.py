"""A fit: judgments in, a ranking with its intervals and its own reservations out."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ratings.psychometrics.outcomes import preference
from ratings.psychometrics.placement import placement, prior_scores
from ratings.psychometrics.ranks import rank_sets
from ratings.psychometrics.standing import Standing, Ties, standing
from ratings.psychometrics.tally import FloatArray, Tally

PRINTED_DECIMALS = 4


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


@dataclass(frozen=True)
class Row:
    """One method's place. None where the judgments don't say (the fit's notes say why).

    `score` and its interval are log odds with mean 0 over the placed methods; `rank_low` to
    `rank_high` are the ranks it may have, for all methods at once; `win_rate` is its mean
    probability to be preferred to another placed method; `judgments` counts all its judgments.
    `ci_low` to `ci_high` holds this score, the wider `band_low` to `band_high` holds all scores
    at once. `degrees_of_freedom` are those of the interval's Student's t. A method without a rank
    has a score by a weak prior alone, or none.
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
    band_low: float | None
    band_high: float | None
    degrees_of_freedom: float | None


@dataclass(frozen=True)
class Difference:
    """How far `first` is ahead of `second` in log odds; None where nothing honest can be said.

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

    `rows` are in order of rank, methods without a rank last, by label. `covariance` is that of
    the scores of the placed methods, in the order of `rows`; None where no intervals exist.
    `groups` are the longest runs of two or more methods, in order of rank, in which no two are
    told apart; they may overlap. `tie` is Davidson's tie parameter (0: no ties), None where ties
    are half wins.
    """

    settings: Settings
    input_sha256: str
    rows: tuple[Row, ...]
    covariance: FloatArray | None
    differences: tuple[Difference, ...]
    groups: tuple[tuple[str, ...], ...]
    tie: float | None
    judgments: int
    raters: int
    pictures: int
    provisional: bool
    notes: tuple[str, ...]


def fit(tally: Tally, settings: Settings | None = None) -> Fit:
    """Fit Bradley-Terry scores with intervals to a tally; never fails on a valid one."""
    settings = settings or Settings()
    chosen = placement(tally)
    kept = tally.keep(chosen.placed)
    found = standing(kept, settings.level, settings.ties)
    known = found.uncertainty
    return Fit(
        settings=settings,
        input_sha256=tally.digest(),
        rows=(*_placed_rows(tally, found), *_other_rows(tally, found)),
        covariance=known.covariance if known else None,
        differences=_differences(found),
        groups=found.groups(),
        tie=found.tie,
        judgments=tally.judgments,
        raters=tally.raters,
        pictures=tally.pictures,
        provisional=len(found.methods) < len(tally.methods) or not found.ordered,
        notes=(*_share_note(tally, kept), *chosen.notes, *found.notes),
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


def _placed_rows(tally: Tally, found: Standing) -> tuple[Row, ...]:
    """Return the rows of the placed methods, in order of rank."""
    size = len(found.methods)
    judged = dict(zip(tally.methods, tally.judged().tolist(), strict=True))
    chances = preference(found.score[:, None] - found.score[None, :], found.tie)
    low, high = rank_sets(found.apart)
    nowhere = [None] * size
    columns: dict[str, list[Any]] = {
        "rank": found.rank,
        "rank_low": low.tolist() if found.uncertainty else nowhere,
        "rank_high": high.tolist() if found.uncertainty else nowhere,
        "method": list(found.methods),
        "score": found.score.tolist(),
        "se": _known(np.diag(found.error)),
        "ci_low": _known(found.score - np.diag(found.reach)),
        "ci_high": _known(found.score + np.diag(found.reach)),
        "win_rate": ((chances.sum(axis=1) - 0.5) / max(1, size - 1)).tolist(),
        "judgments": [judged[name] for name in found.methods],
        "band_low": _known(found.score - found.band),
        "band_high": _known(found.score + found.band),
        "degrees_of_freedom": _known(found.freedom),
    }
    cells = zip(*columns.values(), strict=True)
    return tuple(Row(**dict(zip(columns, row, strict=True))) for row in cells)


def _other_rows(tally: Tally, found: Standing) -> tuple[Row, ...]:
    """Return the rows of the methods without a place: a score by the prior and no more."""
    if len(found.methods) == len(tally.methods):
        return ()
    place = {name: i for i, name in enumerate(found.methods)}
    placed = [i for i, name in enumerate(tally.methods) if name in place]
    score = found.score[[place[tally.methods[i]] for i in placed]]
    by_prior = prior_scores(tally.wins(), placed, score)
    judged = tally.judged().tolist()
    return tuple(
        Row(
            rank=None,
            rank_low=None,
            rank_high=None,
            method=name,
            score=float(by_prior[i]) if judged[i] else None,
            se=None,
            ci_low=None,
            ci_high=None,
            win_rate=None,
            judgments=judged[i],
            band_low=None,
            band_high=None,
            degrees_of_freedom=None,
        )
        for i, name in enumerate(tally.methods)
        if name not in place
    )


def _differences(found: Standing) -> tuple[Difference, ...]:
    """Return all pairs of placed methods, better one first."""
    first, second = np.triu_indices(len(found.methods), 1)
    distance, reach = found.score[first] - found.score[second], found.reach[first, second]
    low, high = distance - reach, distance + reach
    columns = (
        [found.methods[i] for i in first],
        [found.methods[j] for j in second],
        distance.tolist(),
        _known(found.error[first, second]),
        _known(low),
        _known(high),
        found.apart[first, second].tolist(),
        preference(distance, found.tie).tolist(),
        _known(preference(low, found.tie)),
        _known(preference(high, found.tie)),
    )
    return tuple(Difference(*row) for row in zip(*columns, strict=True))


def _known(numbers: FloatArray) -> list[float | None]:
    """Return numbers as a list, nan as None."""
    return [None if number != number else number for number in numbers.tolist()]


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
