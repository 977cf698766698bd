"""A rater's withdrawal: answers leave the counts and go, and their code stays as it was."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.judgments.screening import decide, screen
from ratings.comparisons.locking import locking
from ratings.comparisons.models import (
    Comment,
    Judgment,
    PairCount,
    QuestionAnswer,
    Rater,
    Study,
    TrialFlag,
)
from ratings.comparisons.questionnaire.questions import When
from ratings.comparisons.questionnaire.stored_answers import store_answers
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.paying import payment_rows
from ratings.comparisons.raters.places import holding_places
from ratings.comparisons.raters.privacy import rater_data
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from ratings.comparisons.trials.completion_codes import completion
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from ratings.comparisons.voices.flagging import Said, flag
from ratings.comparisons.voices.withdrawal import withdraw
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.recruits import PROLIFIC, recruiting
from tests.waiting import PATIENCE_SECONDS, await_one_held_up

pytestmark = pytest.mark.django_db

PERSON = EntryRequest(participant=Participant("prolific", "5f3a9c", "S", "T"))


@pytest.fixture
def study() -> Study:
    protocol = recruiting(platforms=(PROLIFIC,))
    return build_filled_study(methods=3, trials_per_rater=4, protocol=protocol)


def sit(rater: Rater, trials: int = 4) -> None:
    """Let a rater answer so many trials."""
    rng = np.random.default_rng(1)
    for _ in range(trials):
        (trial,) = issue(rater, 1, NOW, rng)
        judge(trial.pk, [rater.pk], Answer("left", 4000, {"window_width": 1366}), NOW)


def counted(study: Study) -> int:
    rows = PairCount.objects.filter(pair__study=study)
    return sum(row.wins_first + row.wins_second + row.ties for row in rows)


@pytest.mark.parametrize("keep", [False, True])
def test_all_of_it_leaves_the_counts_and_the_code_stays(study: Study, keep: bool) -> None:
    rater, _ = admit(study, None, PERSON, NOW)
    rater_keys.visit(rater, "Mozilla/5.0", {"window_width": 1366}, NOW)
    sit(rater)
    other = build_rater(study)
    sit(other, 2)
    Comment.objects.create(rater=rater, text="I am Ada", written_at=NOW)
    before = completion(rater, State.DONE)
    assert counted(study) == 6
    assert withdraw(rater, NOW, keep=keep)
    rater.refresh_from_db()
    assert counted(study) == 2
    assert rebuild_counts(study, repair=False) == []
    told = rater_data(rater)
    assert told.pop("recruit")["participant"] == "5f3a9c"  # until an organizer has paid and erases
    for personal in ("5f3a9c", "Mozilla", "1366", "Ada"):
        assert personal not in json.dumps(told, default=str)
    assert Judgment.objects.filter(trial__rater=rater, undone_at=None).count() == 0
    assert Judgment.objects.filter(trial__rater=rater).exists() is keep
    progress = progress_of_rater(rater)
    assert (progress.state, progress.judged) == (State.WITHDRAWN, 0)
    assert before
    assert completion(rater, progress.state) == before
    assert admit(study, None, PERSON, NOW) == (rater, False)  # and does not begin anew
    assert not withdraw(rater, NOW, keep=keep)
    assert issue(rater, 5, NOW, np.random.default_rng(1)) == []
    assert screen(study, NOW) == []
    told = {row["participant"]: row for row in payment_rows(study)}["5f3a9c"]
    assert (told["state"], told["completion_code"]) == ("withdrawn", before.code)


def test_who_withdraws_before_the_end_has_no_code_and_nothing_late_counts(study: Study) -> None:
    rater = build_rater(study)
    sit(rater, 2)
    (trial,) = issue(rater, 1, NOW, np.random.default_rng(2))
    flag(trial.pk, [rater.pk], Said("other", "by Ada", NOW))
    assert withdraw(rater, NOW, keep=False)
    rater.refresh_from_db()
    assert completion(rater, progress_of_rater(rater).state) is None
    late = judge(trial.pk, [rater.pk], Answer("left", 4000, {}), NOW)
    assert late.outcome is JudgmentOutcome.UNKNOWN_TRIAL
    assert counted(study) == 0
    assert not TrialFlag.objects.exists()
    assert not rater.trials.exists()


@pytest.mark.parametrize("state", [Rater.State.NOT_USED, Rater.State.REJECTED])
def test_who_was_ended_keeps_the_code_of_that_end_and_the_decision(
    study: Study, state: Rater.State
) -> None:
    rater = build_rater(study)
    sit(rater, 2)
    decide(rater, state, "too fast", now=NOW)
    before = completion(rater, progress_of_rater(rater).state)
    assert withdraw(rater, NOW, keep=False)
    rater.refresh_from_db()
    assert completion(rater, progress_of_rater(rater).state) == before
    assert rater.state == state


@pytest.mark.parametrize("ending", [Rater.Ending.AWAY, Rater.Ending.FULL, Rater.Ending.HOPELESS])
def test_nobody_comes_by_a_better_code_by_withdrawing(study: Study, ending: Rater.Ending) -> None:
    rater, _ = admit(study, None, PERSON, NOW)
    Rater.objects.filter(pk=rater.pk).update(ending=ending, ended_at=NOW, state="not_used")
    rater.refresh_from_db()
    before = completion(rater, progress_of_rater(rater).state)
    assert withdraw(rater, NOW, keep=False)
    rater.refresh_from_db()
    assert completion(rater, progress_of_rater(rater).state) == before
    assert holding_places(study, NOW).exists() is (ending == Rater.Ending.HOPELESS)


def test_nothing_more_is_kept_of_who_withdrew(study: Study) -> None:
    rater = build_rater(study)
    (trial,) = issue(rater, 1, NOW, np.random.default_rng(1))
    judge(trial.pk, [rater.pk], Answer("left", 4000, {}), NOW)
    assert withdraw(rater, NOW, keep=True)
    late = judge(trial.pk, [rater.pk], Answer("right", 4000, {}, attempt=2), NOW)
    assert late.outcome is JudgmentOutcome.UNKNOWN_TRIAL
    assert Judgment.objects.filter(trial__rater=rater).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keep", [False, True])
def test_an_answer_that_waited_for_a_withdrawal_is_not_kept(study: Study, keep: bool) -> None:
    rater = build_rater(study)
    (trial,) = issue(rater, 1, NOW, np.random.default_rng(1))
    with ThreadPoolExecutor(1) as pool:
        with locking():
            withdraw(rater, NOW, keep=keep)
            late = pool.submit(judge, trial.pk, [rater.pk], Answer("left", 4000, {}), NOW)
            await_one_held_up()
        assert late.result(PATIENCE_SECONDS).outcome is JudgmentOutcome.UNKNOWN_TRIAL
        pool.submit(lambda: connection.close()).result(PATIENCE_SECONDS)
    assert not Judgment.objects.exists()


def test_nothing_is_stored_of_who_withdrew(study: Study) -> None:
    rows = [{"slug": "why", "kind": "text", "text": "Why?", "when": "after"}]
    Study.objects.filter(pk=study.pk).update(questionnaire=rows)
    rater = build_rater(Study.objects.get(pk=study.pk))
    sit(rater)
    trial = rater.trials.latest("number")
    assert withdraw(rater, NOW, keep=True)
    late = judge(trial.pk, [rater.pk], Answer("right", 4000, {}, 2), NOW)
    assert late.outcome is JudgmentOutcome.UNKNOWN_TRIAL
    store_answers(rater, When.AFTER, {"why": "I am Ada"}, NOW)
    assert not QuestionAnswer.objects.exists()


def test_a_rater_whom_an_organizer_took_in_may_withdraw_too(study: Study) -> None:
    rater = build_rater(study)
    sit(rater)
    decide(rater, Rater.State.USED, "looked at", now=NOW)
    assert withdraw(rater, NOW, keep=True)
    assert counted(study) == 0
    assert [one.rule for one in rater.decisions.order_by("pk")] == ["", "withdrawal"]
