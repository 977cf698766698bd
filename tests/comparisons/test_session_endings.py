"""Sessions that a rule ends: hopeless checks, and raters who stay away; and how it is lifted."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ratings.comparisons.ending_rules import Away, Endings
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.judgments.screening import decide, screen
from ratings.comparisons.judgments.session_endings import (
    end_absent,
    end_if_due,
    issue_watched,
)
from ratings.comparisons.models import Judgment, Rater, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol, Recruiting, Screening, Training
from ratings.comparisons.raters.places import holding_places
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from ratings.comparisons.session_plan import LAST_EARLY, draw_plan
from ratings.comparisons.study.pausing import close, pause, reopen, resume
from ratings.comparisons.trials.completion_codes import completion
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.recruits import PROLIFIC

pytestmark = pytest.mark.django_db
Kind, Ending = Trial.Kind, Rater.Ending
MINUTE, NONE = timedelta(minutes=1), timedelta()
CHECKED = Protocol(
    training=Training(trials=0),
    checks=Checks(golden=0.1, repeats=0.1),
    screening=Screening(drop_under_ms=0, drop_unflipped=False),
)
HOPELESS = replace(CHECKED, endings=Endings(hopeless=0.01))


def build(protocol: Protocol = HOPELESS) -> Study:
    return build_filled_study(methods=4, pictures=6, trials_per_rater=40, protocol=protocol)


def answer(trial: Trial, *, right: bool, response_ms: int = 4000, at: timedelta = NONE) -> None:
    choice = "left" if trial.first_left == right else "right"
    told = judge(trial.pk, [trial.rater_id], Answer(choice, response_ms, {"flips": 2}), NOW + at)
    assert told.outcome is JudgmentOutcome.STORED


def work(rater: Rater, *, right: bool, most: int = 40, seed: int = 1) -> int:
    """Answer one trial after another, golden ones as told; return how many."""
    rng, answered = np.random.default_rng(seed), 0
    while answered < most and (trials := issue_watched(rater, 1, NOW, rng)):
        answer(trials[0], right=right or trials[0].kind != Kind.GOLDEN)
        answered += 1
    return answered


def test_who_misses_golden_trials_ends_within_25_trials_and_is_not_used() -> None:
    rater = build_rater(build())
    assert work(rater, right=False) <= 25
    rater.refresh_from_db()
    assert (rater.state, rater.ending, rater.ended_at) == ("not_used", Ending.HOPELESS, NOW)
    decision = rater.decisions.get()
    assert decision.reason.startswith("2 of the first 2 golden trials missed: the session ended.")
    assert decision.rule.startswith("early end: ") and decision.figures["missed"] == 2
    assert progress_of_rater(rater).state is State.ENDED
    assert Judgment.objects.filter(trial__rater=rater).exists()
    assert rebuild_counts(rater.study, repair=False) == []
    assert issue_watched(rater, 5, NOW, np.random.default_rng(2)) == []


def test_who_answers_them_right_is_asked_everything() -> None:
    rater = build_rater(build())
    assert work(rater, right=True) == progress_of_rater(rater).judged == 40
    rater.refresh_from_db()
    assert (rater.state, rater.ending) == ("used", "")
    goldens = rater.trials.filter(kind=Kind.GOLDEN)
    assert goldens.count() == 4 and max(goldens.values_list("number", flat=True)) <= LAST_EARLY


def test_a_study_that_does_not_ask_ends_nobody_and_plans_as_ever() -> None:
    rater = build_rater(build(CHECKED))
    work(rater, right=False, most=20)
    rater.refresh_from_db()
    assert (rater.state, rater.ending) == ("used", "")
    plain = [draw_plan(80, Checks(), np.random.default_rng(seed)) for seed in range(5)]
    early = [draw_plan(80, Checks(), np.random.default_rng(seed), early=True) for seed in range(5)]
    for plan in plain:
        assert max(n for n, kind in enumerate(plan, 1) if kind is Kind.GOLDEN) > 60
    for plan in early:
        numbers = [number for number, kind in enumerate(plan, 1) if kind is Kind.GOLDEN]
        assert len(numbers) == 8 and 3 <= numbers[0] <= 8 and numbers[-1] <= LAST_EARLY


def test_answers_that_are_dropped_end_a_session_too() -> None:
    rule = Screening(drop_under_ms=1000, drop_unflipped=False)
    rater = build_rater(build(replace(HOPELESS, screening=rule)))
    rng = np.random.default_rng(1)
    for _ in range(3):
        (trial,) = issue_watched(rater, 1, NOW, rng)
        answer(trial, right=True, response_ms=300)
    assert issue_watched(rater, 1, NOW, rng) == []
    assert rater.decisions.get().reason.startswith("3 of the first 3 answers dropped as too fast")


def test_the_other_rule_leaves_it_and_an_organizer_may_lift_it() -> None:
    study = build()
    rater = build_rater(study)
    work(rater, right=False)
    assert screen(study, NOW + MINUTE) == []
    decide(rater, Rater.State.USED, "they had the wrong glasses", by=build_organizer(), now=NOW)
    rater.refresh_from_db()
    assert (rater.state, rater.ending, rater.ended_at) == ("used", "", None)
    assert issue_watched(rater, 1, NOW, np.random.default_rng(3))
    assert rebuild_counts(study, repair=False) == []


def test_the_code_is_that_of_whom_the_study_pays() -> None:
    rater = build_rater(build())
    assert completion(rater, State.JUDGING) is None
    work(rater, right=False)
    rater.refresh_from_db()
    told = completion(rater, progress_of_rater(rater).state)
    assert told is not None and len(told.code) == 10


@pytest.mark.parametrize("away", [None, Away.USED, Away.NOT_USED])
def test_who_stays_away_too_long_can_t_go_on(away: Away | None) -> None:
    endings = Endings(away_minutes=30, away=away)
    study = build(replace(CHECKED, endings=endings))
    rater, rng = build_rater(study), np.random.default_rng(1)
    (trial, late) = issue_watched(rater, 2, NOW, rng)
    answer(trial, right=True, at=10 * MINUTE)
    assert issue_watched(rater, 1, NOW + 40 * MINUTE, rng)
    assert end_absent(study, NOW + 40 * MINUTE) == []
    assert issue_watched(rater, 1, NOW + 41 * MINUTE, rng) == []
    rater.refresh_from_db()
    state = "not_used" if away is Away.NOT_USED else "used"
    assert (rater.state, rater.ending) == (state, Ending.AWAY)
    assert progress_of_rater(rater).state is State.ENDED
    # An answer that was made before and comes now is stored as ever.
    answer(late, right=True, at=42 * MINUTE)
    assert rebuild_counts(study, repair=False) == []
    assert not holding_places(study, NOW + 41 * MINUTE).exists()


def test_who_never_comes_back_is_ended_all_the_same_and_once() -> None:
    study = build(replace(CHECKED, endings=Endings(away_minutes=30)))
    gone, done, here = (build_rater(study) for _ in range(3))
    work(done, right=True)
    Rater.objects.filter(pk=done.pk).update(finished_at=NOW)
    (trial,) = issue_watched(here, 1, NOW, np.random.default_rng(1))
    answer(trial, right=True, at=29 * MINUTE)
    (decision,) = end_absent(study, NOW + 31 * MINUTE)
    assert decision.rater == gone
    assert decision.reason == "No answer for more than 30 minutes: the session ended."
    assert end_absent(study, NOW + 31 * MINUTE) == []


@pytest.mark.parametrize("away", [Away.USED, Away.NOT_USED])
def test_who_judged_all_and_closed_the_page_was_not_away(away: Away) -> None:
    endings = Endings(away_minutes=30, away=away)
    study = build(replace(CHECKED, endings=endings))
    rater = build_rater(study)
    work(rater, right=True)
    assert rater.finished_at is None
    later = NOW + 31 * MINUTE
    assert end_absent(study, later) == []
    assert end_if_due(rater, later) is None
    rater.refresh_from_db()
    assert (rater.state, rater.ending) == ("used", "")


def test_nobody_is_away_from_a_study_that_is_held() -> None:
    study = build(replace(CHECKED, endings=Endings(away_minutes=30)))
    organizer, rater = build_organizer(), build_rater(study)
    work(rater, right=True, most=2)

    def ended(at: timedelta) -> bool:
        held = Rater.objects.select_related("study").get(pk=rater.pk)
        return bool(end_if_due(held, NOW + at) or end_absent(held.study, NOW + at))

    pause(study, organizer, NOW + 10 * MINUTE)
    assert not ended(31 * MINUTE)
    resume(study, organizer, NOW + 60 * MINUTE)
    assert not ended(90 * MINUTE)
    close(study, organizer, NOW + 90 * MINUTE)
    assert not ended(200 * MINUTE)
    reopen(study, organizer, NOW + 200 * MINUTE)
    assert not ended(230 * MINUTE)
    assert ended(231 * MINUTE)


def test_who_was_ended_before_keeps_the_code_of_that_end() -> None:
    protocol = replace(
        CHECKED,
        endings=Endings(away_minutes=30),
        recruiting=Recruiting(platforms=(PROLIFIC,)),
    )
    study = build(protocol)
    sent = EntryRequest(participant=Participant("prolific", "p"))
    rater, _ = admit(study, None, sent, NOW)
    work(rater, right=False, most=3)
    decide(rater, Rater.State.NOT_USED, "too bad", now=NOW, rule="at least 2 of 3 right")
    before = completion(rater, progress_of_rater(rater).state)
    assert before is not None and before.code == PROLIFIC.completion_code
    assert end_absent(study, NOW + 31 * MINUTE) == []
    rater.refresh_from_db()
    assert completion(rater, progress_of_rater(rater).state) == before


def test_a_paused_study_keeps_nobody_away_and_the_limit_begins_anew_when_it_goes_on() -> None:
    study, by = build(replace(CHECKED, endings=Endings(away_minutes=30))), build_organizer()
    rater, rng = build_rater(study), np.random.default_rng(1)
    pause(study, by, NOW)
    study.refresh_from_db()
    assert end_absent(study, NOW + 60 * MINUTE) == []
    resume(study, by, NOW + 60 * MINUTE)
    study.refresh_from_db()
    assert issue_watched(rater, 1, NOW + 61 * MINUTE, rng)
    assert end_absent(study, NOW + 89 * MINUTE) == []
    assert [one.rater for one in end_absent(study, NOW + 91 * MINUTE)] == [rater]


def test_an_organizer_lets_somebody_go_on_who_was_away() -> None:
    study = build(replace(CHECKED, endings=Endings(away_minutes=30)))
    rater, rng = build_rater(study), np.random.default_rng(1)
    assert issue_watched(rater, 1, NOW + 31 * MINUTE, rng) == []
    decide(rater, Rater.State.USED, "the site was down", by=build_organizer(), now=NOW)
    assert issue_watched(rater, 1, NOW + 32 * MINUTE, rng)


@pytest.mark.parametrize("state", [Rater.State.NOT_USED, Rater.State.REJECTED])
def test_who_is_not_used_gets_no_trial_by_any_way(state: str) -> None:
    rater = build_rater(build())
    decide(rater, state, "by hand", by=build_organizer(), now=NOW)
    assert issue_watched(rater, 10, NOW, np.random.default_rng(1)) == []
    assert not rater.trials.exists()
