"""Metrics as entrants in a browser: a track is set and released, its board and pages are sound."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import PUBLIC_SIZES, look
from tests.journeys.profiles import profile
from tests.waiting import eventually

# What packages measure of the demo's pictures takes minutes, and nobody waits for it.
LEAVE_IT = """
from django.db import connection
from ratings.jobs.metric_tasks import measure_metrics
with connection.cursor() as cursor:
    cursor.execute(
        "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s",
        [measure_metrics.name],
    )
"""


@pytest.fixture
def judged(site: Site) -> Iterator[Site]:
    """Let the demo be judged; in the end leave no work that other journeys would wait beside."""
    site.manage("simulate_raters", "demo", "--raters=4", "--judgments=100", "--seed=1")
    yield site
    site.manage("shell", "--verbosity=0", "-c", LEAVE_IT)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page."""
    with profile(browser) as context:
        yield context.new_page()


def test_a_track_is_set_filled_and_released(judged: Site, page: Page, tmp_path: Path) -> None:
    site = judged
    desk = f"{site.url}/desk/challenges/demo/phases/open/metrics/"
    page.goto(desk)
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    page.keyboard.press("Enter")
    page.get_by_label("Everybody sees the board").check()
    page.get_by_label("Teams may send metrics").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="In the box")).to_be_visible()

    (tmp_path / "wrong.csv").write_text("dataset,image,method,value\nE,no.png,nobody,nan\n")
    page.get_by_label("Name of the metric").fill("Mine")
    page.get_by_label("CSV file").set_input_files(tmp_path / "wrong.csv")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("there is no picture 'E/no.png'")
    look(page, "metrics-desk")

    board = f"{site.url}/demo/open/metrics/"

    def is_scored() -> bool:
        page.goto(desk)
        page.get_by_role("button", name="Score anew").click()
        page.goto(board)
        return page.get_by_role("row").filter(has_text="PSNR").count() > 0

    eventually(is_scored, every=1, within=300)
    look(page, "metrics-board", PUBLIC_SIZES)

    page.goto(f"{site.url}/demo/submit/register/")
    for name, text in (("name", "Measurers"), ("email", "m@example.org")):
        page.fill(f"[name={name}]", text)
    for name in ("password", "again"):
        page.fill(f"[name={name}]", "battery staple")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Signed in as")).to_be_visible()
    page.goto(f"{site.url}/demo/submit/open/metrics/")
    expect(page.get_by_text("its studies are closed")).to_be_visible()
    look(page, "metrics-team", PUBLIC_SIZES)
