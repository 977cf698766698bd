"""A folder of photographs becomes a data set in a browser, through cuts and reloads."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, Request, Route, expect

from tests.builders import build_rgb
from tests.imaging.png_builder import picture
from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.profiles import profile

DEFINITION = """
slug = "photographs"
name = "Photographs"
summary = "Pictures that come by browser."

[[dataset]]
slug = "P"
name = "Professional"

[[phase]]
slug = "main"
name = "Main"
datasets = ["P"]
opens = 2038-01-01T00:00:00Z
closes = 2038-02-01T00:00:00Z
byte_budget = 100000
"""
PAGE = "/desk/challenges/photographs/datasets/P/"


def photograph(format: str, seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(build_rgb(width=300, height=200, seed=seed)).save(file, format)
    return file.getvalue()


def file(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


FILES = [
    file("Größe 1.JPG", "image/jpeg", photograph("JPEG", 1)),
    file("grosse-1.png", "image/png", photograph("PNG", 2)),
    file("IMG_0003.TIF", "image/tiff", photograph("TIFF", 3)),
    file("glass.png", "image/png", picture(np.full((9, 9, 4), 99, np.uint8), color=6)),
    file("notes.txt", "text/plain", b"no picture"),
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page."""
    with profile(browser) as context:
        yield context.new_page()


def test_a_folder_of_photographs_becomes_a_data_set(site: Site, page: Page, tmp_path: Path) -> None:
    definition = tmp_path / "photographs.toml"
    definition.write_text(DEFINITION)
    site.manage("load_challenge", str(definition))
    address = site.url + PAGE
    page.goto(address)
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Professional")).to_be_visible()
    expect(page.locator("#pictures")).to_contain_text("No picture yet")
    expect(page.locator("#staging")).to_be_visible()
    look(page, "dataset-empty")

    sent: list[str] = []
    page.on("request", lambda one: _note(one, sent))
    cut: list[str] = []

    def cut_once(route: Route) -> None:
        """Let the first try of each file end before its answer comes."""
        if route.request.method == "PUT" and route.request.url not in cut:
            cut.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/staged/*", cut_once)
    films = tmp_path / "film.png"
    with films.open("wb") as sparse:
        sparse.truncate(3_000_000_000)
    page.locator("#files").set_input_files(FILES)
    lines = page.locator("#lines tr")
    said = page.locator("#said")
    expect(said).to_contain_text("3 of 5 files can be taken in: 3 new")
    expect(said).to_contain_text("Refused and left out: 2;")
    assert len(cut) == 4  # notes.txt is no picture by its name: it is not sent at all
    expect(lines.nth(0)).to_contain_text("refused. It is transparent in places")
    expect(lines.nth(1)).to_contain_text("refused. It is no picture of a kind")
    expect(page.locator("#lines")).to_contain_text(
        "renamed to Grosse-1-2.png, because Grosse-1.png is taken by grosse-1.png; "
        "made a PNG of JPEG, whose losses it keeps · new"
    )
    sent.clear()
    page.locator("#files").set_input_files(films)
    expect(lines).to_have_count(6)
    expect(page.locator("#lines")).to_contain_text("The file may have at most 268435456 bytes.")
    assert not any("film" in url for url in sent)
    expect(said).to_contain_text("3 of 6 files can be taken in: 3 new")
    look(page, "dataset-sent")

    page.reload()
    expect(said).to_contain_text("3 of 4 files can be taken in: 3 new")
    sent.clear()
    page.locator("#files").set_input_files(FILES)
    expect(said).to_contain_text("3 of 5 files can be taken in: 3 new")
    assert not [url for url in sent if url.startswith("PUT")]
    page.locator("tr", has_text="notes.txt").get_by_role("button").click()
    expect(lines).to_have_count(4)

    page.get_by_role("button", name="Take 3 pictures in").focus()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Taken in. Pictures in the data set: 3.")
    expect(said).to_contain_text("3 pictures new: Grosse-1-2.png, IMG_0003.png, grosse-1.png")
    expect(page.locator(".thumbs img")).to_have_count(3)
    for image in page.locator(".thumbs img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
    expect(page.locator("#take-in")).to_be_hidden()
    look(page, "dataset-taken")

    page.locator("#files").set_input_files(
        file("IMG_0003.TIF", "image/tiff", photograph("TIFF", 4))
    )
    expect(said).to_contain_text(
        "1 of 2 files can be taken in: 1 in place of a picture of that name"
    )
    # Somebody else takes in what is here, and more: this page shows it before it says so.
    other = page.context.new_page()
    other.goto(address)
    other.locator("#files").set_input_files(file("IMG_0005.png", "image/png", photograph("PNG", 5)))
    other.get_by_role("button", name="Take 2 pictures in").click()
    expect(other.locator("#said")).to_contain_text("Taken in. Pictures in the data set: 4.")
    page.get_by_role("button", name="Take 1 picture in").click()
    expect(page.locator("#failed")).to_contain_text("changed meanwhile")
    expect(page.locator(".thumbs img")).to_have_count(4)
    expect(page.locator("#take-in")).to_be_hidden()
    other.close()
    page.locator("#files").set_input_files(
        file("IMG_0003.TIF", "image/tiff", photograph("TIFF", 6))
    )
    expect(page.locator("#failed")).to_be_empty()
    page.get_by_label("and take all others out: 3").check()
    page.get_by_role("button", name="Take 1 picture in").click()
    expect(said).to_contain_text("Taken in. Pictures in the data set: 1.")
    page.locator(".thumbs").get_by_role("link", name="Delete IMG_0003.png").click()
    page.get_by_role("button", name="Delete the picture").click()
    expect(page.locator("#pictures")).to_contain_text("No picture yet")


def _note(one: Request, sent: list[str]) -> None:
    sent.append(f"{one.method} {one.url}")
