"""The main line with all files in a bucket: sent, decoded, scored, cropped, judged and exported."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings

from ratings.challenge.models import Original
from ratings.comparisons.models import CropVersion, Study
from ratings.files_place import BucketPlace
from ratings.health.checkups import WELL, WRONG, examine
from ratings.health.readiness import FILES, unready
from ratings.jobs.tasks import queue_scoring
from ratings.storage import content_store
from ratings.storage.root import root
from ratings.storage.shelves import CROPS
from ratings.submissions.models import Bitstream, Submission
from tests.builders import NOW, build_decoded_image, build_submission, build_team
from tests.comparisons.builders import build_study, distort
from tests.jobs.decoders import COPY, SUBMISSIONS, bits_of, open_phase, send, shown, team, zipped
from tests.jobs.workers import run_worker
from tests.ranking.builders import judge_all

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("decoding", "bucket"),
]
# What differs from answer to answer: lengths are compared for themselves.
OF_EACH = {"Content-Length", "X-Request-ID"}


def folder() -> set[str]:
    """Return what the data folder holds: names of kinds of files, or of files at its top."""
    files = (path.relative_to(root()) for path in root().rglob("*") if path.is_file())
    return {path.parts[0] for path in files}


def other_method(study: Study) -> None:
    """Let a second method's pictures wait for the worker."""
    rival = build_team(study.phase.challenge, name="rival")
    state = {"state": Submission.State.QUEUED, "submitted_at": NOW}
    submission = build_submission(study.phase, rival, method="noise", **state)
    for original in study.phase.originals():
        build_decoded_image(submission, original, distort(original, 20))
    queue_scoring(submission.pk)


def see_crops(study: Study) -> None:
    """Ask for all that raters see: alike but for their samples, and of one length in each crop."""
    browser, headers = Client(), set()
    assert study.crops.exists()
    for crop in study.crops.all():
        lengths = set()
        for version in crop.versions.all():
            answer = browser.get(f"/crops/{version.address}.webp")
            assert b"".join(answer) == CROPS.read(version.address)
            headers.add(frozenset((k, v) for k, v in answer.items() if k not in OF_EACH))
            if version.kind != CropVersion.Kind.REFERENCE:
                lengths.add(answer["Content-Length"])
        assert len(lengths) == 1
    (alike,) = headers
    told = {name for name, _ in alike}
    assert not told & {"Last-Modified", "ETag", "Date", "Server", "Content-Disposition"}


def test_the_line_from_bitstreams_to_an_export(tmp_path: Path) -> None:
    phase, xvc = open_phase(own_scores=True, decoder_rule="optional"), team()
    study = build_study(phase)
    address = send(xvc, phase, zipped(COPY))
    other_method(study)
    run_worker()
    after = shown(xvc, address)
    assert (after["state"], after["problems"]) == ("scored", [])
    assert after["scores"]["psnr_db"] == "inf"
    see_crops(study)
    judge_all(study, raters=2)
    call_command("export_study", study.slug, str(tmp_path / "bundle"))
    assert len(json.loads((tmp_path / "bundle" / "ranking.json").read_text())["results"]) == 2
    assert folder() <= {"copies"}


def test_a_bucket_that_is_away_is_told_and_nothing_is_half_done(
    bucket: BucketPlace, settings: Settings
) -> None:
    phase, xvc = open_phase(), team()
    fields = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "copy"}
    begun = xvc.post(SUBMISSIONS, json.dumps(fields), "application/json").json()
    content = bits_of(Original.objects.get(name="a.png"))
    place = (f"{SUBMISSIONS}{begun['id']}/bitstreams/a", content, "application/octet-stream")
    settings.FILES_BUCKET = replace(bucket, endpoint_url="http://127.0.0.1:9")
    answer = xvc.put(*place)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert answer["Content-Type"] == "application/problem+json"
    assert "store of files is not answering" in answer.json()["errors"][0]["detail"]
    assert not Bitstream.objects.exists()
    page = Client().get(f"/crops/{'ab' * 16}.webp")
    assert (page.status_code, page["Retry-After"]) == (503, "2")
    assert unready() == [FILES]
    found = {finding.about: finding for finding in examine()}
    assert found["files"].state == found["bucket"].state == WRONG
    settings.FILES_BUCKET = bucket
    assert xvc.put(*place).status_code == 201
    assert content_store.load(Bitstream.objects.get().sha256) == content
    assert unready() == []
    assert {one.state for one in examine() if one.about in ("files", "bucket")} == {WELL}
