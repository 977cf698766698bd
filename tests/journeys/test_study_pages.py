"""A study's pages at the desk: a crop is moved by hand and saved, and all of them are sound."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from ratings.imaging.pixels import encode_png
from tests.builders import build_rgb
from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.obstacles import hold_back
from tests.journeys.profiles import profile
from tests.waiting import eventually

DEFINITION = """
slug = "cropped"
name = "Cropped"
summary = "Pictures to be cropped."
draft = true

[[dataset]]
slug = "P"
name = "Professional"
originals = "P"

[[phase]]
slug = "main"
name = "Main"
datasets = ["P"]
opens = 2038-01-01T00:00:00Z
closes = 2038-02-01T00:00:00Z
byte_budget = 100000

[[study]]
phase = "main"
slug = "cropped"
name = "What people see"
consent = "You take part of your own free will."
crop_size = [64, 64]

[[study.recruiting.platforms]]
slug = "prolific"
completion_code = "C1A2"
completion_url = "https://crowd.example/done?cc={code}"

[[study.recruiter]]
platform = "prolific"
reward = 150
currency = "GBP"
money_limit = 50_000
description = "Say which of two pictures is closer to the original."
"""
NAME = "Crop 1 of P/a.png"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page."""
    with profile(browser) as context:
        yield context.new_page()


def drag(page: Page, by: tuple[int, int]) -> None:
    """Drag the crop by so many pixels of the window."""
    crop = page.get_by_role("button", name=NAME)
    crop.scroll_into_view_if_needed()
    box = crop.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0], y + by[1], steps=4)
    page.mouse.up()


def test_a_study_is_set_up_on_its_pages(site: Site, page: Page, tmp_path: Path) -> None:
    (tmp_path / "P").mkdir()
    (tmp_path / "P" / "a.png").write_bytes(encode_png(build_rgb(width=300, height=200)))
    (tmp_path / "cropped.toml").write_text(DEFINITION)
    site.manage("load_challenge", str(tmp_path / "cropped.toml"))
    desk = f"{site.url}/desk/studies/cropped"
    page.goto(f"{desk}/crops/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    let_script_come = hold_back(page, "crops")
    page.keyboard.press("Enter")

    x, y = (page.get_by_label(f"{side} of crop 1 of P/a.png") for side in ("x", "y"))
    crop = page.get_by_role("button", name=NAME)
    x.fill("100")
    y.fill("60")
    let_script_come()  # what is typed before holds too
    expect(crop).to_have_attribute("transform", "translate(100 60)")
    drag(page, (-20, 20))
    assert int(x.input_value()) < 100 and int(y.input_value()) > 60
    at = int(x.input_value()), int(y.input_value())
    crop.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    assert (int(x.input_value()), int(y.input_value())) == (at[0] - 1, at[1] - 32)
    expect(page.locator("#moved")).to_have_text(f"{NAME} at {at[0] - 1}, {at[1] - 32}.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.locator("nav.actions").get_by_role("link", name="Definition").click(no_wait_after=True)
    eventually(lambda: page.title() and asked == ["beforeunload"])  # moves are not saved yet
    x.fill("999")
    expect(crop).to_have_attribute("transform", f"translate(236 {at[1] - 32})")
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("alert")).to_contain_text("leaves the picture of 300 x 200 pixels")
    x.fill("7")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=re.compile("Versions"))).to_be_visible()
    page.goto(f"{desk}/crops/")
    expect(page.get_by_label("x of crop 1 of P/a.png")).to_have_value("7")
    look(page, "study-crops")

    page.goto(f"{desk}/texts/")
    page.get_by_role("button", name="Add German").click()
    expect(page.get_by_role("status")).to_contain_text("German lacks name, question, consent")
    look(page, "study-texts")
    page.goto(f"{desk}/recruiting/")
    page.get_by_label("The address").fill("/rate/cropped/?PROLIFIC_PID={{%PROLIFIC_PID%}}")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("status")).to_contain_text("Placeholders are not filled")
    look(page, "study-recruiting")
    page.get_by_role("link", name="Recruiters").click()
    page.get_by_role("button", name="Make a draft").click()
    expect(page.get_by_role("alert")).to_contain_text("This site has no token of Prolific.")
    look(page, "study-recruiters")
    for name in ("screening", "plan"):
        page.goto(f"{desk}/{name}/")
        look(page, f"study-{name}")
