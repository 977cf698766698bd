"""One picture pixel is k x k device pixels, bit for bit, at real device scale factors."""

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.journeys.conftest import Site, launch
from tests.journeys.on_screen import SHOWN, find, part, pixels
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater

FACTORS = [0.8, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.625, 3]
# A browser without a mouse, as media queries see it.
FINGERS = (
    "--blink-settings=primaryHoverType=1,availableHoverTypes=1,"
    "primaryPointerType=2,availablePointerTypes=2"
)


@pytest.mark.parametrize("factor", FACTORS)
def test_what_is_on_screen_equals_the_file(
    studies: Site, playwright: Playwright, factor: float
) -> None:
    # Emulated device pixel ratios give false results: the factor must be the browser's own.
    width = max(440, round(700 / factor))
    size = f"--window-size={width},{max(520, width)}"
    browser = launch(playwright, f"--force-device-scale-factor={factor}", size)
    with profile(browser, viewport=None, no_viewport=True) as context:
        page = context.new_page()
        for study, pictures in (("ratio", 2), ("sides", 3), ("against", 2), ("flip", 2)):
            Rater(page, studies, study).begin()
            scale = max(1, round(factor)) if study == "ratio" else 1
            assert check(page, factor, scale) == pictures
        page.keyboard.press("Space")
        assert check(page, factor, 1) == 2
        Rater(page, studies, "double").begin()
        for scale in (2, 4, 8):
            assert check(page, factor, scale) > 0
            page.keyboard.press("+")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowUp")
        assert check(page, factor, 8) > 0
        page.keyboard.press("Space")
        page.keyboard.press("2")
        expect(page.locator("#hint")).to_have_text("")
    browser.close()


@pytest.mark.parametrize("size", ["390,844", "844,390"])
def test_what_a_phone_shows_equals_the_file(
    studies: Site, playwright: Playwright, size: str
) -> None:
    browser = launch(playwright, "--force-device-scale-factor=3", f"--window-size={size}", FINGERS)
    with profile(browser, viewport=None, no_viewport=True) as context:
        page = context.new_page()
        for study, scale in (("flip", 9), ("wide", 4)):
            Rater(page, studies, study).begin()
            for larger in (1, 2, 4):
                assert check(page, 3, scale * larger) == 1
                page.click("#larger")
            page.keyboard.press("Space")
            assert check(page, 3, scale) == 1
    browser.close()


def check(page: Page, factor: float, scale: int) -> int:
    """Compare each shown picture with its file, enlarged; return how many there were."""
    assert page.evaluate("devicePixelRatio") == pytest.approx(factor)
    screen = pixels(page.screenshot(scale="device"))
    shown = page.evaluate(SHOWN)
    for each in shown:
        file = pixels(page.request.get(each["url"]).body())
        whole = file.repeat(scale, axis=0).repeat(scale, axis=1)
        assert find(part(whole, each, factor), screen, each, factor), (
            f"{each} at {factor} x {scale}"
        )
    return len(shown)
