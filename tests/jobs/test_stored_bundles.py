"""Replication bundles that are asked for: made by a worker, fetched by a link, gone in time."""

import hashlib
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Rater, Study
from ratings.jobs.bundle_actions import ask
from ratings.jobs.rater_actions import erase_on_record
from ratings.jobs.tasks import free_files
from ratings.ranking.bundles import checked_bundle, stored_bundles
from ratings.ranking.bundles.stored_bundles import KEPT, drop_expired, fetched, revoke, signature
from ratings.ranking.models import Bundle
from ratings.storage.deletion import GRACE, delete_due
from ratings.storage.scratch import INCOMING, scratch
from ratings.storage.shelves import CONTENT
from tests.builders import build_token
from tests.comparisons.builders import build_filled_study
from tests.jobs.workers import defer, run_worker
from tests.ranking.builders import judge_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]


@pytest.fixture
def study() -> Study:
    study = build_filled_study(methods=3, pictures=2)
    judge_all(study, raters=3, judgments=6)
    return study


def made(study: Study) -> Bundle:
    bundle = ask(study, "Ada", timezone.now())
    run_worker(["bundles"])
    bundle.refresh_from_db()
    return bundle


def test_a_worker_makes_what_the_command_writes(study: Study, tmp_path: Path) -> None:
    bundle = made(study)
    assert (bundle.state, bundle.problem) == ("ready", "")
    assert "finds the same scores" in bundle.check_words
    content = CONTENT.read(bundle.sha256)
    assert bundle.size_bytes == len(content)
    assert hashlib.sha256(content).hexdigest() == bundle.sha256
    folder = tmp_path / "bundle"
    call_command("export_study", study.slug, folder)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        files = {
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        }
        assert set(packed.namelist()) == {f"{study.slug}/{name}" for name in files}
        for name in ("judgments.csv", "ranking.csv", "README"):
            assert packed.read(f"{study.slug}/{name}") == (folder / name).read_bytes()
    assert list(scratch(INCOMING).iterdir()) == []


def test_a_study_has_one_under_way_at_a_time(study: Study) -> None:
    first, again = (ask(study, "Ada", timezone.now()) for _ in range(2))
    assert first == again
    run_worker(["bundles"])
    assert ask(study, "Ada", timezone.now()) != first


def test_the_link_needs_no_login_streams_parts_and_is_over_in_time(study: Study) -> None:
    bundle = made(study)
    organizer = Client(headers={"Authorization": f"Bearer {build_token()}"})
    path = f"/api/v1/studies/{study.slug}/bundles/{bundle.pk}/"
    shown = organizer.get(path).json()
    assert (shown["state"], shown["bytes"]) == ("ready", bundle.size_bytes)
    whole = Client().get(shown["url"])
    assert whole.status_code == 200 and whole["Content-Type"] == "application/zip"
    assert whole["Cache-Control"] == "private, no-store"
    assert f'filename="{study.slug}-' in whole["Content-Disposition"]
    part = Client().get(shown["url"], headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.getvalue()) == (206, whole.getvalue()[4:10])
    forged = f"/api/v1/bundles/{bundle.pk}/{'A' * 43}/"
    assert Client().get(forged).status_code == 404
    bundle.expires_at = timezone.now()
    bundle.save()
    assert Client().get(shown["url"]).status_code == 404


def test_who_revokes_it_closes_the_link_and_the_file_goes(study: Study) -> None:
    bundle = made(study)
    organizer = Client(headers={"Authorization": f"Bearer {build_token()}"})
    path = f"/api/v1/studies/{study.slug}/bundles/{bundle.pk}/"
    url = organizer.get(path).json()["url"]
    assert Client().delete(path).status_code == 401
    assert organizer.delete(path).status_code == 204
    assert organizer.delete(path).status_code == organizer.get(path).status_code == 404
    assert Client().get(url).status_code == 404
    assert not CONTENT.has(bundle.sha256)


def test_it_goes_by_itself_after_its_time(study: Study) -> None:
    bundle = made(study)
    assert bundle.ended_at and bundle.expires_at == bundle.ended_at + KEPT
    assert drop_expired(bundle.expires_at - timedelta(seconds=1)) == 0
    defer(free_files)
    run_worker(["upkeep"])
    delete_due(timezone.now() + 2 * GRACE)
    assert CONTENT.has(bundle.sha256)
    Bundle.objects.update(expires_at=timezone.now())
    defer(free_files)
    run_worker(["upkeep"])
    assert not Bundle.objects.exists() and not CONTENT.has(bundle.sha256)


def test_one_that_was_revoked_while_it_is_made_leaves_nothing(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = checked_bundle.write_checked_bundle

    def revoked(*given: Any) -> str:
        revoke(Bundle.objects.all(), timezone.now())
        return write(*given)

    monkeypatch.setattr(stored_bundles, "write_checked_bundle", revoked)
    ask(study, "Ada", timezone.now())
    run_worker(["bundles"])
    assert not Bundle.objects.exists()


def test_one_whose_worker_was_killed_is_made_again_from_the_start(study: Study) -> None:
    bundle = ask(study, "Ada", timezone.now())
    Bundle.objects.update(state=Bundle.State.PACKING)
    run_worker(["bundles"])
    bundle.refresh_from_db()
    assert bundle.state == Bundle.State.READY


def test_what_can_t_be_made_says_why_and_stands_in_nobodys_way(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(checked_bundle, "MOST_APART", -1)
        failed = made(study)
    assert failed.state == Bundle.State.FAILED and "Don't publish these files" in failed.problem
    assert fetched(failed.pk, signature(failed), timezone.now()) is None
    with monkeypatch.context() as patched:
        patched.setattr(checked_bundle, "write_bundle", lambda *given: 1 / 0)
        broken = made(study)
    assert (broken.state, broken.problem) == ("failed", stored_bundles.FAILED)
    assert made(study).state == Bundle.State.READY


def test_erasing_a_rater_is_on_record_and_takes_the_studys_bundles_back(study: Study) -> None:
    bundle = made(study)
    rater = Rater.objects.order_by("pk")[0]
    with pytest.raises(Refused, match="Say why"):
        erase_on_record(rater, " ", "Ada", timezone.now())
    assert Bundle.objects.exists()
    erase_on_record(rater, "They asked.", "Ada", timezone.now())
    assert not Bundle.objects.exists() and not CONTENT.has(bundle.sha256)
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.by, entry.note) == ("rater", "Ada", "They asked.")
    assert rater.pk.hex[:8] in entry.subject and entry.challenge == study.phase.challenge


def test_bundles_are_asked_for_by_organizers(study: Study) -> None:
    path = f"/api/v1/studies/{study.slug}/bundles/"
    assert Client().post(path).status_code == Client().get(path).status_code == 401
    organizer = Client(headers={"Authorization": f"Bearer {build_token()}"})
    asked = organizer.post(path)
    assert asked.status_code == 202
    assert (asked.json()["state"], asked.json()["url"]) == ("waiting", None)
    assert organizer.post(path).json()["id"] == asked.json()["id"]
    run_worker(["bundles"])
    (listed,) = organizer.get(path).json()["results"]
    assert (listed["id"], listed["state"]) == (asked.json()["id"], "ready")
    assert organizer.post("/api/v1/studies/nothing/bundles/").status_code == 404
