"""Why answers don't count, told once for each, against what was done to them."""

from collections import Counter
from datetime import UTC, timedelta

import numpy as np
import pytest
from django.utils import timezone

from ratings.comparisons.judgments.counting_rule import counts_sql
from ratings.comparisons.judgments.drop_reasons import COUNTED, WORDS, DropReason, LossSign
from ratings.comparisons.judgments.drop_streams import drop_streams, drops_by_hour, drops_since
from ratings.comparisons.judgments.judging import Answer, judge, undo
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Judgment, Rater, Stage, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol, Screening, Training
from ratings.comparisons.study.stages import go_over
from ratings.comparisons.trials.scheduling import issue
from tests.builders import build_organizer
from tests.comparisons.builders import build_filled_study, build_rater

pytestmark = pytest.mark.django_db
Kind = Trial.Kind
HOW = Protocol(
    training=Training(trials=0),
    checks=Checks(golden=0.2, repeats=0.2, repeat_gap=2),
    screening=Screening(drop_under_ms=1000, drop_unflipped=True),
)
SOUND = {"response_ms": 4000, "display": {"flips": 4}}


def watched_study() -> Study:
    return build_filled_study(methods=4, pictures=3, protocol=HOW, is_open=True)


def answer(trial: Trial, *, choice: str = "left", **changes: object) -> None:
    values = SOUND | changes
    judge(trial.pk, [trial.rater_id], Answer(choice, **values), timezone.now())  # type: ignore[arg-type]


def comparisons(study: Study, count: int = 2) -> list[Trial]:
    """Issue trials to a new rater; return the first of the comparisons."""
    rng = np.random.default_rng(1)
    trials = issue(build_rater(study), 3 * count, timezone.now(), rng)
    return [trial for trial in trials if trial.kind == Kind.COMPARISON][:count]


def test_each_reason_is_told_and_all_together_are_all_answers() -> None:
    study, by = watched_study(), build_organizer()
    now = timezone.now()
    fast, unflipped = comparisons(study)
    answer(fast, response_ms=999)
    answer(unflipped, display={"flips": 0})
    back, good = comparisons(study)
    answer(back)
    undo(back.pk, [back.rater_id], 1, now)
    answer(good)
    (odd, *_) = comparisons(study)
    answer(odd)
    Judgment.objects.filter(trial=odd).update(excluded=True, exclusion_reason="a broken screen")
    for state, rule in ((Rater.State.REJECTED, ""), (Rater.State.NOT_USED, "")):
        (trial, *_) = comparisons(study)
        answer(trial)
        decide(trial.rater, state, "why", now=now, by=by, rule=rule)
    (trial, *_) = comparisons(study)
    answer(trial)
    decide(trial.rater, Rater.State.NOT_USED, "why", now=now, rule="the rule")
    totals = drops_since([study.pk], now - timedelta(hours=1))[study.pk]
    assert totals == dict.fromkeys([COUNTED, *map(str, DropReason)], 1)
    streams = drop_streams(study, timezone.now())
    for reason in DropReason:
        assert streams[reason].dropped.sum() == 1 and len(streams[reason].at) == 8
        assert len({*streams[reason].rater.tolist()}) == 6
    ((hour, counts),) = drops_by_hour(study, now - timedelta(hours=2)).items()
    assert hour.minute == 0 and hour.tzinfo is UTC and sum(counts.values()) == 8


def test_answers_of_a_pilot_are_not_lost_by_a_reason_of_the_main_stage() -> None:
    study, now = watched_study(), timezone.now()
    Study.objects.filter(pk=study.pk).update(pilot={}, stage=Stage.PILOT)
    study.refresh_from_db()
    good, fast = comparisons(study)
    answer(good)
    answer(fast, response_ms=999)
    told = {COUNTED: 1, str(DropReason.TOO_FAST): 1}
    since = now - timedelta(hours=1)
    assert +Counter(drops_since([study.pk], since)[study.pk]) == told
    assert drop_streams(study, timezone.now())[DropReason.NOT_USED].dropped.sum() == 0
    go_over(study, "olga", now)
    study.refresh_from_db()
    assert +Counter(drops_since([study.pk], since)[study.pk]) == {}
    (trial, *_) = comparisons(study)
    answer(trial)
    assert [*drops_by_hour(study, since).values()] == [{COUNTED: 1}]
    assert len(drop_streams(study, timezone.now())[DropReason.UNDONE].at) == 1


def test_the_rule_and_the_reasons_are_two_sides_of_one_thing() -> None:
    assert {*WORDS} == {*DropReason, *LossSign}
    assert "counted" not in {*DropReason} and counts_sql()


def test_failed_checks_and_contradictions_are_signs() -> None:
    study = watched_study()
    for how in ("right", "wrong"):
        trials = issue(build_rater(study), 30, timezone.now(), np.random.default_rng(3))
        for trial in trials:
            first = "left" if trial.first_left else "right"
            other = "right" if trial.first_left else "left"
            fails = how == "wrong" and trial.kind in (Kind.GOLDEN, Kind.REPEAT)
            answer(trial, choice=other if fails else first)
    careless = Counter(trial.kind for trial in trials)
    streams = drop_streams(study, timezone.now())
    for sign, kind in ((LossSign.GOLDEN, Kind.GOLDEN), (LossSign.REPEAT, Kind.REPEAT)):
        stream = streams[sign]
        assert stream.dropped.sum() == careless[kind] >= 2
        assert len({*stream.rater[stream.dropped].tolist()}) == 1
        assert len(stream.at) > careless[kind]


def test_a_trial_is_passed_over_when_the_rater_went_on_without_it() -> None:
    study = watched_study()
    first, second, third = comparisons(study, 3)
    answer(first)
    answer(third)
    assert LossSign.PASSED_OVER not in drop_streams(study, timezone.now())
    passed = drop_streams(study, timezone.now() + timedelta(minutes=20))[LossSign.PASSED_OVER]
    numbers = [trial.number for trial in (first, second, third)]
    issued = Trial.objects.filter(rater=first.rater, number__lte=numbers[-1])
    assert len(passed.at) == issued.count()
    assert passed.dropped.sum() == issued.filter(judgments=None).count() >= 1


def test_who_fails_the_practice_is_one_rater_of_all_who_got_past_it() -> None:
    study = watched_study()
    comparisons(study)
    failed = build_rater(study)
    Rater.objects.filter(pk=failed.pk).update(screened_out_at=timezone.now())
    build_rater(study)  # who is still at it
    Rater.objects.filter(study=study).update(consented_at=timezone.now())
    practice = drop_streams(study, timezone.now())[LossSign.PRACTICE]
    assert len(practice.rater) == 2 and practice.dropped.sum() == 1


def test_a_study_without_answers_has_nothing_to_watch() -> None:
    assert drop_streams(watched_study(), timezone.now()) == {}
