"""The curve of frozen rankings: bounded, evenly thinned, with the newest, on the board's scale."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.models import Study
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.boards.score_curve import MOST_POINTS, score_curve
from ratings.ranking.frozen.frozen_rankings import freeze, frozen_of
from ratings.ranking.models import FrozenRanking, Ranking
from tests.builders import NOW
from tests.web.builders import build_ranked_study, build_running_phase

pytestmark = pytest.mark.django_db


def build_past(hours: int) -> Study:
    """Save a ranked study with so many frozen rankings, of which the newest has a row."""
    study = build_ranked_study(build_running_phase())
    newest = freeze(Ranking.objects.get(), NOW)
    FrozenRanking.objects.bulk_create(
        FrozenRanking(
            digest=f"{hour:064x}",
            phase=newest.phase,
            study=newest.study,
            computed_at=newest.computed_at - timedelta(hours=hour),
            judgments=10_000 - hour,
        )
        for hour in range(1, hours)
    )
    return study


@pytest.mark.parametrize("hours", [1, MOST_POINTS, MOST_POINTS + 1, 500])
def test_it_has_a_bounded_number_of_points_and_the_newest(hours: int) -> None:
    study = build_past(hours)
    with CaptureQueriesContext(connection) as captured:
        points = score_curve(frozen_of(study), human_board(study))
    assert len(points) <= MOST_POINTS and (len(points) > MOST_POINTS // 2 or hours == 1)
    assert points[-1].judgments == 18 and points[-1].scores
    apart = {b.computed_at - a.computed_at for a, b in pairwise(points)}
    assert len(apart) <= 1
    assert len(captured) < 15


def test_scores_are_on_the_scale_of_the_board() -> None:
    study = build_past(1)
    Study.objects.update(scale="elo")
    board = human_board(Study.objects.get(pk=study.pk))
    (point,) = score_curve(frozen_of(study), board)
    placed = {row.submission_id: (row.score, row.ci_low, row.ci_high) for row in board.rows}
    found = {pk: (one.score, one.low, one.high) for pk, one in point.scores.items()}
    assert found == placed
