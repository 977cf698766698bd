"""How to take part: the kit, the calls, and for a signed-in team what became of its submissions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.access.visibility import originals_open
from ratings.challenge.calendar import phase_state
from ratings.challenge.keys.decoder_environments import environments_of
from ratings.challenge.keys.decoder_limits import decoder_limits
from ratings.challenge.models import Challenge, Phase
from ratings.challenge.refusals import Refused
from ratings.sandbox.run_limits import size_words
from ratings.submissions.intake.factsheets import LARGEST_BYTES, put_factsheet
from ratings.submissions.picked_environments import has_choice
from ratings.web.parts.base_context import challenge_frame, is_organizer, visible_challenge
from ratings.web.parts.serving.kit_zip import installed_kit
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import file_size, grouped
from ratings.web.parts.words.phase_lines import PhaseLine, phase_line
from ratings.web.team.phase_standing import phase_standing
from ratings.web.team.team_sign_in import signed_in_actor


@dataclass(frozen=True)
class Rules:
    """A phase's rules in words."""

    line: PhaseLine
    budget: str
    quota: str
    decoder: str
    limits: str


@never_cache
@require_safe
def how_to_submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain how to send a submission; show a signed-in team all of its own."""
    return _page(request, visible_challenge(request, slug))


@never_cache
@require_POST
def send_factsheet(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Take a signed-in team's factsheet; show the page again with what is wrong with it."""
    challenge = visible_challenge(request, slug)
    phase = get_object_or_404(challenge.phases, slug=phase_slug)
    actor, file = signed_in_actor(request, challenge), request.FILES.get("factsheet")
    if actor is None:
        return redirect("web:team-sign-in", slug)
    try:
        if file is None:
            raise Refused("factsheet", "Choose a PDF first.")
        put_factsheet(phase, actor.team, file.chunks(), now_of(request), by=actor.signature)
    except Refused as refused:
        return _page(request, challenge, refused.problems)
    return redirect("web:submit", slug)


def _page(
    request: HttpRequest, found: Challenge, problems: list[str] | None = None
) -> HttpResponse:
    now = now_of(request)
    phases = list(found.phases.select_related("challenge", "decoders_from"))
    running = [phase for phase in phases if phase_state(phase, now) == "open"]
    phase = next(iter(running or phases), None)
    pictures = list(phase.originals()) if phase and _may_name(request, phase, now) else []
    actor = signed_in_actor(request, found)
    team = actor.team if actor else None
    page: dict[str, Any] = {
        "rules": [_rules(one, now) for one in phases],
        "phase": phase,
        "site": request.build_absolute_uri("/").rstrip("/"),
        "api": request.build_absolute_uri("/api/v1"),
        "kit_size": file_size(len(installed_kit())),
        "environments": [one.slug for one in environments_of(phase.environments)]
        if phase and has_choice(phase)
        else [],
        "pictures": pictures,
        "example": pictures[0] if pictures else None,
        "team": team,
        "member": actor.member if actor else None,
        "standings": [phase_standing(request, one, team, now) for one in reversed(phases)]
        if team
        else [],
        "problems": problems or [],
        "largest_factsheet": file_size(LARGEST_BYTES),
    }
    context = challenge_frame(request, found, now, "Submit") | page
    return render(request, "submit.html", context, status=422 if problems else 200)


def _rules(phase: Phase, now: datetime) -> Rules:
    limits = [
        f"{limit} {words}"
        for limit, words in (
            (phase.submissions_per_day, "in 24 hours"),
            (phase.submissions_in_all, "in all"),
        )
        if limit
    ]
    decoder = phase.get_decoder_rule_display()
    if phase.decoders_from:
        decoder = f"one that you submitted to {phase.decoders_from.name}"
    if phase.elsewhere != Phase.Elsewhere.OFF:
        decoder += f"; in another arithmetic {phase.get_elsewhere_display()}"
    return Rules(
        phase_line(phase, now),
        grouped(phase.byte_budget),
        ", ".join(limits) or "any number",
        decoder,
        _limits(phase),
    )


def _limits(phase: Phase) -> str:
    limits = decoder_limits(phase.decoder_limits)
    return f"{grouped(int(limits.cpu_seconds))} s, {size_words(limits.memory_bytes)}"


def _may_name(request: HttpRequest, phase: Phase, now: datetime) -> bool:
    return is_organizer(request) or originals_open(phase, now)
