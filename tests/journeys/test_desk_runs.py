"""A decoder that sleeps is followed by its team and by an organizer, who stops it by keyboard."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.profiles import PATIENCE_MS, profile
from tests.waiting import PATIENCE_SECONDS

SLEEPER = "#!/bin/sh\necho fell asleep\nsleep 15\necho turned over\nsleep 1000\n"
PHASE = "/desk/challenges/demo/phases/open/"
NAME, PASSWORD = "Sleepers", "a long password"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page."""
    with profile(browser) as context:
        yield context.new_page()


@pytest.fixture
def client(site: Site, work: Path) -> "Iterator[subprocess.Popen[str]]":
    """The client, while it waits for a decoder that never ends by itself."""
    (work / "decode").write_text(SLEEPER)
    command = [sys.executable, "-I", "submit.py", "-n", NAME, "-p", PASSWORD]
    command += ["-e", "s@example.org", "--url", site.url, "--challenge", "demo", "decode"]
    command += sorted(map(str, (work / "files").glob("*.webp")))
    with subprocess.Popen(command, cwd=work, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def sound(page: Page, name: str) -> None:
    page.screenshot(path=SCREENSHOTS / f"{name}.jpg", full_page=True)
    assert violations(page) == [], name


def test_a_decoder_is_followed_and_stopped(
    site: Site, client: "subprocess.Popen[str]", page: Page
) -> None:
    assert client.stderr is not None
    while not re.search("in the queue|Decoding", line := client.stderr.readline()):
        assert line, "the client has ended"
    page.goto(f"{site.url}/desk/login/")
    page.get_by_label("Name").fill("organizer")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site.url}{PHASE}")
    expect(page.locator("section[aria-labelledby=queue]")).to_contain_text(NAME)
    sound(page, "desk-phase")
    page.locator("section[aria-labelledby=queue]").get_by_role("link", name=NAME).click()
    # Nobody reloads the page: the log comes by itself, and leaves what is typed alone.
    note = page.locator("form[action$='/stop/']").get_by_label("Why?")
    note.focus()
    page.keyboard.type("It sleeps")
    expect(page.locator(".log")).to_contain_text("turned over", timeout=PATIENCE_MS)
    expect(note).to_have_value("It sleeps")
    sound(page, "desk-submission")
    page.keyboard.press("Enter")
    expect(page.locator(".run .verdict")).to_have_text(
        "An organizer stopped the decoder: It sleeps"
    )
    assert client.wait(PATIENCE_SECONDS) == 1
    page.goto(f"{site.url}/demo/submit/sign-in/")
    page.get_by_label("Team name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=NAME).click()
    expect(page.locator("main")).to_contain_text("it takes nothing from your quota")
    sound(page, "own-submission")
