"""Whole sessions with fingers alone and with keys alone; a phone that stands, and that lies."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, ViewportSize, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS, Site, launch
from tests.journeys.fingers import spread, swipe
from tests.journeys.looking import OVERFLOWING
from tests.journeys.profiles import profile
from tests.journeys.rater import SAME_AS_ORIGINAL, Rater, person, sent

STANDING, LYING = (360, 640), (640, 360)
PHONE: dict[str, Any] = {"device_scale_factor": 3, "has_touch": True, "is_mobile": True}
# What can be pressed now, or be read, and where.
PLACES = """
() => [...document.querySelectorAll(
    "#question, #notice:not(:empty), .pane, #controls button, #strip button, #status")]
  .filter((one) => one.checkVisibility())
  .map((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return { name: one.id || one.textContent.trim() || one.className, left, top, right, bottom };
  })
"""


def size(width: int, height: int) -> ViewportSize:
    return {"width": width, "height": height}


@pytest.fixture
def phone(browser: Browser, studies: Site) -> Iterator[Page]:
    with profile(browser, viewport=size(*STANDING), **PHONE) as context:
        yield context.new_page()


def look(page: Page, name: str) -> None:
    """Look at a phone that stands, then lies, then stands again."""
    for way, (width, height) in (("lying", LYING), ("standing", STANDING)):
        page.set_viewport_size(size(width, height))
        page.screenshot(path=SCREENSHOTS / f"rate-{name}-{way}.jpg")
        assert violations(page) == [], (name, way)
        assert page.evaluate(OVERFLOWING) == [], (name, way)


def overlapping(page: Page) -> list[tuple[str, str]]:
    """Return what stands over what, of all that can be pressed or is read."""
    places = page.evaluate(PLACES)
    return [
        (one["name"], other["name"])
        for at, one in enumerate(places)
        for other in places[:at]
        if min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 1
    ]


def test_a_whole_session_by_fingers(phone: Page, studies: Site) -> None:
    rater, bodies = Rater(phone, studies, "trained"), sent(phone)
    phone.goto(f"{rater.url}{person()}")
    phone.tap("#begin")
    rater.sees("instructions")
    look(phone, "instructions")
    phone.tap("[data-for=instructions] [data-start]")
    for number in (1, 2):
        expect(phone.locator("#progress")).to_have_text(f"practice {number} of 2")
        rater.sees("trial")
        is_left = phone.evaluate(SAME_AS_ORIGINAL)
        swipe(phone, -120)
        swipe(phone, -120)
        phone.tap(f"[data-choice={'left' if is_left else 'right'}]")
        rater.sees("feedback")
        look(phone, "feedback")
        phone.tap("#next")
    rater.sees("ready")
    phone.tap("[data-for=ready] [data-start]")
    for number in range(1, 5):
        rater.sees_trial(number)
        look(phone, "trial") if number == 1 else None
        phone.tap(".pane")
        phone.tap(".pane")
        spread(phone)
        expect(phone.locator("#larger")).to_contain_text("Magnify 2")
        assert phone.evaluate("visualViewport.scale") == 1
        phone.tap("[data-choice=left]")
    rater.sees("done")
    expect(phone.locator("#code")).to_have_value("C1A2B3D4")
    assert {body["input"] for body in bodies} == {"touch"}
    assert {body["arrangement"] for body in bodies} == {"single"}
    assert [body["magnified"] for body in bodies] == [1, 1, 2, 2, 2, 2]
    assert all(body["flips"] >= 2 for body in bodies)


def test_a_swipe_leads_on_and_back(phone: Page, studies: Site) -> None:
    rater = Rater(phone, studies, "flip")
    rater.begin()
    slot = phone.locator(".slot")
    swipe(phone, -120)
    swipe(phone, -120)
    expect(slot).to_have_attribute("data-showing", "original")
    swipe(phone, 120)
    expect(slot).to_have_attribute("data-showing", "b")
    swipe(phone, 120)
    expect(slot).to_have_attribute("data-showing", "a")
    phone.tap("#larger")
    swipe(phone, 120)  # moves it now
    expect(slot).to_have_attribute("data-showing", "a")


def test_a_phone_that_lies_shows_one_picture_as_high_as_its_window(
    phone: Page, studies: Site
) -> None:
    rater, bodies = Rater(phone, studies, "flip"), sent(phone)
    rater.arrive()
    phone.set_viewport_size(size(*LYING))
    rater.sees("instructions")
    words = phone.locator("[data-for=instructions] .steps").inner_text()
    assert "key" not in words and "space bar" not in words and "swipe" in words
    phone.tap("[data-for=instructions] [data-start]")
    rater.sees("trial")
    expect(phone.locator(".pane")).to_have_css("height", "298.656px")  # 7 x 128 of 960 wide
    for place in phone.evaluate(PLACES):
        assert place["top"] >= 0 and place["bottom"] <= LYING[1], place
    assert overlapping(phone) == []
    while (lit := phone.locator(".faces [data-next]")).count():
        lit.tap()
    phone.tap("[data-choice=tie]")
    rater.sees_trial(2)
    phone.set_viewport_size(size(*STANDING))  # turned in mid-trial
    expect(phone.locator(".pane")).not_to_have_css("height", "298.656px")
    assert overlapping(phone) == []
    rater.all_saved()
    assert (bodies[0]["choice"], bodies[0]["enlarge"]) == ("tie", 7)


@pytest.mark.parametrize(("language", "saved"), [("en", "saved"), ("de", "gespeichert")])
def test_nothing_moves_on_a_phone_while_answers_are_saved(
    phone: Page, studies: Site, language: str, saved: str
) -> None:
    rater = Rater(phone, studies, "flip")
    rater.begin(f"?lang={language}")
    before = phone.locator("#controls").bounding_box()
    held: list[Route] = []
    phone.route("**/judgment/", lambda route: held.append(route))
    for number in range(1, 6):  # until less than a minute is left
        while (lit := phone.locator(".faces [data-next]")).count():
            lit.tap()
        expect(phone.locator("#notice")).to_have_text("")
        phone.tap("[data-choice=left]")
        rater.sees("trial")
        expect(phone.locator("#progress")).to_have_text(re.compile(rf"^{number + 1} \D+ 24$"))
        expect(phone.locator("#saved")).not_to_have_text(saved)
        assert phone.locator("#controls").bounding_box() == before
        held.pop().continue_()
        expect(phone.locator("#saved")).to_have_text(saved)


def test_help_speaks_of_fingers_first(phone: Page, studies: Site) -> None:
    rater = Rater(phone, studies, "flip")
    rater.begin()
    phone.tap("#strip [data-help]")
    expect(phone.locator("#help h2")).to_have_text("Help", use_inner_text=True)
    expect(phone.locator("#help li").first).to_be_in_viewport()
    look(phone, "help")


@pytest.mark.parametrize("window", [STANDING, (844, 390)])
def test_letters_twice_as_large_cover_nothing(
    playwright: Playwright, studies: Site, window: tuple[int, int]
) -> None:
    browser = launch(playwright, "--blink-settings=defaultFontSize=32")
    with profile(browser, viewport=size(*window), **PHONE) as context:
        page = context.new_page()
        rater = Rater(page, studies, "flip")
        rater.begin()
        page.screenshot(path=SCREENSHOTS / f"rate-large-letters-{window[0]}.jpg", full_page=True)
        assert overlapping(page) == []
        assert page.evaluate(OVERFLOWING) == []
        pane = page.locator(".pane").bounding_box()
        assert pane and pane["height"] >= 85
        for name in ("b", "a", "original"):
            page.tap(f"[data-face={name}]")
        page.tap("[data-choice=tie]")  # scrolls there
        rater.sees_trial(2)
    browser.close()


def focus(page: Page, selector: str) -> None:
    """Press the tab key until something has the focus."""
    for _ in range(30):
        if page.evaluate("(name) => document.activeElement.matches(name)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} can't be reached")


def test_a_whole_session_by_keys(page: Page, studies: Site) -> None:
    rater, bodies = Rater(page, studies, "trained"), sent(page)
    press = page.keyboard.press
    page.goto(f"{rater.url}{person()}")
    expect(page.locator("#begin")).to_have_attribute("aria-disabled", "false")
    focus(page, "#begin")
    press("Enter")
    rater.sees("instructions")
    press("Enter")
    for number in (1, 2):
        expect(page.locator("#progress")).to_have_text(f"practice {number} of 2")
        rater.sees("trial")
        is_left = page.evaluate(SAME_AS_ORIGINAL)
        rater.answer("1" if is_left else "2")
        rater.sees("feedback")
        expect(page.locator("#next")).to_have_attribute("aria-disabled", "false")
        press("Enter")
    rater.sees("ready")
    press("Space")
    rater.sees_trial(1)
    press("?")
    expect(page.locator("#help")).to_be_visible()
    press("Escape")
    rater.answer()
    rater.sees_trial(2)
    press("u")
    rater.sees_trial(1)
    rater.answer("2")
    rater.sees_trial(2)
    press("p")
    rater.sees("rest")
    press("Enter")
    for number in (2, 3, 4):
        rater.sees_trial(number)
        rater.answer("ArrowLeft")
    rater.sees("done")
    focus(page, "#stay")
    press("Enter")
    focus(page, "[data-copy='#code']")
    assert [body["choice"] for body in bodies[2:]] == ["left", "right", "left", "left", "left"]
    assert {body["input"] for body in bodies} == {"key"}


def test_back_and_forward_explain_nothing_anew_in_mid_practice(page: Page, studies: Site) -> None:
    rater = Rater(page, studies, "trained")
    rater.begin(person())
    rater.answer("1", flips=2)
    rater.sees("feedback")
    expect(page.locator("#next")).to_have_attribute("aria-disabled", "false")
    page.goto(f"{studies.url}/")
    page.go_back()
    rater.sees("trial")
    expect(page.locator("#progress")).to_have_text("practice 2 of 2")
    page.go_forward()
    page.go_back()
    rater.sees("trial")
