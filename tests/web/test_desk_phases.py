"""One phase at the desk: what is released, what waits, what was submitted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ratings.challenge.models import Dataset, Phase
from ratings.submissions import running
from ratings.submissions.models import Run, Submission
from ratings.web.releases import Release, releases
from tests.builders import NOW, build_organizer, build_phase, build_submission, build_team
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import build_running_phase
from tests.web.test_desk_submissions import WHY, begun, queued, with_run
from tests.web.test_public import page

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
    return [one.state for one in releases(phase, NOW)]


def words(one: Release) -> str:
    return one.words.replace("\N{NO-BREAK SPACE}", " ")


def test_nothing_is_released_without_a_date() -> None:
    found = releases(build_phase(), NOW)
    assert [one.state for one in found] == ["hidden"] * 4
    assert {words(one) for one in found} == {"no date to open is set"}
    assert {one.at for one in found} == {None}


def test_an_instant_is_the_first_one_that_is_public() -> None:
    phase = build_phase(boards_open_at=NOW + 3 * DAY, utc_offset=timedelta(hours=-8))
    boards = releases(phase, NOW)[BOARDS]
    assert words(boards) == "public in 3 d"
    assert boards.at is not None and boards.at.iso == "2018-04-13T04:00:00-08:00"
    phase.boards_open_at = NOW
    assert states(phase)[BOARDS] == states(phase)[AWARDS] == "public"
    assert states(phase)[ORIGINALS] == states(phase)[SET] == "hidden"


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
    assert f"dump_challenge {phase.challenge.slug} &gt;" in html
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
    running.postpone_run(waits.runs.get().pk, None, WHY, timezone.now())
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
    one = queued(phase, method="first try")
    one.runs.update(state="succeeded", cpu_seconds=12.34, peak_memory_bytes=3 << 30)
    assert "12.3" in page(organizer, desk(phase)) and "3 GiB" in page(organizer, desk(phase))
    running.queue_run(one, timezone.now(), compares=True)
    html = page(organizer, desk(phase))
    assert "compares, waiting" in html and "12.3" not in html
    assert f"/desk/submissions/{one.pk}/" in page(organizer, "/desk/")
    team = f"/desk/challenges/{phase.challenge.slug}/teams/{one.team.pk}/"
    assert f"/desk/submissions/{one.pk}/" in page(organizer, team)


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
