"""The scoring job, run by a real worker: from a queued submission to both boards."""

import re
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from ratings import __version__
from ratings.challenge.models import AuditEntry
from ratings.comparisons.models import CropVersion, Entry, PairCount, Rater, RaterCount, Study
from ratings.comparisons.protocol import Protocol
from ratings.fidelity.models import Distortion
from ratings.fidelity.psnr_board import psnr_board
from ratings.jobs.queues import SHORT_QUEUES
from ratings.jobs.study_tasks import (
    plan_pairs,
    refit_quiet_rankings,
    refit_rankings,
    report_raters,
    screen_raters,
)
from ratings.jobs.submission_actions import run_again
from ratings.jobs.tasks import (
    ATTEMPTS,
    LONG_QUEUES,
    delete_files,
    free_files,
    measure_missing,
    mend_crops,
    queue_preparing,
    queue_scoring,
    retry_stalled_jobs,
    sweep,
)
from ratings.ranking.models import KeptReport, Ranking
from ratings.settings import BASE_DIR
from ratings.storage import content_store
from ratings.storage.models import Leftover
from ratings.storage.shelves import CROPS
from ratings.submissions.models import DecodedImage, Submission
from tests.builders import (
    NOW,
    build_bitstream,
    build_challenge,
    build_dataset,
    build_decoded_image,
    build_decoder,
    build_original,
    build_phase,
    build_rgb,
    build_submission,
)
from tests.comparisons.builders import build_filled_study, build_study, distort
from tests.comparisons.checks import build_checked
from tests.fidelity.builders import build_scored_submission
from tests.jobs.workers import defer, exhaust_retries, run_worker, statuses
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = Submission._meta.db_table
MEASURING = """
SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = 'measuring'
"""


@pytest.fixture(autouse=True)
def close_connections_after_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's thread ends with the test: its connection must not outlive its task."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture(autouse=True)
def no_jobs_of_other_tests() -> None:
    """Begin with an empty queue: its tables are not Django's, so nothing else empties them."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_every_queue_is_worked_on_by_the_workers_that_operators_are_told_to_start() -> None:
    page = (BASE_DIR / "docs" / "operating.md").read_text()
    told = {frozenset(queues.split(",")) for queues in re.findall(r"work -q (\S+)", page)}
    assert told == {frozenset(LONG_QUEUES), frozenset(SHORT_QUEUES)}


def build_queued(**fields: Any) -> Submission:
    """Save a submission whose decoded images wait for the worker."""
    state = Submission.State.QUEUED
    submission = build_submission(state=state, submitted_at=NOW, **fields)
    for original in submission.phase.originals():
        build_decoded_image(submission, original, distort(original, 20))
    return submission


def test_scores_crops_and_enters_the_study() -> None:
    submission = build_queued()
    study = build_study(submission.phase)
    second = build_queued(phase=submission.phase)
    for one in (submission, second):
        queue_scoring(one.pk)
    run_worker()
    submission.refresh_from_db()
    assert submission.state == Submission.State.SCORED
    assert {row.submission_id for row in psnr_board(submission.phase)} == {submission.pk, second.pk}
    assert Entry.objects.filter(study=study, active=True).count() == 2
    crops = study.crops.count()
    assert crops > 0
    assert CropVersion.objects.filter(crop__study=study).count() == 3 * crops
    assert PairCount.objects.filter(pair__study=study).count() == crops


def test_a_submission_is_not_scored_before_its_last_picture_is_cropped() -> None:
    """Else the study would pair it without that picture's crops, and nothing would add them."""
    phase = build_phase()
    submissions = [build_queued(phase=phase), build_queued(phase=phase)]
    study = build_study(phase)
    beyond = study.crops.create(original=phase.originals()[0], x=10_000, y=0, width=9, height=9)
    for submission in submissions:
        queue_scoring(submission.pk)
    run_worker()  # the first picture's jobs fail at the crop that lies beyond it
    assert {one.state for one in Submission.objects.all()} == {Submission.State.QUEUED}
    beyond.delete()
    exhaust_retries()
    assert {one.state for one in Submission.objects.all()} == {Submission.State.SCORED}
    assert PairCount.objects.filter(pair__study=study).count() == study.crops.count() > 1


def test_a_study_loaded_later_takes_in_what_was_scored_before() -> None:
    submissions = [build_queued(method="BPG")]
    phase = submissions[0].phase
    submissions.append(build_queued(phase=phase, method="JPEG"))
    for submission in submissions:
        queue_scoring(submission.pk)
    run_worker()
    study = build_study(phase)
    queue_preparing([study])
    run_worker()
    assert Entry.objects.filter(study=study, active=True).count() == 2
    crops = study.crops.count()
    assert PairCount.objects.filter(pair__study=study).count() == crops > 0
    assert CropVersion.objects.filter(crop__study=study).count() == 3 * crops


def test_what_a_study_s_new_file_asks_for_is_made_of_what_is_there() -> None:
    submissions = [build_queued(method="BPG")]
    phase = submissions[0].phase
    submissions.append(build_queued(phase=phase, method="JPEG"))
    study = build_study(phase, methods=["BPG"])
    for submission in submissions:
        queue_scoring(submission.pk)
    run_worker()
    assert list(study.entries.values_list("label", "active")) == [("BPG", True)]
    study.methods, study.protocol_json = ["JPEG"], Protocol().as_json()
    study.save()
    queue_preparing([study])
    run_worker()
    assert set(study.entries.values_list("label", "active")) == {("BPG", False), ("JPEG", True)}
    for crop in study.crops.all():
        assert crop.versions.filter(kind="degraded").count() == 3
        assert crop.versions.filter(kind="entry").count() == 2


def test_loading_a_file_queues_the_preparing_of_its_studies() -> None:
    call_command("load_challenge", BASE_DIR / "fixtures" / "clic2018.toml", stdout=StringIO())
    assert statuses("prepare_study") == ["todo"]
    run_worker(["scoring"])
    assert statuses("prepare_study") == ["succeeded"]
    assert not Study.objects.get().entries.exists()


def build_large(**fields: Any) -> Submission:
    """Save a queued submission of two pictures, one of them large enough for MS-SSIM."""
    challenge = build_challenge()
    dataset = build_dataset(challenge)
    build_original(dataset, build_rgb(width=170, height=165), name="large.png")
    build_original(dataset, build_rgb(width=170, height=160), name="small.png")
    return build_queued(phase=build_phase(challenge, datasets=[dataset]), **fields)


def test_ms_ssim_is_measured_after_scoring_by_a_job_of_its_own() -> None:
    submission = build_large()
    queue_scoring(submission.pk)
    run_worker(["scoring"])
    (row,) = psnr_board(submission.phase)
    assert row.ms_ssim is None
    run_worker(["measuring"])
    (row,) = psnr_board(submission.phase)
    kept = dict(Distortion.objects.values_list("decoded_image__original__name", "ms_ssim"))
    assert kept["small.png"] is None
    assert kept["large.png"] is not None and 0.5 < kept["large.png"] < 1
    assert row.ms_ssim == kept["large.png"]


def test_what_was_left_unmeasured_is_queued_again_once() -> None:
    submission = build_large()
    queue_scoring(submission.pk)
    run_worker(["scoring"])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        for _ in range(2):
            measure_missing(0)
        cursor.execute(MEASURING)
        assert cursor.fetchone() == (1,)
    run_worker(["measuring"])
    assert psnr_board(submission.phase)[0].ms_ssim is not None
    measure_missing(0)
    with connection.cursor() as cursor:
        cursor.execute(MEASURING)
        assert cursor.fetchone() == (0,)


def test_a_job_that_runs_twice_changes_nothing() -> None:
    submission = build_queued()
    study = build_study(submission.phase)
    queue_scoring(submission.pk)
    run_worker()
    addresses = set(CropVersion.objects.values_list("address", flat=True))
    Submission.objects.filter(pk=submission.pk).update(state=Submission.State.QUEUED)
    queue_scoring(submission.pk)
    run_worker()
    assert set(CropVersion.objects.values_list("address", flat=True)) == addresses
    assert Entry.objects.filter(study=study).count() == 1
    assert len(psnr_board(submission.phase)) == 1


def test_what_the_server_can_not_score_fails_by_name_and_reaches_no_board() -> None:
    submission = build_queued()
    build_study(submission.phase)
    image = DecodedImage.objects.filter(submission=submission).select_related("original")[0]
    content_store.path(image.sha256).unlink()
    queue_scoring(submission.pk)
    exhaust_retries()
    submission.refresh_from_db()
    assert submission.state == Submission.State.FAILED
    assert submission.problems == [f"{image.original.name}: the server could not score it."]
    assert psnr_board(submission.phase) == []
    assert not Entry.objects.filter(active=True).exists()
    assert "todo" not in statuses("score_picture")  # else it would fail what is run again


def test_a_submission_whose_scores_can_not_be_put_together_fails_too() -> None:
    submission = build_queued()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT unscored CHECK (state <> 'scored')")
        try:
            queue_scoring(submission.pk)
            exhaust_retries()
        finally:
            cursor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT unscored")
    submission.refresh_from_db()
    assert (submission.state, submission.failed_by_server) == (Submission.State.FAILED, True)
    assert "todo" not in statuses("score_picture")


@pytest.mark.parametrize("has_decoder", [False, True])
def test_sent_pictures_that_the_server_could_not_score_are_scored_again_as_they_are(
    has_decoder: bool,
) -> None:
    submission = build_queued(phase=build_phase(decoder_rule="optional"))
    if has_decoder:  # it never ran, and does not now
        build_decoder(submission)
        for original in submission.phase.originals():
            build_bitstream(submission, original)
    sent = set(submission.decoded_images.values_list("pk", "sha256"))
    lost = content_store.path(submission.decoded_images.order_by("pk")[0].sha256)
    content = lost.read_bytes()
    lost.unlink()
    queue_scoring(submission.pk)
    exhaust_retries()
    lost.write_bytes(content)
    run_again(submission.pk, NOW, note="The disk is back", by="me")
    submission.refresh_from_db()
    assert (submission.state, submission.problems) == (Submission.State.QUEUED, [])
    run_worker()
    submission.refresh_from_db()
    assert submission.state == Submission.State.SCORED
    assert set(submission.decoded_images.values_list("pk", "sha256")) == sent
    assert not submission.runs.exists()
    assert AuditEntry.objects.get(kind=AuditEntry.Kind.RUN).note == "The disk is back"


def test_jobs_of_a_killed_worker_are_done_by_the_next_one() -> None:
    submission = build_queued()
    queue_scoring(submission.pk)
    kill_worker("scoring")
    run_worker(["scoring"])
    submission.refresh_from_db()
    assert submission.state == Submission.State.QUEUED
    queue_upkeep()
    run_worker()
    submission.refresh_from_db()
    assert submission.state == Submission.State.SCORED


def test_a_killed_fit_does_not_keep_its_lock() -> None:
    defer(refit_rankings, 0)
    kill_worker("ranking")
    defer(refit_rankings, 3)
    run_worker(["ranking"])
    assert statuses("refit_rankings") == ["doing", "todo"]
    queue_upkeep()
    run_worker(["upkeep"])
    run_worker(["ranking"])
    assert set(statuses("refit_rankings")) == {"succeeded"}


def test_a_picture_that_kills_every_worker_fails_at_last() -> None:
    submission = build_queued()
    queue_scoring(submission.pk)
    for _ in range(ATTEMPTS):
        kill_worker("scoring")
        queue_upkeep()
        run_worker(["upkeep"])
    run_worker()
    submission.refresh_from_db()
    assert submission.state == Submission.State.FAILED
    assert "the server could not score it" in submission.problems[0]


def test_files_that_nothing_needs_are_noted_and_deleted_in_time() -> None:
    needed, unneeded = build_original(), content_store.store(b"unneeded")
    defer(free_files, 0)
    run_worker(["upkeep"])
    assert [leftover.name for leftover in Leftover.objects.all()] == [unneeded]
    Leftover.objects.update(due_at=timezone.now())
    defer(delete_files, 0)
    run_worker(["upkeep"])
    assert not content_store.path(unneeded).exists()
    assert content_store.path(needed.sha256).exists()


@pytest.mark.parametrize("folder", ["incoming", "decoding", "crops/part"])
def test_what_killed_processes_left_half_done_is_swept(folder: str) -> None:
    left = Path(default_storage.path(folder)) / "left"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half")
    defer(sweep, int(left.stat().st_mtime) + 100 * 24 * 3600)
    run_worker(["upkeep"])
    assert not left.exists()


def test_crops_whose_files_are_gone_are_made_again_by_a_job() -> None:
    study = build_study()
    submission = build_scored_submission(study.phase)
    queue_preparing([study])
    run_worker()
    paths = [
        CROPS.path(address) for address in CropVersion.objects.values_list("address", flat=True)
    ]
    before = [one.read_bytes() for one in paths]
    assert submission.entries.get().active
    assert len(paths) >= 4
    for path in paths[::2]:
        path.unlink()
    defer(mend_crops, 0)
    run_worker(["upkeep"])
    run_worker(["scoring"])
    assert [one.read_bytes() for one in paths] == before


def queue_upkeep() -> None:
    """Queue the task that finds stalled jobs, unless a worker did, as workers do now and then."""
    with suppress(AlreadyEnqueued):
        defer(retry_stalled_jobs, 0)


def kill_worker(queue: str) -> None:
    """Leave the queue's jobs as a worker does that is killed while it runs them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' "
            "WHERE status = 'todo' AND queue_name = %s",
            [queue],
        )


def test_closed_studies_are_looked_at_now_and_then() -> None:
    study = build_filled_study(is_open=False)
    judge_all(study, judgments=4)
    refit_rankings(0)
    assert not Ranking.objects.exists()
    refit_quiet_rankings(0)
    assert Ranking.objects.filter(variant=Ranking.Variant.USED).get().judgments == 4


def test_refitting_looks_at_every_study_and_at_new_judgments_alone() -> None:
    judged, waiting = build_filled_study(), build_filled_study()
    judge_all(judged, judgments=4)
    refit_rankings(0)
    published = Ranking.objects.filter(variant=Ranking.Variant.USED)
    first = published.get()
    assert (first.study_id, first.judgments) == (judged.pk, 4)
    refit_rankings(3)
    assert published.get().computed_at == first.computed_at
    judge_all(waiting, judgments=2)
    refit_rankings(6)
    assert set(published.values_list("study", "judgments")) == {
        (judged.pk, 4),
        (waiting.pk, 2),
    }


def test_a_study_that_nobody_has_judged_takes_no_query_of_its_own() -> None:
    """It is looked at every three seconds, for weeks before the first judgment."""
    build_filled_study()
    with CaptureQueriesContext(connection) as captured:
        refit_rankings(0)
    assert len(captured) == 1


def test_a_study_that_can_not_be_fitted_is_named_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, sound = build_filled_study(), build_filled_study()
    for study in (broken, sound):
        judge_all(study, raters=2)
    RaterCount.objects.filter(rater__study=broken)[0].delete()
    refit_rankings(0)
    assert set(Ranking.objects.values_list("study", flat=True)) == {sound.pk}
    assert f"ranking of study {broken.slug} could not be fitted" in caplog.text


def test_raters_are_screened_and_variants_fitted_by_the_worker() -> None:
    study = build_filled_study(methods=3, pictures=4)
    careless = build_checked(study, right=2, alike=2)
    build_checked(study)
    defer(screen_raters, 0)
    run_worker(["ranking"])
    careless.refresh_from_db()
    assert careless.state == Rater.State.NOT_USED
    defer(refit_rankings, 0)
    run_worker(["ranking"])
    rankings = Ranking.objects.filter(study=study).values_list("variant", "judgments")
    assert dict(rankings) == {"used": 6, "careful": 6, "entered": 6, "all": 12}


def test_raters_are_reported_on_and_a_study_that_fails_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, sound = build_filled_study(), build_filled_study()
    judge_all(sound, raters=2)
    endless = {"seconds": 1e300, "seen_judgment_id": 0, "seen_changes": 0, "document": {}}
    KeptReport.objects.create(
        study=broken, computed_at=NOW, software_version=__version__, **endless
    )
    report_raters(0)
    assert sound.rater_report.raters.count() == 2
    assert f"raters of study {broken.slug} could not be reported on" in caplog.text


def test_pairs_are_planned_for_every_open_study_that_looks_at_judgments(
    caplog: pytest.LogCaptureFixture,
) -> None:
    active, balanced, shut = (
        build_filled_study(pairing="active"),
        build_filled_study(),
        build_filled_study(pairing="active", is_open=False),
    )
    judge_all(active, raters=2)
    plan_pairs(0)
    ready = [
        sum(max(0, pair.planned - pair.issued) for pair in study.pairs.all())
        for study in (active, balanced, shut)
    ]
    assert ready[0] >= 2 and ready[1:] == [0, 0]
    assert not caplog.records


def test_a_study_whose_rule_is_met_is_closed_when_it_is_refitted() -> None:
    study = build_filled_study(stop_judgments=6)
    judge_all(study, judgments=6)
    refit_rankings(0)
    study.refresh_from_db()
    assert not study.is_open and "budget of 6" in study.stopped_reason
