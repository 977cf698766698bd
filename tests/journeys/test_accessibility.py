"""Every state of the rating page: sound for assistive technology, and well set at every size."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.looking import OVERFLOWING
from tests.journeys.obstacles import break_all, find_none, stand_between
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater, person, practise

# What is wider than its own box; a field for a link is scrolled.
CUT_OFF = """
() => [...document.querySelectorAll("main *, dialog *")]
  .filter((one) => one.checkVisibility() && !one.closest(".pane, svg, .copy"))
  .filter((one) => getComputedStyle(one).display !== "inline")
  .filter((one) => getComputedStyle(one).clipPath === "none")
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 80))
"""
SIZES = {"phone": (390, 844), "laptop": (1366, 768), "4k": (3840, 2160)}


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = SIZES[request.param]
    is_phone = request.param == "phone"
    device = {"viewport": {"width": width, "height": height}}
    device |= {"has_touch": is_phone, "is_mobile": is_phone}
    # In one state the page's own scripts are broken.
    with profile(browser, faults=True, **device) as context:
        yield context.new_page()


@pytest.fixture
def look(page: Page, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that checks what is on the page now and keeps a picture of it."""
    size = request.node.callspec.params["page"]

    def check(name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"rate-{name}-{size}.jpg")
        assert violations(page) == [], name
        assert page.evaluate(OVERFLOWING) == [], name

    return check


def test_every_state_before_and_after(
    page: Page, studies: Site, look: Callable[[str], None]
) -> None:
    rater = Rater(page, studies, "trained")
    page.goto(f"{rater.url}{person()}")
    rater.sees("consent")
    look("consent")
    page.click("#begin")
    rater.sees("instructions")
    look("instructions")
    rater.go_on("instructions")
    practise(rater, right=[True], total=2)
    practise(rater, right=[False], first=2, look=look)
    rater.sees("again")
    look("again")
    rater.go_on("again")
    practise(rater, right=[True, True])
    rater.sees("ready")
    look("ready")
    rater.go_on("ready")
    for number in range(1, 5):
        rater.sees_trial(number)
        rater.answer(flips=2)
    rater.sees("done")
    page.click("#stay")
    look("done")


def test_every_state_between(page: Page, studies: Site, look: Callable[[str], None]) -> None:
    rater = Rater(page, studies, "flip")
    page.goto(f"{rater.url}?lang=de")
    look("consent-de")
    page.click("#begin")
    rater.go_on("instructions")
    rater.sees("trial")
    look("trial-de")
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("1")
    look("magnified-de")
    page.keyboard.press("?")
    look("help-de")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    rater.sees("rest")
    look("pause-de")


def test_what_raters_can_say(page: Page, studies: Site, look: Callable[[str], None]) -> None:
    rater = Rater(page, studies, "flip")
    page.goto(f"{rater.url}?lang=de")
    page.click("#begin")
    rater.go_on("instructions")
    rater.sees("trial")
    page.click("#flag-it")
    look("flag-de")
    page.keyboard.press("Escape")
    expect(page.locator("#flag")).to_be_hidden()
    page.click("#pause")
    rater.sees("rest")
    page.click("[data-for=rest] [data-withdraw]")
    expect(page.locator("#withdrawal-cancel")).to_be_focused()
    look("withdrawal-de")
    page.click("#withdrawal button[type=submit]")
    rater.sees("withdrawn")
    look("withdrawn-de")


@pytest.mark.parametrize("touch", [True, False])
def test_long_words_have_room_on_the_smallest_screen(
    browser: Browser, studies: Site, touch: bool
) -> None:
    small = {"width": 320, "height": 640}
    with profile(
        browser, locale="de-DE", viewport=small, has_touch=touch, is_mobile=touch
    ) as context:
        page = context.new_page()
        rater = Rater(page, studies, "flip")

        def look(name: str) -> None:
            page.screenshot(path=SCREENSHOTS / f"rate-small-{name}-{touch}.jpg")
            assert page.evaluate(OVERFLOWING) == [], name
            assert page.evaluate(CUT_OFF) == [], name

        rater.arrive()
        rater.sees("instructions")
        look("instructions")
        rater.go_on("instructions")
        rater.sees("trial")
        look("trial")
        page.keyboard.press("+")
        page.keyboard.press("+")
        look("magnified")
        page.keyboard.press("?")
        look("help")
        page.keyboard.press("Escape")
        page.keyboard.press("p")
        rater.sees("rest")
        look("rest")


@pytest.mark.parametrize("study", ["sides", "against", "wide"])
def test_other_layouts(page: Page, studies: Site, look: Callable[[str], None], study: str) -> None:
    rater = Rater(page, studies, study)
    rater.arrive()
    rater.sees("instructions")
    look(f"instructions-{study}")
    rater.go_on("instructions")
    rater.sees("trial")
    look(f"trial-{study}")


def test_every_state_of_trouble(page: Page, studies: Site, look: Callable[[str], None]) -> None:
    rater = Rater(page, studies, "short")
    page.clock.install()
    find_none(page)
    rater.is_slow()
    rater.arrive(person())
    rater.go_on("instructions")
    expect(page.locator("#waiting-text")).to_contain_text("nothing to judge")
    look("waiting")
    page.unroute_all(behavior="wait")
    page.clock.fast_forward(1000)
    rater.sees("trial")
    stand_between(page, 502)
    rater.answer(flips=2)
    expect(page.locator("#saved")).to_contain_text("offline")
    look("offline")
    rater.sees_trial(2)
    rater.answer(flips=2)
    rater.sees("rest")
    look("break-offline")


def test_a_window_that_is_too_small(
    page: Page, studies: Site, look: Callable[[str], None], request: pytest.FixtureRequest
) -> None:
    rater = Rater(page, studies, "roomy")
    rater.arrive()
    rater.sees("instructions")
    if "phone" not in request.node.name:
        rater.go_on("instructions")
        rater.sees("trial")
        page.set_viewport_size({"width": 500, "height": 500})
        rater.sees("small")
    look("small")


def test_who_is_screened_out(page: Page, studies: Site, look: Callable[[str], None]) -> None:
    rater = Rater(page, studies, "trained")
    rater.arrive(person())
    rater.go_on("instructions")
    for card in ("again", "screened-out"):
        practise(rater, right=[False, False])
        rater.sees(card)
        if card == "again":
            rater.go_on(card)
    page.click("#stay")
    look("screened-out")


def test_refusals(page: Page, studies: Site, look: Callable[[str], None]) -> None:
    rater = Rater(page, studies, "invited")
    page.goto(rater.url)
    rater.sees("not-invited")
    look("not-invited")
    page.goto(f"{rater.url}?rater=broken")
    rater.sees("lost")
    look("lost")
    break_all(page, "rate")
    page.goto(rater.url)
    rater.sees("fault")
    look("fault")


def test_what_an_organizer_sees_of_it(
    page: Page, studies: Site, look: Callable[[str], None]
) -> None:
    rater = Rater(page, studies, "trained")
    page.goto(f"{rater.url}?PROLIFIC_PID=[PROLIFIC_PID]")
    rater.sees("link-unfilled")
    look("link-unfilled")
    page.goto(f"{studies.url}/desk/studies/trained/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", studies.password)
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("a link of prolific that names nobody")
    page.goto(rater.url)
    rater.sees("organizer")
    look("organizer")
    page.click("[data-for=organizer] .main")
    page.click("#begin")
    rater.go_on("instructions")
    practise(rater, right=[True, True])
    rater.go_on("ready")
    for number in range(1, 5):
        rater.sees_trial(number)
        look(f"preview-{number}")
        rater.answer(flips=2)
    rater.sees("done")
    look("preview-done")
    expect(page.locator("#preview")).to_be_visible()
