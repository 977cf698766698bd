"""The desk's page of exports: every link leads to its file, and bundles are made from there."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.comparisons.models import Study
from ratings.ranking.bundles.stored_bundles import KEPT
from ratings.ranking.models import Bundle
from ratings.storage.content_store import store
from tests.builders import build_organizer
from tests.web.builders import build_ranked_study, build_running_phase
from tests.web.pages import page, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    return build_ranked_study(build_running_phase())


def address(study: Study) -> str:
    return f"/desk/challenges/{study.phase.challenge.slug}/exports/"


def build_bundle(study: Study, **fields: object) -> Bundle:
    now = timezone.now()
    content = b"PK zip"
    ready = {"state": "ready", "by": "Ada", "asked_at": now, "ended_at": now}
    ready |= {"expires_at": now + KEPT, "size_bytes": len(content), "sha256": store(content)}
    return Bundle.objects.create(study=study, **(ready | fields))


def test_it_is_for_organizers_alone(client: Client, study: Study) -> None:
    for _ in range(2):
        assert client.get(address(study)).status_code in (302, 403)
        assert client.post(f"{address(study)}bundles/").status_code in (302, 403)
        client.force_login(build_organizer(is_staff=False))
    assert not Bundle.objects.exists()


def test_every_file_it_lists_is_there(client: Client, organizer: User, study: Study) -> None:
    html = page(client, address(study))
    links = [unescape(url) for url in re.findall(r'<a href="([^"]+)" download>', html)]
    assert len(links) == len(set(links)) == 4 + 8 + 2 + 4 + 2 + 1 + 2 + 2 + 2 + 2 + 1
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200, link
        assert answer.getvalue(), link


def test_a_bundle_is_asked_for_followed_and_revoked(
    client: Client, organizer: User, study: Study
) -> None:
    assert "No bundle is stored" in page(client, address(study))
    asked = client.post(f"{address(study)}bundles/", {"study": study.slug})
    assert asked["Location"] == f"{address(study)}#bundles"
    html = page(client, address(study))
    assert "It waits for a worker, for 0 s." in html and organizer.username in html
    bundle = Bundle.objects.get()
    client.post(f"{address(study)}bundles/{bundle.pk}/revoke/")
    assert not Bundle.objects.exists()


def test_a_ready_one_has_a_link_for_whoever_gets_it(
    client: Client, organizer: User, study: Study
) -> None:
    build_bundle(study, check_words="It finds the same scores.")
    html = page(client, address(study))
    link = re.search(r'<a href="http://testserver([^"]+)">Download</a>', html)
    assert link and "It finds the same scores." in html
    assert Client().get(link[1]).getvalue() == b"PK zip"


def test_one_that_failed_says_why(client: Client, organizer: User, study: Study) -> None:
    build_bundle(study, state="failed", problem="It finds <other> scores.", sha256="")
    html = page(client, address(study))
    assert "It finds &lt;other&gt; scores." in html and "Download" not in html


def test_another_challenges_bundles_and_studies_are_not_found(
    client: Client, organizer: User, study: Study
) -> None:
    other = build_ranked_study(build_running_phase())
    bundle = build_bundle(other)
    assert client.post(f"{address(study)}bundles/", {"study": other.slug}).status_code == 404
    assert client.post(f"{address(study)}bundles/").status_code == 404
    client.post(f"{address(study)}bundles/{bundle.pk}/revoke/")
    assert Bundle.objects.get() == bundle


def test_its_queries_do_not_grow(client: Client, organizer: User, study: Study) -> None:
    build_bundle(study)
    one = queries(client, address(study))
    for _ in range(3):
        build_bundle(build_ranked_study(study.phase))
    assert queries(client, address(study)) == one
