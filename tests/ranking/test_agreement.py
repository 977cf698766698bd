"""Metrics against people: which methods count, and that scipy agrees with what is said."""

import numpy as np
import pytest
from scipy import stats

from ratings.fidelity.board import psnr_board
from ratings.fidelity.models import Distortion
from ratings.psychometrics.scales import scale
from ratings.ranking.agreement import COLUMNS, agreement, agreement_rows
from ratings.ranking.board import human_board
from ratings.ranking.fitting import refit
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.ranking.builders import build_two_datasets, judge_all
from tests.web.builders import build_ranked_study, build_running_phase, build_scored_study

pytestmark = pytest.mark.django_db


def test_each_metric_stands_beside_the_human_scores() -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    Distortion.objects.update(ms_ssim=0.9)
    board = human_board(study)
    people = {row.submission_id: row.score for row in board.rows}
    rows = psnr_board(phase)
    expected = stats.kendalltau([people[r.submission_id] for r in rows], [r.psnr_db for r in rows])
    found = {one.metric: one.correlations for one in agreement(board)}
    # The pictures are too small for MS-SSIM.
    assert list(found) == ["psnr", "mean_psnr", "bpp"]
    assert found["psnr"][1].value == pytest.approx(expected.statistic, abs=6e-4)
    assert {one.methods for ones in found.values() for one in ones} == {3}
    assert all(one.low is not None for one in found["psnr"])
    assert agreement_rows(board)[0].keys() == set(COLUMNS)


def test_the_mean_of_psnrs_is_over_the_pictures_of_the_data_set() -> None:
    phase = build_two_datasets()
    study = build_ranked_study(phase)
    # So many that no draw leaves the methods level, or one without a place.
    judge_all(study, raters=12, judgments=12, seed=2)
    refit(study, NOW)
    dataset = phase.datasets.get(slug="M")
    board = human_board(study, dataset)
    people = {row.submission_id: row.score for row in board.rows if row.rank}
    decibels = {}
    for pk in people:
        errors = Distortion.objects.filter(
            decoded_image__submission=pk, decoded_image__original__dataset=dataset
        ).values_list("squared_error", "samples")
        decibels[pk] = np.mean([10 * np.log10(255**2 * n / error) for error, n in errors])
    found = {one.metric: one.correlations for one in agreement(board)}
    expected = stats.pearsonr(list(people.values()), [decibels[pk] for pk in people]).statistic
    assert found["mean_psnr"][2].value == pytest.approx(expected, abs=6e-4)


def test_another_scale_changes_nothing() -> None:
    study = build_ranked_study(build_running_phase())
    natural = agreement(human_board(study))
    elo = agreement(human_board(study, shown=scale("elo")))
    for one, other in zip(natural, elo, strict=True):
        for a, b in zip(one.correlations, other.correlations, strict=True):
            assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=0.01)


def test_methods_on_one_board_alone_are_left_out() -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    board = human_board(study)
    Submission.objects.filter(pk=board.rows[0].submission_id).update(state="failed")
    assert agreement(board) == []


def test_without_a_ranking_there_is_nothing_to_compare() -> None:
    assert agreement(human_board(build_scored_study(build_running_phase()))) == []
