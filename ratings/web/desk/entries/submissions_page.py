"""The desk's page of a challenge's submissions: in pages, filtered, and searched."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ratings.challenge.models import Challenge
from ratings.submissions.models import Submission
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.run_descriptions import listed, submission_lines

OUT = "out"  # as a state: withdrawn or disqualified
STATES = [*((state, state) for state in Submission.State.values), (OUT, "withdrawn, disqualified")]


@desk_page
@require_safe
def submissions(request: HttpRequest, slug: str) -> HttpResponse:
    """List the challenge's submissions, the newest first, as the address filters them."""
    challenge = get_object_or_404(Challenge, slug=slug)
    asked = {name: request.GET.get(name, "").strip() for name in ("phase", "state", "team", "find")}
    rows = _filtered(Submission.objects.filter(phase__challenge=challenge), asked)
    page = page_of(request, listed(rows))
    context = {
        "challenge": challenge,
        "asked": asked,
        "is_filtered": any(asked.values()),
        "states": STATES,
        "phases": challenge.phases.order_by("position"),
        "page": page,
        "submissions": submission_lines(page.rows),
    }
    return render(request, "desk/submissions.html", context)


def _filtered(rows: QuerySet[Submission], asked: dict[str, str]) -> QuerySet[Submission]:
    """Keep what is asked for; `find` is looked for in methods, teams and identifiers."""
    if asked["phase"]:
        rows = rows.filter(phase__slug=asked["phase"])
    if asked["state"] == OUT:
        rows = rows.exclude(exclusion="")
    elif asked["state"]:
        rows = rows.filter(state=asked["state"])
    if asked["team"]:
        rows = rows.filter(team__name__icontains=asked["team"])
    if find := asked["find"]:
        named = Q(method__icontains=find) | Q(team__name__icontains=find)
        rows = rows.filter(named | Q(pk__istartswith=find))
    return rows
