"""From decoded pictures to a human ranking beside the PSNR board, as its users go through it."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, Route, expect

from tests.journeys.conftest import SCREENSHOTS, Site, shoot
from tests.journeys.profiles import PATIENCE_MS, profile
from tests.journeys.rater import Rater, judge_by_keys

METHODS = {"JPEG", "WebP", "JPEG 2000", "AVIF", "JPEG at half size"}


def judge_by_pointer(rater: Rater, trials: int, *, touch: bool) -> None:
    for trial in range(1, trials + 1):
        rater.sees_trial(trial)
        choice = rater.page.locator(f"[data-choice={'left' if trial % 2 else 'right'}]")
        for target in (rater.page.locator("#stage"), choice):
            if touch:
                target.tap()
            else:
                target.click()
    rater.sees_trial(trials + 1)
    rater.all_saved()


def test_the_line_from_pictures_to_a_ranking(site: Site, page: Page, browser: Browser) -> None:
    # The public page: challenge, pictures, PSNR board; nobody has judged yet.
    page.goto(site.url)
    shoot(page, "home")
    page.get_by_role("link", name="Demo challenge").first.click()
    for picture in ("astronaut.png", "retina.png"):
        expect(page.get_by_text(picture)).to_be_visible()
    shoot(page, "challenge")
    page.goto(f"{site.url}/demo/open/board/")
    psnr = page.locator("section[aria-labelledby=psnr]")
    human = page.locator("section[aria-labelledby=human]")
    expect(psnr.locator("tbody tr")).to_have_count(len(METHODS))
    assert set(psnr.locator("tbody tr .method").all_inner_texts()) == METHODS
    expect(human).to_contain_text("No judgments yet")
    shoot(page, "board-empty")

    # Three raters: by keys, by mouse, by touch; each in a browser of their own.
    board = page
    ways: dict[str, Callable[[Rater], None]] = {
        "keys": lambda rater: judge_by_keys(rater, 8),
        "mouse": lambda rater: judge_by_pointer(rater, 8, touch=False),
        "touch": lambda rater: judge_by_pointer(rater, 8, touch=True),
    }
    for name, judge in ways.items():
        with profile(browser, has_touch=True) as context:
            rater = Rater(context.new_page(), site)
            rater.begin()
            judge(rater)
            shoot(rater.page, f"trial-{name}")

    # The board moves by itself, without a reload.
    expect(human).to_contain_text("24 judgments · 3 raters", timeout=PATIENCE_MS)
    expect(human.locator("h2 + .tag")).to_have_text("provisional")
    shoot(board, "board-judged")


def test_a_rater_goes_on_where_they_were(site: Site, page: Page) -> None:
    rater = Rater(page, site)
    rater.begin()
    judge_by_keys(rater, 2)
    page.reload()
    rater.sees_trial(3)


def let_trials_be_listed_before_the_answer_and_arrive_after_it(page: Page) -> None:
    """Hold the answer until the server has listed trials; acknowledge it, then show the list."""
    held: list[Route] = []

    def list_trials(route: Route) -> None:
        listed = route.fetch()
        for answer in held:
            answer.fulfill(response=answer.fetch())
        held.clear()
        route.fulfill(response=listed)

    page.route("**/judgment/", lambda route: held.append(route), times=1)
    page.route("**/trials/next/*", list_trials)


def test_judgments_wait_for_the_network_and_count_once(site: Site, page: Page) -> None:
    rater = Rater(page, site)
    rater.begin()
    judge_by_keys(rater, 1)
    page.route("**/judgment/", lambda route: route.abort())
    rater.answer("2")
    rater.sees_trial(3)
    expect(page.locator("#saved")).not_to_have_text("saved")
    page.unroute("**/judgment/")
    let_trials_be_listed_before_the_answer_and_arrive_after_it(page)
    page.reload()
    rater.sees_trial(3)
    rater.all_saved()
    page.unroute_all(behavior="wait")


def test_the_organizer_watches_and_exports_what_anyone_can_recompute(
    site: Site, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{site.url}/desk/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    page.get_by_role("button", name="Sign in").click()
    shoot(page, "desk")
    page.goto(f"{site.url}/desk/studies/demo/")
    shoot(page, "desk-study")
    exported = page.request.get(f"{site.url}/api/v1/studies/demo/judgments/?format=csv")
    rows = list(csv.DictReader(io.StringIO(exported.text())))
    assert len(rows) >= 24
    assert {row["simulated"] for row in rows} == {"false"}
    file = tmp_path / "judgments.csv"
    file.write_text(exported.text())
    fitted = json.loads(site.manage("rank", str(file), "--json"))
    bundle = tmp_path / "bundle"
    site.manage("export_study", "demo", str(bundle))
    published = json.loads((bundle / "ranking.json").read_text())
    assert published["input_sha256"] == fitted["input_sha256"]
    for name in ("rank", "score", "ci_low", "ci_high", "win_rate"):
        assert [row[name] for row in fitted["results"]] == [
            row[name] for row in published["results"]
        ]


def test_what_strangers_may_not_see_is_not_there(site: Site, page: Page) -> None:
    answer = page.request.get(f"{site.url}/api/v1/studies/demo/judgments/?format=csv")
    assert answer.status in (401, 403, 404)
    assert "rater" not in answer.text()
    page.goto(f"{site.url}/desk/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def lit_share(page: Page, row: Locator) -> float:
    """Return how much of a line across a row, plots and all, has the colour of what is lit."""
    row.scroll_into_view_if_needed()
    wash = row.evaluate("row => getComputedStyle(row.children[0], '::before').backgroundColor")
    box, before = row.bounding_box(), row.locator("xpath=../tr[1]").bounding_box()
    assert box and before and box["width"] == before["width"]  # nothing moves
    line: FloatRect = box | {"y": box["y"] + 3, "height": 1}
    with Image.open(io.BytesIO(page.screenshot(clip=line))) as picture:
        pixels = np.asarray(picture.convert("RGB"))[0]
    return float((pixels == list(map(int, re.findall(r"\d+", wash)))).all(axis=-1).mean())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_simulated_raters_are_called_simulated(site: Site, browser: Browser, scheme: str) -> None:
    if scheme == "light":
        site.manage("simulate_raters", "demo", "--raters=8", "--judgments=500", "--seed=1")
    with profile(browser, color_scheme=scheme, timezone_id="Asia/Tokyo") as context:
        page = context.new_page()
        for address, name in (
            ("/demo/", "challenge"),
            ("/demo/open/board/", "board"),
        ):
            page.goto(site.url + address)
            expect(page.locator("main")).to_contain_text("Simulated")
            shoot(page, f"{name}-simulated-{scheme}")
        expect(page.locator(".board-lead")).to_contain_text("PSNR puts")
        page.hover("section[aria-labelledby=psnr] tbody tr >> nth=0")
        # On both boards, the line between them, the point of PSNR against people, and its name.
        expect(page.locator(".lit:visible")).to_have_count(5)
        # By keyboard too, which no scrolling takes away.
        page.mouse.move(0, 0)
        page.locator("section[aria-labelledby=psnr] tbody a").first.focus()
        assert lit_share(page, page.locator("section[aria-labelledby=human] tr.lit")) > 0.9
        page.locator(".scatter-figure").screenshot(path=SCREENSHOTS / f"scatter-{scheme}.jpg")
        page.locator(".boards").screenshot(path=SCREENSHOTS / f"lit-{scheme}.jpg")
        page.goto(f"{site.url}/demo/")
        deadline = page.locator(".calendar time").last
        expect(deadline.locator(".here")).to_have_text("Sat 16 Jan 2038, 16:59:59 UTC+9")
        deadline.focus()
        expect(deadline.locator(".here")).to_be_hidden()
        expect(deadline.locator(".announced")).to_contain_text("23:59:59")
