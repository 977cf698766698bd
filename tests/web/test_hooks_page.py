"""The desk's page of hooks: added, tried, logged, rotated, removed; secrets shown once."""

import re

import pytest
from django.test import Client

from ratings.challenge.models import Challenge
from ratings.notices.delivering import deliver
from ratings.outbox.models import Dispatch, Hook
from tests.builders import NOW, build_challenge, build_organizer
from tests.outbox.builders import build_hook
from tests.outbox.receivers import HookReceiver

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"whsec_[\w+/=]+")


@pytest.fixture
def challenge() -> Challenge:
    return build_challenge()


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer(username="olga"))
    return client


def page(client: Client, challenge: Challenge) -> str:
    return client.get(f"/desk/challenges/{challenge.slug}/hooks/").content.decode()


def act(client: Client, challenge: Challenge, what: str, **fields: object) -> tuple[int, str]:
    answer = client.post(f"/desk/challenges/{challenge.slug}/hooks/{what}/", fields)
    return answer.status_code, answer.content.decode()


def test_a_hook_s_life(
    organizer: Client, challenge: Challenge, hook_receiver: HookReceiver
) -> None:
    kinds = ["submission.failed", "person.needed"]
    assert act(organizer, challenge, "add", url=hook_receiver.url, kind=kinds)[0] == 302
    hook = Hook.objects.get()
    assert (hook.kinds, hook.by) == (kinds, "olga")
    (shown,) = SECRET.findall(page(organizer, challenge))
    assert shown == hook.secret and not SECRET.search(page(organizer, challenge))
    assert act(organizer, challenge, "try", hook=hook.pk)[0] == 302
    deliver(lambda: Dispatch.objects.get().next_at)
    assert "hook.test" in page(organizer, challenge) and "204" in page(organizer, challenge)
    assert act(organizer, challenge, "again", delivery=Dispatch.objects.get().pk)[0] == 302
    deliver(lambda: Dispatch.objects.get().next_at)
    ids = {posted.headers["webhook-id"] for posted in hook_receiver.posted}
    assert len(hook_receiver.posted) == 2 and len(ids) == 1
    assert act(organizer, challenge, "rotate", hook=hook.pk)[0] == 302
    (another,) = SECRET.findall(page(organizer, challenge))
    assert another != shown
    Hook.objects.update(disabled_at=NOW, failing_since=NOW)
    assert "disabled" in page(organizer, challenge)
    assert act(organizer, challenge, "enable", hook=hook.pk)[0] == 302
    assert Hook.objects.get().disabled_at is None
    assert act(organizer, challenge, "remove", hook=hook.pk)[0] == 422
    assert act(organizer, challenge, "remove", hook=hook.pk, confirm="on")[0] == 302
    assert not Hook.objects.exists()
    kept = [entry.kind for entry in challenge.audit_entries.order_by("pk")]
    assert kept == ["hook", "hook", "hook", "no-hook"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.org/", "begins with https://"),
        ("https://127.0.0.1/", "not public"),
        ("https://name.invalid/", "can&#x27;t be looked up"),
    ],
)
def test_an_address_that_can_t_be_one_is_refused(
    organizer: Client, challenge: Challenge, url: str, said: str
) -> None:
    status, html = act(organizer, challenge, "add", url=url, kind="submission.failed")
    assert status == 422 and said in html and not Hook.objects.exists()


def test_nothing_is_done_to_hooks_elsewhere(organizer: Client, challenge: Challenge) -> None:
    other = build_hook(build_challenge())
    for what in ("try", "rotate", "enable", "remove"):
        status, _ = act(organizer, challenge, what, hook=other.pk, confirm="on")
        assert status == 404
    assert act(organizer, challenge, "nonsense", hook=other.pk)[0] == 404
    assert Hook.objects.get().secret == other.secret


def test_viewers_see_no_path_of_an_address(client: Client, challenge: Challenge) -> None:
    build_hook(challenge, url="https://chat.example.org/secret/path")
    viewer = build_organizer(username="vera", is_staff=False)
    viewer.memberships.create(role="viewer", challenge=challenge)
    client.force_login(viewer)
    html = page(client, challenge)
    assert (
        "chat.example.org" in html
        and "secret/path" not in html
        and "<form" not in html[html.index('id="all"') :]
    )
