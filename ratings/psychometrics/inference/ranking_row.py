"""The figures of a ranking's row, said once: scales, stored scores, exports and pages ask here."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Annotated, get_args, get_type_hints

RANK, PLACE, LENGTH = "rank", "place", "length"
# Of what is on the scale of the scores, a place moves with its mean; a length (a standard error)
# changes with its unit alone.
Rank = Annotated[int | None, RANK]
Place = Annotated[float | None, PLACE]
Length = Annotated[float | None, LENGTH]


@dataclass(frozen=True, kw_only=True)
class RankingFigures:
    """One method's place. None where the judgments don't say (the fit's notes say why).

    `rank` is 1 plus the number of methods that are ahead; `rank_low` to `rank_high` are the ranks
    it may have, for all methods at once; `judgments` counts all its judgments. `score` and its
    interval are log odds with mean 0 over the placed methods, those on one scale, or what a scale
    makes of them; `win_rate` is the mean probability to be preferred to another one of these.
    `ci_low` to `ci_high` holds this score, the wider `band_low` to `band_high` holds all scores at
    once. `degrees_of_freedom` are those of the interval's Student's t. A method that is not placed
    has a score by a weak prior alone, or none; of an open end it may be known what its score is
    `score_at_least`, or `score_at_most`.
    """

    rank: Rank = None
    rank_low: Rank = None
    rank_high: Rank = None
    score: Place = None
    se: Length = None
    ci_low: Place = None
    ci_high: Place = None
    win_rate: float | None = None
    judgments: int = 0
    band_low: Place = None
    band_high: Place = None
    degrees_of_freedom: float | None = None
    score_at_least: Place = None
    score_at_most: Place = None

    @property
    def score_bound(self) -> float | None:
        """What the score of an open end is at least, or at most."""
        return self.score_at_most if self.score_at_least is None else self.score_at_least


FIGURES = tuple(figure.name for figure in fields(RankingFigures))


def _of_kind(kinds: Iterable[str]) -> tuple[str, ...]:
    hints = get_type_hints(RankingFigures, include_extras=True)
    return tuple(name for name in FIGURES if {*get_args(hints[name])[1:]} & {*kinds})


RANKS = _of_kind([RANK])
PLACES = _of_kind([PLACE])
LENGTHS = _of_kind([LENGTH])
# What methods with an open end may have that those on the scale don't, and the reverse.
OF_OPEN_ENDS = ("score_at_least", "score_at_most")
ON_SCALE = tuple(
    name for name in FIGURES if name not in (*RANKS, "score", "judgments", *OF_OPEN_ENDS)
)
