"""Packages' metrics: their own values, each picture once, and on the board with their version."""

from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from sewar.full_ref import vifp
from ssimulacra2 import compute_ssimulacra2

from ratings.challenge.pictures.originals import load_original
from ratings.imaging.packaged_metrics import METRICS, version_of
from ratings.imaging.pixels import encode_png
from ratings.jobs.metric_tasks import measure_metrics, queue_metrics
from ratings.metrics.metric_board import metric_rows, results_of
from ratings.metrics.metric_scoring import score_track
from ratings.metrics.models import MetricTrack, PackagedValue
from ratings.metrics.packaged_measuring import packaged_lines, to_measure
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.models import DecodedImage
from tests.builders import build_challenge, build_dataset, build_original, build_phase, build_rgb
from tests.metrics.builders import build_track
from tests.web.builders import DAY

SIDE = 64


def test_values_are_those_of_the_packages_on_files(tmp_path: Path) -> None:
    original = build_rgb(width=70, height=66)
    decoded = np.clip(original.astype(int) + 9, 0, 255).astype(np.uint8)
    for name, rgb in (("a", original), ("b", decoded)):
        (tmp_path / f"{name}.png").write_bytes(encode_png(rgb))
    ssimulacra2, vif = (metric.measure(original, decoded) for metric in METRICS)
    assert ssimulacra2 == compute_ssimulacra2(str(tmp_path / "a.png"), str(tmp_path / "b.png"))
    assert vif == vifp(original, decoded)
    assert METRICS[0].measure(original, original) == pytest.approx(100)
    assert METRICS[1].measure(original, original) == pytest.approx(1)


@pytest.fixture
def track() -> MetricTrack:
    """Save a track over two pictures that are large enough for all metrics."""
    now = timezone.now()
    dataset = build_dataset(build_challenge())
    for number in range(2):
        build_original(dataset, name=f"{number}.png", rgb=build_rgb(width=SIDE, height=SIDE))
    phase = build_phase(
        dataset.challenge,
        datasets=[dataset],
        originals_open_at=now - DAY,
        boards_open_at=now - DAY,
    )
    return build_track(phase=phase)


def waiting() -> list[str]:
    return sorted(ProcrastinateJob.objects.values_list("task_name", flat=True))


@pytest.mark.django_db
def test_each_picture_is_measured_once_and_the_board_scored_after_the_last(
    track: MetricTrack,
) -> None:
    images = list(DecodedImage.objects.values_list("pk", flat=True))
    assert to_measure(track) == sorted(images) and len(images) == 6
    queue_metrics(track)
    queue_metrics(track)  # what waits is not queued again
    names = ["ratings.jobs.metric_tasks.measure_metrics"] * 6 + [
        "ratings.jobs.metric_tasks.score_metrics"
    ]
    assert waiting() == names
    for pk in images:
        measure_metrics(decoded_image_id=pk, track_id=track.pk)
    assert to_measure(track) == [] and PackagedValue.objects.count() == 12
    one = PackagedValue.objects.filter(metric="ssimulacra2").first()
    assert one is not None
    image = one.decoded_image
    original, decoded = load_original(image.original), load_decoded(image.sha256)
    assert one.value == pytest.approx(METRICS[0].measure(original, decoded))
    score_track(track, timezone.now())
    track.refresh_from_db()
    rows = {row["metric"]: row for row in metric_rows(results_of(track))}
    assert {f"{m.title}, {m.package} {version_of(m.package)}" for m in METRICS} < set(rows)
    assert all(row["kind"] == "in the box" and row["accuracy"] for row in rows.values())


@pytest.mark.django_db
def test_what_is_not_installed_or_not_measured_yet_is_on_no_board(track: MetricTrack) -> None:
    assert version_of("no-such-package") == ""
    assert [lacking for _, _, lacking in packaged_lines(track)] == [6, 6]
    score_track(track, timezone.now())
    track.refresh_from_db()
    assert [row["metric"] for row in metric_rows(results_of(track))] == ["PSNR"]


@pytest.mark.django_db
def test_a_picture_of_which_a_metric_says_nothing_takes_it_off_the_board(
    track: MetricTrack,
) -> None:
    for pk in DecodedImage.objects.values_list("pk", flat=True):
        measure_metrics(decoded_image_id=pk, track_id=track.pk)
    PackagedValue.objects.filter(pk=PackagedValue.objects.filter(metric="vif")[0].pk).update(
        value=float("nan")
    )
    score_track(track, timezone.now())
    track.refresh_from_db()
    names = [row["metric"].partition(",")[0] for row in metric_rows(results_of(track))]
    assert sorted(names) == ["PSNR", "SSIMULACRA2"]
    assert to_measure(track) == []
