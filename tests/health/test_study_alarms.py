"""The replay: votes silently stop counting, and an alarm rings; it goes by itself."""

from datetime import datetime, timedelta
from itertools import cycle

import numpy as np
import pytest
from django.utils import timezone

from ratings.challenge.models import Alarm, Challenge
from ratings.comparisons.judgments.judging import Answer, judge
from ratings.comparisons.models import Rater, Recruitment, Stage, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol, Training
from ratings.comparisons.study import pausing
from ratings.comparisons.study.stages import go_over
from ratings.comparisons.trials.scheduling import issue
from ratings.health.alarms import STUDIES, acknowledge, note_alarms, open_alarms
from ratings.health.study_alarms import alarms_of, study_alarms
from ratings.health.watching import watch
from tests.builders import build_organizer
from tests.comparisons.builders import build_filled_study, build_rater

pytestmark = pytest.mark.django_db
HOW = Protocol(training=Training(trials=0), checks=Checks(golden=0, repeats=0))
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Crowd:
    """Eight raters who judge in turn, a judgment every ten seconds; each one's flips are told."""

    def __init__(self, at: datetime) -> None:
        self.study = build_filled_study(methods=5, pictures=4, protocol=HOW, is_open=True)
        Challenge.objects.update(draft=False)
        self.at = at
        self.raters = [build_rater(self.study) for _ in range(8)]
        rng = np.random.default_rng(1)
        self.trials = {rater.pk: iter(issue(rater, 40, at, rng)) for rater in self.raters}
        self.turn = cycle(self.raters)

    def judge(self, *, flips: int) -> Trial:
        """Let the next rater judge their next trial."""
        rater = next(self.turn)
        trial = next(self.trials[rater.pk])
        judge(trial.pk, [rater.pk], Answer("left", 4000, {"flips": flips}), self.at)
        self.at += 10 * SECOND
        return trial


def keys(study: Study, at: datetime) -> list[str]:
    return [alarm.key.removeprefix(f"study/{study.slug}/") for alarm in alarms_of(study, at)]


def test_when_flips_are_told_no_more_it_rings_within_30_answers_and_goes_by_itself() -> None:
    crowd = Crowd(timezone.now() - 2 * HOUR)
    for _ in range(100):
        crowd.judge(flips=4)
    assert keys(crowd.study, crowd.at) == []
    began = crowd.at
    for _ in range(30):
        crowd.judge(flips=0)
    (alarm,) = note_alarms(study_alarms(crowd.at), crowd.at, STUDIES)
    assert abs(alarm.since - began) <= 40 * SECOND
    assert "answered without a flip" in alarm.title and "8 raters" in alarm.title
    assert "drop_unflipped" in alarm.mend and alarm.challenge == crowd.study.phase.challenge
    by = build_organizer()
    acknowledge(alarm, by, crowd.at)
    crowd.judge(flips=0)
    assert note_alarms(study_alarms(crowd.at), crowd.at, STUDIES) == []  # it is told once
    assert open_alarms().get().acknowledged_by == by
    for _ in range(60):
        crowd.judge(flips=4)
    assert note_alarms(study_alarms(crowd.at), crowd.at, STUDIES) == []
    assert Alarm.objects.get().ended_at == crowd.at and not open_alarms()


def test_one_careless_rater_rings_nothing() -> None:
    crowd = Crowd(timezone.now() - 2 * HOUR)
    for number in range(240):
        crowd.judge(flips=0 if number % 8 == 3 else 4)
    assert keys(crowd.study, crowd.at) == []


def quiet_study(now: datetime) -> Study:
    """Return a study where 24 raters judged for two hours, until five hours ago."""
    crowd = Crowd(now - 7 * HOUR)
    rng = np.random.default_rng(2)
    for number in range(24):
        at = now - 7 * HOUR + number * 5 * timedelta(minutes=1)
        rater = build_rater(crowd.study)
        (trial,) = issue(rater, 1, at, rng)
        judge(trial.pk, [rater.pk], Answer("left", 4000, {"flips": 4}), at)
    return crowd.study


def test_a_study_that_takes_raters_and_has_fallen_silent_rings() -> None:
    now = timezone.now()
    study = quiet_study(now)
    (alarm,) = alarms_of(study, now)
    assert alarm.key.endswith("/silent") and "nobody has judged for 5 h" in alarm.title
    assert alarm.since and abs(alarm.since - (now - 5 * HOUR)) < HOUR


def test_a_study_that_takes_nobody_may_be_silent() -> None:
    now = timezone.now()
    study = quiet_study(now)
    Rater.objects.update(finished_at=now)
    full = study.protocol_json | {"recruiting": {"most_raters": 24}}
    Study.objects.filter(pk=study.pk).update(protocol_json=full)
    assert keys(Study.objects.get(pk=study.pk), now) == []
    Study.objects.filter(pk=study.pk).update(protocol_json=study.protocol_json)
    assert keys(Study.objects.get(pk=study.pk), now) == ["silent"]
    pausing.pause(study, build_organizer(), now)
    assert keys(Study.objects.get(pk=study.pk), now) == []
    Challenge.objects.update(draft=True)
    assert study_alarms(now) == []


def test_a_pilot_that_is_full_calls_for_a_person() -> None:
    now = timezone.now()
    study = build_filled_study(pilot={"raters": 1}, stage=Stage.PILOT, is_open=True)
    Challenge.objects.update(draft=False)
    assert keys(study, now) == []
    build_rater(study)
    Rater.objects.update(finished_at=now)
    assert keys(study, now) == ["pilot"]
    go_over(study, "olga", now)
    assert keys(Study.objects.get(pk=study.pk), now) == []


def test_what_a_recruiter_waits_for_is_told_of_closed_studies_too() -> None:
    now = timezone.now()
    study = build_filled_study(is_open=False)
    row = Recruitment.objects.create(study=study, platform="prolific", state="stopped")
    assert study_alarms(now) == []
    row.waiting = [{"submission": "s", "rater": "", "came": "unknown", "why": "Nobody."}]
    row.tries, row.trouble, row.mend = 4, "The token is not taken.", "Set it anew."
    row.save()
    row.acts.create(kind="bonus", state="unclear", ordered_at=now)
    waiting, bonus, trouble = study_alarms(now)
    assert "1 person waits for your decision" in waiting.title
    assert waiting.path == f"/desk/studies/{study.slug}/recruiters/"
    assert "a bonus may be paid or not" in bonus.title
    assert "The token is not taken." in trouble.title and trouble.mend == "Set it anew."


@pytest.mark.parametrize("state", ["stopped", "paused"])
def test_recruiting_that_stands_still_while_the_study_is_open_rings(state: str) -> None:
    now, why = timezone.now(), "Your balance does not cover this study."
    study = build_filled_study(is_open=True)
    row = Recruitment.objects.create(study=study, platform="prolific", state=state, reason=why)
    row.acts.create(kind="places", state="refused", problem=why, ordered_at=now)
    (alarm,) = study_alarms(now)
    assert why in alarm.title and alarm.key.endswith("/prolific/still")
    Recruitment.objects.update(state="ended")
    assert study_alarms(now) == []
    Recruitment.objects.update(state="paused", reason="Paused by olga.")
    assert study_alarms(now) == []


def test_a_worker_puts_alarms_on_record() -> None:
    quiet_study(timezone.now())
    watch(timestamp=0)
    about = {alarm.key.split("/")[0] for alarm in open_alarms()}
    assert about == {"site", "study"}
    watch(timestamp=60)
    assert Alarm.objects.count() == open_alarms().count()
