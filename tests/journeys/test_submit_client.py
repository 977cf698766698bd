"""A new team submits with the client from the site's own page, to gunicorn and its workers."""

import io
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.test_main_line import shoot

API = "/api/v1/challenges/demo/phases/open/originals/"


@pytest.fixture
def work(site: Site, tmp_path: Path) -> Path:
    """Take the client and the pictures from the site, compress these, and decode them again."""

    def fetch(path: str) -> bytes:
        with urllib.request.urlopen(site.url + path) as response:
            return bytes(response.read())

    (tmp_path / "submit.py").write_bytes(fetch("/kit/submit.py"))
    (tmp_path / "decode").write_text("#!/usr/bin/env python3\n")
    (tmp_path / "files").mkdir()
    for original in json.loads(fetch(API))["results"]:
        path = tmp_path / "files" / original["name"]
        with Image.open(io.BytesIO(fetch(original["url"]))) as picture:
            picture.save(path.with_suffix(".webp"), quality=0, method=4)
        with Image.open(path.with_suffix(".webp")) as decoded:
            decoded.convert("RGB").save(path)
    return tmp_path


def submit(site: Site, work: Path, *images: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "submit.py", "-n", "Newcomers", "-p", "a long password"]
    command += ["-e", "new@example.org", "--url", site.url, "decode", *map(str, images)]
    return subprocess.run(
        command, cwd=work, capture_output=True, text=True, check=False, timeout=300
    )


def test_a_new_team_submits_and_finds_itself_on_the_board(
    site: Site, work: Path, page: Page
) -> None:
    images = sorted((work / "files").iterdir())
    refused = submit(site, work, *images[2:])
    assert refused.returncode == 1
    assert f"ERROR: Missing bitstream for {images[0].name}" in refused.stderr
    done = submit(site, work, *images)
    assert done.returncode == 0, done.stderr
    assert "Going on with a submission" in done.stderr
    score = re.match(r"Scored: PSNR (\d+\.\d+) dB at 0\.\d+ bits per pixel", done.stdout)
    assert score, done.stdout
    decibels = f"{float(score[1]):.2f}"

    page.goto(f"{site.url}/demo/open/board/")
    row = page.locator("section[aria-labelledby=psnr] tbody tr", has_text="Newcomers")
    expect(row).to_contain_text(decibels)

    page.goto(f"{site.url}/demo/submit/sign-in/")
    shoot(page, "team-sign-in")
    page.get_by_label("Team name").fill("newcomers")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#own-open")).to_be_visible()
    expect(page.locator("main")).to_contain_text(decibels)
    shoot(page, "submit-team")
