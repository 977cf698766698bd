"""A phase with two environments: an entry that needs PyTorch waits for a worker that has it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.jobs.torch_stand_in import make_torch_stand_in
from tests.journeys.conftest import Site
from tests.journeys.contest import (
    DECODE,
    FAR_OFF,
    LONG_AGO,
    PASSWORD,
    compress,
    phase,
    pictures,
    submit,
    write_decoder,
    write_definition,
)
from tests.journeys.looking import look
from tests.journeys.profiles import PATIENCE_MS, profile

SLUG = "worlds"
ORIGINALS = pictures(0, 2)
ENVIRONMENTS = """[
  { slug = "plain", source = "python" },
  { slug = "deep", source = "torch", description = "PyTorch on CPUs, as everybody has it." },
  { slug = "fast", source = "torch", description = "The same with a GPU.", gpu = true },
]"""
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
WAITS = "It waits for a worker with the environment 'deep'; none of the site's workers has it."


@pytest.fixture
def contest(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Let the site have a phase with environments, of which its worker has one."""

    def load(closes: str) -> None:
        one = phase("open", "pictures", opens=LONG_AGO, closes=closes, environment=ENVIRONMENTS)
        file = write_definition(tmp_path / SLUG, SLUG, {"pictures": ORIGINALS}, one)
        site.manage("load_challenge", str(file))

    load(FAR_OFF)
    yield site
    load("2019-01-15T00:00:00Z")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with profile(browser) as context:
        yield context.new_page()


def register(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/{SLUG}/submit/register/")
    page.get_by_label("Team name").fill(name)
    page.get_by_label("E-mail").fill("team@example.org")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()


def sign_in_to_the_desk(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/desk/login/")
    page.get_by_label("Name").fill("organizer")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in").click()


def test_an_entry_waits_for_its_environment_and_another_does_not(
    contest: Site, page: Page, sandbox_folder: Path, tmp_path: Path
) -> None:
    files = compress(tmp_path / "files", ORIGINALS, 50)
    page.goto(f"{contest.url}/{SLUG}/")
    held = page.locator("section[aria-labelledby=environments]")
    expect(held).to_contain_text("torch 2.")
    expect(held).to_contain_text("This site has no GPU worker.")
    look(page, "environments-challenge", SIZES)

    # A team picks one in its browser.
    register(page, contest, "Deep")
    page.goto(f"{contest.url}/{SLUG}/submit/open/new/")
    page.get_by_label("Environment of the decoder").select_option("deep")
    look(page, "environments-new", SIZES)
    decoder = tmp_path / "decode"
    decoder.write_text(DECODE.format(pauses={}) + "import torch\n")
    page.set_input_files("#images", files)
    page.set_input_files("#program", decoder)
    page.get_by_role("button", name="Send and close").click()
    expect(page.locator(".run .verdict")).to_have_text(WAITS, timeout=PATIENCE_MS)
    look(page, "environments-waits", SIZES)

    # Another team, whose decoder needs no more than what is there, is scored meanwhile.
    plain = write_decoder(tmp_path / "plain.zip", {})
    assert submit(contest, (SLUG, "open"), "Plain", plain, *files).ends()[0] == 0
    expect(page.locator(".run .verdict")).to_have_text(WAITS)

    # Organizers read what to do; once it is done the worker notices by itself.
    own = page.url
    sign_in_to_the_desk(page, contest)
    page.goto(f"{contest.url}/desk/")
    mend = "python -m ratings.sandbox.environments torch"
    expect(page.get_by_text(mend).first).to_be_visible()
    page.goto(f"{contest.url}/desk/challenges/{SLUG}/definition/")
    page.locator("summary", has_text="Open").click()
    expect(page.get_by_label("Environments of decoders")).to_have_value(
        "plain | python\n"
        "deep | torch | PyTorch on CPUs, as everybody has it.\n"
        "fast | torch | The same with a GPU. | gpu"
    )
    look(page, "environments-definition", SIZES)
    made = make_torch_stand_in(sandbox_folder)
    try:
        page.goto(own)
        expect(page.locator(".own-verdict")).to_contain_text("Scored:", timeout=PATIENCE_MS)
        look(page, "environments-scored", SIZES)
        page.goto(f"{contest.url}/desk/workers/")
        expect(page.get_by_text("Environments: python and torch")).to_be_visible()
        look(page, "environments-workers", SIZES)
        page.goto(f"{contest.url}/{SLUG}/open/board/")
        expect(page.locator(".tag", has_text="deep").first).to_be_visible()
        look(page, "environments-board", SIZES)
        page.get_by_role("link", name="Deep").first.click()
        look(page, "environments-entry", SIZES)
    finally:
        shutil.rmtree(made)
