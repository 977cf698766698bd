"""Where a team begins a submission in its browser, and sends it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ratings.challenge.models import Phase, Team
from ratings.submissions.intake.ingest import MOST_OPEN
from ratings.submissions.models import Submission
from ratings.submissions.picked_environments import environment_named, has_choice, picked
from ratings.web.parts.base_context import challenge_frame, visible_challenge
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.environment_lines import environment_lines
from ratings.web.parts.words.formatting import moment
from ratings.web.parts.words.phase_lines import phase_line
from ratings.web.team.quota_lines import quota_line
from ratings.web.team.sending import Sending
from ratings.web.team.team_sign_in import signed_in_team


@never_cache
@require_safe
def new_submission(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Let a signed-in team choose files and send them; say when it may, where it may not now."""
    challenge = visible_challenge(request, slug)
    phase = get_object_or_404(challenge.phases.select_related("challenge"), slug=phase_slug)
    team = signed_in_team(request, challenge)
    if team is None:
        return redirect("web:team-sign-in", slug)
    now = now_of(request)
    quota = quota_line(phase, team, now)
    method = _last_method(team) or team.name
    new = Submission(phase=phase, team=team, method=method)
    drafts = team.submissions.filter(phase=phase, state=Submission.State.OPEN)
    is_full = drafts.count() >= MOST_OPEN
    page = {
        "phase": phase,
        "line": phase_line(phase, now),
        "quota": quota,
        # Before the phase is open its pictures' names are nobody's business.
        "sending": Sending(new, request) if quota.may_begin and not is_full else None,
        "is_full": is_full,
        "environments": environment_lines([phase], now) if has_choice(phase) else [],
        "picked": _last_environment(phase, team),
        "drafts": [(one, moment(one.created_at, phase.zone)) for one in drafts],
    }
    frame = challenge_frame(request, challenge, now, "Submit")
    return render(request, "new_submission.html", frame | page)


def _last_method(team: Team) -> str:
    """Return the name of the method that the team sent last, "" where it has sent none."""
    newest = team.submissions.order_by("-created_at").first()
    return newest.method if newest else ""


def _last_environment(phase: Phase, team: Team) -> str:
    """Return the slug of the environment that the team picked last in the phase, or the default."""
    newest = team.submissions.filter(phase=phase).order_by("-created_at").first()
    return environment_named(phase, newest.environment).slug if newest else picked(phase, team)
