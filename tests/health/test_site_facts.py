"""The figures of the site, against rows that were made for them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ratings.comparisons.models import Judgment, Study
from ratings.health.site_facts import ranking_ages, read_facts
from ratings.jobs.tasks import score_picture
from ratings.ranking.fits.refitting import refit
from ratings.submissions.models import Run
from tests.builders import build_submission
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def execute(query: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)  # type: ignore[arg-type]


def test_an_empty_site_has_nothing_to_tell() -> None:
    facts = read_facts(timezone.now())
    assert (facts.workers_alive, facts.workers_dead, facts.queues) == (0, 0, ())
    assert (facts.judgments.lately, facts.ranking_ages, facts.sandbox_faults) == (0, {}, 0)
    assert 0 < facts.disk.free < facts.disk.total
    assert 0 < facts.connections < facts.most_connections


def test_a_worker_is_alive_while_it_is_heard_of() -> None:
    execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now())")
    execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 min')")
    facts = read_facts(timezone.now())
    assert (facts.workers_alive, facts.workers_dead) == (2, 1)


def test_a_queue_tells_what_could_be_taken_now_and_for_how_long() -> None:
    score_picture.configure(schedule_in={"hours": 1}).defer(decoded_image_id=1)
    assert read_facts(timezone.now()).queues == ()
    score_picture.defer(decoded_image_id=2)
    score_picture.defer(decoded_image_id=3)
    execute("UPDATE procrastinate_events SET at = at - interval '10 minutes'")
    (queue,) = read_facts(timezone.now()).queues
    assert (queue.name, queue.waiting) == ("scoring", 2)
    assert timedelta(minutes=10) <= queue.oldest < timedelta(minutes=11)


def test_a_job_that_waits_for_one_like_it_does_not_wait_for_a_worker() -> None:
    score_picture.configure(lock="one").defer(decoded_image_id=1)
    execute("UPDATE procrastinate_jobs SET status = 'doing'")
    score_picture.configure(lock="one").defer(decoded_image_id=2)
    assert read_facts(timezone.now()).queues == ()


def judged_study() -> Study:
    study = build_filled_study(methods=3, pictures=4, crops_per_picture=1)
    judge_all(study, judgments=6)
    Study.objects.filter(pk=study.pk).update(is_open=True)
    return Study.objects.get(pk=study.pk)


def test_a_ranking_is_as_old_as_the_oldest_judgment_that_it_lacks() -> None:
    study, now = judged_study(), timezone.now()
    refit(study, now)
    assert ranking_ages(now + HOUR) == {study.slug: timedelta()}
    judge_all(study, judgments=2, seed=2)
    first, second = Judgment.objects.order_by("-pk")[:2][::-1]
    Judgment.objects.filter(pk=first.pk).update(judged_at=now + HOUR)
    Judgment.objects.filter(pk=second.pk).update(judged_at=now + 2 * HOUR)
    assert read_facts(now + 3 * HOUR).ranking_ages == {study.slug: 2 * HOUR}
    refit(study, now + 3 * HOUR)
    assert ranking_ages(now + 4 * HOUR) == {study.slug: timedelta()}


def test_a_study_that_was_never_ranked_waits_since_its_first_judgment() -> None:
    study, now = judged_study(), timezone.now()
    Judgment.objects.update(judged_at=now)
    assert ranking_ages(now + HOUR) == {study.slug: HOUR}
    quiet = build_filled_study(methods=3, pictures=4, crops_per_picture=1)
    Study.objects.filter(pk=quiet.pk).update(is_open=True)
    assert ranking_ages(now + HOUR)[quiet.slug] == timedelta()


def test_judgments_of_the_last_minutes_and_those_that_do_not_count() -> None:
    study = judged_study()
    Judgment.objects.update(judged_at=timezone.now())
    newest = Judgment.objects.latest("pk")
    Judgment.objects.filter(pk=newest.pk).update(excluded=True)
    facts = read_facts(timezone.now()).judgments
    assert (facts.lately, facts.not_counted) == (Judgment.objects.count(), 1)
    Judgment.objects.filter(trial__rater__study=study).update(judged_at=timezone.now() - HOUR)
    assert read_facts(timezone.now()).judgments.lately == 0


def test_a_run_that_the_server_could_not_do_is_told_for_an_hour() -> None:
    now, submission = timezone.now(), build_submission()
    ended = {"submission": submission, "queued_at": now, "state": Run.State.FAILED}
    Run.objects.create(**ended, fault="no bwrap", finished_at=now - timedelta(minutes=59))
    Run.objects.create(**ended, fault="no bwrap", finished_at=now - timedelta(minutes=61))
    Run.objects.create(**ended, verdict="The decoder failed.", finished_at=now)
    assert read_facts(now).sandbox_faults == 1
    Run.objects.create(submission=submission, queued_at=now, fault="no bwrap")
    assert read_facts(now).sandbox_faults == 2
