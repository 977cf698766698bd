"""The desk's page of a phase's metrics: the track, what was sent, and sending for oneself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.jobs.metric_actions import change_track, remove_metric, send_metric
from ratings.jobs.metric_tasks import queue_metrics
from ratings.metrics.metric_entries import newest_entries
from ratings.metrics.metric_tracks import closed_because, track_of
from ratings.metrics.models import ATTEMPTS, MetricTrack
from ratings.metrics.packaged_measuring import packaged_lines
from ratings.ranking.boards.human_board import board_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.formatting import moment

ACTS = ("set", "send", "delete", "score")


@desk_page
@require_safe
def metrics(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show whether metrics take part, and what was sent."""
    return _page(request, _phase(slug, phase_slug))


@desk_page
@require_POST
def act_on_metrics(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Set the track, take a metric in, delete one, or score anew; say what stands against it."""
    phase = _phase(slug, phase_slug)
    try:
        notes = _do(request, phase)
    except Refused as refused:
        return _page(request, phase, refused.problems)
    if notes:
        return _page(request, phase, notes=notes)
    return redirect("web:desk-metrics", slug, phase_slug)


def _do(request: HttpRequest, phase: Phase) -> list[str]:
    """Carry out an act; return what its sender should know."""
    fields, what, track = request.POST, request.POST.get("act", ""), track_of(phase)
    if what == "set":
        _set(request, phase)
    elif what not in ACTS or track is None:
        raise Refused("metric-track", f"Choose what to do, once a track is set: {', '.join(ACTS)}.")
    elif what == "send":
        return _send(request, track)
    elif what == "delete":
        if "confirm" not in fields:
            raise Refused("metric", "Confirm it: all files of the metric are deleted for good.")
        key = fields.get("entry", "")
        entry = get_object_or_404(track.entries, pk=int(key[:18]) if key.isdecimal() else 0)
        by = request.user.get_username()
        remove_metric(track, entry.name, by, timezone.now(), team=entry.team)
    else:
        queue_metrics(track)
    return []


def _set(request: HttpRequest, phase: Phase) -> None:
    fields = request.POST
    attempts = fields.get("attempts", "")
    change_track(
        phase,
        fields.get("study", ""),
        int(attempts[:9]) if attempts.isdecimal() else 0,
        request.user.get_username(),
        timezone.now(),
        is_open="open" in fields,
        is_released="released" in fields,
    )


def _send(request: HttpRequest, track: MetricTrack) -> list[str]:
    file = request.FILES.get("file")
    if file is None:
        raise Refused("metric", "Choose a CSV file first.")
    sent = send_metric(
        track,
        request.POST.get("name", ""),
        file.chunks(),
        timezone.now(),
        team=None,
        by=request.user.get_username(),
        higher_is_better=request.POST.get("better") != "lower",
    )
    return sent.notes


def _phase(slug: str, phase_slug: str) -> Phase:
    phases = Phase.objects.select_related("challenge")
    return get_object_or_404(phases, challenge__slug=slug, slug=phase_slug)


def _page(
    request: HttpRequest,
    phase: Phase,
    problems: list[str] | None = None,
    notes: list[str] | None = None,
) -> HttpResponse:
    track = track_of(phase)
    entries = page_of(request, newest_entries(track)[::-1] if track else [])
    page = {
        "challenge": phase.challenge,
        "phase": phase,
        "track": track,
        "studies": board_studies(phase),
        "usual": ATTEMPTS,
        "closed_because": closed_because(track, phase, timezone.now()),
        "scored": track and track.scored_at and moment(track.scored_at, phase.zone),
        "packaged": packaged_lines(track) if track else [],
        "page": entries,
        "lines": [(entry, moment(entry.sent_at, phase.zone)) for entry in entries.rows],
        "send_url": reverse("web:desk-metrics-act", args=[phase.challenge.slug, phase.slug]),
        "problems": problems or [],
        "notes": notes or [],
    }
    return render(request, "desk/metrics.html", page, status=422 if problems else 200)
