"""The desk's page of what a challenge shows to whom, and from when on: chosen in plain words.

It edits the definition, as the definition's own page does, and what is chosen is reviewed and saved
there.
"""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ratings.challenge.definitions.definition import emit_tables
from ratings.challenge.models import Challenge
from ratings.comparisons.study.definition_history import snapshot
from ratings.web.desk.definition import definition_form
from ratings.web.desk.definition.definition_page import Edited, reviewed
from ratings.web.desk.definition.release_choices import ReleasePart, as_sent, fields, parts
from ratings.web.desk.parts.guards import desk_page


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def release_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is released as choices; lead on to the review of what was chosen."""
    challenge = get_object_or_404(Challenge, slug=slug)
    if request.method == "POST":
        return _chosen(request, challenge)
    current = snapshot(challenge)
    edited = Edited(current.text, current.text, current.etag)
    return _page(request, challenge, edited, parts(current.tables(), timezone.now()))


def _chosen(request: HttpRequest, challenge: Challenge) -> HttpResponse:
    """Show what saving the choices would change; or the choices, where one is not made."""
    base, seen = (request.POST.get(name, "").replace("\r\n", "\n") for name in ("base", "seen"))
    edited, now = Edited(base, base, seen), timezone.now()
    tables = edited.tables() or {}
    was = parts(tables, now)
    form = {name: str(value) for name, value in request.POST.items()}
    became = [replace(part, choices=tuple(as_sent(part.choices, form))) for part in was]
    if any(choice.problem for part in became for choice in part.choices):
        return _page(request, challenge, edited, became, 422)
    said: dict[str, str] = {}
    for old, new in zip(was, became, strict=True):
        said |= fields(old.choices, new.choices, now)
    text = emit_tables(definition_form.sent(tables, said))
    return reviewed(request, challenge, Edited(text, base, seen))


def _page(
    request: HttpRequest,
    challenge: Challenge,
    edited: Edited,
    shown: list[ReleasePart],
    status: int = 200,
) -> HttpResponse:
    page = {
        "challenge": challenge,
        "edited": edited,
        "parts": shown,
        "wrong": [choice for part in shown for choice in part.choices if choice.problem],
    }
    return render(request, "desk/releases.html", page, status=status)
