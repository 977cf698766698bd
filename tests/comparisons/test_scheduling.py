"""Trials: balanced, never twice, the same again after a reload, and safe for many at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest
from django.db import connection

from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.locking import Level, lock_rater, lock_study, locking, take
from ratings.comparisons.models import Pair, PairCount, Rater, Study, Trial
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from tests.builders import NOW
from tests.comparisons.builders import build_entry, build_filled_study, build_rater, pair_of
from tests.comparisons.threads import in_threads
from tests.waiting import PATIENCE_SECONDS, await_held_up

pytestmark = pytest.mark.django_db


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def answer(trial: Trial, choice: str = "left") -> JudgmentOutcome:
    return judge(trial.pk, [trial.rater_id], Answer(choice, 1000, {}), NOW).outcome


def issue_and_answer_all(rater: Rater, generator: np.random.Generator) -> list[Trial]:
    trials = []
    while new := issue(rater, 1, NOW, generator):
        assert answer(new[0]) is JudgmentOutcome.STORED
        trials += new
    return trials


def far(rater: Rater) -> tuple[State, int, int]:
    progress = progress_of_rater(rater)
    return progress.state, progress.judged, progress.total


def test_no_pair_no_trial() -> None:
    assert issue(build_rater(build_filled_study(methods=1)), 3, NOW, rng()) == []


def test_unanswered_trials_come_again_first() -> None:
    rater = build_rater(build_filled_study())
    first = issue(rater, 3, NOW, rng(1))
    assert [trial.number for trial in first] == [1, 2, 3]
    assert issue(rater, 3, NOW, rng(2)) == first
    answer(first[1])
    again = issue(rater, 3, NOW, rng(3))
    assert again[:2] == [first[0], first[2]]
    assert again[2].number == 4


def test_stops_at_the_study_s_trials_per_rater() -> None:
    rater = build_rater(build_filled_study(trials_per_rater=5))
    assert len(issue_and_answer_all(rater, rng())) == 5
    assert far(rater) == (State.DONE, 5, 5)


def test_stops_when_everything_is_seen_and_shows_nothing_twice() -> None:
    study = build_filled_study(methods=3, pictures=2)
    cells = PairCount.objects.filter(pair__study=study).count()
    rater = build_rater(study)
    assert far(rater) == (State.JUDGING, 0, cells)
    trials = issue_and_answer_all(rater, rng())
    assert len({(trial.pair_id, trial.crop_id) for trial in trials}) == len(trials) == cells
    assert far(rater)[1:] == (cells, cells)


def test_more_trials_than_pairs_at_once() -> None:
    study = build_filled_study(methods=2, pictures=3)
    cells = PairCount.objects.filter(pair__study=study).count()
    trials = issue(build_rater(study), 10, NOW, rng())
    assert len(trials) == min(10, cells)
    assert len({trial.crop_id for trial in trials}) == len(trials)


def test_pairs_crops_and_sides_are_balanced() -> None:
    study = build_filled_study(methods=4, pictures=3, trials_per_rater=7)
    for seed in range(12):
        issue_and_answer_all(build_rater(study), rng(seed))
    pairs = list(Pair.objects.filter(study=study))
    assert max(pair.issued for pair in pairs) - min(pair.issued for pair in pairs) <= 1
    assert all(abs(2 * pair.issued_first_left - pair.issued) <= 1 for pair in pairs)
    assert sum(pair.issued for pair in pairs) == 7 * 12
    for pair in pairs:
        issued = [count.issued for count in pair.counts.all()]
        # Not the same picture twice running comes before the last unit of balance.
        assert max(issued) - min(issued) <= 2
        trials = Trial.objects.filter(pair=pair)
        assert trials.filter(first_left=True).count() == pair.issued_first_left


def test_who_stands_left_first_is_chance() -> None:
    study = build_filled_study(methods=2, pictures=1)
    sides: Counter[bool] = Counter()
    for seed in range(40):
        Trial.objects.all().delete()
        Pair.objects.update(issued=0, issued_first_left=0)
        sides[issue(build_rater(study), 1, NOW, rng(seed))[0].first_left] += 1
    assert min(sides[True], sides[False]) > 8


def test_no_picture_twice_running() -> None:
    study = build_filled_study(methods=4, pictures=3, trials_per_rater=20)
    trials = issue_and_answer_all(build_rater(study), rng())
    pictures = [trial.crop.original_id for trial in trials]
    repeats = sum(a == b for a, b in pairwise(pictures))
    assert len(pictures) == 20
    assert repeats == 0


def test_a_single_picture_is_shown_although_it_was_the_last_one() -> None:
    assert len(issue(build_rater(build_filled_study(pictures=1)), 3, NOW, rng())) == 3


def test_inactive_entries_get_no_new_trials() -> None:
    study = build_filled_study(methods=3)
    retired = study.entries.first()
    assert retired is not None
    retired.active = False
    retired.save()
    for trial in issue_and_answer_all(build_rater(study), rng()):
        assert retired.pk not in (pair_of(trial).first_id, pair_of(trial).second_id)


def test_an_entry_without_crops_makes_no_empty_pair() -> None:
    study = build_filled_study(methods=2)
    bare = build_entry(study, method="late")
    bare.crop_versions.all().delete()
    bare.active = True
    bare.save()
    assert issue(build_rater(study), 1, NOW, rng())


def sessions(study: Study, rater_ids: list[UUID], count: int) -> list[list[Trial]]:
    """Let 16 threads issue and answer for these raters, `count` rounds each."""

    def work(number: int) -> list[Trial]:
        try:
            rater = Rater.objects.get(pk=rater_ids[number % len(rater_ids)])
            done = []
            for _ in range(count):
                for trial in issue(rater, 2, NOW, rng(number)):
                    answer(trial)
                    done.append(trial)
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(work, range(16)))


@pytest.mark.django_db(transaction=True)
def test_sixteen_raters_at_once() -> None:
    study = build_filled_study(methods=3, pictures=8)
    rater_ids = [build_rater(study).pk for _ in range(16)]
    done = [trial for trials in sessions(study, rater_ids, 5) for trial in trials]
    assert len({trial.pk for trial in done}) == Trial.objects.count()
    assert Trial.objects.count() >= 16 * 5
    pairs = list(Pair.objects.filter(study=study))
    for pair in pairs:
        assert pair.issued == pair.trials.count()
        assert pair.issued_first_left == pair.trials.filter(first_left=True).count()
        assert abs(2 * pair.issued_first_left - pair.issued) <= 1
        assert sum(pair.counts.values_list("issued", flat=True)) == pair.issued
    assert max(pair.issued for pair in pairs) - min(pair.issued for pair in pairs) <= 16


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_rows_that_others_hold() -> None:
    study = build_filled_study(methods=3, pictures=3)
    rater = build_rater(study)
    *held, free = study.pairs.order_by("pk").values_list("pk", flat=True)
    issued: list[Trial] = []

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        issued.extend(issue(rater, 3, NOW, rng()))

    with locking():
        lock_rater(rater.pk)
        lock_study(study.pk)
        take(Level.PAIRS)
        list(Pair.objects.filter(pk__in=held).select_for_update(no_key=True))
        in_threads(ask)
    assert [trial.pair_id for trial in issued] == [free] * 3


@pytest.mark.django_db(transaction=True)
def test_where_all_pairs_are_held_one_is_waited_for() -> None:
    study = build_filled_study(methods=2, pictures=3)
    rater = build_rater(study)
    issued: list[Trial] = []
    with ThreadPoolExecutor(1) as pool:
        with locking():
            take(Level.PAIRS)
            study.pairs.select_for_update(no_key=True).get()
            asking = pool.submit(in_threads, lambda: issued.extend(issue(rater, 2, NOW, rng())))
            await_held_up(1)
            study.pairs.update(issued=7, issued_first_left=7)
        asking.result(timeout=PATIENCE_SECONDS)
    assert [trial.first_left for trial in issued] == [False, False]
    assert study.pairs.get().issued == 9


@pytest.mark.django_db(transaction=True)
def test_one_rater_in_sixteen_windows() -> None:
    study = build_filled_study(methods=4, pictures=4, trials_per_rater=20)
    rater = build_rater(study)
    sessions(study, [rater.pk], 6)
    numbers = sorted(rater.trials.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= 20
    assert len(set(rater.trials.values_list("pair_id", "crop_id"))) == len(numbers)
    judged = sum(c.wins_first + c.wins_second for c in rater.counts.all())
    assert (
        judged
        == progress_of_rater(rater).judged
        == rater.trials.filter(judgments__isnull=False).count()
    )
