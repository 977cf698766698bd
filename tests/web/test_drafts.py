"""A draft is seen by organizers alone: nothing tells a stranger that it is there."""

import pytest
from django.test import Client
from django.urls import get_resolver

from ratings.challenge.models import Challenge
from tests.builders import PASSWORD, build_dataset, build_organizer, build_original, build_team
from tests.web.builders import build_ranked_study, build_running_phase
from tests.web.routes import address, parameters, routes, status

pytestmark = pytest.mark.django_db


def test_a_stranger_learns_of_no_draft() -> None:
    phase = build_running_phase()
    challenge = phase.challenge
    dataset = build_dataset(challenge, slug="P", opens_at=phase.opens_at)
    build_original(dataset, name="a.png")
    phase.datasets.add(dataset)
    study = build_ranked_study(phase)
    build_team(challenge, name="xvc", password=PASSWORD)
    values = {
        "phase_slug": phase.slug, "phase": phase.slug, "dataset": "P", "name": "a.png",
        "submission_id": str(study.entries.order_by("pk")[0].submission.pk), "form": "svg",
        "crop_id": "1", "version": "decoded", "pk": "1", "what": "x", "number": "1",
    }  # fmt: skip
    asked = [
        address(name, {key: values[key] for key in keys - {"slug"}} | {"slug": slug})
        for name, route in routes(get_resolver().url_patterns)
        if "slug" in (keys := parameters(route)) and keys - {"slug"} <= values.keys()
        for slug in (challenge.slug, study.slug)
    ]
    assert len(asked) > 60
    stranger = Client()
    known = [status(stranger, path) for path in asked]
    assert known.count(200) > 12
    Challenge.objects.update(draft=True)
    for path in asked:
        drafted = status(stranger, path)
        allowed = {302, 401, 403, 404, 405} if "/desk/" in path else {401, 403, 404, 405}
        assert drafted in allowed, path
        if challenge.slug in path and study.slug not in path:
            assert drafted == status(stranger, path.replace(challenge.slug, "none")), path
    for path in ("/", "/api/v1/challenges/", "/api/v1/studies/"):
        body = stranger.get(path).content.decode()
        assert challenge.slug not in body and challenge.name not in body, path
    begun = {"challenge": challenge.slug, "phase": phase.slug, "method": "m"}
    login = {"Authorization": "Basic eHZjOng="}
    raters = f"/api/v1/studies/{study.slug}/raters/"
    for call in (
        stranger.post(raters, {"consent": True}, "application/json"),
        stranger.post("/api/v1/submissions/", begun, "application/json", headers=login),
    ):
        assert call.status_code in (400, 404)


def test_organizers_see_a_draft_and_that_it_is_one(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    Challenge.objects.update(draft=True)
    client.force_login(build_organizer())
    slug = phase.challenge.slug
    for below in ("", "method/", f"{phase.slug}/board/", "submit/"):
        assert client.get(f"/{slug}/{below}").status_code == 200
    assert client.get(f"/desk/studies/{study.slug}/preview/").status_code == 200
    assert "draft" in client.get("/desk/").content.decode()
