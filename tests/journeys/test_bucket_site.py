"""A site whose files lie in a bucket, as its people go through it: team, rater, organizer."""

import re
import urllib.request
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from ratings.files_place import BucketPlace
from ratings.imaging.pixels import encode_png
from ratings.storage.bucket_store import open_bucket
from tests import object_store
from tests.data_dir import FOLDER
from tests.journeys import studies
from tests.journeys.conftest import SCREENSHOTS, Site, serving
from tests.journeys.contest import pictures, submit
from tests.journeys.profiles import PATIENCE_MS
from tests.journeys.rater import Rater, judge_by_keys
from tests.waiting import eventually

DATA_DIR = FOLDER / "journey-bucket"
# Small beside the demo: each picture, version and crop is stored over the network.
SLUG = "bucket"
ORIGINALS = pictures(0, 2)
TRIALS = 3
DEFINITION = f"""
slug = "{SLUG}"
name = "A bucket"
summary = "All files lie in it."

[[dataset]]
slug = "P"
name = "Photographs"
originals = "P"

[[phase]]
slug = "open"
name = "Open"
datasets = ["P"]
opens = 2018-01-15T00:00:00Z
closes = 2038-01-15T00:00:00Z
originals_open = 2018-01-15T00:00:00Z
boards_open = 2018-01-15T00:00:00Z
decoder = "optional"

[[study]]
phase = "open"
slug = "{SLUG}"
name = "A study"
consent = "You take part of your own free will."
crop_size = [128, 128]
trials_per_rater = {TRIALS + 1}
crops_per_picture = 2
training = {{ trials = 0 }}
checks = {{ golden = 0.0, repeats = 0.0 }}
screening = {{ drop_under_ms = 0, drop_unflipped = false }}
"""


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketPlace]:
    """A bucket of the journey's own."""
    with object_store.serve(tmp_path_factory.mktemp("objects")) as place:
        yield place


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a challenge with its originals beside it."""
    folder = tmp_path_factory.mktemp("bucket")
    (folder / "P").mkdir()
    for name, rgb in ORIGINALS.items():
        (folder / "P" / name).write_bytes(encode_png(rgb))
    (folder / f"{SLUG}.toml").write_text(DEFINITION)
    return folder / f"{SLUG}.toml"


@pytest.fixture(scope="module")
def site(bucket: BucketPlace, sandbox_folder: Path, definition: Path) -> Iterator[Site]:
    """In place of the shared site one that keeps its files there; a study has three methods."""
    variables = {
        "RATINGS_FILES_URL": f"{bucket}?endpoint_url={bucket.endpoint_url}",
        "AWS_ACCESS_KEY_ID": bucket.keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": bucket.keys.secret_access_key,
    }
    log = SCREENSHOTS / "site-bucket.log"
    with serving(DATA_DIR, sandbox_folder, log, definition, **variables) as site:
        for method, quality in studies.METHODS.items():
            pngs = {name: studies.coded(rgb, quality) for name, rgb in ORIGINALS.items()}
            studies.submit(site.url, SLUG, method, pngs)
        eventually(lambda: studies.has_trials(site.url, SLUG, TRIALS + 1), every=0.5)
        yield site


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """What a team sends: a decoder, and of each picture the bitstream and what it decodes to."""
    sent = [tmp_path / "decode"]
    sent[0].write_text("#!/usr/bin/env python3\n")
    for name, rgb in ORIGINALS.items():
        bits, png = (tmp_path / name).with_suffix(".webp"), tmp_path / name
        Image.fromarray(rgb).save(bits, quality=30)
        with Image.open(bits) as decoded:
            decoded.convert("RGB").save(png)
        sent += [bits, png]
    return sent


def kinds(bucket: BucketPlace) -> set[str]:
    """Return the first parts of the keys of all that lies in the bucket."""
    objects = (one for chunk in open_bucket(bucket).list() for one in chunk)
    return {one["path"].partition("/")[0] for one in objects}


def license_results(site: Site, folder: Path) -> None:
    """State a licence in the definition, without which nothing is published."""
    dumped = re.sub("^originals = .*\n", "", site.manage("dump_challenge", SLUG), flags=re.M)
    (folder / f"{SLUG}.toml").write_text(f'license = "CC-BY-4.0"\n{dumped}')
    site.manage("load_challenge", str(folder / f"{SLUG}.toml"))


def publish(page: Page, site: Site) -> None:
    """Close the study and publish it, as an organizer does."""
    page.goto(f"{site.url}/desk/login/?next=/desk/studies/{SLUG}/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    page.keyboard.press("Enter")
    page.get_by_text("Close the study").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    page.get_by_role("link", name="Public release").click()
    page.get_by_label("Everybody may have it").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".tag.live")).to_have_text("published", timeout=PATIENCE_MS)


@pytest.mark.slow
def test_a_team_submits_a_rater_judges_and_a_release_goes_out(
    site: Site, bucket: BucketPlace, files: list[Path], page: Page, tmp_path: Path
) -> None:
    sending = submit(site, (SLUG, "open"), "Newcomers", *files)
    code, told = sending.ends()
    assert (code, told.startswith("Scored: PSNR ")) == (0, True), sending.told
    rater = Rater(page, site, SLUG)
    rater.begin()
    judge_by_keys(rater, TRIALS)
    license_results(site, tmp_path)
    publish(page, site)
    with urllib.request.urlopen(f"{site.url}/api/v1/studies/{SLUG}/releases/1.zip") as answer:
        release = zipfile.ZipFile(BytesIO(answer.read()))
    assert release.testzip() is None
    judgments = next(name for name in release.namelist() if name.endswith("/judgments.csv"))
    assert len(release.read(judgments).splitlines()) == 1 + TRIALS
    # All of it lies in the bucket, and nothing but copies on the machine's disk.
    assert "crops" in kinds(bucket) and len(kinds(bucket)) > 10
    here = (path.relative_to(DATA_DIR / "files") for path in (DATA_DIR / "files").rglob("*.*"))
    assert {path.parts[0] for path in here} <= {"copies", "incoming"}
