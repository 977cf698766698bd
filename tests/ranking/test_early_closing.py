"""Closing a study by its own rule: when, why, once, and open again when the rule changes."""

import numpy as np
import pytest

from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.models import Study
from ratings.comparisons.study.study_tables import dump_study, load_studies
from ratings.comparisons.trials.scheduling import issue
from ratings.ranking.fits.early_closing import stop_if_met
from ratings.ranking.fits.refitting import refit
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, pair_of
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db


def stopped(study: Study) -> str | None:
    """Refit as the job does, and ask whether the study is to stop."""
    refit(study, NOW)
    return stop_if_met(Study.objects.get(pk=study.pk), NOW)


def judge_clearly(study: Study, raters: int) -> None:
    """Let raters prefer the method of the lower number nine times in ten."""
    for number in range(raters):
        rater = build_rater(study)
        for trial in issue(rater, 80, NOW, np.random.default_rng(number)):
            lower_first = pair_of(trial).first.label < pair_of(trial).second.label
            prefers_first = lower_first != (trial.number % 10 == 0)
            choice = "left" if prefers_first == trial.first_left else "right"
            assert (
                judge(trial.pk, [rater.pk], Answer(choice, 1, {}), NOW).outcome
                is JudgmentOutcome.STORED
            )


def test_a_study_without_a_rule_goes_on() -> None:
    study = build_filled_study()
    judge_all(study, raters=3)
    assert stopped(study) is None
    study.refresh_from_db()
    assert study.is_open and study.stopped_at is None


def test_a_budget_closes_the_study_and_says_so() -> None:
    study = build_filled_study(stop_judgments=18)
    judge_all(study, raters=2, judgments=6)
    assert stopped(study) is None
    judge_all(study, raters=1, judgments=6, seed=2)
    reason = stopped(study)
    assert reason == "the budget of 18 judgments is used up"
    study.refresh_from_db()
    assert (study.is_open, study.stopped_at, study.stopped_reason) == (False, NOW, reason)
    assert stopped(study) is None  # it is closed already


def test_trials_that_were_issued_may_still_be_judged() -> None:
    study = build_filled_study(stop_judgments=5)
    waiting = issue(build_rater(study), 2, NOW, np.random.default_rng(1))
    judge_all(study, raters=1, judgments=6)
    assert stopped(study)
    outcome = judge(waiting[0].pk, [waiting[0].rater_id], Answer("left", 1, {}), NOW).outcome
    assert outcome is JudgmentOutcome.STORED


def test_clear_gaps_close_the_study_at_a_look() -> None:
    study = build_filled_study(
        methods=2, pictures=40, crops_per_picture=2, stop_when_separated=True
    )
    judge_clearly(study, 1)
    assert stopped(study) is None  # 80 judgments: the first look is at 100
    study.refresh_from_db()
    assert study.looks == 0
    judge_clearly(study, 9)
    assert "told apart from the next" in (stopped(study) or "")
    study.refresh_from_db()
    assert not study.is_open and study.looks > 0


def test_a_look_that_told_nothing_is_kept_and_not_made_again() -> None:
    study = build_filled_study(methods=2, pictures=20, stop_half_width=0.01)
    judge_all(study, raters=6, judgments=20)
    assert stopped(study) is None
    study.refresh_from_db()
    assert study.is_open and study.looks == 1
    assert stopped(study) is None
    study.refresh_from_db()
    assert study.looks == 1


def test_a_changed_rule_opens_a_study_that_the_old_one_closed() -> None:
    study = build_filled_study(stop_judgments=5)
    judge_all(study, raters=1, judgments=6)
    assert stopped(study)
    table = dump_study(Study.objects.get(pk=study.pk))
    assert table["stop"] == {"judgments": 5}
    load_studies(study.phase.challenge, [table])
    assert not Study.objects.get(pk=study.pk).is_open  # the same rule: it stays closed
    load_studies(study.phase.challenge, [table | {"stop": {"judgments": 50}}])
    again = Study.objects.get(pk=study.pk)
    assert (again.is_open, again.stopped_at, again.stopped_reason) == (True, None, "")
