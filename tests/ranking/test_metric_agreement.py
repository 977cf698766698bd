"""Metrics against people: which methods count, and that scipy agrees with what is said."""

import numpy as np
import pytest
from scipy import stats

from ratings.fidelity.models import Distortion
from ratings.fidelity.psnr_board import psnr_board
from ratings.psychometrics.inference.scales import scale
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.boards.metric_agreement import (
    AGREEMENT_COLUMNS,
    agreement_rows,
    metric_agreement,
)
from ratings.ranking.fits.refitting import refit
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.ranking.builders import build_two_datasets, judge_all, judge_one_sided
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
    agreements = {agreement.metric: agreement.correlations for agreement in metric_agreement(board)}
    # The pictures are too small for MS-SSIM.
    assert list(agreements) == ["psnr", "mean_psnr", "bpp"]
    assert agreements["psnr"][1].value == pytest.approx(expected.statistic, abs=6e-4)
    assert {correlation.methods for ones in agreements.values() for correlation in ones} == {3}
    assert all(correlation.low is not None for correlation in agreements["psnr"])
    assert agreement_rows(board)[0].keys() == set(AGREEMENT_COLUMNS)


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
    agreements = {agreement.metric: agreement.correlations for agreement in metric_agreement(board)}
    expected = stats.pearsonr(list(people.values()), [decibels[pk] for pk in people]).statistic
    assert agreements["mean_psnr"][2].value == pytest.approx(expected, abs=6e-4)


def test_another_scale_changes_nothing() -> None:
    study = build_ranked_study(build_running_phase())
    natural = metric_agreement(human_board(study))
    elo = metric_agreement(human_board(study, shown=scale("elo")))
    for one, other in zip(natural, elo, strict=True):
        for a, b in zip(one.correlations, other.correlations, strict=True):
            assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=0.01)


def test_methods_on_one_board_alone_are_left_out() -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    board = human_board(study)
    Submission.objects.filter(pk=board.rows[0].submission_id).update(state="failed")
    assert metric_agreement(board) == []


def test_without_a_ranking_there_is_nothing_to_compare() -> None:
    assert metric_agreement(human_board(build_scored_study(build_running_phase()))) == []


def test_who_is_ahead_by_an_unknown_distance_takes_part_by_rank() -> None:
    phase = build_running_phase()
    study = build_scored_study(phase, ("competing",) * 5)
    judge_one_sided(study)
    refit(study, NOW)
    board = human_board(study)
    assert (board.rows[0].rank, board.rows[-1].rank) == (1, 5)
    assert [row.placed for row in board.rows] == [False, True, True, True, False]
    decibels = {row.submission_id: row.psnr_db for row in psnr_board(phase)}
    ranks = [-row.rank for row in board.rows if row.rank]
    values = [decibels[row.submission_id] for row in board.rows]
    agreements = {agreement.metric: agreement.correlations for agreement in metric_agreement(board)}
    spearman, kendall, pearson = agreements["psnr"]
    assert spearman.value == pytest.approx(stats.spearmanr(ranks, values).statistic, abs=6e-4)
    assert kendall.value == pytest.approx(stats.kendalltau(ranks, values).statistic, abs=6e-4)
    assert (spearman.methods, pearson.methods) == (5, 3)


def test_a_picture_decoded_exactly_leaves_its_method_among_the_ranks() -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    best = human_board(study).rows[0].submission_id
    exact = Distortion.objects.filter(decoded_image__submission=best).first()
    assert exact is not None
    Distortion.objects.filter(pk=exact.pk).update(squared_error=0)
    agreements = {
        agreement.metric: agreement.correlations
        for agreement in metric_agreement(human_board(study))
    }
    # Of three methods two have a finite mean, too few for Pearson's r.
    assert [
        (correlation.coefficient, correlation.methods) for correlation in agreements["mean_psnr"]
    ] == [
        ("spearman", 3),
        ("kendall", 3),
    ]
