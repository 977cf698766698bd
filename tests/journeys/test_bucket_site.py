"""A site whose files lie in a bucket, as its people go through it: team, rater, organizer."""

import re
import urllib.request
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ratings.files_place import BucketPlace
from ratings.storage.bucket_store import open_bucket
from tests import object_store
from tests.data_dir import FOLDER
from tests.journeys.conftest import SCREENSHOTS, Site, serving
from tests.journeys.contest import submit
from tests.journeys.profiles import PATIENCE_MS
from tests.journeys.rater import Rater, judge_by_keys

DATA_DIR = FOLDER / "journey-bucket"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketPlace]:
    """A bucket of the journey's own."""
    with object_store.serve(tmp_path_factory.mktemp("objects")) as place:
        yield place


@pytest.fixture(scope="module")
def site(bucket: BucketPlace, sandbox_folder: Path) -> Iterator[Site]:
    """In place of the shared site one that keeps its files there."""
    variables = {
        "RATINGS_FILES_URL": f"{bucket}?endpoint_url={bucket.endpoint_url}",
        "AWS_ACCESS_KEY_ID": bucket.keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": bucket.keys.secret_access_key,
    }
    log = SCREENSHOTS / "site-bucket.log"
    with serving(DATA_DIR, sandbox_folder, log, **variables) as site:
        yield site


def kinds(bucket: BucketPlace) -> set[str]:
    """Return the first parts of the keys of all that lies in the bucket."""
    objects = (one for chunk in open_bucket(bucket).list() for one in chunk)
    return {one["path"].partition("/")[0] for one in objects}


def license_results(site: Site, folder: Path) -> None:
    """State a licence in the demo's definition, without which nothing is published."""
    dumped = re.sub("^originals = .*\n", "", site.manage("dump_challenge", "demo"), flags=re.M)
    (folder / "demo.toml").write_text(f'license = "CC-BY-4.0"\n{dumped}')
    site.manage("load_challenge", str(folder / "demo.toml"))


def publish(page: Page, site: Site) -> None:
    """Close the demo's study and publish it, as an organizer does."""
    page.goto(f"{site.url}/desk/login/?next=/desk/studies/demo/")
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


def test_a_team_submits_a_rater_judges_and_a_release_goes_out(
    site: Site, bucket: BucketPlace, work: Path, page: Page, tmp_path: Path
) -> None:
    files = sorted((work / "files").iterdir())
    sending = submit(site, ("demo", "open"), "Newcomers", work / "decode", *files)
    code, told = sending.ends()
    assert (code, told.startswith("Scored: PSNR ")) == (0, True), sending.told
    rater = Rater(page, site)
    rater.begin()
    judge_by_keys(rater, 3)
    license_results(site, tmp_path)
    publish(page, site)
    with urllib.request.urlopen(f"{site.url}/api/v1/studies/demo/releases/1.zip") as answer:
        release = zipfile.ZipFile(BytesIO(answer.read()))
    assert release.testzip() is None
    judgments = next(name for name in release.namelist() if name.endswith("/judgments.csv"))
    assert len(release.read(judgments).splitlines()) == 1 + 3
    # All of it lies in the bucket, and nothing but copies on the machine's disk.
    assert "crops" in kinds(bucket) and len(kinds(bucket)) > 10
    here = (path.relative_to(DATA_DIR / "files") for path in (DATA_DIR / "files").rglob("*.*"))
    assert {path.parts[0] for path in here} <= {"copies", "incoming"}
