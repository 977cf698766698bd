"""The desk's page of a public release, and the page that serves it to visitors."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.anonymity.leak_scan import LeakKind, found_at
from ratings.challenge.models import Phase
from ratings.comparisons.models import Study
from ratings.ranking.models import PublicRelease
from ratings.storage.content_store import store
from tests.builders import NOW, build_member, build_organizer, build_team
from tests.ranking.releases import build_releasable, license_pictures, one_rater, visit_all
from tests.web.pages import page, queries

pytestmark = pytest.mark.django_db
COUNTS = {"judgments": 70, "people": 7, "pictures": 2, "searched": 9, "found": 0}


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    study = build_releasable()
    visit_all(study)
    return study


def desk(study: Study) -> str:
    return f"/desk/studies/{study.slug}/release/"


def public(study: Study) -> str:
    return f"/{study.phase.challenge.slug}/{study.phase.slug}/check/"


def build_release(study: Study, number: int = 1, **fields: object) -> PublicRelease:
    now = timezone.now()
    files = ["README.md", "pictures/metadata.jsonl"]
    defaults = {
        "state": "published",
        "license": "CC-BY-4.0",
        "by": "Ada",
        "asked_at": now,
        "ended_at": now,
        "sha256": store(b"PK zip %d" % number),
        "size_bytes": 13_300_000,
        "counts": COUNTS,
        "commands": ["python manage.py rank $RELEASE/judgments/judgments.csv --json"],
        "files": [{"path": path, "bytes": 1500, "sha256": "ab" * 32} for path in files],
    }
    return PublicRelease.objects.create(study=study, number=number, **(defaults | fields))


def test_it_is_for_organizers_alone(client: Client, study: Study) -> None:
    for _ in range(2):
        assert client.get(desk(study)).status_code in (302, 403)
        for act in ("publish/", "withdraw/"):
            assert client.post(f"{desk(study)}{act}").status_code in (302, 403)
        client.force_login(build_organizer(is_staff=False))
    assert not PublicRelease.objects.exists()


def test_it_says_what_it_would_hold_and_whom_it_tells_less_of(
    client: Client, organizer: User, study: Study
) -> None:
    study.raters.filter(pk=one_rater(study).pk).update(language="fi")
    license_pictures(study, "P")
    html = page(client, desk(study))
    figures = re.findall(r"<dd>(\d+)", html)
    assert figures == ["70", "7", "1", "7"]
    assert "of 2, by device class and language" in html
    assert "since fewer than 5 were like them" in html
    assert "<strong>CC-BY-4.0</strong>" in html and "None was asked for yet." in html
    assert re.search(r'value="P" ?>', html) and re.search(r'value="M" disabled ?>', html)
    assert "left out: the definition states no licence of them" in html


def test_what_stands_against_it_is_said_in_place_of_the_button(
    client: Client, organizer: User, study: Study
) -> None:
    Study.objects.update(is_open=True)
    html = page(client, desk(study))
    assert "The study is open: close it first" in html and ">Publish</button>" not in html
    refused = client.post(f"{desk(study)}publish/")
    assert refused.status_code == 422 and b"close it first" in refused.content


def test_it_is_published_followed_and_withdrawn(
    client: Client, organizer: User, study: Study
) -> None:
    license_pictures(study, "P")
    asked = client.post(f"{desk(study)}publish/", {"pictures": ["P"], "confirm": "on"})
    assert asked["Location"] == f"{desk(study)}#versions"
    assert PublicRelease.objects.get().pictures == ["P"]
    html = page(client, desk(study))
    assert "It waits for a worker, for 0 s." in html and organizer.username in html
    assert ">Publish</button>" not in html and ">Withdraw</button>" not in html
    PublicRelease.objects.all().delete()
    build_release(study, outdated_at=timezone.now())
    html = page(client, desk(study))
    assert "data were erased at" in html and "13.3 MB" in html
    assert client.post(f"{desk(study)}withdraw/", {"number": "1"}).status_code == 422
    assert client.post(f"{desk(study)}withdraw/", {"number": "x", "note": "?"}).status_code == 404
    client.post(f"{desk(study)}withdraw/", {"number": "1", "note": "A mistake."})
    assert PublicRelease.objects.get().state == "withdrawn"


def test_whole_pictures_are_chosen_by_their_size_and_a_name_is_typed(
    client: Client, organizer: User, study: Study
) -> None:
    license_pictures(study, "P")
    assert "Methods with a name in theirs" not in page(client, desk(study))
    build_member(build_team(study.phase.challenge), name="quill")
    study.entries.filter(label="method-0").update(label="Quill net")
    html = page(client, desk(study))
    assert "There is room for" in html and "Methods with a name in theirs" in html
    # The originals alone are stored here.
    size = sum(one.size_bytes for one in study.phase.datasets.get(slug="P").originals.all())
    assert f"P, {size}" in html.replace("\u00a0", " ")
    wrong = client.post(f"{desk(study)}publish/", {"labels": ["quill", ""], "confirm": "on"})
    assert wrong.status_code == 422 and b"No method called" in wrong.content
    chosen = {"whole_pictures": ["P"], "labels": [" Quill net "], "confirm": "on"}
    client.post(f"{desk(study)}publish/", chosen)
    release = PublicRelease.objects.get()
    assert (release.pictures, release.whole_pictures, release.public_labels) == (
        *([], ["P"]),
        ["Quill net"],
    )
    assert "Said to be public: Quill net." in page(client, desk(study))


def test_what_the_scan_found_is_named_by_its_place(
    client: Client, organizer: User, study: Study
) -> None:
    found = found_at("README.md", 3, 17, LeakKind.ADDRESS).as_json()
    build_release(study, state="refused", findings=[found], counts=COUNTS | {"found": 5}, sha256="")
    html = page(client, desk(study))
    assert "<code>README.md</code>, line 3, column 17: an e-mail address" in html
    assert "release a study without that method" in html
    assert "4 more" in html and "Download" not in html
    # The next one has its number.
    build_release(study)
    html = page(client, desk(study))
    assert html.count("Version 1") == 1 and html.count("No version") == 1


def test_its_queries_do_not_grow(client: Client, organizer: User, study: Study) -> None:
    build_release(study)
    one = queries(client, desk(study))
    for number in (2, 3):
        build_release(study, number)
    assert queries(client, desk(study)) == one


def test_visitors_get_the_newest_with_the_commands_that_check_it(
    client: Client, study: Study
) -> None:
    assert "Nothing is released" in page(client, public(study))
    first = build_release(study)
    build_release(study, 2)
    html = page(client, public(study))
    assert f'href="/api/v1/studies/{study.slug}/releases/2.zip" download>' in html
    assert (
        f"curl -o {study.slug}-v2.zip http://testserver/api/v1/studies/{study.slug}/releases/2.zip"
        in html
    )
    assert f"unzip {study.slug}-v2.zip" in html
    assert "python manage.py rank $RELEASE/judgments/judgments.csv --json" in html
    assert 'href="https://spdx.org/licenses/CC-BY-4.0"' in html
    assert "pictures/ (2 crops)" in html and ">README.md</code>" in html
    assert f"releases/{first.number}.zip" in html
    assert f'href="{public(study)}"' in page(client, public(study).replace("check", "board"))


def test_what_is_withdrawn_is_told_without_a_link(client: Client, study: Study) -> None:
    build_release(study, state="withdrawn", withdrawn_at=timezone.now(), sha256="")
    html = page(client, public(study))
    assert "What was released is withdrawn." in html and "withdrawn <time" in html
    assert "releases/1.zip" not in html


def test_before_the_boards_open_visitors_are_told_when(client: Client, study: Study) -> None:
    build_release(study)
    Phase.objects.update(boards_open_at=timezone.now() + timedelta(days=1))
    assert client.get(public(study)).status_code == 404
    client.force_login(build_organizer())
    assert "Download version 1" in page(client, public(study))


def test_a_preview_of_an_earlier_instant_shows_none(
    client: Client, organizer: User, study: Study
) -> None:
    build_release(study)
    slug, at = study.phase.challenge.slug, NOW + timedelta(days=1)
    before = f"/desk/challenges/{slug}/preview/visitor/{at:%Y-%m-%dT%H:%M:%SZ}"
    path = before + public(study)
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert b"Nothing is released" in answer.content and b"releases/1.zip" not in answer.content
    file = f"/api/v1/studies/{study.slug}/releases/1.zip"
    assert client.get(before + file).status_code == 404
    later = before.replace(f"{at:%Y-%m-%d}", f"{timezone.now() + timedelta(days=1):%Y-%m-%d}")
    assert client.get(later + file)["Location"] == file
    html = page(client, later + public(study))
    assert f"curl -o {study.slug}-v1.zip http://testserver{file}" in html


@pytest.mark.parametrize("is_frozen", [True, False])
def test_while_boards_are_frozen_or_a_study_is_open_visitors_are_told_why(
    client: Client, study: Study, is_frozen: bool
) -> None:
    build_release(study)
    if is_frozen:
        Phase.objects.update(boards_frozen_from=NOW)
    else:
        Study.objects.update(is_open=True)
    why = "The boards are frozen" if is_frozen else "A study of the phase is open"
    html = page(client, public(study))
    assert why in html and "releases/1.zip" not in html and "No study" not in html
    client.force_login(build_organizer())
    html = page(client, public(study))
    assert why in html and "releases/1.zip" in html
