"""Accounts without a shell: invited, with a role, by keyboard and on a phone, and all on record."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.profiles import profile

PASSWORD, ANOTHER = "battery staple", "a third password"
WIDE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
SIZES = (PHONE, WIDE, {"width": 2560, "height": 1440})
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
Visit = Callable[[dict[str, int]], Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Return a function that opens a browser of its own, at a size."""
    with ExitStack() as profiles:
        yield lambda size: profiles.enter_context(profile(browser, viewport=size)).new_page()


def sound(page: Page, name: str) -> None:
    """Look at a page at every size, light and dark: no violation, nothing beside the window."""
    before = page.viewport_size
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            path = SCREENSHOTS / f"accounts-{name}-{size['width']}-{scheme}.jpg"
            page.screenshot(path=path, full_page=True)
            assert violations(page) == [], f"{name}, {size}, {scheme}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert before
    page.set_viewport_size(before)


def sign_in(page: Page, site: Site, name: str, password: str) -> None:
    page.goto(f"{site.url}/desk/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Desk", exact=True)).to_be_visible()


def invite(page: Page, site: Site, label: str, role: str, where: str) -> str:
    """Invite somebody by keyboard alone; return the link."""
    page.goto(f"{site.url}/desk/accounts/")
    form = page.locator("form[action$='/invite/']")
    form.get_by_label("Whom is it for?").focus()
    page.keyboard.type(label)
    form.get_by_label("Role").select_option(role)
    form.get_by_label("Where").select_option(where)
    form.get_by_role("button").focus()
    page.keyboard.press("Enter")
    return str(page.locator(".secret").text_content())


def choose(page: Page, link: str, name: str, password: str) -> None:
    page.goto(link)
    if name:
        page.get_by_label("Name").fill(name)
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password, again").fill(password)
    page.keyboard.press("Enter")


def test_people_come_in_by_links_and_do_what_their_role_permits(site: Site, visit: Visit) -> None:
    ann = visit(WIDE)
    sign_in(ann, site, "organizer", site.password)
    viewers, panels = (
        invite(ann, site, "Bea, to look", "viewer", "*"),
        invite(ann, site, "Cleo, for the panel", "panel", "demo"),
    )
    ann.locator(".accounts summary").first.click()
    sound(ann, "list")
    bea, cleo = visit(PHONE), visit(PHONE)
    bea.goto(viewers)
    sound(bea, "invitation")
    choose(bea, viewers, "bea", "short")
    expect(bea.get_by_role("alert")).to_contain_text("too short")
    choose(bea, viewers, "bea", PASSWORD)
    expect(bea.get_by_role("heading", name="Needs attention")).to_be_visible()
    bea.goto(f"{site.url}/desk/challenges/demo/news/")
    expect(bea.get_by_role("button", name="Sign out bea")).to_be_visible()
    assert bea.locator("main [type=submit]:visible").count() == 0
    choose(cleo, panels, "cleo", PASSWORD)
    expect(cleo.get_by_role("heading", name="Desk", exact=True)).to_be_visible()
    sound(cleo, "panel-home")
    cleo.get_by_role("link", name="Demo").first.click()
    expect(cleo.get_by_role("heading", name="Your vote")).to_be_visible()
    cleo.goto(f"{site.url}/desk/challenges/demo/definition/")
    expect(cleo.get_by_role("heading", level=1)).to_have_text("This is not open to you")


def test_a_lost_password_and_one_s_own(site: Site, visit: Visit) -> None:
    ann, dora = visit(WIDE), visit(PHONE)
    sign_in(ann, site, "organizer", site.password)
    choose(dora, invite(ann, site, "Dora", "organizer", "*"), "dora", PASSWORD)
    expect(dora.get_by_role("heading", name="Needs attention")).to_be_visible()
    ann.goto(f"{site.url}/desk/accounts/")
    row = ann.locator(".accounts > li").filter(has=ann.get_by_role("heading", name="dora"))
    row.locator("summary").click()
    row.get_by_role("button", name="Reset the password").click()
    link = str(ann.locator(".secret").text_content())
    dora.reload()
    expect(dora.get_by_role("heading", name="Desk")).to_be_visible()
    expect(dora.get_by_label("Password")).to_be_visible()
    choose(dora, link, "", ANOTHER)
    dora.get_by_role("link", name="Your account").click()
    expect(dora.get_by_label("Old password")).to_be_visible()
    sound(dora, "own")
    dora.get_by_label("Old password").fill(ANOTHER)
    dora.get_by_label("New password", exact=True).fill(PASSWORD)
    dora.get_by_label("New password, again").fill(PASSWORD)
    dora.keyboard.press("Enter")
    expect(dora.get_by_role("status")).to_contain_text("The password is changed")
    ann.goto(f"{site.url}/desk/audit/?person=dora")
    words = ("changed the own password", "set a password by a link", "reset an account's password")
    rows = ann.locator("tbody tr")
    for number, said in enumerate(words):
        expect(rows.nth(number)).to_contain_text(said)
    sound(ann, "audit")
    with ann.expect_download() as download:
        ann.get_by_role("link", name="CSV").click()
    assert "own-password" in Path(download.value.path()).read_text()


def join(page: Page, link: str, name: str) -> None:
    """Follow an invitation into a team by keyboard alone."""
    page.goto(link)
    page.locator("[name=name]").focus()
    for text in (name, "", PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Signed in as Tiramisu, {name}")).to_be_visible()


def test_a_team_lets_members_in_and_its_owner_removes_one(site: Site, visit: Visit) -> None:
    team, ann, bea = visit(WIDE), visit(PHONE), visit(WIDE)
    team.goto(f"{site.url}/demo/submit/register/")
    fields = {"name": "Tiramisu", "email": "t@example.org", "password": PASSWORD, "again": PASSWORD}
    for name, text in fields.items():
        team.fill(f"[name={name}]", text)
    team.keyboard.press("Enter")
    expect(team.get_by_text("Signed in as Tiramisu")).to_be_visible()
    for inviting, joining, name in ((team, ann, "Ann"), (ann, bea, "Bea")):
        inviting.goto(f"{site.url}/demo/submit/members/")
        inviting.get_by_label("Whom is it for?").fill(name)
        inviting.keyboard.press("Enter")
        join(joining, str(inviting.locator(".secret").text_content()), name)
    sound(ann, "member-link")
    for page in (team, ann):
        page.reload()
        expect(page.get_by_role("heading", name="Bea")).to_be_visible()
    expect(team.get_by_role("heading", name="Invite somebody")).to_have_count(0)
    row = ann.locator(".accounts > li").filter(has=ann.get_by_role("heading", name="Bea"))
    row.locator("summary").focus()
    ann.keyboard.press("Enter")
    sound(ann, "members")
    row.get_by_role("button", name="Remove from the team").focus()
    ann.keyboard.press("Enter")
    expect(ann.get_by_role("status")).to_have_text("Bea is a member no more.")
    bea.reload()
    expect(bea.get_by_role("link", name="Register a team").first).to_be_visible()
