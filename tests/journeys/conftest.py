"""The site as `make run` starts it, on an empty data directory, and a real Chromium."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.data_dir import FOLDER
from tests.journeys import studies as small
from tests.journeys.console import Console
from tests.journeys.profiles import profile
from tests.management.sites import free_port
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
DATA_DIR = FOLDER / "journey"
SCREENSHOTS = ROOT / "var" / "screenshots"
SITE_LOG = SCREENSHOTS / "site.log"
ORIGINALS = "/api/v1/challenges/demo/phases/open/originals/"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]


@dataclass(frozen=True)
class Site:
    """A running site: where it answers, and the organizer's password as it was printed."""

    url: str
    password: str
    environment: dict[str, str]
    console: Console

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the site and return what it prints."""
        return self.console.manage(*arguments)


@pytest.fixture(scope="package")
def sandbox_folder() -> Iterator[Path]:
    """A place for what decoders need that every user can enter, wherever the project lies."""
    with tempfile.TemporaryDirectory(prefix="ratings-environment-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def serving(
    data_dir: Path, sandbox_folder: Path, log: Path, challenge: Path | None = None, **variables: str
) -> Iterator[Site]:
    """Serve from an empty directory: the demo is made, ingested over REST, scored and cropped.

    Where a challenge's definition is given, that is loaded before, and no demo is made.
    """
    shutil.rmtree(data_dir, ignore_errors=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "RATINGS_DATA_DIR": str(data_dir),
        "RATINGS_SANDBOX_DIR": str(sandbox_folder),
        "RATINGS_DECODING_WORKERS": "1",  # wherever the journeys run, decoders wait for each other
        **variables,
    }
    environment.pop("DATABASE_URL", None)
    if challenge:
        for arguments in (["migrate", "-v0"], ["load_challenge", str(challenge)]):
            command = [sys.executable, "manage.py", *arguments]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
    port = free_port()  # as late as may be: somebody else may take it
    environment["PORT"] = str(port)
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        printed = _read_until(process, "Ctrl-C stops everything.")
        password = re.search(r"password (\S+)", printed)
        assert password, printed
        reader = threading.Thread(target=_keep_log, args=[process, log])
        reader.start()
        console = Console(environment)
        yield Site(f"http://127.0.0.1:{port}", password[1], environment, console)
        console.close()
        process.terminate()
        reader.join()


@pytest.fixture(scope="package")
def site(sandbox_folder: Path) -> Iterator[Site]:
    """The site that the journeys share."""
    with serving(DATA_DIR, sandbox_folder, SITE_LOG) as site:
        yield site


@pytest.fixture(scope="package")
def studies(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Let the site have the small studies too, scored and cropped."""
    folder = tmp_path_factory.mktemp("journeys") / "challenge"
    site.manage("load_challenge", str(small.write_definition(folder, closes=2038)))
    small.submit_all(site.url)
    # The demo's phase is the only open one again, as whoever submits to this site expects.
    site.manage("load_challenge", str(small.write_definition(folder, closes=2019)))
    eventually(lambda: small.are_ready(site.url), every=0.5)
    return site


@pytest.fixture
def work(site: Site, tmp_path: Path) -> Path:
    """Take the client and the pictures from the site, compress these, and decode them again."""

    def fetch(path: str) -> bytes:
        with urllib.request.urlopen(site.url + path) as response:
            return bytes(response.read())

    (tmp_path / "submit.py").write_bytes(fetch("/kit/submit.py"))
    (tmp_path / "decode").write_text("#!/usr/bin/env python3\n")
    (tmp_path / "files").mkdir()
    for original in json.loads(fetch(ORIGINALS))["results"]:
        path = tmp_path / "files" / original["name"]
        with Image.open(io.BytesIO(fetch(original["url"]))) as picture:
            picture.save(path.with_suffix(".webp"), quality=0, method=4)
        with Image.open(path.with_suffix(".webp")) as decoded:
            decoded.convert("RGB").save(path)
    return tmp_path


def _keep_log(process: subprocess.Popen[str], log: Path) -> None:
    """Keep reading: a server whose pipe is full would stop."""
    assert process.stdout is not None
    with log.open("w", buffering=1) as file:
        file.writelines(process.stdout)


def _read_until(process: subprocess.Popen[str], line_start: str) -> str:
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith(line_start):
            return printed
    raise AssertionError(f"The site stopped before it served:\n{printed}")


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers: one for all tests, since a second one can't be begun beside it."""
    with sync_playwright() as driver:
        yield driver


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start a headless Chromium of the machine's own; without windows it takes less time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)))
    return playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS, *flags])


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The browser that most tests share."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser of its own, which has a touch screen."""
    with profile(browser, has_touch=True) as context:
        yield context.new_page()


def shoot(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page; as JPEG it takes half of the time that PNG takes."""
    page.screenshot(path=SCREENSHOTS / f"{name}.jpg", full_page=True)
