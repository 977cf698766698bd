"""How scores came to be: a study's frozen rankings as a curve of a bounded number of points."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.models import FrozenRanking, Score

MOST_POINTS = 48


@dataclass(frozen=True)
class CurveScore:
    """A method's score with its interval, on the scale of the board."""

    score: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CurvePoint:
    """A frozen ranking on the curve; `scores` are those of the methods that it places."""

    digest: str
    computed_at: datetime
    judgments: int
    scores: Mapping[UUID, CurveScore]


def score_curve(frozen: QuerySet[FrozenRanking], board: HumanBoard) -> list[CurvePoint]:
    """Return points of the curve in the order of time, the newest among them.

    There are at most `MOST_POINTS`, evenly thinned, of the methods that the board ranks.
    """
    kept = list(_thinned(frozen).values_list("ranking", "digest", "computed_at", "judgments"))
    scores = _scores([pk for pk, *_ in kept if pk is not None], board)
    return [
        CurvePoint(digest, at, judgments, scores.get(pk or 0, {}))
        for pk, digest, at, judgments in reversed(kept)
    ]


def _thinned(frozen: QuerySet[FrozenRanking]) -> QuerySet[FrozenRanking]:
    """Return some of the rankings, the newest first."""
    newest_first = frozen.order_by("-computed_at", "-id")
    step = -(-frozen.count() // MOST_POINTS)
    if step <= 1:
        return newest_first
    place = Window(RowNumber(), order_by=[F("computed_at").desc(), F("id").desc()])
    return newest_first.annotate(rest=(place - 1) % step).filter(rest=0)


def _scores(rankings: Sequence[int], board: HumanBoard) -> Mapping[int, Mapping[UUID, CurveScore]]:
    ranked = [row.submission_id for row in board.rows if row.placed]
    rows = Score.objects.filter(ranking__in=rankings, entry__submission__in=ranked)
    rows = rows.exclude(score=None).exclude(ci_low=None)
    found: dict[int, dict[UUID, CurveScore]] = defaultdict(dict)
    place = board.scale.place
    columns = ("ranking", "entry__submission", "score", "ci_low", "ci_high")
    for ranking, submission, score, low, high in rows.values_list(*columns):
        found[ranking][submission] = CurveScore(place(score) or 0.0, place(low), place(high))
    return found
