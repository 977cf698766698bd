"""Looking at a page in a browser: at every size, in the dark, and as axe sees it."""

from collections.abc import Mapping

from playwright.sync_api import Page

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS

Sizes = Mapping[str, tuple[int, int]]
SIZES: Sizes = {"phone": (390, 844), "laptop": (1366, 768), "large": (2560, 1440)}
# What everybody may read is read in narrow windows too (WCAG 2.2, 1.4.10).
PUBLIC_SIZES: Sizes = {"narrow": (320, 700), **SIZES}

# What sticks out of the window, or is cut off in its own box.
OVERFLOWING = """
() => [...document.querySelectorAll("main *")]
  .filter((one) => one.checkVisibility() && !one.closest(".pane, svg, .copy"))
  .filter((one) => getComputedStyle(one).clipPath === "none")  // left to screen readers
  .filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    return left < -1 || right > innerWidth + 1 || one.scrollWidth > one.clientWidth + 1
      && getComputedStyle(one).overflowX !== "visible";
  })
  .map((one) => one.outerHTML.slice(0, 80))
"""


def look(page: Page, name: str, sizes: Sizes = SIZES) -> None:
    """Check what is on the page at every size, and in the dark; keep pictures of it."""
    for size, (width, height) in sizes.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}.jpg", full_page=True)
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=SCREENSHOTS / f"{name}-dark.jpg", full_page=True)
    assert violations(page) == [], name
    page.emulate_media(color_scheme="light")
