"""The desk's page of a data set: what is there, page by page, and how it is deleted."""

import html as escaping

import pytest
from django.test import Client

from ratings.challenge.models import Dataset, Phase
from ratings.challenge.pictures.staged_files import LARGEST_BYTES
from ratings.challenge.receiving import too_large
from ratings.imaging.preparing import UNKNOWN
from tests.builders import build_dataset, build_organizer, build_original, build_submission
from tests.web.builders import build_running_phase
from tests.web.pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return build_running_phase()


@pytest.fixture
def dataset(phase: Phase) -> Dataset:
    return phase.datasets.get()


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer())
    return client


def address(dataset: Dataset, rest: str = "") -> str:
    return f"/desk/challenges/{dataset.challenge.slug}/datasets/{dataset.slug}/{rest}"


def test_only_organizers_see_it_and_delete(dataset: Dataset, client: Client) -> None:
    assert client.get(address(dataset)).status_code == 302
    assert client.post(address(dataset, "delete/"), {"name": "a.png"}).status_code == 302
    assert dataset.originals.count() == 2


def test_the_desk_leads_to_it(dataset: Dataset, organizer: Client) -> None:
    assert f'href="{address(dataset)}"' in page(organizer, "/desk/")


def test_pictures_are_shown_fifty_a_page(dataset: Dataset, organizer: Client) -> None:
    for number in range(50):
        build_original(dataset, name=f"c{number:02d}.png")
    first, second = (page(organizer, address(dataset, f"?page={n}")) for n in (1, 2))
    assert "52 pictures" in first
    assert first.count("/previews/") == 50 and second.count("/previews/") == 2
    assert "page=2#pictures" in first and "52 of 52" in second
    for odd in ("?page=x", "?page=99"):
        assert organizer.get(address(dataset, odd)).status_code == 200


def test_each_picture_s_scene_is_told(dataset: Dataset, organizer: Client) -> None:
    assert "Do several pictures show one" in " ".join(page(organizer, address(dataset)).split())
    Dataset.objects.filter(pk=dataset.pk).update(
        scenes=[{"name": "<lake>", "pictures": ["a*"]}, {"name": "town", "pictures": ["t*"]}]
    )
    text = page(organizer, address(dataset))
    assert "2 scenes" in text and text.count("scene &lt;lake&gt;</span>") == 1
    assert text.count(">scene ") == 1 and "town: no picture is called like &#x27;t*&#x27;" in text
    assert "lake&gt;: no picture" not in text


def test_pictures_are_searched_by_name(dataset: Dataset, organizer: Client) -> None:
    build_original(dataset, name="Dog_1.png")
    found = page(organizer, address(dataset, "?q=dog"))
    assert found.count("/previews/") == 1 and "Dog_1.png" in found
    assert "No picture has “&lt;b&gt;”" in page(organizer, address(dataset, "?q=<b>"))
    assert organizer.get(address(dataset, "?q=%00")).status_code == 400


def test_an_empty_data_set_says_what_to_do(phase: Phase, organizer: Client) -> None:
    empty = build_dataset(phase.challenge)
    html = page(organizer, address(empty))
    assert "No picture yet" in html and "in no phase" in html
    assert organizer.get(address(empty, "none/")).status_code == 404


def test_a_picture_is_deleted_or_it_is_said_why_not(
    phase: Phase, dataset: Dataset, organizer: Client
) -> None:
    ask = address(dataset, "delete/?name=a.png")
    assert f'href="{ask}"' in page(organizer, address(dataset))
    html = page(organizer, ask)
    assert "Delete a.png?" in html and "The phase A phase" in html
    assert dataset.originals.count() == 2
    assert organizer.post(address(dataset, "delete/"), {"name": "a.png"}).status_code == 302
    assert [one.name for one in dataset.originals.all()] == ["b.png"]
    build_submission(phase)
    response = organizer.post(address(dataset, "delete/"), {"name": "b.png"})
    assert response.status_code == 422
    assert "it has 1 submission, so its pictures are fixed" in response.content.decode()
    html = page(organizer, address(dataset, "delete/?name=b.png"))
    assert "it has 1 submission" in html and "Delete the picture" not in html
    assert organizer.get(address(dataset, "delete/?name=none")).status_code == 404
    assert organizer.post(address(dataset, "delete/"), {"name": "none"}).status_code == 422


def test_what_the_page_refuses_by_itself_is_in_the_servers_words(
    dataset: Dataset, organizer: Client
) -> None:
    html = escaping.unescape(page(organizer, address(dataset)))
    assert f'<p data-text="too_large">{too_large(LARGEST_BYTES)}</p>' in html
    assert f'<p data-text="unknown_kind">{UNKNOWN}</p>' in html
