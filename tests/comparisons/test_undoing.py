"""Undoing: the last answer is taken back with what it counted, whatever else happens at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import uuid4

import numpy as np
import pytest
from django.db import transaction

from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments import judging, screening
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import (
    Answer,
    JudgmentOutcome,
    JudgmentResult,
    judge,
    undo,
)
from ratings.comparisons.models import (
    Decision,
    Judgment,
    PairCount,
    Rater,
    RaterCount,
    Study,
    Trial,
)
from ratings.comparisons.trials.scheduling import issue
from tests.builders import NOW
from tests.comparisons.answering import screened, send
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.checks import make_check
from tests.comparisons.threads import in_threads
from tests.waiting import PATIENCE_SECONDS, await_one_held_up

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=5)


def issued(study: Study, count: int = 1) -> list[Trial]:
    return issue(build_rater(study), count, NOW, np.random.default_rng(1))


def take_back(trial: Trial, attempt: int = 1) -> int:
    return undo(trial.pk, [trial.rater_id], attempt, LATER)


def total(study: Study) -> tuple[int, int]:
    """Return how many judgments the counters hold, by crop and by rater."""
    halves: list[Iterable[PairCount | RaterCount]] = [
        PairCount.objects.filter(pair__study=study),
        RaterCount.objects.filter(pair__study=study),
    ]
    by_crop, by_rater = (
        sum(row.wins_first + row.wins_second + row.ties for row in rows) for rows in halves
    )
    return by_crop, by_rater


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code


@pytest.mark.parametrize("choice", ["left", "right", "tie"])
@pytest.mark.parametrize("first_left", [True, False])
def test_it_takes_back_exactly_what_was_counted(choice: str, first_left: bool) -> None:
    study = build_filled_study(methods=2, ties_allowed=True)
    trials = issued(study, 2)
    Trial.objects.update(first_left=first_left)
    send(trials[0], choice)
    before = list(RaterCount.objects.values())
    send(trials[1], choice)
    assert take_back(trials[1]) == 2
    assert list(RaterCount.objects.values()) == before
    assert total(study) == (1, 1)
    assert rebuild_counts(study, repair=False) == []
    judgment = Judgment.objects.get(trial=trials[1])
    assert (judgment.choice, judgment.undone_at) == (choice, LATER)


def test_it_is_harmless_to_repeat_and_asks_for_one_refit() -> None:
    study = build_filled_study()
    (trial,) = issued(study)
    send(trial)
    assert [take_back(trial), take_back(trial)] == [2, 2]
    study.refresh_from_db()
    assert study.changes == 1
    assert total(study) == (0, 0)


def test_the_next_answer_is_the_next_attempt() -> None:
    study = build_filled_study()
    (trial,) = issued(study)
    send(trial, "left")
    assert send(trial, "right", attempt=2).outcome is JudgmentOutcome.NOT_UNDONE
    take_back(trial)
    assert send(trial, "left", 9) == JudgmentResult(JudgmentOutcome.REPEATED, "left", 1500)
    assert send(trial, "right").outcome is JudgmentOutcome.UNDONE
    assert send(trial, "right", attempt=3).outcome is JudgmentOutcome.NOT_UNDONE
    assert total(study) == (0, 0)
    assert send(trial, "right", attempt=2).outcome is JudgmentOutcome.STORED
    assert send(trial, "left", attempt=2).outcome is JudgmentOutcome.CONTRADICTED
    assert take_back(trial) == 2
    assert total(study) == (1, 1)
    assert take_back(trial, 2) == 3
    assert send(trial, "left", attempt=3).outcome is JudgmentOutcome.STORED
    kept = Judgment.objects.order_by("attempt").values_list("attempt", "choice")
    assert list(kept) == [(1, "left"), (2, "right"), (3, "left")]
    assert rebuild_counts(study, repair=False) == []


def test_what_did_not_count_takes_nothing_away() -> None:
    study = build_filled_study(protocol_json=screened())
    fast, golden, ignored = issued(study, 3)
    send(fast, response_ms=10)
    take_back(fast)
    send(make_check(golden, "golden"))
    take_back(golden)
    Rater.objects.filter(pk=ignored.rater_id).update(state=Rater.State.NOT_USED)
    send(ignored)
    take_back(ignored)
    study.refresh_from_db()
    assert study.changes == 3
    assert total(study) == (0, 0)


def test_only_the_last_answer_can_be_undone() -> None:
    first, second, third = issued(build_filled_study(), 3)
    send(first)
    send(second)
    assert refusal(lambda: take_back(first)) == "not-the-last"
    assert refusal(lambda: take_back(third)) == "unknown-judgment"
    assert refusal(lambda: take_back(second, 2)) == "unknown-judgment"
    take_back(second)
    assert take_back(first) == 2


def test_training_strangers_and_endless_changes_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = build_filled_study()
    training, trial = issued(study, 2)
    send(make_check(training, "training"))
    assert refusal(lambda: take_back(training)) == "training"
    stranger = build_rater(study).pk
    for trial_id, raters in ((trial.pk, [stranger]), (trial.pk, []), (uuid4(), [trial.rater_id])):
        code = refusal(lambda t=trial_id, r=raters: undo(t, r, 1, NOW))  # type: ignore[misc]
        assert code == "unknown-trial"
    monkeypatch.setattr(judging, "MOST_ATTEMPTS", 1)
    send(trial)
    assert refusal(lambda: take_back(trial)) == "undo-limit"


def test_a_rater_who_was_done_is_not_any_more() -> None:
    (trial,) = issued(build_filled_study())
    send(trial)
    Rater.objects.update(finished_at=NOW)
    take_back(trial)
    assert Rater.objects.get().finished_at is None


def decide(rater: Rater, state: Rater.State) -> None:
    screening.decide(rater, state, "To and fro.", now=LATER)


@pytest.mark.django_db(transaction=True)
def test_a_judgment_waits_for_a_decision_that_is_under_way() -> None:
    study = build_filled_study()
    earlier, trial = issued(study, 2)
    send(earlier)
    sent = []

    def send_while_deciding() -> None:
        sent.append(send(trial).outcome)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            decide(trial.rater, Rater.State.NOT_USED)
            waiting = pool.submit(in_threads, send_while_deciding)
            await_one_held_up()
            assert sent == []
        waiting.result(timeout=PATIENCE_SECONDS)
    assert sent == [JudgmentOutcome.STORED]
    assert total(study) == (0, 0)
    assert rebuild_counts(study, repair=False) == []


@pytest.mark.django_db(transaction=True)
def test_judging_undoing_and_deciding_at_once_leave_right_counts() -> None:
    study = build_filled_study(methods=3, pictures=6)
    rng = np.random.default_rng(1)
    raters = [build_rater(study) for _ in range(4)]
    trials = {rater.pk: issue(rater, 10, NOW, rng) for rater in raters}

    def judge_and_undo(rater: Rater, seed: int) -> None:
        draw = np.random.default_rng(seed)
        for trial in trials[rater.pk]:
            for attempt in (1, 2, 3):
                choice = "left" if draw.random() < 0.5 else "right"
                answer = Answer(choice, 1500, {}, attempt)
                judge(trial.pk, [rater.pk], answer, NOW)
                if draw.random() < 0.5:
                    break
                try:
                    undo(trial.pk, [rater.pk], attempt, LATER)
                except Refused as refused:
                    assert refused.code in ("not-the-last", "unknown-judgment")

    def decide_often(rater: Rater) -> None:
        for number in range(12):
            decide(rater, Rater.State.USED if number % 2 else Rater.State.NOT_USED)

    acts = [partial(judge_and_undo, rater, seed) for rater in raters for seed in (1, 2)]
    acts += [partial(decide_often, rater) for rater in raters]
    in_threads(*acts)
    assert rebuild_counts(study, repair=False) == []
    assert total(study) != (0, 0)
    standing = Judgment.objects.filter(undone_at=None)
    assert standing.count() == standing.values("trial").distinct().count()
    undone = Judgment.objects.exclude(undone_at=None).count()
    study.refresh_from_db()
    assert undone > 0
    assert study.changes == undone + Decision.objects.count()
