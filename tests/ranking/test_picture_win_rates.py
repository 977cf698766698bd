"""Scores of single pictures, from judgments counted by hand."""

import math

import pytest

from ratings.comparisons.models import PairCount
from ratings.ranking.boards.picture_win_rates import PictureScore, picture_scores
from tests.comparisons.builders import build_filled_study

pytestmark = pytest.mark.django_db


def test_wins_of_all_crops_against_all_methods_are_points_and_a_tie_is_half() -> None:
    study = build_filled_study(methods=3, pictures=2)
    names = list(study.entries.order_by("pk").values_list("label", flat=True))
    a, b = study.phase.originals()
    counts = PairCount.objects.filter(pair__study=study)
    crops = study.crops.filter(original=a).count()
    pair = counts.filter(pair__first__label=names[0], pair__second__label=names[1])
    pair.filter(crop__original=a).update(wins_first=3, wins_second=1, ties=2)
    scores = picture_scores(study)
    assert list(scores) == [a.pk] and list(scores[a.pk]) == names[:2]
    for name, won, score in ((names[0], 4.0, math.log(2) / 2), (names[1], 2.0, -math.log(2) / 2)):
        shown = scores[a.pk][name]
        assert shown == PictureScore(won * crops, 6 * crops, shown.score)
        assert shown.score == pytest.approx(score)
    assert b.pk not in picture_scores(study)
    assert picture_scores(study)[a.pk][names[0]].share == pytest.approx(2 / 3)


def test_a_method_that_lost_nothing_has_a_share_and_no_score() -> None:
    study = build_filled_study(methods=2, pictures=1)
    PairCount.objects.update(wins_first=2)
    (scores,) = picture_scores(study).values()
    assert sorted((score.share, score.score) for score in scores.values()) == [
        (0.0, None),
        (1.0, None),
    ]


def test_another_study_is_not_in_it() -> None:
    study, other = build_filled_study(), build_filled_study()
    PairCount.objects.filter(pair__study=other).update(wins_first=1)
    assert picture_scores(study) == {}
    assert len(picture_scores(other)) == 2
