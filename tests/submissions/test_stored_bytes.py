"""How many bytes teams hold, and the most that may be open."""

import pytest

from ratings.challenge.models import Phase, Team
from ratings.challenge.refusals import Refused
from ratings.submissions.file_limits import LARGEST_DECODER_BYTES
from ratings.submissions.intake import ingest
from ratings.submissions.intake.closing import submit
from ratings.submissions.intake.quota import require_quota
from ratings.submissions.models import Factsheet, Submission
from ratings.submissions.retention.stored_bytes import (
    Held,
    held_by_teams,
    most_closed_bytes,
    most_open_bytes,
    open_bytes,
)
from tests.builders import (
    NOW,
    build_bitstream,
    build_decoded_image,
    build_decoder,
    build_phase,
    build_submission,
    build_team,
)

pytestmark = pytest.mark.django_db
# Of a picture of 8 x 6 pixels: rows of 33 bytes, a hundredth more, and a MiB.
PICTURE = 6 * 33 + 1 + (1 << 20)
SLACK = 100


@pytest.fixture
def phase() -> Phase:
    return build_phase(byte_budget=1000)


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc")


def send(submission: Submission, name: str, content: bytes) -> None:
    ingest.put(submission, "bitstreams", name, [content], received_at=NOW)


@pytest.fixture
def almost_full(phase: Phase, team: Team) -> Submission:
    """Return an open submission beside another one that leaves few bytes to both."""
    other = build_submission(phase, team)
    decoder = build_decoder(other)
    type(decoder).objects.update(size_bytes=most_open_bytes(phase) - SLACK)
    return build_submission(phase, team)


def test_the_most_is_twice_a_whole_submission(phase: Phase) -> None:
    assert most_open_bytes(phase) == 2 * (2 * PICTURE + 1000 + LARGEST_DECODER_BYTES)
    phase.byte_budget = None
    assert most_open_bytes(phase) == 2 * (4 * PICTURE + LARGEST_DECODER_BYTES)


def refusal_to_close(phase: Phase, team: Team, held: int) -> str:
    """Return the code with which another submission is refused, "" where it is taken."""
    phase.submissions.all().delete()
    for state, size_bytes in [("scored", held - 1), ("failed", 1), ("open", 10**9)]:
        decoder = build_decoder(build_submission(phase, team, state=state))
        type(decoder).objects.filter(pk=decoder.pk).update(size_bytes=size_bytes)
    try:
        require_quota(phase, team, NOW)
    except Refused as refused:
        assert f"hold {held} bytes" in str(refused)
        assert f"from {most_closed_bytes(phase)} on" in str(refused)
        return refused.code
    return ""


def test_a_phase_without_a_quota_takes_so_many_bytes_of_a_team(phase: Phase, team: Team) -> None:
    most = most_closed_bytes(phase)
    assert most == 20 * (2 * PICTURE + 1000 + LARGEST_DECODER_BYTES)
    assert refusal_to_close(phase, team, most - 1) == ""
    assert refusal_to_close(phase, team, most) == "closed-bytes"
    require_quota(phase, build_team(phase.challenge), NOW)


def test_the_limit_of_bytes_gives_way_to_a_quota_and_to_baselines(phase: Phase, team: Team) -> None:
    most = most_closed_bytes(phase)
    phase.submissions_in_all = 9
    assert refusal_to_close(phase, team, most) == ""
    phase.submissions_in_all = None
    team.kind = Team.Kind.BASELINE
    assert refusal_to_close(phase, team, most) == ""


def test_what_is_closed_beyond_the_limit_stays_open(phase: Phase, team: Team) -> None:
    full = build_decoder(build_submission(phase, team, state="scored"))
    type(full).objects.update(size_bytes=most_closed_bytes(phase))
    submission = build_submission(phase, team)
    for original in phase.originals():
        build_decoded_image(submission, original)
        build_bitstream(submission, original)
    with pytest.raises(Refused) as refused:
        submit(submission.pk, NOW)
    assert refused.value.code == "closed-bytes"
    submission.refresh_from_db()
    assert submission.state == Submission.State.OPEN
    assert submit(submission.pk, NOW, by_organizer=True)


def test_the_last_byte_is_taken_and_one_more_is_not(phase: Phase, almost_full: Submission) -> None:
    send(almost_full, "a", bytes(SLACK))
    assert open_bytes(phase, almost_full.team) == most_open_bytes(phase)
    with pytest.raises(Refused) as refused:
        send(almost_full, "b", b"1")
    assert refused.value.code == "open-bytes"
    most = most_open_bytes(phase)
    assert str(refused.value) == (
        f"With this the open submissions of xvc to A phase would hold {most + 1} bytes, 1 more "
        f"than the {most} that a team may hold open. Close one of them, or delete one "
        "(DELETE submissions/ID/)."
    )
    assert almost_full.bitstreams.count() == 1


def test_what_is_replaced_makes_room_and_what_is_the_same_takes_none(
    almost_full: Submission,
) -> None:
    send(almost_full, "a", bytes(SLACK))
    send(almost_full, "a", bytes(SLACK))
    send(almost_full, "a", bytes(SLACK - 1))
    send(almost_full, "b", b"1")
    assert almost_full.bitstreams.count() == 2


def test_smaller_files_are_taken_even_where_too_much_is_held(almost_full: Submission) -> None:
    build_bitstream(almost_full, almost_full.phase.originals()[0], bytes(3 * SLACK))
    send(almost_full, "a.bits", bytes(2 * SLACK))


def test_closed_ones_other_teams_and_other_phases_do_not_count(
    phase: Phase, almost_full: Submission
) -> None:
    send(build_submission(phase), "a", bytes(SLACK + 1))
    other = build_phase(phase.challenge, names=["a.png"])
    send(build_submission(other, almost_full.team), "a", bytes(SLACK + 1))
    Submission.objects.exclude(pk=almost_full.pk).update(state="failed")
    send(almost_full, "a", bytes(SLACK + 1))


def test_baselines_have_no_limit(almost_full: Submission) -> None:
    Team.objects.filter(pk=almost_full.team_id).update(kind=Team.Kind.BASELINE)
    send(almost_full, "a", bytes(SLACK + 1))


def test_what_teams_hold_by_what_became_of_it(phase: Phase, team: Team) -> None:
    first, _ = phase.originals()
    for number, state in enumerate(Submission.State.values):
        build_bitstream(build_submission(phase, team, state=state), first, bytes(10**number))
    other = build_team(phase.challenge)
    build_decoder(build_submission(phase, other), bytes(7))
    facts = {"size_bytes": 500_000, "sha256": "ab" * 32, "received_at": NOW}
    Factsheet.objects.create(phase=phase, team=team, **facts)
    assert list(Submission.State.values) == ["open", "queued", "scored", "failed", "superseded"]
    assert held_by_teams(phase) == [
        Held(team=team, open=1, ended=11_000, kept=500_110),
        Held(team=other, open=7, ended=0, kept=0),
    ]
    assert held_by_teams(phase)[0].size_bytes == 511_111
    assert held_by_teams(build_phase()) == []
