"""Pages of mail and hooks, looked at: switches of a team and an organizer, a log of deliveries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import PUBLIC_SIZES, look
from tests.journeys.profiles import profile

DEFINITION = """
slug = "told"
name = "Told"
summary = "A challenge that tells what happens."
"""
HOOKS = """
from django.utils.timezone import now
from ratings.challenge.models import Challenge
from ratings.notices.hook_rules import HOOK_KINDS, try_hook
from ratings.notices.stop_links import stop_token
from ratings.outbox.hook_signing import new_secret
from ratings.outbox.models import Dispatch, Event, Hook
challenge = Challenge.objects.get(slug="told")
url = "https://hooks.example.org/services/a-long-path/that-is-a-secret/" + 30 * "x"
fields = {"challenge": challenge.pk, "url": url, "kinds": list(HOOK_KINDS), "by": "ann"}
for failing in (None, now()):
    hook = Hook.objects.create(
        secret=new_secret(), created_at=now(), failing_since=failing, disabled_at=failing, **fields
    )
    try_hook(hook, now())
Dispatch.objects.update(outcome="given-up", attempts=18, status=503, tried_at=now(), ended_at=now())
event = Event.objects.create(kind=Event.Kind.FAILED, at=now(), spread_at=now())
Dispatch.objects.create(
    event=event, receiver="team 1", next_at=now(), tried_at=now(), outcome="given-up", attempts=1,
    status=550, error="the mail server said 550",
)
print(stop_token("team 1"))
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page."""
    with profile(browser) as context:
        yield context.new_page()


def test_switches_and_logs_are_sound(site: Site, page: Page, tmp_path: Path) -> None:
    (tmp_path / "told.toml").write_text(DEFINITION)
    site.manage("load_challenge", str(tmp_path / "told.toml"))
    token = site.manage("shell", "--no-imports", "-c", HOOKS).split()[-1]
    page.goto(f"{site.url}/mail/{token}/")
    page.get_by_label("a deadline is moved").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_label("a deadline is moved")).not_to_be_checked()
    look(page, "mail-choices", PUBLIC_SIZES)

    page.goto(f"{site.url}/told/submit/register/")
    page.get_by_label("Team name").fill("xvc")
    page.get_by_label("E-mail").fill("xvc@example.org")
    page.get_by_label("New password").fill("correct horse")
    page.get_by_label("The same again").fill("correct horse")
    page.get_by_role("button", name="Register").click()
    page.get_by_role("link", name="Mail", exact=True).click()
    page.get_by_label("the organizers announce something").uncheck()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    look(page, "team-mail", PUBLIC_SIZES)

    page.goto(f"{site.url}/desk/challenges/told/hooks/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", site.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Hooks", exact=True)).to_be_visible()
    page.get_by_role("button", name="New secret").first.click()
    expect(page.get_by_role("status")).to_contain_text("whsec_")
    look(page, "desk-hooks")
    for name in ("mail", "account"):
        page.goto(f"{site.url}/desk/{name}/")
        look(page, f"desk-{name}")
