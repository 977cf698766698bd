"""Keys of all keyboards on the rating page: each does what the page shows on it, or tells so."""

# ruff: noqa: RUF001 - signs that look alike are what this is about

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater, person, sent

# As a keyboard that is none of the browser's sends it.
PRESS = """
([key, code, shiftKey]) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }))
"""


def press(page: Page, key: str, code: str, *, shift: bool = False) -> None:
    page.evaluate(PRESS, [key, code, shift])


@pytest.fixture
def rater(page: Page, studies: Site) -> Rater:
    return Rater(page, studies, "flip")


@pytest.mark.parametrize(
    "keys",
    [
        [("&", "Digit1"), ("é", "Digit2"), ("à", "Digit0")],  # French
        [("+", "Digit1"), ("ě", "Digit2"), ("é", "Digit0")],  # Czech
        [("١", "Digit1"), ("٢", "Digit2"), ("٠", "Digit0")],  # Arabic
        [("End", "Numpad1"), ("2", "Numpad2"), ("Insert", "Numpad0")],
    ],
)
def test_1_2_and_0_answer_on_every_keyboard(rater: Rater, keys: list[tuple[str, str]]) -> None:
    bodies = sent(rater.page)
    rater.begin()
    for number, (key, code) in enumerate(keys, start=1):
        rater.sees_trial(number)
        rater.page.keyboard.press("Space")
        press(rater.page, key, code)
    rater.sees_trial(4)
    rater.all_saved()
    assert [body["choice"] for body in bodies] == ["left", "right", "tie"]
    assert {body["input"] for body in bodies} == {"key"}


def test_a_key_that_means_nothing_here_says_so_and_stores_nothing(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page)
    rater.begin()
    page.keyboard.press("Space")
    for key, code in (("ö", "Digit0"), ("ArrowDown", "Numpad2"), ("k", "KeyK"), ("Dead", "Quote")):
        press(page, key, code)
        expect(page.locator("#hint")).to_contain_text("can’t decide is 0 or ↓")
        page.keyboard.press("Space")
        expect(page.locator("#hint")).to_have_text("")
    press(page, "ö", "Digit0")
    page.keyboard.press("Tab")
    rater.sees_trial(1)
    assert not bodies
    page.locator("#stage").focus()
    page.keyboard.press("Space")
    expect(page.locator("#hint")).to_have_text("")


def test_a_key_held_down_answers_once(rater: Rater) -> None:
    page, bodies = rater.page, sent(rater.page)
    rater.begin()
    page.keyboard.press("Space")
    page.keyboard.down("Shift")
    page.keyboard.down("1")
    rater.sees_trial(2)
    page.keyboard.down("1")  # repeated, as by a finger that rests
    page.keyboard.up("1")
    page.keyboard.up("Shift")
    rater.all_saved()
    assert len(bodies) == 1


def test_no_tie_in_practice_nor_where_there_is_none_is_said(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "trained")
    rater.arrive(person())
    rater.sees("instructions")
    page.keyboard.press("Enter")  # the card has the focus
    rater.sees("trial")
    page.keyboard.press("0")
    expect(page.locator("#hint")).to_contain_text("There is no “can’t decide” here")


def test_on_a_phone_the_way_on_is_in_sight_and_no_keys_are_spoken_of(
    browser: Browser, studies: Site
) -> None:
    with profile(
        browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        rater = Rater(context.new_page(), studies, "flip")
        rater.arrive()
        rater.sees("instructions")
        button = rater.page.locator("[data-for=instructions] [data-start]")
        box: Any = button.bounding_box()
        assert box["y"] + box["height"] <= 844
        words = rater.page.locator("[data-for=instructions] .steps").inner_text()
        assert "key" not in words and "space bar" not in words and "tap" in words


def test_forced_colours_tell_what_is_shown_and_what_is_off(browser: Browser, studies: Site) -> None:
    look = "element => getComputedStyle(element)"
    with profile(browser, forced_colors="active") as context:
        rater = Rater(context.new_page(), studies, "flip")
        rater.begin()
        faces = [rater.page.locator(f"[data-face={one}]") for one in "ab"]
        colours = [face.evaluate(f"{look}.backgroundColor") for face in faces]
        assert colours[0] != colours[1]
        answer = rater.page.locator("[data-choice=left]")
        off = answer.evaluate(f"{look}.color")
        rater.page.keyboard.press("Space")
        expect(answer).to_have_attribute("aria-disabled", "false")
        assert answer.evaluate(f"{look}.color") != off
