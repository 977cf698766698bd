"""Where a rater is, read in two statements: the same as the counts of all raters say."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.judgments.judging import Answer, judge, undo
from ratings.comparisons.models import Entry, Rater, Study
from ratings.comparisons.protocol import Checks, Protocol, Training
from ratings.comparisons.study.cropping import make_checks
from ratings.comparisons.trials.rater_session import RaterSession, read_session
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import progress_of_rater
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater

pytestmark = pytest.mark.django_db


def session_of(rater: Rater) -> RaterSession:
    session = read_session(rater.pk, rater.study.slug)
    assert session
    return session


def test_nobody_has_no_session() -> None:
    rater, other = build_rater(build_filled_study()), build_filled_study()
    assert read_session(rater.pk, other.slug) is None
    assert read_session(rater.pk, "nowhere") is None


@pytest.mark.parametrize("seed", range(6))
def test_progress_is_that_of_the_counts_whatever_happens(seed: int) -> None:
    rng = np.random.default_rng(seed)
    protocol = Protocol(training=Training(3, 2, 2), checks=Checks(golden=0.2, repeat_gap=3))
    study = build_filled_study(methods=4, pictures=4, trials_per_rater=15, protocol=protocol)
    make_checks(study)
    rater = build_rater(study)

    def act() -> None:
        match rng.integers(12):
            case 0:
                entry = rng.choice(list(study.entries.values_list("pk", flat=True)))
                Entry.objects.filter(pk=entry).update(active=bool(rng.integers(2)))
            case 1:
                methods = list(study.entries.values_list("submission__method", flat=True))
                Study.objects.update(methods=methods[int(rng.integers(2)) :])
            case 2:
                Study.objects.update(trials_per_rater=int(rng.integers(10, 20)))
            case 3:
                last = rater.trials.filter(judgments__undone_at=None, judgments__isnull=False)
                trial = last.order_by("-judgments__pk").first()
                if trial and trial.kind != "training":
                    attempt = trial.judgments.get(undone_at=None).attempt
                    undo(trial.pk, [rater.pk], attempt, NOW)
            case _:
                for trial in issue(rater, int(rng.integers(1, 4)), NOW, rng):
                    attempt = trial.judgments.count() + 1
                    choice = "left" if rng.integers(4) and trial.first_left else "right"
                    judge(trial.pk, [rater.pk], Answer(choice, 5000, {}, attempt), NOW)

    for _ in range(25):
        act()
        fresh = Rater.objects.select_related("study").get(pk=rater.pk)
        assert session_of(rater).progress() == progress_of_rater(fresh)


def test_a_changed_study_is_seen_at_once_and_costs_only_then() -> None:
    rater = build_rater(build_filled_study())
    session_of(rater)
    with CaptureQueriesContext(connection) as queries:
        assert session_of(rater).rater.study.is_open
    assert len(queries) == 2
    Study.objects.update(is_open=False, question="Which one?")
    study = session_of(rater).rater.study
    assert (study.is_open, study.question) == (False, "Which one?")
