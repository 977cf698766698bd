"""The report on a study's raters: read from the judgments, marked, and as a file."""

from pathlib import Path

import numpy as np
import pytest

from ratings.comparisons.answers import study_answers
from ratings.comparisons.models import Judgment, Study, Trial
from ratings.psychometrics.bradley_terry import scores
from ratings.psychometrics.judgments import JudgmentArrays
from ratings.psychometrics.judgments_csv import read_judgments
from ratings.psychometrics.rater_report import rater_report
from ratings.ranking.export import judgments_csv, to_csv
from ratings.ranking.fitting import study_tally
from ratings.ranking.models import Ranking
from ratings.ranking.raters import RATER_COLUMNS, rater_rows, study_raters
from ratings.ranking.variants import chosen, judgment_arrays
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.checks import build_goldens
from tests.ranking.builders import build_two_datasets, judge_all

pytestmark = pytest.mark.django_db


def study_judgments(study: Study) -> JudgmentArrays:
    """Return the study's judgments that count, one by one, in one pass.

    Raters are named by their identifiers, images by data set and name.
    """
    answers = study_answers(study, [Trial.Kind.COMPARISON])
    return judgment_arrays(study, answers.where(chosen(Ranking.Variant.USED, answers, study.how)))


def test_judgments_read_one_by_one_are_those_of_the_counters() -> None:
    study = build_filled_study(phase=build_two_datasets())
    judge_all(study, raters=4, judgments=9)
    build_rater(study)  # who judges nothing
    other = build_filled_study()
    judge_all(other, raters=2, judgments=4)
    found = study_judgments(study)
    assert len(found) == 36 and len(found.raters) == 4
    assert found.tally() == study_tally(study)
    assert set(found.images) == {"P/P0.png", "P/P1.png", "M/M0.png", "M/M1.png", "M/M2.png"}
    assert len(np.unique(found.shown)) == study.crops.count()
    for number, judgment in enumerate(Judgment.objects.filter(trial__rater__study=study)):
        trial = judgment.trial
        rater = found.raters.index(trial.rater_id.hex)
        mine = (found.rater == rater) & (found.choice == (judgment.choice == "right"))
        first, second = trial.pair.first.label, trial.pair.second.label
        left = first if trial.first_left else second
        assert (mine & (found.left == found.methods.index(left))).any(), number
        assert second in found.methods


def test_excluded_judgments_are_left_out() -> None:
    study = build_filled_study()
    judge_all(study, raters=2, judgments=5)
    first = Judgment.objects.order_by("pk").first()
    assert first is not None
    Judgment.objects.filter(trial__rater=first.trial.rater).update(excluded=True)
    found = study_judgments(study)
    assert len(found) == 5 and len(found.raters) == 1


def test_a_study_without_judgments_has_an_empty_report() -> None:
    found = study_raters(build_filled_study())
    assert found.report.raters == () and found.report.pictures == ()
    assert rater_rows(found) == []


def test_golden_trials_tell_of_raters_here_and_in_the_export_alike(tmp_path: Path) -> None:
    study = build_filled_study(methods=3, pictures=4)
    judge_all(study, raters=4, judgments=12)
    before = {row.rater: row.reliability for row in study_raters(study).report.raters}
    first, second = study.raters.order_by("pk")[:2]
    build_goldens(first, [True] * 12)
    build_goldens(second, [True, False] * 6)
    report = study_raters(study).report
    found = {row.rater: row.reliability for row in report.raters}
    assert (found[first.pk.hex] or 0) > (before[first.pk.hex] or 1)
    assert (found[second.pk.hex] or 1) < (before[second.pk.hex] or 0)
    exported = tmp_path / "judgments.csv"
    exported.write_text("".join(judgments_csv(study)))
    judgments = read_judgments(exported)
    again = rater_report(judgments.arrays(), judgments.goldens)
    assert {row.rater: row.reliability for row in again.raters} == found


def test_the_report_and_its_rows() -> None:
    study = build_filled_study()
    judge_all(study, raters=3, judgments=6, simulated=True)
    judge_all(study, raters=1, judgments=6, seed=2)
    found = study_raters(study)
    rows = rater_rows(found)
    assert sorted(row["simulated"] for row in rows) == [False, True, True, True]
    assert all(list(row) == RATER_COLUMNS and row["judgments"] == 6 for row in rows)
    assert all(row["ms_median"] == 4000 and row["flips_p95"] == 3 for row in rows)
    assert all((row["state"], row["reason"]) == ("used", None) for row in rows)
    plain = scores(study_tally(study).wins())
    by_method = dict(zip(study_tally(study).methods, plain, strict=True))
    assert {row.method: row.score for row in found.report.second} == pytest.approx(by_method)
    text = "".join(to_csv(RATER_COLUMNS, rows))
    assert text.splitlines()[0] == ",".join(RATER_COLUMNS) and len(text.splitlines()) == 5
