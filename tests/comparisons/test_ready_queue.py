"""The ready queue: planned ahead, issued first, counted as pending, and never in the way."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.models import Study, Trial
from ratings.comparisons.trials.ready_queue import AT_WORK, PENDING, READY_PER_RATER, top_up
from ratings.comparisons.trials.scheduling import issue
from ratings.psychometrics.design.floor import Floor
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, pair_of
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def ready(study: Study) -> dict[tuple[str, str], int]:
    """Return how many planned trials of each pair wait."""
    pairs = study.pairs.select_related("first", "second")
    waiting = {(p.first.label, p.second.label): p.planned - p.issued for p in pairs}
    return {pair: count for pair, count in waiting.items() if count > 0}


def answer(trial: Trial, choice: str = "left") -> None:
    outcome = judge(trial.pk, [trial.rater_id], Answer(choice, 1000, {}), NOW).outcome
    assert outcome is JudgmentOutcome.STORED


def test_a_balanced_study_has_no_plan_and_drops_one_it_had() -> None:
    study = build_filled_study(methods=4, pairing="active")
    assert top_up(study, NOW, rng()) == 3
    Study.objects.filter(pk=study.pk).update(pairing="balanced")
    assert top_up(Study.objects.get(pk=study.pk), NOW, rng()) == 0
    assert ready(study) == {}


@pytest.mark.parametrize("pairing", ["active", "swiss"])
def test_as_many_trials_are_ready_as_there_are_methods_less_one(pairing: str) -> None:
    study = build_filled_study(methods=5, pairing=pairing)
    assert top_up(study, NOW, rng()) == 4 == sum(ready(study).values())
    before = ready(study)
    assert top_up(study, NOW, rng(2)) == 4
    assert ready(study) == before  # nothing was issued, so nothing is planned anew


def test_a_plan_knows_what_raters_and_pictures_leave() -> None:
    study = build_filled_study(methods=4, pictures=12, pairing="active", exploration=0.0)
    judge_all(study, raters=10, judgments=24)
    assert ready(study) == {}
    top_up(study, NOW, rng())
    without = ready(study)
    Study.objects.get(pk=study.pk).pairs.update(planned=0)
    top_up(study, NOW, rng(), floor=Floor(20.0, 5.0))
    assert ready(study) != without


def test_planned_pairs_are_issued_first_and_topped_up() -> None:
    study = build_filled_study(methods=5, pairing="active")
    top_up(study, NOW, rng())
    waiting = ready(study)
    trials = issue(build_rater(study), len(waiting), NOW, rng())
    assert {(pair_of(t).first.label, pair_of(t).second.label) for t in trials} == set(waiting)
    assert sum(ready(study).values()) < 4
    # One rater is at work now, and has more trials ready than there are methods less one.
    assert top_up(study, NOW, rng()) == READY_PER_RATER


def test_without_a_plan_the_least_issued_pair_comes() -> None:
    study = build_filled_study(methods=3, pictures=4, pairing="active")
    for _ in range(2):
        issue(build_rater(study), 3, NOW, rng())
    assert set(study.pairs.values_list("issued", flat=True)) == {2}


def test_many_raters_at_work_have_more_ready() -> None:
    study = build_filled_study(methods=3, pictures=3, pairing="active")
    for _ in range(4):
        issue(build_rater(study), 1, NOW, rng())
    assert top_up(study, NOW, rng()) == 4 * READY_PER_RATER
    later = NOW + AT_WORK + timedelta(seconds=1)
    # They left; what is ready stays so.
    assert top_up(study, later, rng()) == 4 * READY_PER_RATER


def test_trials_on_their_way_count_until_they_are_given_up() -> None:
    # Nothing is judged, so that trials on their way are all that tells pairs from one another.
    study = build_filled_study(methods=3, pictures=6, pairing="active", exploration=0.0)
    idle = AT_WORK + timedelta(seconds=1)

    def plan(now: datetime) -> dict[tuple[str, str], int]:
        study.pairs.update(planned=0)
        top_up(study, now, rng())
        return ready(study)

    first = plan(NOW + idle)
    wanted = max(first, key=lambda pair: first[pair])
    study.pairs.update(planned=0)
    study.pairs.filter(first__label=wanted[0], second__label=wanted[1]).update(planned=1_000)
    for _ in range(20):
        (trial,) = issue(build_rater(study), 1, NOW + idle, rng())
        assert (pair_of(trial).first.label, pair_of(trial).second.label) == wanted
    assert wanted not in plan(NOW + 2 * idle)
    assert plan(NOW + idle + PENDING + timedelta(seconds=1)) == first


def test_methods_that_are_no_longer_active_are_not_planned() -> None:
    study = build_filled_study(methods=4, pairing="active")
    judge_all(study, raters=2, judgments=6)
    gone = study.entries.order_by("pk").first()
    assert gone
    study.entries.filter(pk=gone.pk).update(active=False)
    top_up(study, NOW, rng())
    assert ready(study) and all(gone.label not in pair for pair in ready(study))
    study.entries.update(active=False)
    assert top_up(study, NOW, rng()) == 0


def test_the_plan_follows_the_judgments() -> None:
    study = build_filled_study(methods=4, pictures=10, pairing="active", exploration=0.0)
    worst, coin = "method-3", rng(2)
    for _ in range(6):
        for trial in issue(build_rater(study), 40, NOW, rng()):
            names = [pair_of(trial).first.label, pair_of(trial).second.label]
            # It loses whatever it meets; the others can't be told apart.
            wanted = names[0] != worst if worst in names else coin.random() < 0.5
            answer(trial, "left" if wanted == trial.first_left else "right")
    top_up(study, NOW + AT_WORK + timedelta(seconds=1), rng())
    assert ready(study) and all(worst not in pair for pair in ready(study))
