"""Who may send metrics, when and how often."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.metrics.metric_entries import (
    attempts_left,
    newest_entries,
    put_metric,
    require_may_send,
)
from ratings.metrics.metric_files import LARGEST_BYTES
from ratings.metrics.metric_tracks import against_release, closed_because, set_track, track_of
from ratings.metrics.models import MetricTrack
from ratings.ranking.models import PublicRelease
from tests.builders import NOW, build_team
from tests.comparisons.builders import build_study
from tests.metrics.builders import build_track, psnr_of, values_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def track() -> MetricTrack:
    return build_track(attempts=2)


@pytest.fixture
def data(track: MetricTrack) -> bytes:
    return values_csv(track.study, lambda label, name: len(name))


def test_a_team_has_so_many_attempts_and_organizers_any_number(
    track: MetricTrack, data: bytes
) -> None:
    team = build_team(track.phase.challenge)
    for name in ("one", "other"):
        put_metric(track, name, [data], NOW, team=team, by="the team")
    assert attempts_left(track, team) == 0
    with pytest.raises(Refused, match="as often as it may") as refused:
        put_metric(track, "one", [data], NOW, team=team, by="the team")
    assert refused.value.code == "metrics-sent"
    for _ in range(3):
        put_metric(track, "ours", [data], NOW, team=None, by="ann")
    assert [entry.name for entry in newest_entries(track)] == ["one", "other", "ours"]


def test_what_is_refused_takes_no_attempt(track: MetricTrack) -> None:
    team = build_team(track.phase.challenge)
    for chunks in ([b"no such file"], [b"x" * (LARGEST_BYTES // 2 + 1)] * 2):
        with pytest.raises(Refused):
            put_metric(track, "one", chunks, NOW, team=team, by="the team")
    assert attempts_left(track, team) == 2


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "nan",
        "a\u200bb",
        "x" * 101,
        "psnr",
        "ms-ssim",
        "\uff30SNR",
        "ms ssim",
        "SSIMULACRA2, ssimulacra2 9",
    ],
)
def test_names_that_can_t_be_shown_are_refused(name: str, track: MetricTrack, data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        put_metric(track, name, [data], NOW, team=None, by="ann")
    assert refused.value.code == "metric"


def test_a_name_of_its_own_is_taken(track: MetricTrack, data: bytes) -> None:
    assert put_metric(track, "PSNR-HVS", [data], NOW, team=None, by="ann").entry.pk


@pytest.mark.parametrize("state", ["published", "withdrawn", "writing"])
def test_judgments_that_everybody_may_have_test_no_metric(track: MetricTrack, state: str) -> None:
    study = track.study
    assert "close the track of metrics to teams" in against_release(study)[0]
    release = PublicRelease.objects.create(
        study=study, number=1, state=state, by="Ada", license="CC0-1.0", asked_at=NOW
    )
    assert "are released to everybody" in closed_because(track, track.phase, timezone.now())
    with pytest.raises(Refused, match="are released to everybody"):
        set_track(track.phase, study.slug, 5, "ann", NOW, is_open=True, is_released=False)
    set_track(track.phase, study.slug, 5, "ann", NOW, is_open=False, is_released=False)
    assert against_release(study) == []
    PublicRelease.objects.filter(pk=release.pk).update(state="refused")
    set_track(track.phase, study.slug, 5, "ann", NOW, is_open=True, is_released=False)


def test_values_the_wrong_way_round_are_noted(track: MetricTrack) -> None:
    psnr = psnr_of(track.phase)
    right = values_csv(track.study, lambda *of: psnr[of])
    assert put_metric(track, "m", [right], NOW, team=None, by="ann").notes == []
    sent = put_metric(track, "m", [right], NOW, team=None, by="ann", higher_is_better=False)
    assert "against PSNR on 100% of pairs" in sent.notes[0]
    assert "better=higher" in sent.notes[0]


def test_teams_send_once_pictures_and_boards_are_released_and_studies_closed(
    track: MetricTrack,
) -> None:
    now = timezone.now()

    def may_send() -> bool:
        found = track_of(Phase.objects.get())
        try:
            require_may_send(found, Phase.objects.get(), now)
        except Refused as refused:
            assert refused.code == "metrics-closed"
            return False
        return True

    assert may_send()
    for model, shut in (
        (MetricTrack, {"is_open": False}),
        (Study, {"is_open": True}),
        (Phase, {"originals_open_at": now + timedelta(days=1)}),
        (Phase, {"boards_open_at": None}),
    ):
        before = model.objects.values(*shut).get()
        model.objects.update(**shut)
        assert not may_send()
        model.objects.update(**before)
    assert may_send()
    MetricTrack.objects.all().delete()
    assert not may_send()


def test_a_track_keeps_its_study_once_metrics_are_entered(track: MetricTrack, data: bytes) -> None:
    other = build_study(track.phase)
    with pytest.raises(Refused, match="has no study 'nothing'; it has"):
        set_track(track.phase, "nothing", 5, "ann", NOW, is_open=True, is_released=False)
    with pytest.raises(Refused, match="attempts must be 1 to"):
        set_track(track.phase, other.slug, 0, "ann", NOW, is_open=True, is_released=False)
    put_metric(track, "m", [data], NOW, team=None, by="ann")
    with pytest.raises(Refused) as refused:
        set_track(track.phase, other.slug, 5, "ann", NOW, is_open=True, is_released=False)
    assert refused.value.code == "in-use"
    changed = set_track(
        track.phase, track.study.slug, 7, "ann", NOW, is_open=False, is_released=True
    )
    assert (changed.pk, changed.attempts, changed.is_released) == (track.pk, 7, True)
