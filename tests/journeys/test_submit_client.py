"""A new team submits with the client from the site's own page, to gunicorn and its workers."""

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site, shoot
from tests.waiting import PATIENCE_SECONDS


def submit(site: Site, work: Path, *images: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "submit.py", "-n", "Newcomers", "-p", "a long password"]
    command += ["-e", "new@example.org", "--url", site.url, "--challenge", "demo"]
    command += ["decode", *map(str, images)]
    return subprocess.run(
        command, cwd=work, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
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
