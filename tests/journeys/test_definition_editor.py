"""A challenge begins, is checked while it is typed, published, and changed by two at once."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.obstacles import hold_back
from tests.journeys.profiles import profile

SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A laptop's page of an organizer who is signed in."""
    with profile(browser) as context:
        page = context.new_page()
        page.goto(f"{site.url}/desk/login/")
        page.get_by_label("Name").fill("organizer")
        page.get_by_label("Password").fill(site.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("link", name="New challenge")).to_be_visible()
        yield page


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page of somebody who is not signed in."""
    with profile(browser) as context:
        yield context.new_page()


def sound(page: Page, name: str) -> None:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}.jpg", full_page=True)
        assert violations(page) == [], (name, scheme)


def begin(page: Page, slug: str) -> None:
    """Fill in what a challenge begins with."""
    page.get_by_role("link", name="New challenge").click()
    page.get_by_label("Name", exact=True).fill("Autumn challenge")
    page.get_by_label("Short name").fill(slug)
    page.get_by_label("In one sentence").fill("Leaves at 0.15 bits per pixel.")
    page.get_by_label("Takes submissions from").fill("2037-10-01 00:00:00 +02:00")
    page.get_by_label("Deadline").fill("2037-11-30 23:59:59 +01:00")
    page.get_by_label("Budget").fill("0.15")
    sound(page, "desk-new-challenge")
    page.get_by_role("button", name="Go on").click()


def open_boards(page: Page, desk: str) -> None:
    """Let boards open at an instant, and look as a visitor just before it and then."""
    page.goto(f"{desk}releases/")
    boards = page.get_by_role("group", name="Boards", exact=True)
    boards.locator("[type='datetime-local']").fill("2038-01-01T12:00")
    expect(boards.locator("[value='at']")).to_be_checked()
    expect(boards.locator("output")).to_have_text("Fri 1 Jan 2038, 11:00 UTC, your time")
    sound(page, "desk-releases")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("boards_open: not set -> 2038-01-01T12:00:00")
    page.goto(f"{desk}preview/")
    sound(page, "desk-preview")
    bar = page.get_by_role("complementary", name="Preview")
    opening = page.get_by_role("listitem").filter(has_text="boards open")
    opening.get_by_role("link", name="just before").click()
    expect(bar).to_contain_text("1 Jan 2038, 11:59:59")
    expect(page.get_by_role("link", name="Boards", exact=True)).to_have_count(0)
    page.go_back()
    opening.get_by_role("link", name="then").click()
    page.get_by_role("link", name="Boards", exact=True).click()
    expect(page.get_by_role("heading", name="Human ranking")).to_be_visible()
    expect(bar).to_contain_text("as a visitor")
    expect(page.locator("main")).not_to_contain_text("Only organizers see this page.")
    sound(page, "preview-board")
    bar.get_by_role("link", name="Leave").click()
    expect(bar).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Only organizers see this page.")


def test_from_nothing_to_a_deadline_that_moved(page: Page, site: Site, stranger: Page) -> None:
    slug = "autumn"
    address = f"{site.url}/desk/challenges/{slug}/definition/"
    let_script_come = hold_back(page, "definition")
    begin(page, slug)
    deadline = page.locator("[name='phase-0-closes']")
    deadline.fill("2036-11-30 23:59:59 +01:00")
    let_script_come()  # what is typed before is checked too
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("1 to mend:")
    expect(page.locator("[data-problem='phase-0-closes']")).to_have_text(
        "it must be later than `opens`."
    )
    expect(deadline).to_have_attribute("aria-invalid", "true")
    sound(page, "desk-definition-problem")
    deadline.fill("2037-11-30 23:59:59 +01:00")
    expect(verdict).to_contain_text("Nothing wrong.")
    expect(deadline).to_have_attribute("aria-invalid", "false")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Make the challenge").click()
    expect(page.get_by_role("heading", name="Version 1")).to_be_visible()
    sound(page, "desk-versions")

    found = stranger.goto(f"{site.url}/{slug}/")
    assert found and found.status == 404
    page.goto(address)
    page.get_by_label("Draft").uncheck()
    page.get_by_role("button", name="Review and save").click()
    page.get_by_label("Why").fill("All is ready.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("All is ready.")).to_be_visible()

    # Somebody else looks at the same definition, and saves second.
    other = page.context.new_page()
    other.goto(address)
    page.goto(address)
    page.locator("summary", has_text="Main").click()
    page.locator("[name='phase-0-closes']").fill("2037-12-07 23:59:59 +01:00")
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    sound(page, "desk-definition-review")
    page.get_by_role("button", name="Save").click()
    other.get_by_label("In one sentence").fill("Leaves and more.")
    other.get_by_role("button", name="Review and save").click()
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("alert")).to_contain_text("Somebody else saved meanwhile.")
    expect(other.get_by_role("alert")).to_contain_text("[[phase]] main: closes: 2037-11-30")
    sound(other, "desk-definition-merged")
    other.get_by_role("button", name="Review and save").click()
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", name="Version 4")).to_be_visible()

    found = stranger.goto(f"{site.url}/{slug}/")
    assert found and found.status == 200
    calendar = stranger.locator(".calendar")
    expect(calendar).to_contain_text("Moved from")
    expect(calendar).to_contain_text("7 Dec 2037, 23:59:59")
    expect(stranger.locator("main")).to_contain_text("Leaves and more.")
    stranger.screenshot(path=SCREENSHOTS / "challenge-moved.jpg", full_page=True)

    open_boards(page, f"{site.url}/desk/challenges/{slug}/")
    found = stranger.goto(f"{site.url}/{slug}/main/board/")
    assert found and found.status == 404
    expect(stranger.locator("main")).to_contain_text("1 Jan 2038, 12:00")

    # Nobody else on this site is to find it.
    page.goto(f"{address}versions/1/")
    page.get_by_role("button", name="Review going back").click()
    page.get_by_role("button", name="Save").click()
    found = stranger.reload()
    assert found and found.status == 404
