"""Public releases: made, scanned and published by a worker, or not published at all."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models import CharField, Value
from django.db.models.functions import Concat
from django.test import Client
from django.utils import timezone

from ratings.anonymity.leak_scan import LeakKind
from ratings.challenge.models import AuditEntry, Challenge, Phase
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Judgment, Recruit, Study
from ratings.comparisons.trials.completion_codes import personal_code
from ratings.jobs.rater_actions import erase
from ratings.jobs.release_actions import publish
from ratings.jobs.team_actions import erase_wholly
from ratings.metrics.models import MetricTrack
from ratings.ranking.models import PublicRelease
from ratings.ranking.release import anonymous_judgments, public_releases
from ratings.ranking.release.public_releases import MOST_FINDINGS, withdraw_release
from ratings.ranking.release.release_conditions import ReleaseContents
from ratings.storage.deletion import GRACE, delete_due
from ratings.storage.scratch import INCOMING, scratch
from ratings.storage.shelves import CONTENT
from tests.builders import NOW, build_member, build_team
from tests.comparisons.builders import build_study
from tests.jobs.workers import run_worker
from tests.ranking.releases import (
    build_releasable,
    one_rater,
    released,
    unpacked,
    visit_all,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]


@pytest.fixture
def study() -> Study:
    study = build_releasable()
    visit_all(study)
    return study


def test_a_worker_makes_and_publishes_it(study: Study) -> None:
    release = publish(study, ReleaseContents(), "Ada", timezone.now())
    assert publish(study, ReleaseContents(), "Bea", timezone.now()) == release
    run_worker(["bundles"])
    release.refresh_from_db()
    assert (release.state, release.number, release.secret) == ("published", 1, "")
    assert "finds the same scores" in release.check_words
    content = CONTENT.read(release.sha256)
    assert hashlib.sha256(content).hexdigest() == release.sha256
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        listed = [f"{study.slug}-v1/{file['path']}" for file in release.files]
        assert packed.namelist() == listed and len(listed) > 10
        for file in release.files:
            held = packed.read(f"{study.slug}-v1/{file['path']}")
            assert (len(held), hashlib.sha256(held).hexdigest()) == (file["bytes"], file["sha256"])
    assert list(scratch(INCOMING).iterdir()) == []
    assert AuditEntry.objects.count() == 1


def test_whatever_must_not_be_in_it_is_found_and_nothing_is_published(study: Study) -> None:
    rater = one_rater(study)
    Recruit.objects.create(
        rater=rater, study=study, platform="prolific", participant="5f3a9b7c2d1e"
    )
    build_member(build_team(study.phase.challenge), name="Zoe Quill")
    rater.visits.update(browser="Mozilla/5.0 (PlayStation)")
    study.invitations.create(label="Ray family")
    planted = {
        "method-0": ["5f3a9b7c2d1e", "zoe quill", "Mozilla/5.0 (PlayStation)", rater.pk.hex],
        "method-1": ["Ray family", "ann@uni.example.org", "10.31.7.1", str(rater.pk)],
        "method-2": ["2018-04-10T12:00:01", personal_code(rater)],
    }
    for label, texts in planted.items():
        study.entries.filter(label=label).update(label=f"net {' '.join(texts)}")
    release = released(study)
    assert (release.state, release.sha256, release.files) == ("refused", "", [])
    in_table = [f for f in release.findings if f["file"] == "judgments/judgments.csv"]
    # A label is shown on boards: a version or a date in it is known to everybody.
    passed = {LeakKind.CELL, LeakKind.COMPUTER, LeakKind.INSTANT}
    told = {kind.value for kind in set(LeakKind) - passed}
    assert {found["kind"] for found in in_table} == told
    assert all(found["line"] > 1 and found["column"] > 1 for found in in_table)
    assert release.counts["found"] > len(release.findings) == MOST_FINDINGS
    assert Client().get(f"/api/v1/studies/{study.slug}/releases/1/").status_code == 404
    study.entries.update(label=Concat(Value("net "), "pk", output_field=CharField()))
    assert released(study).number == 1


def test_small_cells_that_slip_through_are_found(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.raters.filter(pk=one_rater(study).pk).update(language="fi")
    monkeypatch.setattr(anonymous_judgments, "merged_within", lambda found, groups: found)
    release = released(study)
    assert release.state == "refused"
    (found,) = release.findings
    assert found["file"] == "judgments/judgments.csv" and "too few raters" in found["kind"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda study: Study.objects.update(is_open=True), "close it first"),
        (lambda study: Phase.objects.update(boards_open_at=None), "open them first"),
        (lambda study: Phase.objects.update(boards_frozen_from=NOW), "boards are frozen"),
        (lambda study: Phase.objects.update(originals_open_at=None), "originals are not open"),
        (lambda study: build_study(phase=study.phase, slug="more"), "until all are closed"),
        (lambda study: open_track(study), "close the track of metrics"),
        (lambda study: Challenge.objects.update(license=""), "set its key license"),
        (lambda study: Challenge.objects.update(draft=True), "open them first"),
        (lambda study: Judgment.objects.all().delete(), "Nobody has judged"),
    ],
    ids=[
        "open",
        "hidden",
        "frozen",
        "originals",
        "another",
        "metrics",
        "unlicensed",
        "draft",
        "empty",
    ],
)
def test_what_is_not_over_or_not_licensed_is_not_released(
    study: Study, change: Callable[[Study], object], problem: str
) -> None:
    change(study)
    study = Study.objects.select_related("phase__challenge").get(pk=study.pk)
    with pytest.raises(Refused, match=problem):
        publish(study, ReleaseContents(), "Ada", timezone.now())
    assert not PublicRelease.objects.exists()


def test_a_version_is_withdrawn_on_record_and_its_file_goes(study: Study) -> None:
    release = released(study)
    with pytest.raises(Refused, match="Say why"):
        withdraw_release(release, " ", "Ada", NOW)
    digest = release.sha256
    for _ in range(2):
        withdraw_release(release, "A mistake.", "Bea", NOW)
    release.refresh_from_db()
    assert (release.state, release.sha256) == ("withdrawn", "")
    assert not CONTENT.has(digest)
    entries = AuditEntry.objects.order_by("pk").values_list("kind", "by", "note")
    assert list(entries) == [("publish", "Ada", ""), ("unpublish", "Bea", "A mistake.")]
    again = released(study)
    assert (again.number, again.state) == (2, "published")
    delete_due(timezone.now() + 2 * GRACE)
    assert CONTENT.has(again.sha256)


def test_erasing_a_rater_marks_what_was_made_before_and_a_new_version_tells_less(
    study: Study, tmp_path: Path
) -> None:
    first = released(study)
    assert devices(unpacked(first, tmp_path / "one")) == {"larger"}
    for rater in study.raters.order_by("pk")[:5]:
        erase(rater, timezone.now())
    first.refresh_from_db()
    assert first.outdated_at and first.state == "published"
    second = released(study)
    assert (second.number, second.outdated_at) == (2, None)
    assert devices(unpacked(second, tmp_path / "two")) == {"other"}
    assert first.counts["judgments"] == second.counts["judgments"]


def test_erasing_a_team_marks_what_has_its_name(study: Study) -> None:
    release, team = released(study), study.entries.order_by("pk")[0].submission.team
    erase_wholly(build_team(study.phase.challenge, name="elsewhere"), "Ada", NOW)
    release.refresh_from_db()
    before = release.outdated_at
    erase_wholly(team, "Ada", NOW)
    release.refresh_from_db()
    assert (release.state, before, release.outdated_at) == ("published", None, NOW)


def open_track(study: Study) -> None:
    MetricTrack.objects.create(phase=study.phase, study=study, is_open=True)


def devices(folder: Path) -> set[str]:
    with (folder / "judgments/judgments.csv").open(encoding="utf-8", newline="") as text:
        return {row["device"] for row in csv.DictReader(text)}


def test_one_whose_worker_was_killed_is_made_again_from_the_start(study: Study) -> None:
    release = publish(study, ReleaseContents(), "Ada", timezone.now())
    PublicRelease.objects.update(state="scanning")
    run_worker(["bundles"])
    release.refresh_from_db()
    assert release.state == "published" and AuditEntry.objects.count() == 1


def test_what_can_t_be_made_says_why_and_stands_in_nobodys_way(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("ratings.ranking.bundles.checked_bundle.MOST_APART", -1)
        failed = released(study)
    assert failed.state == "failed" and "Don't publish these files" in failed.problem
    with monkeypatch.context() as patched:
        patched.setattr(public_releases, "write_release", lambda *given: 1 / 0)
        broken = released(study)
    assert (broken.state, broken.problem, broken.secret) == ("failed", public_releases.FAILED, "")
    assert released(study).number == 1
