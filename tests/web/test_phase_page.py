"""One phase at the desk: what is released, what waits, what was submitted."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ratings.challenge.models import Dataset, Phase
from ratings.sandbox.worlds import ELSEWHERE
from ratings.submissions.models import Run, Submission
from ratings.submissions.retention.stored_bytes import most_open_bytes
from ratings.submissions.runs import lease, lifecycle
from ratings.web.desk.definition.release_switches import Release, releases
from tests.builders import (
    NOW,
    build_bitstream,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
)
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import WHY, begun, build_running_phase, queued, with_run
from tests.web.pages import page, queries

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BOARDS, AWARDS, ORIGINALS, SET = range(4)


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer())
    return client


def desk(phase: Phase) -> str:
    return f"/desk/challenges/{phase.challenge.slug}/phases/{phase.slug}/"


def states(phase: Phase) -> list[str]:
    return [release.state for release in releases(phase, NOW)]


def words(release: Release) -> str:
    return release.words.replace("\N{NO-BREAK SPACE}", " ")


def test_nothing_is_released_without_a_date() -> None:
    released = releases(build_phase(), NOW)
    assert [release.state for release in released] == ["hidden"] * 4
    assert {words(release) for release in released} == {"no date to open is set"}
    assert {release.at for release in released} == {None}


def test_an_instant_is_the_first_one_that_is_public() -> None:
    phase = build_phase(boards_open_at=NOW + 3 * DAY, utc_offset=timedelta(hours=-8))
    boards = releases(phase, NOW)[BOARDS]
    assert words(boards) == "public in 3 d"
    assert boards.at is not None and boards.at.iso == "2018-04-13T04:00:00-08:00"
    phase.challenge.draft, phase.boards_open_at = True, NOW
    assert words(releases(phase, NOW)[BOARDS]) == "the challenge is a draft"
    phase.challenge.draft = False
    assert states(phase)[BOARDS] == states(phase)[AWARDS] == "public"
    assert states(phase)[ORIGINALS] == states(phase)[SET] == "hidden"


def test_a_date_opens_nothing_of_a_draft() -> None:
    ahead = NOW + 3 * DAY
    phase = build_phase(boards_open_at=ahead, originals_open_at=ahead, own_scores=True)
    phase.challenge.draft = True
    phase.challenge.save()
    boards, *rest = releases(phase, NOW)
    until = "public in 3 d, if the challenge is no draft by then"
    assert words(boards) == f"each team sees its own scores; {until}"
    assert {words(release) for release in rest} == {until}


def test_own_only_means_scores_and_no_awards() -> None:
    phase = build_phase(own_scores=True)
    assert states(phase)[:2] == ["own only", "hidden"]
    assert words(releases(phase, NOW)[BOARDS]).startswith("each team sees its own scores")
    phase.boards_open_at = NOW - DAY
    assert words(releases(phase, NOW)[BOARDS]) == "for 1 d"


def test_a_data_set_is_out_with_the_first_that_lets_it() -> None:
    phase = build_phase()
    dataset = phase.datasets.get()
    earlier = build_phase(phase.challenge, datasets=[dataset], originals_open_at=NOW - DAY)
    assert states(phase)[ORIGINALS:] == ["hidden", "public"]
    assert states(earlier)[ORIGINALS:] == ["public", "public"]
    Phase.objects.update(originals_open_at=NOW + 2 * DAY)
    Dataset.objects.update(opens_at=NOW + DAY)
    assert words(releases(phase, NOW)[SET]) == "public in 1 d"


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    phase = build_running_phase()
    assert client.get(desk(phase)).status_code == 302
    client.force_login(build_organizer(is_staff=False))
    assert client.get(desk(phase)).status_code == 403


def test_an_empty_phase(organizer: Client) -> None:
    phase = build_running_phase()
    html = page(organizer, desk(phase))
    assert "Nothing: all that was submitted" in html and "None yet" in html
    assert f'href="/desk/challenges/{phase.challenge.slug}/releases/"' in html
    assert organizer.get(desk(phase).replace("/phases/", "/phases/no-")).status_code == 404


def test_the_queue_says_what_waits_in_which_order_and_why(organizer: Client) -> None:
    phase = build_running_phase()
    elsewhere = queued(build_running_phase(), submitted_at=NOW - DAY, method="elsewhere")
    scoring = build_submission(phase, state="queued", submitted_at=NOW, method="scoring")
    waits = queued(phase, submitted_at=NOW + DAY, method="waits")
    runs = queued(phase, submitted_at=NOW + 2 * DAY, method="runs")
    again = with_run(build_scored_submission(phase, method="again"))
    again.runs.update(compares=True)
    begun(runs)
    lease.release(waits.runs.get().pk, None, WHY, timezone.now())
    html = page(organizer, desk(phase))
    queue = html[html.index('id="queue"') : html.index('id="submissions"')]
    order = [queue.index(str(one.pk)) for one in (scoring, waits, runs)]
    assert order == sorted(order) and str(elsewhere.pk) not in html
    assert '<td class="number">2</td>' in queue and "0 of 0 pictures scored" in queue
    assert "decoder running for" in queue and "bubblewrap is not installed" in queue
    assert str(again.pk) in queue and "to compare" in queue
    assert "decoders wait. bubblewrap" in page(organizer, "/desk/")
    assert f'href="{desk(phase)}"' in page(organizer, "/desk/")


def test_submissions_are_listed_with_their_newest_run(organizer: Client) -> None:
    phase = build_running_phase()
    submission = queued(phase, method="first try")
    submission.runs.update(state="succeeded", cpu_seconds=12.34, peak_memory_bytes=3 << 30)
    assert "12.3" in page(organizer, desk(phase)) and "3 GiB" in page(organizer, desk(phase))
    lifecycle.queue_run(submission, timezone.now(), compares=True)
    html = page(organizer, desk(phase))
    assert "compares, waiting" in html and "12.3" not in html
    assert "elsewhere</span>" not in html
    Run.objects.create(
        submission=submission, world=ELSEWHERE.slug, state="failed", queued_at=timezone.now()
    )
    assert "broken elsewhere</span>" in page(organizer, desk(phase))
    Run.objects.filter(world=ELSEWHERE.slug).update(state="stopped")
    assert "untold elsewhere</span>" in page(organizer, desk(phase))
    listed = page(organizer, f"/desk/challenges/{phase.challenge.slug}/submissions/")
    assert f"/desk/submissions/{submission.pk}/" in listed
    team = f"/desk/challenges/{phase.challenge.slug}/teams/{submission.team.pk}/"
    assert f"/desk/submissions/{submission.pk}/" in page(organizer, team)


def test_a_long_queue_costs_no_query_a_row(organizer: Client) -> None:
    phase = build_running_phase()
    build_submission(phase, state=Submission.State.QUEUED, submitted_at=NOW)
    queued(phase)
    few = queries(organizer, desk(phase))
    for _ in range(4):
        build_submission(phase, state=Submission.State.QUEUED, submitted_at=NOW)
        queued(phase)
    assert queries(organizer, desk(phase)) == few


def test_a_long_list_costs_no_query_a_row(
    organizer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    phase = build_running_phase()
    team = build_team(phase.challenge)
    for number in range(12):
        queued(phase, team=team, state=Submission.State.FAILED, method=f"m{number}")
    Run.objects.update(state=Run.State.FAILED)
    with django_assert_max_num_queries(25):
        page(organizer, desk(phase))


def test_what_each_team_holds_and_how_long_it_stays(organizer: Client) -> None:
    running = build_running_phase(names=["a.png"])
    running.challenge.retention = {"failed_days": 1}
    running.challenge.save()
    team = build_team(running.challenge, name="xvc")
    original = running.originals()[0]
    build_bitstream(build_submission(running, team, state="failed"), original, bytes(1234))
    build_bitstream(build_submission(running, team), original, bytes(56_789))
    html = page(organizer, desk(running))
    assert "58,023 bytes" in html
    row = html[html.index(f"teams/{team.pk}/") :].partition("</tr>")[0]
    assert re.findall('<td class="number">([^<]*)</td>', row) == ["58,023", "56,789", "1,234", "0"]
    assert f"may hold {most_open_bytes(running):,} bytes" in html
    assert "1 day after a submission failed" in plain(html)
    assert "30 days after it was superseded" in plain(html)


def plain(html: str) -> str:
    return html.replace("\N{NO-BREAK SPACE}", " ")
