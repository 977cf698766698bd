"""A challenge's pages as a visitor or a team sees them at an instant, for whoever reads the desk.

A preview lies in the address, before that of the page itself: all links of the page lead on in it,
nothing is stored, and whoever gets the address by other ways is asked to sign in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import quote

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import ResolverMatch, get_script_prefix, resolve, reverse, set_script_prefix
from django.utils import timezone
from django.utils.http import escape_leading_slashes
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ratings.challenge.calendar import phase_state
from ratings.challenge.models import Challenge, Team
from ratings.comparisons.models import Study
from ratings.comparisons.study.definition_history import snapshot
from ratings.http.problems import problem_answer, problem_body
from ratings.http.security_headers import PRIVATE
from ratings.ranking.release.public_releases import served
from ratings.web.desk.definition.release_choices import NO_INSTANT, Opening, openings
from ratings.web.desk.parts.guards import SAFE, desk_page, read_only
from ratings.web.desk.parts.typed_instants import filled_instant, typed_instant
from ratings.web.parts import error_pages
from ratings.web.parts.viewpoint import Preview, look_as
from ratings.web.parts.words.formatting import Moment, moment, offset

VISITOR, TEAM = "visitor", "team-"
# A challenge's own pages are looked at there; all others are what they always are.
OF_CHALLENGES, OF_RATERS = "<slug:slug>/", "rate/<slug:slug>/"
RELEASE_FILE = "api:release-file"
JUST_BEFORE = timedelta(seconds=1)


@dataclass(frozen=True)
class PreviewedOpening:
    """An opening, and the addresses of what a visitor sees just before it and at it."""

    opening: Opening
    moment: Moment
    before: str
    then: str


@desk_page
@require_safe
def choose_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask as whom and when; lead there once both are chosen."""
    challenge = get_object_or_404(Challenge, slug=slug)
    now = timezone.now()
    zone = _zone(challenge, now)
    who, typed = request.GET.get("who", VISITOR), request.GET.get("at", "")
    at = typed_instant(typed, zone)
    if at:
        _team(challenge, who)  # there is one
        return redirect(_address(slug, who, at))
    page = {
        "challenge": challenge,
        "whom": [(VISITOR, "a visitor"), *_teams(challenge)],
        "who": who,
        "typed": typed or filled_instant(now.replace(second=0), zone),
        "problem": NO_INSTANT if typed else "",
        "offset": offset(now.astimezone(zone)),
        "iso_offset": now.astimezone(zone).isoformat()[-6:],
        "looks": [_look(slug, opening) for opening in openings(snapshot(challenge).tables())],
        "studies": Study.objects.filter(phase__challenge=challenge).order_by("pk"),
    }
    return render(request, "desk/preview.html", page, status=422 if typed else 200)


@csrf_exempt  # whatever is sent is refused
@read_only
def challenge_preview(
    request: HttpRequest, slug: str, who: str, at: str, rest: str
) -> HttpResponseBase:
    """Show a page as in the preview that its address says; do nothing in it."""
    challenge = get_object_or_404(Challenge, slug=slug)
    preview = _preview(challenge, who, at, request, rest)
    look_as(request, preview)
    if request.method not in SAFE:
        return _refused(preview, rest)
    try:
        match = resolve(f"/{rest}")
        if not match.route.startswith(OF_CHALLENGES) or match.kwargs["slug"] != slug:
            return redirect(_elsewhere(match, preview))
        with _as_public(challenge):
            response = _shown(request, match, rest)
    except Http404 as missing:
        response = error_pages.not_found(request, missing)
    response["Cache-Control"] = PRIVATE
    return response


def _preview(challenge: Challenge, who: str, at: str, request: HttpRequest, rest: str) -> Preview:
    """Return the preview that an address says. Raises Http404 where it says none."""
    instant = typed_instant(at, UTC)
    if instant is None:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return Preview(
        at=instant,
        zone=_zone(challenge, instant),
        team=_team(challenge, who),
        leave=escape_leading_slashes(f"/{quote(rest)}") + (f"?{query}" if query else ""),
        choose=reverse("web:preview-choice", args=[challenge.slug]),
        is_draft=challenge.draft,
    )


@contextmanager
def _as_public(challenge: Challenge) -> Iterator[None]:
    """Let everything that is asked in here find a draft public, and nobody else; nothing stays."""
    if not challenge.draft:
        yield
        return
    with transaction.atomic():
        Challenge.objects.filter(pk=challenge.pk).update(draft=False)
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _shown(request: HttpRequest, match: ResolverMatch, rest: str) -> HttpResponseBase:
    """Return a page all of whose links lead on in the preview."""
    own = get_script_prefix()
    request.path_info, request.resolver_match = f"/{rest}", match
    set_script_prefix(request.path.removesuffix(rest))
    try:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    finally:
        set_script_prefix(own)
    return response


def _elsewhere(match: ResolverMatch, preview: Preview) -> str:
    """Return where a link leads out of the preview; to raters' page, to its own preview.

    Raises Http404 for a release that there is not yet.
    """
    if match.view_name == RELEASE_FILE:
        study = get_object_or_404(
            Study.objects.select_related("phase__challenge"), slug=match.kwargs["slug"]
        )
        get_object_or_404(served(study, preview.at), number=match.kwargs["number"])
    if match.route == OF_RATERS:
        return reverse("web:preview", kwargs=match.kwargs)
    return preview.leave


def _refused(preview: Preview, rest: str) -> HttpResponse:
    answer = error_pages.no_acts(preview)
    if not rest.startswith("api/"):
        return answer
    detail = {"detail": error_pages.NO_ACTS.text}
    return problem_answer(problem_body(403, [detail], title=error_pages.NO_ACTS.title), {})


def _zone(challenge: Challenge, at: datetime) -> tzinfo:
    """Return the zone of the phase that runs at an instant, or comes next, or was last."""
    phases = list(challenge.phases.order_by("position"))
    ahead = [phase for phase in phases if phase_state(phase, at) != "closed"]
    phase = next(iter([*ahead, *reversed(phases)]), None)
    return phase.zone if phase else UTC


def _teams(challenge: Challenge) -> list[tuple[str, str]]:
    teams = challenge.teams.order_by("name")
    return [(f"{TEAM}{team.pk}", f"the team {team.name}") for team in teams]


def _team(challenge: Challenge, who: str) -> Team | None:
    """Return as which team one looks, None as a visitor. Raises Http404 for anybody else."""
    if who == VISITOR:
        return None
    number = who.removeprefix(TEAM)
    if not (who.startswith(TEAM) and number.isdecimal() and len(number) < 19):
        raise Http404
    return get_object_or_404(challenge.teams, pk=int(number))


def _look(slug: str, opening: Opening) -> PreviewedOpening:
    before, then = (_address(slug, VISITOR, at) for at in (opening.at - JUST_BEFORE, opening.at))
    return PreviewedOpening(opening, moment(opening.at, opening.at.tzinfo or UTC), before, then)


def _address(slug: str, who: str, at: datetime) -> str:
    """Return the address of the challenge's page in a preview."""
    page = reverse("web:challenge", args=[slug]).removeprefix("/")
    instant = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    return reverse("web:challenge-preview", args=[slug, who, instant, page])
