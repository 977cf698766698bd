"""A challenge of which nothing is public, and the values that lead each route to it."""

from uuid import UUID

from django.urls import URLPattern

from ratings.challenge.models import Phase
from tests.builders import build_challenge, build_dataset, build_original, build_submission
from tests.comparisons.builders import build_study
from tests.web.builders import build_running_phase
from tests.web.routes import parameters


def built(slug: str) -> Phase:
    """Save a challenge of which nothing is public, with what routes are about."""
    phase = build_running_phase(
        challenge=build_challenge(slug=slug), originals_open_at=None, boards_open_at=None
    )
    build_original(build_dataset(phase.challenge, slug="p"), name="a.png")
    build_study(phase, slug=f"{slug}-study")
    build_submission(phase)
    return phase


def values(phase: Phase, route: URLPattern) -> dict[str, str]:
    """Return values for a route's parameters, about this phase and its challenge."""
    study = "studies/<slug:slug>" in str(route.pattern)
    study = study or str(route.pattern).startswith("rate/")
    slug = phase.challenge.slug
    known = {
        "slug": f"{slug}-study" if study else slug,
        "submission_id": str(phase.submissions.get().pk),
        "rater_id": str(UUID(int=1)),
        **dict.fromkeys(("phase", "phase_slug"), phase.slug),
        **dict.fromkeys(("dataset", "dataset_slug"), "p"),
        "name": "a.png",
        "form": "svg",
        "what": "x",
        "token": "x",
        "version": "decoded",
        "who": "visitor",
        "at": "2026-12-01T00:00:00Z",
        "rest": f"{slug}/",
    }
    return {key: known.get(key, "1") for key in parameters(route)}


def filled(phase: Phase, route: URLPattern) -> dict[str, str]:
    """Return values for all parameters of a route; of crops, tiles and trials there are none."""
    none = {"address": UUID(int=0).hex}
    if "<uuid:trial_id>" in str(route.pattern):
        none["trial_id"] = str(UUID(int=0))
    known = values(phase, route)
    return known | {key: none[key] for key in known.keys() & none.keys()}
