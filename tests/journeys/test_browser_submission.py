"""A team that has nothing but a browser: it registers, submits over a cut, and sees its scores."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.contest import (
    DECODE,
    FAR_OFF,
    LONG_AGO,
    PASSWORD,
    compress,
    phase,
    pictures,
    write_definition,
)
from tests.journeys.profiles import PATIENCE_MS, profile

SLUG = "browser"
ORIGINALS = pictures(0, 4)
SENT_BEFORE_THE_CUT = 2
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
SIZES = {"phone": (390, 844), "laptop": (1366, 900), "wide": (2560, 1440)}


@pytest.fixture
def contest(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Let the site have a phase that runs decoders on bitstreams within a budget."""

    def load(closes: str) -> None:
        more = {"max_bpp": "1.0", "originals_open": LONG_AGO, "submissions_per_day": "5"}
        one = phase("open", "pictures", opens=LONG_AGO, closes=closes, **more)
        file = write_definition(tmp_path / SLUG, SLUG, {"pictures": ORIGINALS}, one)
        site.manage("load_challenge", str(file))

    load(FAR_OFF)
    yield site
    load("2019-01-15T00:00:00Z")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser of the team's own, in which pages can be looked at for faults."""
    with profile(browser) as context:
        yield context.new_page()


def look(page: Page, name: str) -> None:
    """Check what is on the page, at every size, light and dark; keep pictures of it."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SCREENSHOTS / f"team-{name}-{size}.jpg", full_page=True)
        assert not page.evaluate(TOO_WIDE), (name, size)
        found = violations(page)
        assert found == [], (name, size, found)
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=SCREENSHOTS / f"team-{name}-dark.jpg", full_page=True)
    found = violations(page)
    assert found == [], (name, found)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1366, "height": 900})


def register(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/{SLUG}/submit/")
    page.get_by_role("link", name="Register a team").first.click()
    page.get_by_label("Team name").fill(name)
    page.get_by_label("E-mail").fill("team@example.org")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill("another password")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("The two passwords differ")
    look(page, "register")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()


def begin_submission(page: Page) -> None:
    """Open the page of a new submission, and wait until it takes files."""
    page.get_by_role("link", name="New submission").click()
    expect(page.locator("[data-sending]")).to_be_visible()


def write_folder(folder: Path) -> Path:
    """Write a decoder as a folder, with what a system leaves in it."""
    (folder / "model").mkdir(parents=True)
    (folder / "decode").write_text(DECODE.format(pauses=json.dumps({"0": 3, "2": 3})))
    (folder / "model" / "weights").write_bytes(bytes(1000))
    (folder / ".DS_Store").write_bytes(b"litter")
    return folder


def rows(page: Page, words: str) -> int:
    return page.locator("#files tbody tr", has_text=words).count()


def test_a_team_registers_submits_over_a_cut_and_sees_its_scores(
    contest: Site, page: Page, tmp_path: Path
) -> None:
    files = compress(tmp_path / "files", ORIGINALS, 50)
    decoder = write_folder(tmp_path / "decoder")
    (stray,) = compress(tmp_path / "stray", {"nothing.png": ORIGINALS["0.png"]}, 10)
    used = sum(path.stat().st_size for path in files)
    budget = sum(rgb.shape[0] * rgb.shape[1] for rgb in ORIGINALS.values()) // 8
    register(page, contest, "Browsers")
    begin_submission(page)

    # What is wrong is told before anything is sent, and the budget is kept to the byte.
    page.set_input_files("#images", [*files, stray])
    page.set_input_files("#folder", decoder)
    expect(page.locator("#used-words")).to_have_text(f"{used:,} of {budget:,} bytes used")
    expect(page.locator("#left-words")).to_have_text(f"{budget - used:,} left")
    expect(page.locator("#files .refused")).to_contain_text(
        "'nothing.webp' must be the name of one original of this phase"
    )
    expect(page.locator("#files")).to_contain_text("Left out of the decoder: .DS_Store.")
    look(page, "chosen")
    page.get_by_role("button", name="Leave out: nothing.webp").press("Enter")
    expect(page.locator("#files .refused")).to_have_count(0)

    # The connection is cut while files are sent.
    sent: list[str] = []

    def cut(route: Route) -> None:
        if len(sent) < SENT_BEFORE_THE_CUT:
            sent.append(route.request.url)
            route.continue_()
        else:
            route.abort("internetdisconnected")

    page.route(re.compile(r"/bitstreams/|/decoder$"), cut)
    page.get_by_role("button", name="Send and close").press("Enter")
    expect(page.locator("#sending-state")).to_contain_text("No connection.")
    expect(page.locator("#files tr", has_text="is there")).to_have_count(SENT_BEFORE_THE_CUT)

    # After a reload the page knows what is there, and only the rest is sent.
    page.reload()
    expect(page.locator("#files tr", has_text="is there")).to_have_count(SENT_BEFORE_THE_CUT)
    assert rows(page, "missing") == len(files) - rows(page, ".webp")
    look(page, "resumed")
    page.unroute(re.compile(r"/bitstreams/|/decoder$"))  # not before: the page tries again
    again: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PUT":
            again.append(request.url)

    page.on("request", note)
    page.set_input_files("#images", files)
    page.set_input_files("#folder", decoder)
    expect(page.locator("#files tr", has_text="missing")).to_have_count(0)
    page.get_by_role("button", name="Send and close").click()

    # The run is followed on the page, which is never loaded again.
    expect(page.locator(".log")).to_contain_text("decoding 0", timeout=PATIENCE_MS)
    expect(page.locator(".own-verdict")).to_have_text("Your decoder runs, attempt 1.")
    page.evaluate("window.isTheSame = true")
    assert len(again) == len(files) + 1 - SENT_BEFORE_THE_CUT
    assert not {url.rpartition("/")[2] for url in again} & {url.rpartition("/")[2] for url in sent}
    expect(page.locator(".own-verdict")).to_have_text(
        re.compile(r"Scored: \d\d\.\d\d dB PSNR, 0\.\d{4} MS-SSIM, at 0\.\d{4} bits per pixel\."),
        timeout=PATIENCE_MS,
    )
    assert page.evaluate("window.isTheSame")
    expect(page.locator(".verdict")).to_have_text(
        f"The decoder ran to its end and made all {len(files)} pictures."
    )
    look(page, "scored")

    # Each picture, in any order, beside its original.
    page.get_by_role("link", name="PSNR, dB").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("PSNR, dB")
    page.wait_for_load_state()
    shown = page.locator("section[aria-labelledby=pictures] tbody tr")
    figures = [float(text) for text in shown.locator("td:nth-child(3)").all_inner_texts()]
    assert len(figures) == len(files) and figures == sorted(figures, reverse=True)
    page.get_by_role("link", name="PSNR, dB").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("PSNR, dB")
    first = page.locator(".flip").first
    first.scroll_into_view_if_needed()
    for version in ("decoded", "original"):
        image = first.locator(f"img.{version}")
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    first.locator("input").press("Space")
    expect(first.locator("img.original")).to_be_visible()
    expect(page.get_by_text("1 of 5 used in the last 24 hours.")).to_be_visible()
    page.get_by_role("link", name="How everybody sees it").click()
    expect(page.get_by_role("heading", name="Browsers")).to_be_visible()


def test_what_is_dropped_finds_its_place(contest: Site, page: Page) -> None:
    register(page, contest, "Droppers")
    begin_submission(page)
    expect(page.locator("#files tr", has_text="missing")).to_have_count(len(ORIGINALS))
    page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          for (const name of ["0.webp", "1.webp", "decode"])
            dataTransfer.items.add(new File(["#!/bin/sh\\n"], name));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }"""
    )
    expect(page.locator("#files tr", has_text="to be sent")).to_have_count(3)
    expect(page.locator("#missing-words")).to_have_text(f"{len(ORIGINALS) - 2} bitstreams missing")
    # All that stands against it is told by the server at once, and the submission stays open.
    page.get_by_role("button", name="Send and close").click()
    expect(page.locator("#sending-problems")).to_contain_text("Missing bitstream for 2.png.")
    expect(page.locator("#sending-problems")).to_contain_text("The same for 1 more: 3.png.")
