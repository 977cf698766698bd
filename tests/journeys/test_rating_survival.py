"""What a rater has answered survives a cut line, a killed server, a reload and a closed tab."""

import csv
import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Request, Route, expect

from tests.journeys.conftest import Site
from tests.journeys.processes import kill_web, wait_for_the_site
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater

CUT_MS = 20_000


def keep_acknowledged(context: BrowserContext) -> dict[tuple[str, int], str]:
    """Collect, by trial and attempt, the choices that the server acknowledges from now on."""
    stored: dict[tuple[str, int], str] = {}

    def keep(request: Request) -> None:
        answer = request.response()
        if request.url.endswith("/judgment/") and answer and answer.status in (200, 201):
            body = request.post_data_json
            assert body
            stored[request.url.split("/")[-3], body["attempt"]] = body["choice"]

    context.on("requestfinished", keep)
    return stored


def test_nothing_is_lost_or_doubled(studies: Site, browser: Browser, tmp_path: Path) -> None:
    with profile(browser) as context:
        stored = keep_acknowledged(context)
        page = context.new_page()
        page.clock.install()
        rater = Rater(page, studies, "flip")
        rater.begin()
        rater.answer("1")
        rater.sees_trial(2)
        rater.all_saved()

        # The line is cut for 20 s: what is decoded ahead can be judged, and what was can be undone.
        expect(page.locator("#rate")).to_have_attribute("data-ahead", re.compile("[3-9]"))
        context.set_offline(True)
        rater.answer("1")
        rater.sees_trial(3)
        page.keyboard.press("u")
        rater.sees_trial(2)
        rater.answer("2")
        rater.sees_trial(3)
        expect(page.locator("#saved")).to_have_text("offline, 3 waiting")
        page.clock.fast_forward(CUT_MS)
        context.set_offline(False)
        rater.all_saved()
        rater.sees_trial(3)

        # The server is killed; answers wait, and the tab is closed over them.
        kill_web(studies)
        rater.answer("1")
        rater.sees_trial(4)
        page.close()
        page = context.new_page()
        rater = Rater(page, studies, "flip")
        wait_for_the_site(studies)
        page.goto(rater.url)
        rater.sees_trial(4)
        rater.all_saved()

        # Two windows: whoever is first is right, and both go on.
        other = Rater(context.new_page(), studies, "flip")
        other.page.goto(other.url)
        other.sees_trial(4)
        rater.answer("1")
        rater.sees_trial(5)
        rater.all_saved()
        other.answer("2")
        other.sees_trial(5)
        other.all_saved()

    rows = exported(studies, tmp_path)
    kept = {(row["trial_id"], int(row["attempt"])): row["choice"] for row in rows}
    assert len(kept) == len(rows)
    assert stored.items() <= kept.items()
    assert len(stored) >= 4  # that of the tab that was closed may have been seen by nobody
    assert sorted(attempt for _, attempt in stored) == [1] * (len(stored) - 1) + [2]


def exported(site: Site, folder: Path) -> list[dict[str, str]]:
    site.manage("export_study", "flip", str(folder / "bundle"))
    with (folder / "bundle" / "judgments.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_reload_with_undone_answers_asks_again(studies: Site, browser: Browser) -> None:
    """The undo waits in the browser while the page is reloaded: the trial comes back after it."""
    with profile(browser) as context:
        page = context.new_page()
        rater = Rater(page, studies, "flip")
        rater.begin()
        rater.answer("1")
        rater.sees_trial(2)
        held: list[Route] = []
        page.route("**/undo/", lambda route: held.append(route))
        rater.answer("1")
        rater.sees_trial(3)
        rater.all_saved()
        page.keyboard.press("u")
        rater.sees_trial(2)
        page.reload()
        rater.sees_trial(3)  # the undo is on its way
        page.unroute("**/undo/")
        page.reload()
        rater.all_saved()
        rater.sees_trial(2)
        rater.answer("2")
        rater.sees_trial(3)
        rater.all_saved()
