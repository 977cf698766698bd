"""Whole pictures side by side in a browser: what is shown, exactly, and a link to just that."""

import io
import json
import re
import shutil
import urllib.error
import urllib.request
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, expect
from skimage import data

from ratings.imaging.pixels import encode_png
from tests.journeys.conftest import Site, launch
from tests.journeys.looking import PUBLIC_SIZES, look
from tests.journeys.profiles import profile
from tests.journeys.studies import coded, submit
from tests.waiting import PATIENCE_SECONDS, eventually

Pixels = NDArray[np.uint8]
FACTORS = [1, 1.25, 1.5, 2, 3]
DEFINITION = """
slug = "viewed"
name = "Viewed"
summary = "Whole pictures."

[[dataset]]
slug = "V"
name = "Views"
originals = "V"

[[phase]]
slug = "open"
name = "Open"
datasets = ["V"]
opens = 2018-01-15T00:00:00Z
closes = {closes}-01-15T00:00:00Z
originals_open = 2018-01-15T00:00:00Z
boards_open = 2018-01-15T00:00:00Z
"""
STUDY = """
[[study]]
phase = "open"
slug = "viewed"
name = "Viewed"
consent = "You take part of your own free will."
crop_size = [128, 128]
"""
# What is changed: x, y, width and height of a block, and by how much its red samples.
BLOCK, CHANGE = (620, 300, 8, 8), 20
# The samples of the first pane, as one text: millions of numbers take many seconds to hand over.
SAMPLES = """
() => {
  const canvas = document.querySelector("#stage canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let bytes = "";
  for (let at = 0; at < data.length; at += 8192)
    bytes += String.fromCharCode(...data.subarray(at, at + 8192));
  return { width, height, data: btoa(bytes) };
}
"""
# Each pane's corner and size, in CSS px.
PANES = """
() => [...document.querySelectorAll("#stage canvas")].filter((one) => one.checkVisibility())
  .map((canvas) => {
    const { x, y } = canvas.getBoundingClientRect();
    return { x, y, width: canvas.width, height: canvas.height };
  })
"""


def picture() -> Pixels:
    """Return a photograph of several tiles: 900 x 640."""
    rows = [data.astronaut()[:320], data.coffee()[:320, :600]]
    wide = [np.concatenate([row, row], axis=1)[:, :900] for row in rows]
    return np.ascontiguousarray(np.concatenate(wide))


def planted() -> Pixels:
    """Return the same with one block changed."""
    rgb = picture()
    x, y, width, height = BLOCK
    red = rgb[y : y + height, x : x + width, 0]
    red[:] = np.where(red > 255 - CHANGE, red, red + CHANGE)
    return rgb


@dataclass(frozen=True)
class Shown:
    """The address of a picture's page, and the keys of its versions by method."""

    site: Site
    folder: Path
    url: str
    keys: dict[str, str]

    def look(self, **query: object) -> str:
        """Return the address of a view; `left` and `right` name methods, or the original."""
        named = {name: self.keys.get(str(value), value) for name, value in query.items()}
        return f"{self.url}?" + "&".join(f"{name}={value}" for name, value in named.items())

    def load(self, text: str) -> None:
        """Load the challenge's definition."""
        (self.folder / "viewed.toml").write_text(text)
        self.site.manage("load_challenge", str(self.folder / "viewed.toml"))


@pytest.fixture(scope="module")
def shown(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Let the site have a picture of two methods, prepared for the viewer."""
    folder = tmp_path_factory.mktemp("viewed")
    (folder / "V").mkdir()
    (folder / "V" / "view.png").write_bytes(encode_png(picture()))
    (folder / "V" / "wide.png").write_bytes(encode_png(picture()[:100]))
    here = Shown(site, folder, f"{site.url}/viewed/open/pictures/view.png/", {})
    here.load(DEFINITION.format(closes=2038))
    pictures = {"planted": encode_png(planted()), "coded": coded(picture(), 20)}
    for method, png in pictures.items():
        pngs = {"view.png": png, "wide.png": encode_png(picture()[:100])}
        here.keys[method] = submit(site.url, "viewed", method, pngs)
    # The demo's phase is the only open one again, as whoever submits to this site expects.
    here.load(DEFINITION.format(closes=2019))
    eventually(lambda: are_prepared(site.url), every=1)
    return here


def are_prepared(url: str) -> bool:
    """Tell whether all versions of the picture have tiles."""
    path = "/api/v1/challenges/viewed/phases/open/pictures/view.png/"
    try:
        with urllib.request.urlopen(url + path, timeout=PATIENCE_SECONDS) as answer:
            versions = json.load(answer)["versions"]
    except urllib.error.HTTPError:
        return False
    return len(versions) == 3 and all(version["tiles"] for version in versions)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page with touch; any script error fails the test."""
    with profile(browser, has_touch=True) as context:
        yield context.new_page()


def open_view(page: Page, url: str) -> Locator:
    """Open a view and wait until it is painted; return the pictures, which have the focus."""
    page.goto(url)
    stage = page.locator("#stage")
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    stage.focus()
    return stage


def samples(page: Page) -> Pixels:
    """Return what the first pane shows, as soon as all of it is there."""
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    read = page.evaluate(SAMPLES)
    rgba = np.frombuffer(b64decode(read["data"]), np.uint8)
    rgba = rgba.reshape(read["height"], read["width"], 4)
    assert (rgba[..., 3] == 255).all()
    return np.ascontiguousarray(rgba[..., :3])


def corner(page: Page, shape: tuple[int, ...], scale: int = 1) -> tuple[int, int]:
    """Return the picture's pixel in the pane's upper left corner, as the address says."""
    at = re.search(r"[?&]at=([\d.]+),([\d.]+)", page.url)
    assert at, page.url
    x, y = (float(at[side]) - shape[2 - side] / scale / 2 for side in (1, 2))
    return round(x), round(y)


def seen_of(rgb: Pixels, page: Page, shape: tuple[int, ...]) -> Pixels:
    """Return what a pane of this shape must show of a picture at the address's place."""
    x, y = corner(page, shape)
    return rgb[y : y + shape[0], x : x + shape[1]]


def test_a_planted_difference_shows_where_it_is(shown: Shown, page: Page) -> None:
    open_view(page, shown.look(left="planted", right="original", mode="difference", by=4, zoom=1))
    found = samples(page)
    before, after = (seen_of(rgb, page, found.shape) for rgb in (picture(), planted()))
    expected = np.clip(128 + 4 * (after.astype(int) - before), 0, 255)
    assert np.array_equal(found, expected)
    left, top = corner(page, found.shape)
    ys, xs = np.nonzero((found != 128).any(axis=2))
    x, y, width, height = BLOCK
    assert len(xs) > width * height / 2
    assert xs.min() + left >= x and xs.max() + left < x + width
    assert ys.min() + top >= y and ys.max() + top < y + height
    expect(page.locator(".pane-name").first).to_have_text(
        "planted minus Original, \N{MULTIPLICATION SIGN} 4; grey is equal"
    )


def test_a_link_opened_afresh_shows_the_same_view(
    shown: Shown, page: Page, browser: Browser
) -> None:
    stage = open_view(page, shown.look(left="coded", right="original"))
    for key in ("+", "ArrowRight", "ArrowDown", "Shift+ArrowLeft", "m", ".", "."):
        stage.press(key)
    expect(page).to_have_url(re.compile("mode=slider&split=0.6&zoom=2&at="))
    first = samples(page)
    with profile(browser) as context:
        other = context.new_page()
        open_view(other, page.url)
        assert np.array_equal(samples(other), first)
        assert other.url == page.url


def test_everything_is_done_by_keys(shown: Shown, page: Page) -> None:
    stage = open_view(page, shown.look(left="coded", right="original", zoom=1))
    name = page.locator(".pane-name").first
    expect(name).to_have_text("coded")
    whole = {"Original": picture()}
    stage.press("Space")
    expect(name).to_have_text("Original")
    found = samples(page)
    assert np.array_equal(found, seen_of(whole["Original"], page, found.shape))
    stage.press("x")
    expect(name).to_have_text("coded")
    stage.press("Space")
    stage.press("m")
    expect(page.locator("#mode-slider")).to_be_checked()
    stage.press("m")
    expect(page.locator("#mode-sides")).to_be_checked()
    expect(page.locator(".pane-name").nth(1)).to_be_visible()
    stage.press("m")
    stage.press(".")
    expect(page).to_have_url(re.compile("mode=difference&by=8"))
    stage.press("0")
    expect(page.locator("#zoom")).to_contain_text("smoothed by the browser: not exact")
    stage.press("1")
    expect(page.locator("#zoom")).to_contain_text("Exact: one pixel")
    expect(page).to_have_url(re.compile("zoom=1&"))
    for _ in range(4):
        stage.press("+")
    expect(page.locator("#zoom")).to_contain_text("Exact, enlarged: one pixel of the picture is 6")


def test_everything_is_done_by_buttons_and_the_mouse(shown: Shown, page: Page) -> None:
    stage = open_view(page, shown.look(left="coded", right="original", zoom=4))
    before = page.url
    page.get_by_role("button", name="Move left").click()
    expect(page).not_to_have_url(before)
    page.get_by_role("button", name="Move right").click()
    expect(page).to_have_url(before)
    box = stage.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    drag_mouse(page, (x, y), (x + 40, y + 24))
    at = moved_at(before, -10, -6)
    expect(page).to_have_url(re.compile(re.escape(at)))
    page.get_by_role("button", name="Show the other").click()
    expect(page.locator(".pane-name").first).to_have_text("Original")
    page.get_by_text("Slider", exact=True).click()
    expect(page.locator(".divider")).to_be_visible()
    divider = page.locator(".divider").bounding_box()
    assert divider
    start = (divider["x"] + divider["width"] / 2, y)
    drag_mouse(page, start, (box["x"] + box["width"] / 4, y))
    expect(page).to_have_url(re.compile(r"split=0\.2[45]"))
    page.get_by_label("Divider").fill("0.75")
    expect(page).to_have_url(re.compile(r"split=0\.75"))
    page.locator("#left").select_option(label="planted")
    page.get_by_text("Difference", exact=True).click()
    page.get_by_label("Amplified").select_option("16")
    expect(page).to_have_url(re.compile(f"left={shown.keys['planted']}.*mode=difference&by=16"))
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("wide.png/.*mode=difference&by=16&zoom=4"))


def drag_mouse(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def moved_at(url: str, dx: float, dy: float) -> str:
    """Return the place of an address, so many picture pixels off."""
    at = re.search(r"at=([\d.]+),([\d.]+)", url)
    assert at
    x, y = float(at[1]) + dx, float(at[2]) + dy
    return f"at={x:g},{y:g}"


def test_everything_is_done_by_fingers(shown: Shown, page: Page) -> None:
    stage = open_view(page, shown.look(left="coded", right="original", zoom=4))
    box = stage.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.touchscreen.tap(x, y)
    expect(page.locator(".pane-name").first).to_have_text("Original")
    before = page.url
    touch(page, [[(x, y)], [(x + 20, y)], [(x + 40, y + 24)]])
    expect(page).to_have_url(re.compile(re.escape(moved_at(before, -10, -6))))
    apart = [[(x - d, y), (x + d, y)] for d in (40, 60, 90)]
    touch(page, apart)
    expect(page).to_have_url(re.compile("zoom=8&"))
    touch(page, apart[::-1])
    expect(page).to_have_url(re.compile("zoom=4&"))


def touch(page: Page, moves: list[list[tuple[float, float]]]) -> None:
    """Put fingers down, move them, and take them away."""
    session = page.context.new_cdp_session(page)
    for number, fingers in enumerate(moves):
        points = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(fingers)]
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("factor", FACTORS)
def test_what_is_on_screen_equals_the_picture(
    shown: Shown, playwright: Playwright, factor: float
) -> None:
    # Emulated device pixel ratios give false results: the factor must be the browser's own.
    size = f"--window-size={max(500, round(1000 / factor))},{max(560, round(1000 / factor))}"
    browser = launch(playwright, f"--force-device-scale-factor={factor}", size)
    with profile(browser, viewport=None, no_viewport=True) as context:
        page = context.new_page()
        third = np.asarray(Image.fromarray(picture()).reduce(3))
        for zoom, mode, rgb in (
            ("1", "flip", picture()),
            ("1/3", "sides", third),
            ("3", "sides", None),
        ):
            open_view(page, shown.look(left="original", right="original", mode=mode, zoom=zoom))
            assert page.evaluate("devicePixelRatio") == pytest.approx(factor)
            page.locator("#stage").scroll_into_view_if_needed()
            screen = pixels(page.screenshot(scale="device"))
            panes = page.evaluate(PANES)
            assert len(panes) == (2 if mode == "sides" else 1)
            for pane in panes:
                whole = picture().repeat(3, axis=0).repeat(3, axis=1) if rgb is None else rgb
                assert is_on_screen(whole, screen, pane, page, (factor, zoom)), (factor, zoom, pane)
    browser.close()


def is_on_screen(
    whole: Pixels, screen: Pixels, pane: dict[str, Any], page: Page, how: tuple[float, str]
) -> bool:
    """Tell whether a pane's pixels are those of the picture at that zoom, to the pixel."""
    factor, zoom = how
    times = {"1": 1.0, "1/3": 1 / 3, "3": 3.0}[zoom]
    at = re.search(r"[?&]at=([\d.]+),([\d.]+)", page.url)
    assert at
    width, height = pane["width"], pane["height"]
    x, y = (round(float(at[1]) * times - width / 2), round(float(at[2]) * times - height / 2))
    left, top = round(pane["x"] * factor), round(pane["y"] * factor)
    # As much of it as the window shows.
    height = min(height, len(screen) - top - 2)
    wanted = whole[y : y + height, x : x + width]
    assert wanted.shape[0] > 100 and wanted.shape[1] > 100
    return any(
        np.array_equal(screen[t : t + wanted.shape[0], s : s + wanted.shape[1]], wanted)
        for t in (top, top - 1, top + 1)
        for s in (left, left - 1, left + 1)
        if t >= 0 and s >= 0
    )


def pixels(png: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_small_picture_stands_in_the_middle_and_apart(shown: Shown, page: Page) -> None:
    small = shown.look(left="coded", right="original").replace("view.png", "wide.png")
    tops = set()
    for mode in ("flip", "slider", "sides", "difference"):
        open_view(page, f"{small}&mode={mode}&zoom=1")
        stage = page.locator("#stage").bounding_box()
        caption = page.locator(".pane-name").first.bounding_box()
        canvas = page.locator("#stage canvas").first.bounding_box()
        assert stage and caption and canvas
        above = canvas["y"] - caption["y"] - caption["height"]
        below = stage["y"] + stage["height"] - canvas["y"] - canvas["height"]
        assert above > 50 and abs(above - below) < 1, mode
        tops.add(stage["y"])
    # The edge of equal pictures is seen, where their difference is as grey as what is around it.
    expect(page.locator(".pane-picture").first).to_have_css("outline-style", "solid")
    assert len(tops) == 1


def test_it_is_sound_and_well_set_at_every_size(shown: Shown, page: Page) -> None:
    for mode in ("flip", "slider", "sides", "difference"):
        open_view(page, shown.look(left="coded", right="original", mode=mode))
        page.get_by_text("Keys and gestures").click()
        look(page, f"viewer-{mode}", PUBLIC_SIZES)
    page.goto(f"{shown.site.url}/viewed/open/pictures/")
    look(page, "viewer-grid", PUBLIC_SIZES)
    page.goto(f"{shown.site.url}/viewed/open/board/")
    look(page, "viewer-board", PUBLIC_SIZES)


def test_without_a_script_there_are_the_numbers_and_the_files(
    shown: Shown, browser: Browser
) -> None:
    with profile(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(shown.url)
        expect(page.locator("#viewer")).to_be_hidden()
        expect(page.get_by_text("needs JavaScript")).to_be_visible()
        link = page.get_by_role("link", name="PNG of planted, lossless")
        png = page.request.get(f"{shown.site.url}{link.get_attribute('href')}").body()
        assert np.array_equal(pixels(png), planted())


def test_while_a_study_takes_judgments_nothing_is_shown(shown: Shown, page: Page) -> None:
    open_view(page, shown.url)
    tiles: list[str] = []
    page.on("request", lambda sent: tiles.append(sent.url) if "/tiles/" in sent.url else None)
    page.reload()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    assert page.request.get(tiles[0]).status == 200
    shown.load(DEFINITION.format(closes=2019) + STUDY)
    for path in (shown.url, f"{shown.site.url}/viewed/open/pictures/", tiles[0]):
        assert page.request.get(path).status == 404
    page.goto(shown.url)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The pictures of Open are not shown now"
    )
    shutil.rmtree(shown.folder)
