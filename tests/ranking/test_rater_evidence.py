"""The report on a study's raters: read from the judgments, marked, and as a file."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from ratings.comparisons.judgments.answers import study_answers
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Judgment, Rater, Study, Trial
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.raters.rater_report import rater_report
from ratings.ranking.evidence.answer_arrays import arrays_of_answers, ranked_answers
from ratings.ranking.evidence.rater_evidence import study_raters
from ratings.ranking.evidence.rater_reports import (
    PAUSE,
    RATER_COLUMNS,
    make_report,
    rater_rows,
    report_if_due,
    summary,
)
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.models import KeptReport
from ratings.ranking.tables.export import judgments_csv, to_csv
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, pair_of
from tests.comparisons.checks import build_goldens
from tests.ranking.builders import build_two_datasets, judge_all

pytestmark = pytest.mark.django_db


def study_judgments(study: Study) -> JudgmentArrays:
    """Return the study's judgments that count, one by one, in one pass.

    Raters are named by their identifiers, images by data set and name.
    """
    answers = study_answers(study, [Trial.Kind.COMPARISON])
    return arrays_of_answers(study, answers.where(ranked_answers(answers, study)))


def test_judgments_read_one_by_one_are_those_of_the_counters() -> None:
    study = build_filled_study(phase=build_two_datasets())
    judge_all(study, raters=4, judgments=9)
    build_rater(study)  # who judges nothing
    other = build_filled_study()
    judge_all(other, raters=2, judgments=4)
    judgments = study_judgments(study)
    assert len(judgments) == 36 and len(judgments.raters) == 4
    assert judgments.tally() == study_tally(study)
    assert set(judgments.images) == {"P/P0.png", "P/P1.png", "M/M0.png", "M/M1.png", "M/M2.png"}
    assert len(np.unique(judgments.shown)) == study.crops.count()
    for number, judgment in enumerate(Judgment.objects.filter(trial__rater__study=study)):
        trial = judgment.trial
        rater = judgments.raters.index(trial.rater_id.hex)
        mine = (judgments.rater == rater) & (judgments.choice == (judgment.choice == "right"))
        first, second = pair_of(trial).first.label, pair_of(trial).second.label
        left = first if trial.first_left else second
        assert (mine & (judgments.left == judgments.methods.index(left))).any(), number
        assert second in judgments.methods


def test_excluded_judgments_are_left_out() -> None:
    study = build_filled_study()
    judge_all(study, raters=2, judgments=5)
    first = Judgment.objects.order_by("pk").first()
    assert first is not None
    Judgment.objects.filter(trial__rater=first.trial.rater).update(excluded=True)
    judgments = study_judgments(study)
    assert len(judgments) == 5 and len(judgments.raters) == 1


def test_a_study_without_judgments_has_an_empty_report() -> None:
    evidence = study_raters(build_filled_study())
    assert evidence.report.raters == () and evidence.report.pictures == ()
    assert evidence.raters == ()


def test_golden_trials_tell_of_raters_here_and_in_the_export_alike(tmp_path: Path) -> None:
    study = build_filled_study(methods=3, pictures=4)
    judge_all(study, raters=4, judgments=12)
    before = {row.rater: row.reliability for row in study_raters(study).report.raters}
    first, second = study.raters.order_by("pk")[:2]
    build_goldens(first, [True] * 12)
    build_goldens(second, [True, False] * 6)
    report = study_raters(study).report
    by_rater = {row.rater: row.reliability for row in report.raters}
    assert (by_rater[first.pk.hex] or 0) > (before[first.pk.hex] or 1)
    assert (by_rater[second.pk.hex] or 1) < (before[second.pk.hex] or 0)
    exported = tmp_path / "judgments.csv"
    exported.write_text(b"".join(judgments_csv(study)).decode())
    judgments = read_judgments(exported)
    again = rater_report(judgments.arrays(), judgments.goldens)
    assert {row.rater: row.reliability for row in again.raters} == by_rater


def test_the_report_and_its_rows() -> None:
    study = build_filled_study()
    judge_all(study, raters=3, judgments=6, simulated=True)
    judge_all(study, raters=1, judgments=6, seed=2)
    evidence = study_raters(study)
    make_report(study, NOW)
    rows = list(rater_rows(study))
    told = summary(study.rater_report)
    assert told.report == replace(evidence.report, raters=(), flags=())
    assert [row["rater"] for row in rows] == [each.pk.hex for each in evidence.raters]
    assert sorted(row["simulated"] for row in rows) == [False, True, True, True]
    assert all(list(row) == RATER_COLUMNS and row["judgments"] == 6 for row in rows)
    assert all(row["ms_median"] == 4000 and row["flips_p95"] == 3 for row in rows)
    assert all((row["state"], row["reason"]) == ("used", None) for row in rows)
    plain = scores(study_tally(study).wins())
    by_method = dict(zip(study_tally(study).methods, plain, strict=True))
    assert {row.method: row.score for row in evidence.report.second} == pytest.approx(by_method)
    text = "".join(to_csv(RATER_COLUMNS, rows))
    assert text.splitlines()[0] == ",".join(RATER_COLUMNS) and len(text.splitlines()) == 5


def test_a_report_is_made_when_something_happened_and_the_last_one_is_old_enough() -> None:
    study = build_filled_study()
    assert not report_if_due(study, NOW)
    judge_all(study, raters=2, judgments=4)
    assert report_if_due(study, NOW)
    long_after = NOW + timedelta(days=1)
    assert not report_if_due(study, long_after)
    judge_all(study, raters=1, judgments=4)
    KeptReport.objects.update(seconds=3.0)
    assert not report_if_due(study, NOW + PAUSE * timedelta(seconds=2.9))
    assert report_if_due(study, NOW + PAUSE * timedelta(seconds=3))
    assert study.rater_report.raters.count() == 3
    decide(study.raters.all()[0], Rater.State.NOT_USED, "Looked away.", now=NOW)
    assert report_if_due(study, long_after)
    KeptReport.objects.update(software_version="0.0")
    assert not list(rater_rows(study))
    assert report_if_due(study, long_after) and list(rater_rows(study))


def test_another_study_s_judgments_are_no_news() -> None:
    study = build_filled_study()
    judge_all(study, raters=1, judgments=4)
    assert report_if_due(study, NOW)
    judge_all(build_filled_study(), raters=1, judgments=4)
    assert not report_if_due(study, NOW + timedelta(days=1))
