"""Previews of originals: small, kept, and only of what is released."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from ratings.challenge.models import Original, Phase
from tests.builders import build_dataset, build_organizer, build_original, build_rgb
from tests.http.answers import without_id
from tests.web.builders import DAY, build_running_phase

pytestmark = pytest.mark.django_db


def preview(phase: Phase, original: Original) -> str:
    return f"/{phase.challenge.slug}/previews/{original.dataset.slug}/{original.name}"


def content(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"].startswith("public")
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_a_preview_is_small_in_proportion_and_made_once(client: Client) -> None:
    phase = build_running_phase()
    dataset = build_dataset(phase.challenge)
    phase.datasets.add(dataset)
    path = preview(phase, build_original(dataset, build_rgb(width=960, height=320)))
    first = content(client, path)
    with Image.open(BytesIO(first)) as image:
        assert image.size == (480, 160)
    folders, _ = default_storage.listdir("previews")
    assert [len(default_storage.listdir(f"previews/{name}")[1]) for name in folders] == [1]
    assert content(client, path) == first


def test_hidden_unknown_and_foreign_pictures_answer_alike(client: Client) -> None:
    hidden = build_running_phase(originals_open_at=timezone.now() + DAY)
    never = build_running_phase(originals_open_at=None)
    shown = build_running_phase()
    paths = [preview(p, p.originals()[0]) for p in (hidden, never)]
    paths += [f"/{shown.challenge.slug}/previews/{hidden.datasets.get().slug}/a.png"]
    paths += [f"/{shown.challenge.slug}/previews/{shown.datasets.get().slug}/none.png"]
    answers = [client.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.content, str(without_id(answer))) for answer in answers}) == 1


def test_organizers_see_hidden_pictures_and_no_shared_cache_keeps_them(client: Client) -> None:
    phase = build_running_phase(originals_open_at=None)
    client.force_login(build_organizer())
    response = client.get(preview(phase, phase.originals()[0]))
    assert response.status_code == 200
    assert "private" in response["Cache-Control"]
    response.close()
