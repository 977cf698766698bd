"""Scored metrics against the judgments one by one, and what the board says of them."""

from collections.abc import Callable

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from scipy import stats

from ratings.comparisons.models import CropVersion, Study
from ratings.jobs.metric_tasks import score_metrics, score_metrics_behind
from ratings.metrics.judged_units import answers_to, asked_units
from ratings.metrics.metric_board import METRIC_COLUMNS, board_document, metric_rows, results_of
from ratings.metrics.metric_entries import put_metric
from ratings.metrics.metric_scoring import LACKING, is_behind, score_track
from ratings.metrics.models import MetricEntry, MetricTrack
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from tests.builders import NOW, build_team
from tests.metrics.builders import (
    Value,
    build_track,
    decisions_csv,
    psnr_of,
    share_agreed,
    values_csv,
)
from tests.ranking.builders import group_raters
from tests.web.builders import build_running_phase, build_scored_study

pytestmark = pytest.mark.django_db


def odd(label: str, picture: str) -> float:
    """Return a value that puts the methods in another order on each picture; some are equal."""
    return float(sum(map(ord, label + picture)) * 7919 % 5)


@pytest.fixture
def track() -> MetricTrack:
    return build_track()


def scored(track: MetricTrack) -> dict[str, dict[str, object]]:
    """Score the track; return its rows by metric."""
    score_track(track, NOW)
    track.refresh_from_db()
    return {row["metric"]: row for row in metric_rows(results_of(track))}


def enter(track: MetricTrack, name: str, data: bytes, *, better: bool = True) -> None:
    put_metric(track, name, [data], NOW, team=None, by="ann", higher_is_better=better)


def test_accuracy_is_the_share_of_judgments_agreed_with(track: MetricTrack) -> None:
    enter(track, "odd", values_csv(track.study, odd))
    enter(track, "turned", values_csv(track.study, lambda *of: -odd(*of)), better=False)
    rows = scored(track)
    expected = share_agreed(track.study, odd)
    assert rows["odd"]["accuracy"] == pytest.approx(expected, abs=1e-4)
    assert rows["turned"]["accuracy"] == rows["odd"]["accuracy"]
    psnr = psnr_of(track.phase)
    agreed = share_agreed(track.study, lambda *of: psnr[of])
    assert rows["PSNR"]["accuracy"] == pytest.approx(agreed, abs=1e-4)
    assert (rows["PSNR"]["kind"], rows["odd"]["kind"]) == ("in the box", "entered")
    assert "MS-SSIM" not in rows  # the pictures are too small for it
    assert all(set(row) == set(METRIC_COLUMNS) for row in rows.values())


def test_its_interval_is_for_groups_of_raters_and_scenes_drawn_anew(track: MetricTrack) -> None:
    def clusters() -> tuple[int, int]:
        answers = answers_to(asked_units(track.study))
        return len({*answers.rater.tolist()}), len({*answers.picture.tolist()})

    raters = track.study.raters.count()
    assert clusters() == (raters, 2)
    group_raters(track.study, 3, 2)
    track.phase.datasets.update(scenes=[{"name": "lake", "pictures": ["*"]}])
    assert clusters() == (raters - 3, 1)
    # On one scene nothing is known of others.
    rows = scored(track)
    assert rows["PSNR"]["accuracy"] is not None and rows["PSNR"]["accuracy_low"] is None
    # Those who judged, and on what, stay as many.
    track.refresh_from_db()
    assert (track.results[""]["raters"], track.results[""]["pictures"]) == (raters, 2)


def test_decisions_of_pairs_count_like_the_values_that_they_come_from(track: MetricTrack) -> None:
    def strict(label: str, picture: str) -> float:
        return float(sum(map(ord, label + picture)) * 7919 % 101)

    decide = decide_by(track.study, strict)
    enter(track, "values", values_csv(track.study, strict))
    enter(track, "decisions", decisions_csv(track.study, decide))
    rows = scored(track)
    assert rows["decisions"]["accuracy"] == rows["values"]["accuracy"]
    apart = results_of(track)["differences"]
    names = [row["metric"] for row in results_of(track)["rows"]]
    pair = next(
        d for d in apart if {names[d["first"]], names[d["second"]]} == {"values", "decisions"}
    )
    assert pair["value"] == 0


def decide_by(study: Study, value: Value) -> Callable[[str, str], int]:
    """Return T for the files of A and B, where values decide."""
    known = {
        f"{version.address}.webp": value(version.entry.label, version.crop.original.name)
        for version in CropVersion.objects.filter(crop__study=study, kind="entry")
        if version.entry
    }
    return lambda a, b: int(known[b] > known[a])


def test_correlations_are_of_means_over_pictures(track: MetricTrack) -> None:
    enter(track, "odd", values_csv(track.study, odd))
    rows = scored(track)
    people = {row.label: row.score for row in human_board(track.study).rows}
    pictures = [original.name for original in track.phase.originals()]
    means = {label: sum(odd(label, p) for p in pictures) / len(pictures) for label in people}
    expected = stats.pearsonr(list(people.values()), [means[one] for one in people]).statistic
    assert rows["odd"]["pearson"] == pytest.approx(expected, abs=6e-4)


def test_the_board_has_the_ceiling_and_what_it_is_made_of(track: MetricTrack) -> None:
    enter(track, "odd", values_csv(track.study, odd))
    scored(track)
    document = board_document(track, None)
    # Of the 30 judgments those count that another one of the same crop and pair stands beside.
    assert document["judgments"] == 30 >= document["ceiling"]["judgments"] > 20
    assert 0.5 <= document["ceiling"]["low"] <= document["ceiling"]["high"] <= 1
    assert document["raters"] == 5
    first, second = (row["metric"] for row in document["results"])
    (difference,) = document["differences"]
    assert (difference["first"], difference["second"]) == (first, second)
    behind = document["results"][1]
    assert behind["behind"] == difference["value"] >= 0
    assert document["results"][0]["behind"] is None


def test_the_newest_file_of_a_metric_counts_for_each_team(track: MetricTrack) -> None:
    team = build_team(track.phase.challenge, name="xvc")
    for value in (lambda *of: -odd(*of), odd):
        data = values_csv(track.study, value)
        put_metric(track, "odd", [data], NOW, team=team, by="the team")
    enter(track, "odd", values_csv(track.study, lambda *of: -odd(*of)))
    score_track(track, NOW)
    track.refresh_from_db()
    rows = [row for row in metric_rows(results_of(track)) if row["kind"] == "entered"]
    accuracy = {row["team"]: row["accuracy"] for row in rows}
    assert accuracy["xvc"] == pytest.approx(share_agreed(track.study, odd), abs=1e-4)
    assert accuracy[""] != accuracy["xvc"]


def test_what_lacks_pairs_is_told_and_has_no_rank(track: MetricTrack) -> None:
    enter(track, "odd", values_csv(track.study, odd))
    entry = MetricEntry.objects.get()
    entry.content.pop(next(iter(entry.content)))
    entry.save()
    row = scored(track)["odd"]
    assert (row["rank"], row["accuracy"], row["problem"]) == (None, None, LACKING)


def test_without_judgments_there_is_an_empty_board() -> None:
    study = build_scored_study(build_running_phase())
    track = MetricTrack.objects.create(phase=study.phase, study=study)
    assert scored(track) == {}
    assert board_document(track, None)["results"] == []


def test_a_board_is_behind_once_its_study_is_ranked_anew(track: MetricTrack) -> None:
    refit(track.study, NOW)
    assert is_behind(track)
    score_metrics_behind(0)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == (
        "ratings.jobs.metric_tasks.score_metrics",
        {"track_id": track.pk},
    )
    score_metrics(track_id=track.pk)
    track.refresh_from_db()
    assert not is_behind(track)
