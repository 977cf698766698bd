"""Quotas: the next possible instant against a search, what counts, and races."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.submissions.intake.closing import queue_position, queue_positions, submit
from ratings.submissions.intake.quota import DAY, FREE_STARTS, beyond, quota, team_quota
from ratings.submissions.models import Run, Submission
from ratings.submissions.rulings.overrides import admit_late, begin_late
from ratings.submissions.runs import lifecycle
from tests.builders import (
    CLOSES,
    NOW,
    build_decoded_image,
    build_phase,
    build_submission,
    build_team,
)

SECOND = timedelta(seconds=1)
instants = st.lists(
    st.integers(0, 60 * 3600).map(lambda ago: NOW - ago * SECOND), max_size=12, unique=True
)


def used(submitted: list[datetime], at: datetime) -> int:
    """Count by the words of the rule: how many in the 24 hours up to `at`."""
    return sum(at - DAY < instant <= at for instant in submitted)


@given(instants, st.integers(1, 5))
def test_the_next_instant_is_the_first_at_which_the_day_has_room(
    submitted: list[datetime], per_day: int
) -> None:
    allowed = quota(per_day, None, submitted, NOW)
    assert allowed.next_at is not None
    assert allowed.used_per_day == used(submitted, NOW)
    assert allowed.allows(NOW) == (used(submitted, NOW) < per_day)
    assert used(submitted, allowed.next_at) < per_day
    if allowed.next_at > NOW:
        assert used(submitted, allowed.next_at - timedelta(microseconds=1)) >= per_day


@given(instants, st.integers(1, 5), st.integers(1, 12))
def test_what_is_used_up_for_good_has_no_next_instant(
    submitted: list[datetime], per_day: int, in_all: int
) -> None:
    allowed = quota(per_day, in_all, submitted, NOW)
    assert (allowed.next_at is None) == (len(submitted) >= in_all)
    assert allowed.used_in_all == len(submitted)


@given(instants, st.integers(1, 5))
def test_of_what_never_started_so_many_are_free_in_any_24_hours(
    never_ran: list[datetime], free: int
) -> None:
    counted = beyond(free, never_ran)
    spared = [at for at in never_ran if at not in counted]
    assert all(used(spared, at) <= free for at in spared)
    assert all(used(spared, at) == free for at in counted)


def test_without_limits_any_number_is_allowed() -> None:
    assert quota(None, None, [NOW] * 100, NOW).allows(NOW)


pytestmark = pytest.mark.django_db


def build_ready(phase: Phase, team: Team, **fields: Any) -> Submission:
    """Save an open submission that lacks nothing."""
    submission = build_submission(phase, team, **fields)
    for original in phase.originals():
        build_decoded_image(submission, original)
    return submission


def code_of(submission: Submission, at: datetime, by_organizer: bool = False) -> str:
    """Return why it can't be submitted; "" where it can."""
    try:
        submit(submission.pk, at, by_organizer=by_organizer)
    except Refused as refused:
        return refused.code
    return ""


def test_the_refusal_says_when_the_next_is_possible() -> None:
    phase = build_phase(
        submissions_per_day=2, closes_at=NOW + 5 * DAY, utc_offset=timedelta(hours=-8)
    )
    team = build_team(phase.challenge, name="xvc")
    for hours in (3, 2):
        at = NOW - timedelta(hours=hours)
        build_submission(phase, team, submitted_at=at, state=Submission.State.SCORED)
    third = build_ready(phase, team)
    with pytest.raises(Refused) as refused:
        submit(third.pk, NOW)
    assert str(refused.value) == (
        "xvc has submitted 2 times to A phase in the last 24 hours, of 2 allowed. "
        "The next submission is possible from 2018-04-11T01:00:00-08:00 on."
    )
    assert refused.value.retry_at == NOW + timedelta(hours=21)
    assert code_of(third, NOW + timedelta(hours=21) - SECOND) == "quota"
    assert code_of(third, NOW + timedelta(hours=21)) == ""


def test_a_next_instant_after_the_deadline_is_named_as_such() -> None:
    phase = build_phase(submissions_per_day=1, closes_at=NOW + timedelta(hours=20))
    team = build_team(phase.challenge)
    build_submission(phase, team, submitted_at=NOW, state=Submission.State.SCORED)
    with pytest.raises(Refused, match="after the phase has closed"):
        submit(build_ready(phase, team).pk, NOW)


def test_all_of_a_phases_submissions_used() -> None:
    phase = build_phase(submissions_in_all=1)
    team = build_team(phase.challenge)
    build_submission(phase, team, submitted_at=NOW - DAY, state=Submission.State.FAILED)
    with pytest.raises(Refused, match="has used all 1 submissions"):
        submit(build_ready(phase, team).pk, NOW)


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"state": Submission.State.SCORED}, True),
        ({"state": Submission.State.FAILED}, True),
        ({"state": Submission.State.SUPERSEDED}, True),
        ({"state": Submission.State.FAILED, "failed_by_server": True}, False),
        ({"state": Submission.State.FAILED, "never_ran": True}, False),
        ({"state": Submission.State.SCORED, "late_note": "fire"}, False),
        ({"state": Submission.State.OPEN, "submitted_at": None}, False),
    ],
)
def test_what_counts(fields: dict[str, object], counts: bool) -> None:
    phase = build_phase(submissions_per_day=1)
    team = build_team(phase.challenge)
    build_submission(phase, team, **({"submitted_at": NOW - SECOND} | fields))
    assert team_quota(phase, team, NOW).allows(NOW) is not counts


@pytest.mark.parametrize(("per_day", "free"), [(3, 3), (None, FREE_STARTS)])
def test_what_never_started_counts_once_there_is_much_of_it(per_day: int | None, free: int) -> None:
    """A decoder that worked for hours can end as if it had never started."""
    phase = build_phase(submissions_per_day=per_day, submissions_in_all=100)
    team = build_team(phase.challenge)
    failed = {"state": Submission.State.FAILED, "never_ran": True}
    for number in range(free + 2):
        assert team_quota(phase, team, NOW).used_in_all == max(0, number - free)
        build_submission(phase, team, submitted_at=NOW - (50 - number) * SECOND, **failed)
    assert team_quota(phase, team, NOW).used_in_all == 2
    build_submission(phase, team, submitted_at=NOW + DAY, **failed)
    assert team_quota(phase, team, NOW + DAY).used_in_all == 2


def test_other_teams_phases_and_baselines_are_counted_apart() -> None:
    phase = build_phase(submissions_per_day=1)
    other = build_phase(phase.challenge)
    team = build_team(phase.challenge)
    for place, who in ((other, team), (phase, build_team(phase.challenge))):
        build_submission(place, who, submitted_at=NOW, state=Submission.State.SCORED)
    assert team_quota(phase, team, NOW).allows(NOW)
    baseline = build_team(phase.challenge, kind="baseline")
    build_submission(phase, baseline, submitted_at=NOW, state=Submission.State.SCORED)
    assert team_quota(phase, baseline, NOW).allows(NOW)


def test_organizers_are_not_bound() -> None:
    phase = build_phase(submissions_per_day=1)
    team = build_team(phase.challenge)
    build_submission(phase, team, submitted_at=NOW, state=Submission.State.SCORED)
    assert code_of(build_ready(phase, team), NOW, by_organizer=True) == ""


def test_a_new_submission_supersedes_the_waiting_one_of_team_and_phase() -> None:
    phase = build_phase()
    team = build_team(phase.challenge)
    scored = build_submission(phase, team, state=Submission.State.SCORED)
    elsewhere = build_ready(build_phase(phase.challenge), team)
    rival = build_ready(phase, build_team(phase.challenge))
    first, second = build_ready(phase, team), build_ready(phase, team)
    for number, one in enumerate((elsewhere, rival, first, second)):
        submit(one.pk, NOW + number * SECOND)
    states = {one: Submission.objects.get(pk=one.pk).state for one in (scored, rival, elsewhere)}
    assert states == {scored: "scored", rival: "queued", elsewhere: "queued"}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.finished_at) == ("superseded", NOW + 3 * SECOND)
    assert "newer submission" in first.problems[0]
    assert queue_position(first) is None
    assert [queue_position(Submission.objects.get(pk=one.pk)) for one in (elsewhere, second)] == [
        1,
        3,
    ]


@pytest.mark.django_db(transaction=True)
def test_submissions_closed_at_once_keep_the_quota() -> None:
    phase = build_phase(names=["a.png"], submissions_per_day=2)
    team = build_team(phase.challenge)
    ready = [build_ready(phase, team) for _ in range(6)]

    def close(submission: Submission) -> str:
        try:
            return code_of(submission, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(close, ready))
    assert sorted(codes) == ["", "", *["quota"] * 4]
    assert Submission.objects.filter(state=Submission.State.QUEUED).count() == 1


def test_a_late_submission_needs_a_note_and_is_on_record() -> None:
    phase = build_phase(names=["a.png"])
    submission = build_ready(phase, build_team(phase.challenge))
    with pytest.raises(Refused, match="is not over"):
        admit_late(submission.pk, CLOSES - SECOND, note="why", by="ann")
    assert code_of(submission, CLOSES - timedelta(microseconds=1)) == ""
    late = build_ready(phase, submission.team)
    assert code_of(late, CLOSES) == "phase-not-open"
    with pytest.raises(Refused, match="Say why"):
        admit_late(late.pk, CLOSES, note=" ", by="ann")
    admit_late(late.pk, CLOSES, note=" Power cut. ", by="ann")
    assert code_of(late, CLOSES + SECOND) == ""
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.note, entry.at, entry.challenge) == (
        "ann",
        "Power cut.",
        CLOSES,
        phase.challenge,
    )
    assert (entry.about.submission, entry.subject) == (late, f"{phase.name}: {late.method}")
    with pytest.raises(Refused, match="is queued already"):
        admit_late(late.pk, CLOSES, note="again", by="ann")


def test_an_organizer_begins_late_only_after_the_deadline() -> None:
    phase = build_phase()
    team = build_team(phase.challenge)
    with pytest.raises(Refused):
        begin_late(phase, team, "m", NOW, note="why", by="ann")
    assert not Submission.objects.exists()
    assert begin_late(phase, team, "m", CLOSES, note="why", by="ann").late_note == "why"


def test_a_place_in_the_queue_is_among_those_that_want_the_same_environment() -> None:
    phase = build_phase()
    waiting = [build_ready(phase, build_team(phase.challenge)) for _ in range(4)]
    for number, one in enumerate(waiting):
        submit(one.pk, NOW + number * SECOND)
        lifecycle.queue_run(Submission.objects.get(pk=one.pk), NOW)
    Run.objects.filter(submission__in=waiting[1:3]).update(source="torch")
    Run.objects.filter(submission=waiting[2]).update(gpu=True)
    places = queue_positions(list(Submission.objects.filter(state="queued")))
    assert [places[one.pk] for one in waiting] == [1, 1, 1, 2]
