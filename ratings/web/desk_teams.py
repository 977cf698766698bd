"""The desk's pages about a challenge's teams: who they are, what they sent, what was decided."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.calendar import phase_state
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams import erase, reset_password, set_kind
from ratings.submissions.exceptions import admit_late, register_decoder
from ratings.submissions.factsheets import erase_factsheets
from ratings.submissions.models import Submission
from ratings.web.desk import organizers_only

ACTS_SHOWN = 200


@organizers_only
@require_safe
def teams(request: HttpRequest, slug: str) -> HttpResponse:
    """List the challenge's teams, with how to reach them, and the record of what was done."""
    challenge = get_object_or_404(Challenge, slug=slug)
    submitted = Q(submissions__submitted_at__isnull=False)
    rows = challenge.teams.annotate(submitted=Count("submissions", filter=submitted))
    page = {
        "challenge": challenge,
        "teams": rows.order_by("name"),
        "acts": challenge.acts.select_related("team")[:ACTS_SHOWN],
    }
    return render(request, "desk/teams.html", page)


@organizers_only
@require_safe
def team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show one team: its submissions, and what an organizer may do for it."""
    return _page(request, _team(slug, pk), password=request.session.pop("team_password", ""))


@organizers_only
@require_POST
def act(request: HttpRequest, slug: str, pk: int, what: str) -> HttpResponse:
    """Do one thing for a team, on record; say on its page what stands against it."""
    found = _team(slug, pk)
    if what not in ACTS:
        raise Http404
    try:
        ACTS[what](request, found, request.user.get_username(), timezone.now())
    except Refused as refused:
        return _page(request, found, problems=refused.problems)
    return redirect("web:desk-team", slug, pk)


def _team(slug: str, pk: int) -> Team:
    return get_object_or_404(Team.objects.select_related("challenge"), challenge__slug=slug, pk=pk)


def _page(
    request: HttpRequest, found: Team, *, password: str = "", problems: list[str] | None = None
) -> HttpResponse:
    now = timezone.now()
    phases = found.challenge.phases.all()
    over = [phase.pk for phase in phases if phase_state(phase, now) == "closed"]
    page = {
        "challenge": found.challenge,
        "team": found,
        "kinds": Team.Kind.choices,
        "submissions": found.submissions.select_related("phase").order_by("-created_at"),
        "over": over,
        "open_state": Submission.State.OPEN,
        "registering": [p for p in phases if p.decoder_rule == Phase.DecoderRule.REGISTERED],
        "registered": found.registered_decoders.select_related("phase"),
        "factsheets": found.factsheets.select_related("phase__challenge"),
        "acts": found.acts.all(),
        "password": password,
        "problems": problems or [],
    }
    return render(request, "desk/team.html", page, status=422 if problems else 200)


def _reset(request: HttpRequest, found: Team, by: str, at: datetime) -> None:
    request.session["team_password"] = reset_password(found, by, at)


def _set_kind(request: HttpRequest, found: Team, by: str, at: datetime) -> None:
    set_kind(found, request.POST.get("kind", ""), request.POST.get("reason", ""), by, at)


def _admit(request: HttpRequest, found: Team, by: str, at: datetime) -> None:
    chosen = request.POST.get("submission", "")
    known = {str(one): one for one in found.submissions.values_list("pk", flat=True)}
    if chosen not in known:
        raise Refused("unknown-name", "This is no submission of the team.")
    admit_late(known[chosen], at, note=request.POST.get("note", ""), by=by)


def _register(request: HttpRequest, found: Team, by: str, at: datetime) -> None:
    phase = get_object_or_404(found.challenge.phases, slug=request.POST.get("phase", ""))
    sha256 = request.POST.get("sha256", "").strip().lower()
    register_decoder(phase, found, sha256, at, note=request.POST.get("note", ""), by=by)


def _erase(request: HttpRequest, found: Team, by: str, at: datetime) -> None:
    if request.POST.get("confirm", "") != found.name:
        raise Refused("note", "Write the team's name to confirm: erasing can't be undone.")
    erase(found, by, at)
    erase_factsheets(found)


ACTS: dict[str, Callable[[HttpRequest, Team, str, datetime], None]] = {
    "password": _reset,
    "kind": _set_kind,
    "late": _admit,
    "decoder": _register,
    "erase": _erase,
}
