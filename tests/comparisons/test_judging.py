"""Judgments: stored once with their counts, whatever is sent again, by whomever."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, JudgmentResult, judge
from ratings.comparisons.models import Judgment, PairCount, Rater, RaterCount, Study, Trial
from ratings.comparisons.protocol import Protocol, Screening
from ratings.comparisons.trials.scheduling import issue
from tests.builders import NOW
from tests.comparisons.answering import SILENT, screened, send
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.checks import make_check
from tests.ranking.builders import build_two_datasets

pytestmark = pytest.mark.django_db


def issue_trials(study: Study, count: int = 1) -> list[Trial]:
    return issue(build_rater(study), count, NOW, np.random.default_rng(1))


def counted(trial: Trial) -> list[tuple[int, int, int]]:
    """Return (wins of the first, of the second, ties) by crop and by rater."""
    pair = PairCount.objects.get(pair=trial.pair, crop=trial.crop)
    rater = RaterCount.objects.filter(pair=trial.pair, rater=trial.rater).first()
    rows: list[PairCount | RaterCount] = [pair] if rater is None else [pair, rater]
    return [(row.wins_first, row.wins_second, row.ties) for row in rows]


def test_nobody_judges_a_trial_of_another_rater_or_of_nobody() -> None:
    (trial,) = issue_trials(build_filled_study())
    stranger = build_rater(trial.rater.study)
    answer = Answer("left", 1, {})
    assert judge(trial.pk, [stranger.pk], answer, NOW).outcome is JudgmentOutcome.UNKNOWN_TRIAL
    assert judge(trial.pk, [], answer, NOW).outcome is JudgmentOutcome.UNKNOWN_TRIAL
    assert judge(uuid4(), [trial.rater_id], answer, NOW).outcome is JudgmentOutcome.UNKNOWN_TRIAL
    assert not Judgment.objects.exists()
    assert counted(trial) == [(0, 0, 0)]


def test_a_tie_is_refused_where_the_study_has_none() -> None:
    (trial,) = issue_trials(build_filled_study())
    assert send(trial, "tie").outcome is JudgmentOutcome.TIE_NOT_ALLOWED
    assert not Judgment.objects.exists()
    assert counted(trial) == [(0, 0, 0)]


@pytest.mark.parametrize("first_left", [True, False])
@pytest.mark.parametrize(
    ("choice", "when_first_left"), [("left", (1, 0, 0)), ("right", (0, 1, 0)), ("tie", (0, 0, 1))]
)
def test_a_judgment_counts_for_the_entry_that_stood_there(
    choice: str, when_first_left: tuple[int, int, int], first_left: bool
) -> None:
    (trial,) = issue_trials(build_filled_study(ties_allowed=True))
    Trial.objects.update(first_left=first_left)
    assert send(trial, choice) == JudgmentResult(JudgmentOutcome.STORED, choice, 1500)
    first, second, tie = when_first_left
    expected = when_first_left if first_left else (second, first, tie)
    assert counted(trial) == [expected, expected]
    judgment = Judgment.objects.get()
    assert (judgment.trial_id, judgment.choice, judgment.response_ms) == (trial.pk, choice, 1500)
    assert judgment.display == {"flips": 2}
    assert judgment.judged_at == NOW
    assert not judgment.excluded


def test_the_same_again_changes_nothing_and_another_choice_is_refused() -> None:
    (trial,) = issue_trials(build_filled_study())
    assert send(trial, "left").outcome is JudgmentOutcome.STORED
    before = counted(trial)
    assert send(trial, "left", 9) == JudgmentResult(JudgmentOutcome.REPEATED, "left", 1500)
    assert send(trial, "right") == JudgmentResult(JudgmentOutcome.CONTRADICTED, "left", 1500)
    assert counted(trial) == before
    assert Judgment.objects.get().choice == "left"


def test_a_judgment_is_one_statement() -> None:
    (trial,) = issue_trials(build_filled_study())
    with CaptureQueriesContext(connection) as queries:
        send(trial, "left")
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("rules", "response_ms", "display", "reason"),
    [
        ({}, 999, {}, "answered in under 1000 ms"),
        ({}, 1000, {}, ""),
        ({}, 5000, {"flips": 0}, "answered without a flip"),
        ({}, 5000, {"flips": 1}, ""),
        ({"drop_under_ms": 2000}, 1999, {}, "answered in under 2000 ms"),
        ({"drop_under_ms": 0}, 0, {}, ""),
        ({"drop_unflipped": False}, 5000, {"flips": 0}, ""),
    ],
)
def test_answers_that_the_rules_drop_are_kept_and_not_counted(
    rules: dict[str, object], response_ms: int, display: dict[str, int], reason: str
) -> None:
    study = build_filled_study(protocol_json=screened(**rules))
    (trial,) = issue_trials(study)
    assert send(trial, "left", response_ms, **display).outcome is JudgmentOutcome.STORED
    judgment = Judgment.objects.get()
    assert (judgment.excluded, judgment.exclusion_reason) == (reason != "", reason)
    assert sum(map(sum, counted(trial))) == (0 if reason else 2)
    assert rebuild_counts(study, repair=False) == []


def test_the_defaults_of_the_rules_hold_where_the_study_says_nothing() -> None:
    (trial,) = issue_trials(build_filled_study(protocol_json=SILENT))
    send(trial, "left", Screening().drop_under_ms - 1)
    assert Judgment.objects.get().excluded


def test_flips_that_are_not_told_or_impossible_drop_nothing() -> None:
    sides = Protocol.from_json(SILENT | {"layout": "sides"}).as_json()
    (told,) = issue_trials(build_filled_study(protocol_json=sides))
    send(told, flips=0)
    (silent,) = issue_trials(build_filled_study(protocol_json=screened()))
    judge(silent.pk, [silent.rater_id], Answer("left", 1500, {}), NOW)
    assert not Judgment.objects.filter(excluded=True).exists()


@pytest.mark.parametrize("kind", ["training", "golden", "repeat", "identical"])
def test_checks_are_stored_and_not_counted(kind: str) -> None:
    study = build_filled_study(methods=2)
    (trial,) = issue_trials(study)
    assert send(make_check(trial, kind)).outcome is JudgmentOutcome.STORED
    assert counted(trial) == [(0, 0, 0)]
    assert rebuild_counts(study, repair=False) == []


def test_only_training_tells_whether_it_was_correct() -> None:
    trials = issue_trials(build_filled_study(ties_allowed=True), 4)
    training = [make_check(trial, "training") for trial in trials[:3]]
    sides = [("left", "right") if trial.first_left else ("right", "left") for trial in training]
    assert send(training[0], sides[0][0], 10) == JudgmentResult(
        JudgmentOutcome.STORED, sides[0][0], 10, True
    )
    assert send(training[0], sides[0][0], 20) == JudgmentResult(
        JudgmentOutcome.REPEATED, sides[0][0], 10, True
    )
    assert send(training[1], sides[1][1]).correct is False
    assert send(training[2], "tie").correct is False
    assert send(make_check(trials[3], "golden")).correct is None
    assert not Judgment.objects.filter(excluded=True).exists()


@pytest.mark.parametrize("state", [Rater.State.NOT_USED, Rater.State.REJECTED])
def test_raters_who_are_not_used_do_not_count(state: str) -> None:
    study = build_filled_study()
    (trial,) = issue_trials(study)
    Rater.objects.update(state=state)
    assert send(trial).outcome is JudgmentOutcome.STORED
    assert counted(trial) == [(0, 0, 0)]
    assert rebuild_counts(study, repair=False) == []


def test_rater_counts_are_kept_by_data_set() -> None:
    study = build_filled_study(methods=2, phase=build_two_datasets())
    trials = issue_trials(study, 5)
    for trial in trials:
        send(trial, "left" if trial.first_left else "right")
    counts = dict(RaterCount.objects.values_list("dataset__slug", "wins_first"))
    datasets = [trial.crop.original.dataset.slug for trial in trials]
    assert counts == Counter(datasets)  # a data set that chance left out has no row


def test_rater_counts_add_up_over_crops() -> None:
    study = build_filled_study(methods=2, pictures=3)
    trials = issue_trials(study, 5)
    for trial in trials:
        send(trial, "left" if trial.first_left else "right")
    count = RaterCount.objects.get()
    assert (count.wins_first, count.wins_second, count.ties) == (5, 0, 0)
    assert PairCount.objects.filter(wins_first=1).count() == 5


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_send_every_judgment_three_times_in_any_order() -> None:
    study = build_filled_study(methods=2, pictures=4)
    trials = [trial for _ in range(8) for trial in issue_trials(study, 4)]
    sendings = [(trial, choice) for trial in trials for choice in ("left", "left", "right")]
    order = np.random.default_rng(1).permutation(len(sendings))

    def work(number: int) -> list[tuple[Trial, JudgmentResult]]:
        try:
            mine = [sendings[index] for index in order[number::16]]
            return [(trial, send(trial, choice)) for trial, choice in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        done = [one for part in pool.map(work, range(16)) for one in part]
    stored = [trial.pk for trial, judged in done if judged.outcome is JudgmentOutcome.STORED]
    assert sorted(stored) == sorted(trial.pk for trial in trials)
    assert Judgment.objects.count() == len(trials)
    on_record = dict(Judgment.objects.values_list("trial_id", "choice"))
    assert all(judged.choice == on_record[trial.pk] for trial, judged in done)
    assert rebuild_counts(study, repair=False) == []
    assert sum(c.wins_first + c.wins_second for c in PairCount.objects.all()) == len(trials)


def judge_some(study: Study) -> list[Trial]:
    trials = issue_trials(study, 6)
    for number, trial in enumerate(trials):
        send(trial, "left" if number % 2 else "right")
    return trials


def test_rebuilding_finds_and_repairs_every_wrong_counter() -> None:
    study, other = build_filled_study(), build_filled_study()
    trials = judge_some(study)
    judge_some(other)
    assert rebuild_counts(study, repair=False) == []
    right = [counted(trial) for trial in trials]
    PairCount.objects.filter(pair=trials[0].pair, crop=trials[0].crop).update(wins_first=7)
    RaterCount.objects.filter(rater=trials[0].rater, pair=trials[1].pair).delete()
    RaterCount.objects.filter(rater=trials[0].rater, pair=trials[2].pair).update(ties=3)
    assert len(rebuild_counts(study, repair=False)) == 3
    assert len(rebuild_counts(study, repair=True)) == 3
    assert rebuild_counts(study, repair=False) == []
    assert [counted(trial) for trial in trials] == right
    assert rebuild_counts(other, repair=False) == []


def test_excluded_judgments_do_not_count() -> None:
    study = build_filled_study()
    trials = judge_some(study)
    Judgment.objects.filter(trial=trials[0]).update(excluded=True)
    assert {d.model for d in rebuild_counts(study, repair=True)} == {PairCount, RaterCount}
    counts = PairCount.objects.filter(pair__study=study)
    assert sum(c.wins_first + c.wins_second + c.ties for c in counts) == len(trials) - 1


def test_the_command_reports_and_repairs(capsys: pytest.CaptureFixture[str]) -> None:
    study = build_filled_study()
    judge_some(study)
    call_command("rebuild_counts", study.slug)
    assert "All counters agree." in capsys.readouterr().out
    PairCount.objects.update(ties=1)
    with pytest.raises(CommandError, match="--repair"):
        call_command("rebuild_counts", study.slug)
    call_command("rebuild_counts", study.slug, "--repair")
    assert "set right" in capsys.readouterr().out
    call_command("rebuild_counts", study.slug)
    with pytest.raises(CommandError, match="no study 'nowhere'"):
        call_command("rebuild_counts", "nowhere")
