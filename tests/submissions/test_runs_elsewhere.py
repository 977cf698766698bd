"""Runs elsewhere: which there are, of how much, and that no first run waits for one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ratings.challenge.models import Phase
from ratings.sandbox.worlds import ELSEWHERE
from ratings.submissions.models import Run, Submission, Worker
from ratings.submissions.rulings import exclusion
from ratings.submissions.rulings.elsewhere_rule import to_disqualify
from ratings.submissions.runs import elsewhere, lease, lifecycle
from tests.builders import NOW, build_bitstream, build_decoder, build_phase, build_submission

State = Run.State
HOUR = timedelta(hours=1)
NAMES = [f"{number:02d}.png" for number in range(24)]


def build_scored(**fields: Any) -> Submission:
    """Save what a decoder made and what was scored, in a phase that tells of elsewhere."""
    phase = build_phase(names=NAMES[:12], **({"elsewhere": Phase.Elsewhere.TELL} | fields))
    submission = build_submission(phase, state=Submission.State.QUEUED, submitted_at=NOW)
    build_decoder(submission)
    for original in phase.originals():
        build_bitstream(submission, original)
    run = lifecycle.queue_run(submission, NOW)
    run.cpu_seconds, run.processor = 1.0, "one"
    lifecycle.succeed_run(run, "It ran.", NOW)
    Submission.objects.filter(pk=submission.pk).update(state=Submission.State.SCORED)
    return submission


def queued(submission: Submission) -> Run:
    run = elsewhere.queue_elsewhere(submission.pk, NOW)
    assert run
    return run


def build_first_run() -> Run:
    submission = build_submission(state=Submission.State.QUEUED, submitted_at=NOW)
    build_decoder(submission)
    return lifecycle.queue_run(submission, NOW)


def build_worker(name: str, **fields: Any) -> Worker:
    has = {"sources": ["python"]} | fields
    return Worker.objects.create(name=name, made_at=NOW, heard_at=NOW, **has)


@given(
    some.integers(1, 100),
    some.floats(0, 1e5, allow_nan=False),
    some.floats(1, 1e5, allow_nan=False),
)
def test_a_share_is_bounded_by_pictures_and_by_time_and_never_empty(
    pictures: int, cpu_seconds: float, limit_seconds: float
) -> None:
    names = [f"{number:03d}.png" for number in range(pictures)]
    shared = elsewhere.share(names, cpu_seconds, limit_seconds)
    assert 1 <= len(shared) <= elsewhere.MOST_PICTURES
    assert shared == sorted(set(shared)) and set(shared) <= set(names)
    if len(shared) > 1:
        taken = elsewhere.SLOWER * cpu_seconds * len(shared) / pictures
        assert taken <= elsewhere.SHARE * limit_seconds * 1.001


@pytest.mark.django_db
def test_a_scored_submission_is_run_elsewhere_once_on_a_share_of_its_bitstreams() -> None:
    submission = build_scored()
    run = queued(submission)
    assert (run.world, run.compares, run.state) == (ELSEWHERE.slug, True, State.WAITING)
    assert run.pictures is not None and len(run.pictures) == elsewhere.MOST_PICTURES
    assert [one.name for one in elsewhere.originals_of(run)] == run.pictures
    given = elsewhere.bitstreams_of(run).values_list("original__name", flat=True)
    assert set(given) == set(run.pictures)
    assert elsewhere.queue_elsewhere(submission.pk, NOW) is None


@pytest.mark.django_db
@pytest.mark.parametrize("case", ["off", "baseline", "not scored", "pictures sent"])
def test_nothing_is_run_elsewhere_that_nobody_asked_for(case: str) -> None:
    submission = build_scored(**{"elsewhere": "off"} if case == "off" else {})
    if case == "baseline":
        submission.team.kind = "baseline"
        submission.team.save()
    if case == "not scored":
        Submission.objects.filter(pk=submission.pk).update(state=Submission.State.QUEUED)
    if case == "pictures sent":
        submission.runs.all().delete()
    assert elsewhere.queue_elsewhere(submission.pk, NOW) is None


@pytest.mark.django_db
def test_no_run_elsewhere_begins_while_a_first_run_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "MOST_LOOKED_AT", 1)  # of however many that wait elsewhere
    run = queued(build_scored())
    first = build_first_run()
    Run.objects.filter(pk=first.pk).update(queued_at=NOW + timedelta(hours=1))
    worker = build_worker("attic")
    with pytest.raises(lease.LeaseHeld):
        lease.claim(run.pk, NOW, worker)
    taken = [lease.claim_next(worker, NOW), lease.claim_next(worker, NOW)]
    assert [one and one.pk for one in taken] == [first.pk, run.pk]


@pytest.mark.django_db
def test_a_run_elsewhere_has_the_environment_of_the_first_run() -> None:
    submission = build_scored()
    submission.runs.update(source="torch", gpu=True)
    run = queued(submission)
    assert (run.source, run.gpu) == ("torch", True)


@pytest.mark.django_db
def test_a_first_run_that_a_worker_has_no_environment_for_is_let_pass_by_others_alone() -> None:
    run, first = queued(build_scored()), build_first_run()
    Run.objects.filter(pk=first.pk).update(source="torch")
    able = build_worker("able", sources=["python", "torch"])
    with pytest.raises(lease.LeaseHeld):
        lease.claim(run.pk, NOW, able)
    held = lease.claim(run.pk, NOW, build_worker("plain"))
    assert held and lease.renew(held, NOW)


@pytest.mark.django_db
def test_a_run_elsewhere_lets_a_first_run_pass_at_its_next_heartbeat() -> None:
    run = lease.claim(queued(build_scored()).pk, NOW)
    assert run and lease.renew(run, NOW)
    first = build_first_run()
    assert not lease.renew(run, NOW)
    run.refresh_from_db()
    assert (run.state, run.verdict, run.fault) == (State.WAITING, lease.GAVE_WAY, "")
    held = lease.claim(first.pk, NOW)
    assert held and lease.renew(held, NOW)
    again = lease.claim(run.pk, NOW)
    assert again and again.attempt == 2 and lease.renew(again, NOW)


@pytest.mark.django_db
def test_a_run_elsewhere_that_has_to_give_way_each_time_is_given_up() -> None:
    run = queued(build_scored())
    for _ in range(lease.MOST_ATTEMPTS):
        held = lease.claim(run.pk, NOW)
        first = build_first_run()
        assert held and not lease.renew(held, NOW)
        lifecycle.fail_run(first, "It failed.", NOW)
    assert lease.claim(run.pk, NOW) is None
    run.refresh_from_db()
    assert (run.state, run.verdict, run.fault) == (State.STOPPED, lease.PASSED, "")


@pytest.mark.django_db
def test_a_worker_with_the_same_processor_leaves_it_to_another_one_for_a_while() -> None:
    run = queued(build_scored())
    same, other = build_worker("same", processor="one"), build_worker("other", processor="two")
    Worker.objects.filter(pk=other.pk).update(sources=["torch"])
    assert not elsewhere.is_left_to_another(run, same, NOW)  # that one could not carry it out
    other.save()
    assert lease.claim_next(same, NOW) is None
    later = NOW + elsewhere.PATIENCE + timedelta(seconds=1)
    assert not elsewhere.is_left_to_another(run, same, later)
    gone = NOW + elsewhere.LATELY + timedelta(seconds=1)
    assert not elsewhere.is_left_to_another(run, same, gone)
    Worker.objects.filter(pk=other.pk).update(sources=["torch"])
    assert not elsewhere.is_left_to_another(run, same, NOW)
    Worker.objects.filter(pk=other.pk).update(sources=["python"])
    taken = lease.claim_next(other, NOW)
    assert taken and taken.pk == run.pk


@pytest.mark.django_db
@pytest.mark.parametrize(("readmitted", "left"), [(NOW - HOUR, 1), (NOW + HOUR, 0)])
def test_the_rule_leaves_alone_what_was_readmitted_since(readmitted: datetime, left: int) -> None:
    submission = build_scored(elsewhere=Phase.Elsewhere.REQUIRE)
    told = {"world": ELSEWHERE.slug, "state": State.FAILED, "told": [], "verdict": "Broken."}
    Run.objects.create(submission=submission, queued_at=NOW, finished_at=NOW, **told)
    exclusion.disqualify(submission.pk, readmitted, note="A mistake.", by="ann")
    exclusion.readmit(submission.pk, readmitted, note="Ours.", by="ann")
    assert len(to_disqualify()) == left
