"""A fit: judgments in, a ranking with its intervals and its own reservations out."""

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy import special

from ratings.psychometrics.bradley_terry import win_probabilities
from ratings.psychometrics.placement import placement
from ratings.psychometrics.standing import Standing, standing
from ratings.psychometrics.tally import FloatArray, Tally

PRINTED_DECIMALS = 4


@dataclass(frozen=True)
class Settings:
    """What can be chosen about a fit.

    `level` is the confidence of intervals, bands and rank sets. `ties` says what a tie is: half
    a win for each, or an outcome of its own (Davidson 1970).
    """

    level: float = 0.95
    ties: Literal["half", "davidson"] = "half"

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
    at once.
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
    `degrees_of_freedom` is that of Student's t for all intervals. `groups` are the longest runs
    of two or more methods, in order of rank, in which no two are told apart; they may overlap.
    `tie` is Davidson's tie parameter (0: no ties), None where ties are half wins.
    """

    settings: Settings
    input_sha256: str
    rows: tuple[Row, ...]
    covariance: FloatArray | None
    degrees_of_freedom: float | None
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
    if settings.ties == "davidson":
        raise NotImplementedError("Davidson's ties are not fitted yet.")
    chosen = placement(tally)
    kept = tally.keep(chosen.placed)
    found = standing(kept, settings.level)
    return Fit(
        settings=settings,
        input_sha256=tally.digest(),
        rows=_rows(tally, found, settings.level),
        covariance=found.uncertainty.covariance if found.uncertainty else None,
        degrees_of_freedom=found.uncertainty.degrees_of_freedom if found.uncertainty else None,
        differences=_differences(found, settings.level),
        groups=found.groups(),
        tie=None,
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


def _rows(tally: Tally, found: Standing, level: float) -> tuple[Row, ...]:
    judged = dict(zip(tally.methods, tally.judged().tolist(), strict=True))
    placed = [_placed_row(found, i, level, judged) for i in range(len(found.methods))]
    missing = [name for name in tally.methods if name not in set(found.methods)]
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
        band_low=None,
        band_high=None,
    )


def _placed_row(found: Standing, i: int, level: float, judged: dict[str, int]) -> Row:
    score, se = float(found.score[i]), float(found.se[i])
    chances = win_probabilities(found.score)[i]
    rank_low, rank_high = found.rank_set(i)
    ci_low, ci_high = _interval(score, found.margin(level) * se)
    band_low, band_high = _interval(score, found.band_margin(level) * se)
    return Row(
        rank=found.rank[i],
        rank_low=rank_low,
        rank_high=rank_high,
        method=found.methods[i],
        score=score,
        se=_or_none(se),
        ci_low=ci_low,
        ci_high=ci_high,
        win_rate=float((chances.sum() - chances[i]) / (len(chances) - 1)),
        judgments=judged[found.methods[i]],
        band_low=band_low,
        band_high=band_high,
    )


def _differences(found: Standing, level: float) -> tuple[Difference, ...]:
    """Return all pairs of placed methods, better one first."""
    pairs = combinations(range(len(found.methods)), 2)
    return tuple(_difference(found, i, j, found.margin(level)) for i, j in pairs)


def _difference(found: Standing, i: int, j: int, margin: float) -> Difference:
    distance, error = float(found.score[i] - found.score[j]), float(found.difference_se[i, j])
    ci_low, ci_high = _interval(distance, margin * error)
    return Difference(
        first=found.methods[i],
        second=found.methods[j],
        difference=distance,
        se=_or_none(error),
        ci_low=ci_low,
        ci_high=ci_high,
        told_apart=bool(found.apart[i, j]),
        probability=float(special.expit(distance)),
        probability_low=None if ci_low is None else float(special.expit(ci_low)),
        probability_high=None if ci_high is None else float(special.expit(ci_high)),
    )


def _interval(center: float, reach: float) -> tuple[float, float] | tuple[None, None]:
    return (None, None) if np.isnan(reach) else (center - reach, center + reach)


def _or_none(number: float) -> float | None:
    return None if np.isnan(number) else number


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
