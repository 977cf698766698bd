"""A team's metrics in a phase: the list of pairs, what it sent, how often it may still send."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import Actor
from ratings.jobs.metric_actions import send_metric
from ratings.metrics.crop_package import crop_package
from ratings.metrics.judged_units import AskedUnits, asked_units
from ratings.metrics.metric_entries import attempts_left, newest_entries, require_may_send
from ratings.metrics.metric_files import pairs_csv
from ratings.metrics.metric_tracks import board_released, closed_because, track_of
from ratings.web.parts.base_context import challenge_frame, visible_challenge
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import count, moment
from ratings.web.team.team_sign_in import signed_in_actor, signed_in_team


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team_metrics(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show a signed-in team its metrics; take one in and say what is wrong with it."""
    challenge = visible_challenge(request, slug)
    phase = get_object_or_404(challenge.phases, slug=phase_slug)
    actor = signed_in_actor(request, challenge)
    if actor is None:
        return redirect("web:team-sign-in", slug)
    if request.method != "POST":
        return _page(request, phase, actor.team)
    try:
        notes = _send(request, phase, actor)
    except Refused as refused:
        return _page(request, phase, actor.team, refused.problems)
    if notes:
        return _page(request, phase, actor.team, notes=notes)
    return redirect("web:team-metrics", slug, phase_slug)


@never_cache
@require_safe
def pair_list(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponseBase:
    """Send a signed-in team the list of pairs, without answers or methods."""

    def listed(asked: AskedUnits) -> HttpResponse:
        return HttpResponse(
            pairs_csv(asked), content_type="text/csv; charset=utf-8; header=present"
        )

    return _download(request, slug, phase_slug, "pairs.csv", listed)


@never_cache
@require_safe
def crops(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponseBase:
    """Send a signed-in team the files of all pairs, with the list."""

    def packed(asked: AskedUnits) -> StreamingHttpResponse:
        return StreamingHttpResponse(crop_package(asked), content_type="application/zip")

    return _download(request, slug, phase_slug, "crops.zip", packed)


def _download(
    request: HttpRequest,
    slug: str,
    phase_slug: str,
    what: str,
    answer: Callable[[AskedUnits], HttpResponseBase],
) -> HttpResponseBase:
    """Answer a signed-in team with what it may have now of what metrics are asked about."""
    challenge: Challenge = visible_challenge(request, slug)
    phase = get_object_or_404(challenge.phases, slug=phase_slug)
    if signed_in_team(request, challenge) is None:
        return redirect("web:team-sign-in", slug)
    try:
        track = require_may_send(track_of(phase), phase, now_of(request))
    except Refused:
        return redirect("web:team-metrics", slug, phase_slug)
    sent = answer(asked_units(track.study))
    sent.headers["Content-Disposition"] = f'attachment; filename="{slug}-{phase_slug}-{what}"'
    return sent


def _send(request: HttpRequest, phase: Phase, actor: Actor) -> list[str]:
    now = now_of(request)
    track, file = require_may_send(track_of(phase), phase, now), request.FILES.get("file")
    if file is None:
        raise Refused("metric", "Choose a CSV file first.")
    sent = send_metric(
        track,
        request.POST.get("name", ""),
        file.chunks(),
        now,
        team=actor.team,
        by=actor.signature,
        higher_is_better=request.POST.get("better") != "lower",
    )
    return sent.notes


def _page(
    request: HttpRequest,
    phase: Phase,
    team: Team,
    problems: list[str] | None = None,
    notes: list[str] | None = None,
) -> HttpResponse:
    now, track = now_of(request), track_of(phase)
    own = [entry for entry in newest_entries(track) if entry.team == team] if track else []
    left = attempts_left(track, team) if track else 0
    page = {
        "phase": phase,
        "track": track,
        "team": team,
        "closed_because": closed_because(track, phase, now),
        "left": left,
        "left_words": count(left, "time"),
        "lines": [(entry, moment(entry.sent_at, phase.zone)) for entry in own],
        "board_released": board_released(phase, now),
        "send_url": reverse("web:team-metrics", args=[phase.challenge.slug, phase.slug]),
        "site": request.build_absolute_uri("/").rstrip("/"),
        "problems": problems or [],
        "notes": notes or [],
    }
    frame = challenge_frame(request, phase.challenge, now, "Submit")
    return render(request, "team_metrics.html", frame | page, status=422 if problems else 200)
