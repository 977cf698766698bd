"""One picture pixel is one device pixel, bit for bit, at real device scale factors."""

import io
import shutil

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.journeys.conftest import CHROMIUM_FLAGS, SCREENSHOTS, Site


@pytest.mark.parametrize("factor", [1, 1.25, 1.5, 2])
def test_a_crop_on_screen_equals_its_file(site: Site, factor: float) -> None:
    # Emulated device pixel ratios give false results: the factor must be the browser's own.
    flags = [*CHROMIUM_FLAGS, f"--force-device-scale-factor={factor}", "--window-size=1600,1200"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(no_viewport=True)
        with page.expect_response("**/trials/next/**") as answer:
            page.goto(f"{site.url}/rate/demo/")
            page.click("#begin")
        page.wait_for_selector("#rate[data-state=trial]")
        trial = answer.value.json()["results"][0]
        screen = screenshot(page)
        shown = {"left": page.inner_text("#showing") == "A", "original": True}
        version = "left" if shown["left"] else "right"
        for side in (version, "original"):
            file = page.request.get(f"{site.url}{trial[side]}").body()
            crop = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
            assert find(crop, screen), f"{side} is not on screen pixel by pixel at {factor}"
        Image.fromarray(screen).save(SCREENSHOTS / f"exact-{factor}.png")
        browser.close()


def screenshot(page: Page) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(page.screenshot(scale="device"))).convert("RGB"))


def find(crop: np.ndarray, screen: np.ndarray) -> bool:
    """Tell whether the crop stands somewhere on the screen, every sample equal."""
    height, width = crop.shape[:2]
    corner = (screen[: -height + 1 or None, : -width + 1 or None] == crop[0, 0]).all(axis=2)
    return any(
        np.array_equal(screen[y : y + height, x : x + width], crop)
        for y, x in zip(*np.nonzero(corner), strict=True)
    )
