"""An organizer publishes a study with one click; a visitor fetches it and checks it as told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.journeys import studies as small
from tests.journeys.conftest import ROOT, Site
from tests.journeys.looking import look
from tests.journeys.profiles import PATIENCE_MS, profile
from tests.waiting import eventually

TRIALS = 4 * 3  # crops and pairs
DEFINITION = """
slug = "opened"
name = "An open challenge"
summary = "Four cuts of photographs."
license = "CC-BY-4.0"
doi = "10.5281/zenodo.1234"

[[dataset]]
slug = "train"
name = "Cuts"
license = "CC0-1.0"
originals = "train"

[[phase]]
slug = "open"
name = "Open"
datasets = ["train"]
opens = 2018-01-15T00:00:00Z
closes = {closes}-01-15T00:00:00Z
boards_open = 2018-01-15T00:00:00Z
originals_open = 2018-01-15T00:00:00Z

[[study]]
phase = "open"
slug = "opened"
name = "Which is closer"
crop_size = [128, 128]
crops_per_picture = 1
trials_per_rater = {trials}
training = {{ trials = 0 }}
checks = {{ golden = 0.0, repeats = 0.0 }}
consent = "You take part of your own free will. Ask ann@uni.example.org."
"""


@pytest.fixture
def opened(site: Site, tmp_path: Path) -> Site:
    """Let the site have a challenge of its own, judged by simulated raters."""
    (tmp_path / "train").mkdir()
    for name, rgb in small.pictures().items():
        Image.fromarray(rgb).save(tmp_path / "train" / name)
    file = tmp_path / "opened.toml"
    file.write_text(DEFINITION.format(closes=2038, trials=TRIALS))
    site.manage("load_challenge", str(file))
    small.submit_all(site.url, "opened")
    # The demo's phase is the only open one again, as whoever submits to this site expects.
    file.write_text(DEFINITION.format(closes=2019, trials=TRIALS))
    site.manage("load_challenge", str(file))
    eventually(lambda: small.has_trials(site.url, "opened", TRIALS), every=0.5)
    site.manage("simulate_raters", "opened", "--raters", "8", "--judgments", str(8 * TRIALS))
    return site


def test_a_study_is_published_with_one_click_and_checked_by_a_visitor(
    opened: Site, page: Page, browser: Browser, tmp_path: Path
) -> None:
    page.goto(f"{opened.url}/desk/login/?next=/desk/studies/opened/release/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", opened.password)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The study is open: close it first")).to_be_visible()
    page.goto(f"{opened.url}/desk/studies/opened/")
    page.get_by_text("Close the study").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    page.get_by_role("link", name="Public release").click()
    look(page, "release-desk")
    crops = page.get_by_role("group", name="Crops to add")
    pictures = page.get_by_role("group", name="Whole pictures to add")
    crops.get_by_label("CC0-1.0").check()
    pictures.get_by_label("CC0-1.0").check()
    expect(pictures.get_by_text("There is room for")).to_be_visible()
    look(page, "release-desk-chosen")
    page.get_by_label("Everybody may have it").check()
    page.get_by_role("button", name="Publish").click()
    # The live part shows it when it is there.
    expect(page.locator(".tag.live")).to_have_text("published", timeout=PATIENCE_MS)
    expect(page.get_by_text("it found 0")).to_be_visible()
    expect(page.get_by_text("One is under way")).to_be_hidden()
    expect(page.get_by_role("button", name="Publish")).to_be_visible()
    look(page, "release-desk-published")
    with profile(browser) as context:
        visitor = context.new_page()
        visitor.goto(f"{opened.url}/opened/open/board/")
        visitor.get_by_role("link", name="Check it yourself").click()
        visitor.get_by_text("The files in it").click()
        look(visitor, "release-public")
        whole, ranks = visitor.locator("pre").all_inner_texts()
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    typed = f"set -e\n{whole}\n{ranks.replace('path/to/the/software', str(ROOT))}"
    ran = subprocess.run(
        ["bash", "-c", typed],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "rankings.json: OK" in ran.stdout and '"results": [' in ran.stdout
    listed = (tmp_path / "opened-v1" / "whole_pictures" / "metadata.jsonl").read_text()
    assert listed.count('"original"') > 4 and "whole_pictures/000001.png: OK" in ran.stdout
    readme = (tmp_path / "opened-v1" / "README.md").read_text()
    assert "https://doi.org/10.5281/zenodo.1234" in readme and "ann@uni" not in readme
    page.get_by_role("combobox", name="Version").select_option("1")
    page.get_by_label("Why").fill("It was a trial.")
    page.get_by_label("Withdraw it").check()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("#versions ~ ul .tag").first).to_have_text("withdrawn")
    answer = page.request.get(f"{opened.url}/api/v1/studies/opened/releases/1.zip")
    assert answer.status == 410
