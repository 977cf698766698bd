"""Training, golden trials, repeats and identical pairs: when they come, and what they show."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge, undo
from ratings.comparisons.models import CropVersion, Pair, Rater, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol, Screening, Training
from ratings.comparisons.session_plan import plan_of
from ratings.comparisons.study.cropping import make_checks
from ratings.comparisons.study.presentation import present
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from ratings.comparisons.trials.trial_history import RECENT
from tests.builders import NOW
from tests.comparisons.builders import PLAIN, build_entry, build_filled_study, build_rater

pytestmark = pytest.mark.django_db

Kind = Trial.Kind
NO_TRAINING, NO_CHECKS = Training(trials=0), Checks(golden=0, repeats=0)
# Every answer counts, however fast.
EASY = Screening(drop_under_ms=0, drop_unflipped=False)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def build_checked(
    *,
    training: Training = NO_TRAINING,
    checks: Checks = NO_CHECKS,
    **fields: Any,
) -> Study:
    """Save a study of 4 methods on 8 pictures of 2 crops: 96 comparisons are possible."""
    protocol = Protocol(training=training, checks=checks, screening=EASY)
    fields = {"methods": 4, "pictures": 8, "trials_per_rater": 40, "crop_width": 3} | fields
    return build_filled_study(protocol=protocol, **fields)


def answer(trial: Trial, *, first: bool = True, attempt: int = 1) -> None:
    """Choose the trial's first contender: of golden and training trials that is right."""
    choice = "left" if trial.first_left == first else "right"
    stored = judge(trial.pk, [trial.rater_id], Answer(choice, 5000, {}, attempt), NOW)
    assert stored.outcome is JudgmentOutcome.STORED


def sit(rater: Rater, seed: int = 1, *, count: int = 1) -> list[Trial]:
    """Let a rater judge until nothing comes any more, always for the first contender."""
    generator = rng(seed)
    done: list[Trial] = []
    while trials := issue(rater, count, NOW, generator):
        for trial in trials:
            answer(trial)
        done += trials
    return done


def build_trained(right: int = 0, attempts: int = 2) -> Rater:
    return build_rater(build_checked(training=Training(5, right, attempts)))


def test_training_comes_first_and_alone_from_gross_to_subtle() -> None:
    rater = build_trained()
    trials = issue(rater, 10, NOW, rng())
    assert {trial.kind for trial in trials} == {Kind.TRAINING}
    assert [trial.level for trial in trials] == [3, 3, 2, 2, 1]
    assert [(trial.number, trial.training_attempt) for trial in trials] == [
        (number, 1) for number in range(1, 6)
    ]
    assert len({trial.crop.original_id for trial in trials}) == 5
    assert issue(rater, 10, NOW, rng(2)) == trials
    for trial in trials[:4]:
        answer(trial, first=False)
    assert issue(rater, 10, NOW, rng(3)) == trials[4:]
    answer(trials[4], first=False)
    first = issue(rater, 1, NOW, rng(4))[0]
    assert (first.kind, first.number, first.training_attempt) == (Kind.COMPARISON, 1, 0)


def test_training_shows_each_side_about_as_often_by_chance() -> None:
    study = build_checked(training=Training())
    sides = [
        tuple(trial.first_left for trial in issue(build_rater(study), 5, NOW, rng(seed)))
        for seed in range(40)
    ]
    assert all(1 <= sum(side) <= 4 for side in sides)
    assert len(set(sides)) > 10
    assert 12 < sum(side[0] for side in sides) < 28


def test_a_failed_training_may_be_tried_again_and_passed() -> None:
    rater = build_trained(right=4)
    for trial in issue(rater, 5, NOW, rng()):
        answer(trial, first=trial.number > 2)
    again = issue(rater, 10, NOW, rng(2))
    assert [(trial.training_attempt, trial.number) for trial in again] == [
        (2, number) for number in range(1, 6)
    ]
    for trial in again:
        answer(trial, first=trial.number > 1)
    assert issue(rater, 1, NOW, rng(3))[0].kind == Kind.COMPARISON
    rater.refresh_from_db()
    assert rater.screened_out_at is None


def test_failing_the_last_attempt_screens_out_for_good() -> None:
    rater = build_trained(right=4, attempts=1)
    for trial in issue(rater, 5, NOW, rng()):
        answer(trial, first=False)
    assert issue(rater, 5, NOW, rng()) == []
    rater.refresh_from_db()
    assert rater.screened_out_at == NOW
    assert issue(rater, 5, NOW + timedelta(hours=1), rng()) == []
    rater.refresh_from_db()
    assert (rater.screened_out_at, rater.finished_at) == (NOW, None)
    assert progress_of_rater(rater).state is State.SCREENED_OUT


def test_kinds_come_as_the_plan_says_in_whatever_portions() -> None:
    study = build_checked(checks=Checks(repeat_gap=8, identical=0.05))
    for seed, count in enumerate((1, 4, 10)):
        rater = build_rater(study)
        trials = sit(rater, seed, count=count)
        assert [trial.number for trial in trials] == list(range(1, 41))
        assert [Kind(trial.kind) for trial in trials] == plan_of(rater)
        counted = Counter(trial.kind for trial in trials)
        assert (counted[Kind.GOLDEN], counted[Kind.REPEAT], counted[Kind.IDENTICAL]) == (4, 4, 2)
        rater.refresh_from_db()
        assert rater.finished_at == NOW
        assert progress_of_rater(rater).judged == progress_of_rater(rater).total == 40


def test_a_repeat_mirrors_an_own_comparison_of_long_enough_ago_once() -> None:
    study = build_checked(checks=Checks(golden=0, repeats=0.25, repeat_gap=9))
    trials = sit(build_rater(study))
    repeats = [trial for trial in trials if trial.kind == Kind.REPEAT]
    assert len(repeats) == 10
    comparisons = {(t.pair_id, t.crop_id): t for t in trials if t.kind == Kind.COMPARISON}
    assert len(comparisons) == 30
    for trial in repeats:
        original = comparisons[trial.pair_id, trial.crop_id]
        assert trial.number - original.number >= 9
        assert trial.first_left is not original.first_left
    assert len({(trial.pair_id, trial.crop_id) for trial in repeats}) == 10


def test_repeats_and_checks_change_nothing_in_the_balance_of_comparisons() -> None:
    study = build_checked(checks=Checks(golden=0.2, repeats=0.2, repeat_gap=5), pictures=4)
    for seed in range(4):
        sit(build_rater(study), seed, count=3)
    pairs = list(Pair.objects.filter(study=study))
    assert max(pair.issued for pair in pairs) - min(pair.issued for pair in pairs) <= 1
    for pair in pairs:
        compared = pair.trials.filter(kind=Kind.COMPARISON)
        assert pair.issued == compared.count()
        assert pair.issued_first_left == compared.filter(first_left=True).count()
        assert abs(2 * pair.issued_first_left - pair.issued) <= 1


def test_golden_trials_avoid_what_was_just_seen() -> None:
    study = build_checked(training=Training(), checks=Checks(golden=0.25, repeats=0))
    trials = sit(build_rater(study), count=2)
    golden = [place for place, trial in enumerate(trials) if trial.kind == Kind.GOLDEN]
    assert len(golden) == 10
    for place in golden:
        before = trials[max(0, place - RECENT) : place]
        assert trials[place].crop_id not in {trial.crop_id for trial in before}
        assert trials[place].crop.original_id != trials[place - 1].crop.original_id
    assert {trials[place].level for place in golden} == {2}
    lead = np.cumsum([1 if trials[place].first_left else -1 for place in golden])
    assert np.abs(lead).max() <= 2


def test_no_golden_trial_repeats_a_crop_whose_answer_the_training_told() -> None:
    """8 of 16 crops are trained on: one that was is as likely by chance as one that was not."""
    checks = Checks(golden=0.2, repeats=0)
    study = build_checked(training=Training(8), checks=checks, trials_per_rater=20)
    trials = sit(build_rater(study))
    trained = {trial.crop_id for trial in trials if trial.kind == Kind.TRAINING}
    golden = {trial.crop_id for trial in trials if trial.kind == Kind.GOLDEN}
    assert len(trained) == 8 and len(golden) == 4
    assert not trained & golden


def test_a_golden_trial_is_shown_even_where_every_crop_was_just_seen() -> None:
    study = build_checked(checks=Checks(golden=0.2, repeats=0), pictures=1, methods=7)
    assert Kind.GOLDEN in {trial.kind for trial in sit(build_rater(study))}


def test_each_kind_shows_the_versions_it_says() -> None:
    study = build_checked(
        training=Training(trials=1), checks=Checks(repeat_gap=5, identical=0.2, golden=0.2)
    )
    trials = sit(build_rater(study))
    assert {trial.kind for trial in trials} == set(Kind.values)
    versions = {version.address: version for version in CropVersion.objects.all()}
    for shown in present(trials):
        trial = shown.trial
        left, right = versions[shown.left], versions[shown.right]
        first, second = (left, right) if trial.first_left else (right, left)
        assert versions[shown.original].kind == "reference"
        assert {left.crop_id, right.crop_id} == {trial.crop_id}
        if trial.kind in (Kind.TRAINING, Kind.GOLDEN):
            assert (first.kind, second.kind, second.level) == ("hidden", "degraded", trial.level)
        elif trial.kind == Kind.IDENTICAL:
            assert (first.kind, second.kind) == ("entry", "twin")
            assert first.entry_id == second.entry_id == trial.entry_id
        else:
            assert trial.pair is not None
            assert (first.entry_id, second.entry_id) == (trial.pair.first_id, trial.pair.second_id)


def test_where_a_check_is_not_possible_a_comparison_takes_its_place() -> None:
    study = build_checked()
    study.protocol_json = Protocol(
        checks=Checks(identical=0.1, repeats=0), screening=EASY
    ).as_json()
    study.save()
    before = build_rater(study)
    assert {trial.kind for trial in sit(before)} == {Kind.COMPARISON}
    make_checks(study)
    after = sit(build_rater(study))
    assert {trial.kind for trial in after} == {
        *(Kind.TRAINING, Kind.COMPARISON, Kind.GOLDEN, Kind.IDENTICAL)
    }
    assert sit(before) == []


def test_a_small_study_ends_with_its_comparisons() -> None:
    study = build_checked(methods=2, pictures=4, checks=Checks(golden=0.2, repeats=0))
    rater = build_rater(study)
    cells = study.crops.count()
    expected = progress_of_rater(rater).total
    trials = sit(rater)
    assert Counter(trial.kind for trial in trials)[Kind.COMPARISON] == cells
    assert len(trials) == expected > cells
    rater.refresh_from_db()
    assert (progress_of_rater(rater).state, progress_of_rater(rater).total) == (
        State.DONE,
        expected,
    )


def test_who_is_done_stays_done_although_more_comes_in() -> None:
    study = build_checked(methods=2, pictures=1)
    rater = build_rater(study)
    done = len(sit(rater))
    late = build_entry(study, method="late")
    late.active = True
    late.save()
    assert issue(rater, 5, NOW, rng()) == []
    assert len(sit(build_rater(study))) >= done


def test_nobody_is_done_before_there_was_anything_to_do() -> None:
    study = build_checked(methods=1, training=Training())
    rater = build_rater(study)
    assert issue(rater, 5, NOW, rng()) == []
    rater.refresh_from_db()
    assert (rater.finished_at, progress_of_rater(rater).state) == (None, State.TRAINING)


def test_a_paused_study_issues_nothing_new_and_takes_what_was_issued() -> None:
    study = build_checked()
    rater, other = build_rater(study), build_rater(study)
    trials = issue(rater, 2, NOW, rng())
    Study.objects.filter(pk=study.pk).update(paused_at=NOW)
    assert issue(rater, 5, NOW, rng()) == trials
    for trial in trials:
        answer(trial)
    assert issue(rater, 5, NOW, rng()) == issue(other, 5, NOW, rng()) == []
    rater.refresh_from_db()
    assert rater.finished_at is None
    Study.objects.filter(pk=study.pk).update(paused_at=None)
    assert len(issue(rater, 5, NOW, rng())) == 5


def test_an_answer_undone_is_asked_for_again() -> None:
    rater = build_rater(build_checked(checks=Checks(golden=0.2, repeats=0), trials_per_rater=10))
    last = sit(rater)[-1]
    undo(last.pk, [rater.pk], 1, NOW)
    assert issue(rater, 5, NOW, rng()) == [last]
    answer(last, first=False, attempt=2)
    assert issue(rater, 5, NOW, rng()) == []
    rater.refresh_from_db()
    assert (rater.finished_at, progress_of_rater(rater).state) == (NOW, State.DONE)


def test_every_trial_is_stamped_with_the_version_at_one_query_a_call() -> None:
    study = build_checked(training=Training(trials=1))
    rater = build_rater(study)
    (training,) = issue(rater, 3, NOW, rng())
    answer(training)
    with CaptureQueriesContext(connection) as queries:
        trials = issue(rater, 3, NOW, rng())
    assert sum("ratings_studyversion" in query["sql"] for query in queries) == 1
    assert {trial.version_id for trial in trials} == {training.version_id}
    Study.objects.filter(pk=study.pk).update(question="Which one?")
    (new,) = issue(rater, 4, NOW, rng())[3:]
    assert new.version_id != training.version_id
    assert new.version is not None
    assert 'question = "Which one?"' in new.version.definition


def test_the_generator_alone_decides() -> None:
    study = build_checked(checks=Checks(repeat_gap=2, identical=0.1, golden=0.3))
    rater = build_rater(study)

    def told() -> list[tuple[object, ...]]:
        with transaction.atomic():
            trials = issue(rater, 10, NOW, rng(7))
            transaction.set_rollback(True)
        return [(t.kind, t.crop_id, t.pair_id, t.entry_id, t.first_left) for t in trials]

    assert told() == told()


@pytest.mark.django_db(transaction=True)
def test_one_rater_in_many_windows_follows_one_plan() -> None:
    study = build_checked(
        training=Training(3, 2, 2), checks=Checks(repeat_gap=8, identical=0.05), trials_per_rater=30
    )
    rater = build_rater(study)

    def work(number: int) -> None:
        try:
            for _ in range(30):
                for trial in issue(rater, 2, NOW, rng(number)):
                    choice = "left" if trial.first_left else "right"
                    judge(trial.pk, [rater.pk], Answer(choice, 5000, {}), NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    trials = list(rater.trials.filter(training_attempt=0).order_by("number"))
    assert [trial.number for trial in trials] == list(range(1, 31))
    assert [Kind(trial.kind) for trial in trials] == plan_of(rater)
    assert rater.trials.filter(training_attempt=1).count() == 3
    assert not rater.trials.filter(training_attempt=2).exists()
    rater.refresh_from_db()
    assert rater.finished_at == NOW


def test_plain_studies_have_comparisons_alone() -> None:
    assert PLAIN.checks.golden == PLAIN.training.trials == 0
    rater = build_rater(build_filled_study(methods=4, pictures=4))
    assert {trial.kind for trial in sit(rater)} == {Kind.COMPARISON}
