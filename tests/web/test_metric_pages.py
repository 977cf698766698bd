"""Pages of metrics: the public board, the desk's, and a team's own."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.challenge.models import Phase, Team
from ratings.comparisons.models import Study
from ratings.metrics.metric_board import board_document
from ratings.metrics.metric_entries import put_metric
from ratings.metrics.metric_scoring import score_track
from ratings.metrics.models import MetricEntry, MetricTrack
from tests.builders import PASSWORD, build_organizer, build_team
from tests.metrics.builders import build_track, decisions_csv, values_csv
from tests.web.builders import build_running_phase, build_scored_study
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


@pytest.fixture
def track() -> MetricTrack:
    return build_track(attempts=2)


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(build_organizer(username="ann"))
    return client


@pytest.fixture
def team(track: MetricTrack) -> Team:
    return build_team(track.phase.challenge, name="xvc", password=PASSWORD)


@pytest.fixture
def at_work(client: Client, team: Team) -> Client:
    address = reverse("web:team-sign-in", args=[team.challenge.slug])
    client.post(address, {"name": "xvc", "password": PASSWORD})
    return client


def where(name: str, phase: Phase) -> str:
    return reverse(f"web:{name}", args=[phase.challenge.slug, phase.slug])


def a_file(track: MetricTrack) -> SimpleUploadedFile:
    data = values_csv(track.study, lambda label, name: ord(label[-1]) + len(name) / 100)
    return SimpleUploadedFile("values.csv", data, "text/csv")


def post(client: Client, page: str, phase: Phase, /, **fields: Any) -> Any:  # noqa: ANN401
    return client.post(where(page, phase), fields)


def test_the_board_is_public_once_it_is_released(client: Client, track: MetricTrack) -> None:
    score_track(track, timezone.now())
    board, boards = where("metric-board", track.phase), where("board", track.phase)
    assert client.get(board).status_code == 404
    assert board not in markup(client.get(boards))
    MetricTrack.objects.update(is_released=True)
    shown = markup(client.get(board))
    assert "PSNR" in shown and "in the box" in shown and "Attainable:" in shown
    assert "30 judgments · 5 raters" in shown
    assert board in markup(client.get(boards))
    Phase.objects.update(boards_open_at=None)
    assert client.get(board).status_code == 404


def test_organizers_set_the_track_send_and_delete(desk: Client) -> None:
    study = build_scored_study(build_running_phase())
    phase = study.phase
    assert "Send one yourself" not in markup(desk.get(where("desk-metrics", phase)))
    early = post(desk, "desk-metrics-act", phase, act="score")
    assert early.status_code == 422
    answer = post(
        desk, "desk-metrics-act", phase, act="set", study=study.slug, attempts="3", open="on"
    )
    assert answer.status_code == 302
    track = MetricTrack.objects.get()
    assert (track.study, track.attempts) == (study, 3)
    assert (track.is_open, track.is_released) == (True, False)
    sent = post(
        desk, "desk-metrics-act", phase, act="send", name="Mine", file=a_file(track), better="lower"
    )
    assert sent.status_code in (200, 302)
    entry = MetricEntry.objects.get()
    assert (entry.sent_by, entry.team, entry.higher_is_better) == ("ann", None, False)
    assert "Mine" in markup(desk.get(where("desk-metrics", phase)))
    wrong = SimpleUploadedFile("x.csv", b"dataset,image,method,value\na,b,c,1\n")
    refused = post(desk, "desk-metrics-act", phase, act="send", name="M", file=wrong)
    assert refused.status_code == 422 and "there is no picture" in markup(refused)
    assert post(desk, "desk-metrics-act", phase, act="send", name="M").status_code == 422
    assert (
        post(desk, "desk-metrics-act", phase, act="delete", entry="x", confirm="on").status_code
        == 404
    )
    delete = {"act": "delete", "entry": str(entry.pk)}
    assert post(desk, "desk-metrics-act", phase, **delete).status_code == 422
    post(desk, "desk-metrics-act", phase, **delete, confirm="on")
    assert not MetricEntry.objects.exists()
    assert post(desk, "desk-metrics-act", phase, act="score").status_code == 302


def test_a_team_takes_the_list_and_sends_until_its_attempts_are_used(
    at_work: Client, track: MetricTrack
) -> None:
    page, submit = (
        where("team-metrics", track.phase),
        reverse("web:submit", args=[track.phase.challenge.slug]),
    )
    assert page in markup(at_work.get(submit))
    pairs = at_work.get(where("metric-pairs", track.phase))
    assert pairs["Content-Disposition"].endswith('pairs.csv"')
    crops = at_work.get(where("metric-crops", track.phase))
    with zipfile.ZipFile(io.BytesIO(b"".join(crops))) as packed:
        assert packed.read("pairs.csv") == pairs.content
    data = decisions_csv(track.study, lambda a, b: 1)
    assert pairs.content.decode().split() == [
        line.rpartition(",")[0] for line in data.decode().split()
    ]
    for name in ("one", "other"):
        file = SimpleUploadedFile("decisions.csv", data)
        assert post(at_work, "team-metrics", track.phase, name=name, file=file).status_code == 302
    shown = markup(at_work.get(page))
    assert "You have sent metrics 2 times" in shown and "decisions" in shown
    third = post(at_work, "team-metrics", track.phase, name="one", file=a_file(track))
    assert third.status_code == 422
    assert MetricEntry.objects.count() == 2


def test_a_team_reads_why_nothing_is_taken_and_sees_no_score(
    at_work: Client, track: MetricTrack
) -> None:
    score_track(track, timezone.now())
    Study.objects.update(is_open=True)
    page = where("team-metrics", track.phase)
    shown = markup(at_work.get(page))
    assert "studies are closed" in shown and "Accuracy" not in shown
    assert at_work.get(where("metric-pairs", track.phase)).headers["Location"] == page
    file = a_file(track)
    assert post(at_work, "team-metrics", track.phase, name="one", file=file).status_code == 422
    assert at_work.get(where("metric-board", track.phase)).status_code == 404


def test_strangers_are_asked_to_sign_in(client: Client, track: MetricTrack) -> None:
    for name in ("team-metrics", "metric-pairs"):
        assert "sign-in" in client.get(where(name, track.phase)).headers["Location"]


def test_erasing_a_team_takes_its_name_from_the_board_and_has_it_scored_anew(
    desk: Client, team: Team
) -> None:
    track = MetricTrack.objects.get()
    MetricEntry.objects.create(
        track=track, team=team, name="m", form="values", content={}, sent_sha256="",
        sent_by="member Ada", sent_at=timezone.now(),
    )  # fmt: skip
    score_track(track, timezone.now())
    address = reverse("web:desk-team-act", args=[team.challenge.slug, team.pk, "erase"])
    desk.post(address, {"confirm": "xvc"})
    assert MetricEntry.objects.get().sent_by == ""
    track.refresh_from_db()
    teams = {row["team"] for results in track.results.values() for row in results["rows"]}
    assert teams == {"", f"Erased team {team.pk}"}
    job = ProcrastinateJob.objects.get(task_name__endswith="score_metrics")
    assert job.args == {"track_id": track.pk}


def test_differences_name_the_team_beside_the_metric(track: MetricTrack, team: Team) -> None:
    data = values_csv(track.study, lambda label, name: ord(label[-1]))
    for one in (team, build_team(track.phase.challenge, name="other")):
        put_metric(track, "same", [data], timezone.now(), team=one, by="")
    score_track(track, timezone.now())
    track.refresh_from_db()
    told = [
        (one["first"], one["first_team"], one["second"], one["second_team"])
        for one in board_document(track, None)["differences"]
    ]
    assert len(set(told)) == len(told)
    assert ("same", "xvc", "same", "other") in told
