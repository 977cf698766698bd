"""From a pilot to the main stage: judged, planned from, gone over, judged again, and exported."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import studies as small
from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater
from tests.waiting import eventually


@pytest.fixture
def organizer(browser: Browser) -> Iterator[Page]:
    """The organizer's own browser."""
    with profile(browser) as context:
        yield context.new_page()


def rate(browser: Browser, site: Site) -> str:
    """Let a person judge to the end; return all that they read on the way."""
    with profile(browser) as context:
        rater, read = Rater(context.new_page(), site, "piloted"), []
        rater.page.goto(rater.url)
        read.append(rater.page.content())
        rater.page.click("#begin")
        rater.go_on("instructions")
        for number in range(1, 5):
            rater.sees_trial(number)
            read.append(rater.page.content())
            rater.answer()
        rater.sees("done")
        read.append(rater.page.content())
    return " ".join(read)


def judgments(page: Page, site: Site, query: str = "") -> int:
    """Return how many judgments the export has, read as the desk's link does."""
    address = f"{site.url}/api/v1/studies/piloted/judgments/?format=csv{query}"
    return page.request.get(address).text().count("\n") - 1


def test_a_pilot_is_judged_planned_from_and_left(
    browser: Browser, organizer: Page, studies: Site
) -> None:
    page, site = organizer, studies
    eventually(lambda: small.has_trials(site.url, "piloted", 4), every=0.5)
    seen = rate(browser, site)
    assert "pilot" not in seen.lower().replace("piloted", "")
    site.manage("simulate_raters", "piloted", "--raters=12", "--judgments=48")

    desk = f"{site.url}/desk/studies/piloted/"
    page.goto(desk)
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    page.keyboard.press("Enter")
    stages = page.get_by_role("region", name=re.compile("^Stage: pilot"))
    expect(stages.get_by_role("row", name=re.compile("^Pilot"))).to_contain_text("52")
    expect(page.get_by_text("No ranking yet")).to_be_visible()
    assert (judgments(page, site), judgments(page, site, "&stage=pilot")) == (0, 52)
    look(page, "study-pilot")
    stages.get_by_role("link", name="plan from the pilot").click()
    expect(page.get_by_text("52 judgments by 13 raters", exact=False)).to_be_visible()
    look(page, "plan-from-pilot")

    page.goto(desk)
    page.get_by_role("button", name="Go over to the main stage").click()
    expect(page.get_by_role("region", name="Stage: main")).to_be_visible()
    page.get_by_role("button", name="Go back to the pilot").click()
    page.get_by_role("button", name="Go over to the main stage").click()
    expect(page.get_by_role("button", name="Go back to the pilot")).to_be_visible()
    look(page, "study-went-over")
    assert rate(browser, site).count("pilot") == seen.count("pilot")
    page.reload()
    stages = page.get_by_role("region", name="Stage: main")
    expect(stages).to_contain_text("no way back to the pilot")
    expect(stages.get_by_role("row", name=re.compile("^Main"))).to_contain_text("4")
    assert (judgments(page, site), judgments(page, site, "&stage=pilot")) == (4, 52)
    page.goto(f"{site.url}/desk/audit/")
    expect(page.get_by_role("cell", name="went back to a pilot")).to_be_visible()
