"""The board's past: rankings that were frozen, as a curve to stand at, and what a freeze shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from ratings.challenge.access.visibility import boards_frozen
from ratings.challenge.models import Phase
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.boards.score_curve import CurvePoint, score_curve
from ratings.ranking.frozen.frozen_rankings import frozen_of
from ratings.ranking.models import FrozenRanking
from ratings.web.parts.drawing.curve_chart import CurveLine, CurveStop, score_curves
from ratings.web.parts.words.formatting import NOTHING, Moment, decimal, grouped, moment


@dataclass(frozen=True)
class PastLine:
    """A frozen ranking in the table behind the curve; its scores are in the order of the board."""

    url: str
    moment: Moment
    judgments: str
    scores: list[str]


@dataclass(frozen=True)
class FreezeWords:
    """What a board says while it is frozen: since when, until when, and that one sees it live."""

    since: Moment
    until: Moment | None
    seen_live: bool


def freeze_words(phase: Phase, now: datetime, *, seen_live: bool) -> FreezeWords | None:
    """Return what is to say of a freeze, None where there is none."""
    since, until = boards_frozen(phase, now), phase.boards_frozen_until
    if since is None:
        return None
    end = moment(until, phase.zone) if until else None
    return FreezeWords(moment(since, phase.zone), end, seen_live)


def history_context(human: HumanBoard, now: datetime) -> dict[str, object]:
    """Return the board's curve, the table behind it, and the newest ranking that can be cited."""
    frozen = past_of(human, now)
    newest = frozen.defer("document").last()
    # It may have been frozen long ago, where methods left and came back.
    same = frozen.defer("document").filter(
        ranking__input_sha256=human.input_sha256,
        ranking__settings=human.settings,
        ranking__method_version=human.method_version,
    )
    shown = same.last() if newest else None
    citable = shown or newest
    points = score_curve(frozen, human) if newest else []
    zone = human.study.phase.zone
    return {
        "citable": citable and frozen_url(human.study.phase, citable.digest),
        "citable_at": citable and moment(citable.computed_at, zone),
        "citable_is_shown": shown is not None,
        "curve": score_curves(_lines(human, points), zone),
        "curve_names": [row.method for row in human.rows if row.placed],
        "past": [_past_line(human, point) for point in reversed(points)],
    }


def past_of(human: HumanBoard, now: datetime) -> QuerySet[FrozenRanking]:
    """Return the frozen rankings up to what the board shows."""
    frozen = frozen_of(human.study, human.dataset).filter(computed_at__lte=now)
    return frozen.filter(computed_at__lte=human.until) if human.until else frozen


def frozen_url(phase: Phase, digest: str) -> str:
    """Return the permanent address of a frozen ranking."""
    return reverse("web:frozen-ranking", args=[phase.challenge.slug, digest])


def _lines(human: HumanBoard, points: Sequence[CurvePoint]) -> list[CurveLine]:
    return [
        CurveLine(
            str(row.submission_id),
            row.method,
            row.kind,
            [
                CurveStop(point.computed_at, found.score, found.low, found.high)
                for point in points
                if (found := point.scores.get(row.submission_id))
            ],
        )
        for row in human.rows
        if row.placed
    ]


def _past_line(human: HumanBoard, point: CurvePoint) -> PastLine:
    places, phase = human.scale.page_decimals, human.study.phase
    found = [point.scores.get(row.submission_id) for row in human.rows if row.placed]
    return PastLine(
        frozen_url(phase, point.digest),
        moment(point.computed_at, phase.zone),
        grouped(point.judgments),
        [decimal(one.score, places) if one else NOTHING for one in found],
    )
