"""An organizer without a shell takes a study's bundle out, and a stranger fetches it."""

import io
import urllib.request
import zipfile

from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import Site
from tests.journeys.profiles import PATIENCE_MS


def test_a_bundle_is_made_while_the_page_is_looked_at_and_fetched_without_a_login(
    site: Site, page: Page
) -> None:
    page.goto(f"{site.url}/desk/login/?next=/desk/challenges/demo/exports/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Make the bundle").press("Enter")
    link = page.get_by_role("link", name="Download")  # the live part shows it when it is there
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    assert violations(page) == []
    with urllib.request.urlopen(str(link.get_attribute("href"))) as answer:
        packed = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert {"demo/README", "demo/judgments.csv", "demo/SHA256SUMS"} <= set(packed.namelist())
    assert packed.testzip() is None
    page.get_by_role("button", name="Revoke").press("Enter")
    expect(page.locator("[data-live]")).to_contain_text("No bundle is stored.")
