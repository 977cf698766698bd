"""The desk's pages about a challenge's teams: who they are, what they sent, what was decided."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.access.permissions import Permission, may_there
from ratings.challenge.calendar import phase_state
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_accounts import reset_password, set_kind
from ratings.jobs.team_actions import erase_wholly
from ratings.submissions.models import Submission
from ratings.submissions.rulings.overrides import admit_late, register_decoder
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.member_lists import MEMBER_ACTS, do_about_members, member_list
from ratings.web.parts.paging import page_of


@desk_page
@require_safe
def teams(request: HttpRequest, slug: str) -> HttpResponse:
    """List the challenge's teams, with how to reach them, and the record of what was done.

    `find` looks for teams by name or e-mail address.
    """
    challenge = get_object_or_404(Challenge, slug=slug)
    submitted = Q(submissions__submitted_at__isnull=False)
    rows = challenge.teams.annotate(submitted=Count("submissions", filter=submitted))
    find = request.GET.get("find", "").strip()
    if find:
        rows = rows.filter(Q(name__icontains=find) | Q(email__icontains=find))
    shown = page_of(request, rows.order_by("name", "pk"))
    record = page_of(request, challenge.audit_entries.select_related("team", "about"), "record")
    page = {
        "challenge": challenge,
        "find": find,
        "page": shown,
        "teams": shown.rows,
        "record": record,
        "audit_entries": record.rows,
    }
    return render(request, "desk/teams.html", page)


@desk_page
@require_safe
def team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show one team: its submissions, and what an organizer may do for it."""
    return _page(request, _team(slug, pk), password=request.session.pop("team_password", ""))


@desk_page
@require_POST
def act_on_team(request: HttpRequest, slug: str, pk: int, what: str) -> HttpResponse:
    """Do one thing for a team, on record; say on its page what stands against it."""
    team, by, now = _team(slug, pk), request.user.get_username(), timezone.now()
    if what not in ACTS | MEMBER_ACTS:
        raise Http404
    try:
        if what in MEMBER_ACTS:
            do_about_members(request, team, what, by, now)
        else:
            ACTS[what](request, team, by, now)
    except Refused as refused:
        return _page(request, team, problems=refused.problems)
    return redirect("web:desk-team", slug, pk)


def _team(slug: str, pk: int) -> Team:
    return get_object_or_404(Team.objects.select_related("challenge"), challenge__slug=slug, pk=pk)


def _page(
    request: HttpRequest, team: Team, *, password: str = "", problems: list[str] | None = None
) -> HttpResponse:
    now = timezone.now()
    phases = team.challenge.phases.all()
    may_change = may_there(request.user, Permission.CHANGE, request.resolver_match)
    address = partial(_act_address, team)
    submissions = page_of(request, team.submissions.select_related("phase").order_by("-created_at"))
    record = page_of(request, team.audit_entries.select_related("about"), "record")
    over = [phase.pk for phase in phases if phase_state(phase, now) == "closed"]
    page = {
        "challenge": team.challenge,
        "team": team,
        "kinds": Team.Kind.choices,
        "members": member_list(request, team, now, address, may_change=may_change),
        "page": submissions,
        "submissions": submissions.rows,
        "over": over,
        "open_state": Submission.State.OPEN,
        "registering": [p for p in phases if p.decoder_rule == Phase.DecoderRule.REGISTERED],
        "registered": team.registered_decoders.select_related("phase"),
        "factsheets": team.factsheets.select_related("phase__challenge"),
        "record": record,
        "audit_entries": record.rows,
        "password": password,
        "problems": problems or [],
    }
    return render(request, "desk/team.html", page, status=422 if problems else 200)


def _act_address(team: Team, what: str) -> str:
    return reverse("web:desk-team-act", args=[team.challenge.slug, team.pk, what])


def _reset(request: HttpRequest, team: Team, by: str, at: datetime) -> None:
    request.session["team_password"] = reset_password(team, by, at)


def _set_kind(request: HttpRequest, team: Team, by: str, at: datetime) -> None:
    set_kind(team, request.POST.get("kind", ""), request.POST.get("reason", ""), by, at)


def _admit(request: HttpRequest, team: Team, by: str, at: datetime) -> None:
    chosen = request.POST.get("submission", "")
    known = {
        str(submission): submission for submission in team.submissions.values_list("pk", flat=True)
    }
    if chosen not in known:
        raise Refused("unknown-name", "This is no submission of the team.")
    admit_late(known[chosen], at, note=request.POST.get("note", ""), by=by)


def _register(request: HttpRequest, team: Team, by: str, at: datetime) -> None:
    phase = get_object_or_404(team.challenge.phases, slug=request.POST.get("phase", ""))
    sha256 = request.POST.get("sha256", "").strip().lower()
    register_decoder(phase, team, sha256, at, note=request.POST.get("note", ""), by=by)


def _erase(request: HttpRequest, team: Team, by: str, at: datetime) -> None:
    if request.POST.get("confirm", "") != team.name:
        raise Refused("note", "Write the team's name to confirm: erasing can't be undone.")
    erase_wholly(team, by, at)


ACTS: dict[str, Callable[[HttpRequest, Team, str, datetime], None]] = {
    "password": _reset,
    "kind": _set_kind,
    "late": _admit,
    "decoder": _register,
    "erase": _erase,
}
