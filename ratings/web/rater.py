"""The desk's page on one rater: figures, what was decided and why, and deciding otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ratings.comparisons.codes import completion
from ratings.comparisons.models import Decision, Rater, Recruit, Study
from ratings.comparisons.progress import State, progress
from ratings.comparisons.screening import NOTHING, Figures, decide, figures
from ratings.web.charts import Interval, Svg, forest_plot
from ratings.web.desk import desk_studies, organizers_only
from ratings.web.raters import MEDIAN, NAME_CHARACTERS
from ratings.web.words import Moment, count, decimal, moment, percent

MOST_REASON = 300
PLOT_ROW = 28
STATES = {
    Rater.State.USED: "Their judgments count.",
    Rater.State.NOT_USED: "They did the work and get their code; their judgments do not count.",
    Rater.State.REJECTED: "Their judgments do not count, and they are not paid.",
}


@dataclass(frozen=True)
class DecisionLine:
    """One decision: `by` is an organizer or a rule in words."""

    state: str
    label: str
    reason: str
    by: str
    at: Moment


@organizers_only
@require_http_methods(["GET", "HEAD", "POST"])
def rater(request: HttpRequest, slug: str, rater_id: str) -> HttpResponse:
    """Show one rater; put an organizer's decision on record."""
    study = get_object_or_404(desk_studies(), slug=slug)
    found = get_object_or_404(study.raters.select_related("invitation"), pk=rater_id)
    problem = _decide(request, found) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return redirect("web:desk-rater", slug, found.pk)
    crowd = figures(study)
    mine, at = crowd.get(found.pk, NOTHING), progress(found).state
    page = {
        "study": study,
        "rater": found,
        "name": found.pk.hex[:NAME_CHARACTERS],
        "problem": problem,
        "reason": request.POST.get("reason", "") if problem else "",
        "states": [(state, state.label, words) for state, words in STATES.items()],
        "at": at,
        **_code(found, at),
        "recruit": Recruit.objects.filter(rater=found).first(),
        "visits": found.visits.order_by("-number"),
        "consented": moment(found.consented_at, study.phase.zone),
        "decisions": [_line(one, study) for one in found.decisions.order_by("-pk")],
    }
    return render(
        request,
        "desk/rater.html",
        page | _figures(mine, list(crowd.values()), study),
        status=400 if problem else 200,
    )


def _decide(request: HttpRequest, found: Rater) -> str:
    """Decide as the form says; return what is wrong with the form, if anything."""
    state, reason = request.POST.get("state", ""), request.POST.get("reason", "").strip()
    if state not in Rater.State.values:
        return "Choose what becomes of the judgments."
    if not reason or len(reason) > MOST_REASON:
        return f"Give a reason, in at most {MOST_REASON} characters: it stays on record."
    by = request.user if isinstance(request.user, User) else None
    decide(found, state, reason, by=by, now=timezone.now())
    return ""


def _code(found: Rater, at: State) -> dict[str, object]:
    """Return the code that the rater was handed out, or will be once done."""
    handed_out = completion(found, at)
    coming = handed_out or completion(found, State.DONE)
    return {"code": coming and coming.code, "is_handed_out": handed_out is not None}


def _figures(mine: Figures, crowd: Sequence[Figures], study: Study) -> dict[str, object]:
    """Return the figures as texts, and times and flips drawn beside the crowd's."""
    quality = mine.quality
    seconds = [tuple(ms / 1000 for ms in one.response_ms) for one in crowd]
    return {
        "answers": count(mine.answers, "answer"),
        "dropped": mine.dropped,
        "quality": decimal(quality.total, 2),
        "threshold": study.how.screening.quality,
        "least": study.how.screening.least_checks,
        "golden": percent(quality.accuracy),
        "golden_of": f"{quality.right:g} of {quality.goldens} golden trials",
        "alike": percent(quality.consistency),
        "alike_of": f"{quality.alike:g} of {quality.repeats} repeats",
        "left": percent(mine.left_share),
        "identical": mine.identical,
        "identical_left": percent(mine.identical_left),
        "seconds": decimal(mine.response_ms[MEDIAN] / 1000 if mine.response_ms else None, 1),
        "flips": decimal(mine.flips[MEDIAN] if mine.flips else None, 0),
        "time_plot": _plot(tuple(ms / 1000 for ms in mine.response_ms), seconds),
        "flip_plot": _plot(mine.flips, [one.flips for one in crowd]),
    }


def _plot(mine: Sequence[float], crowd: Sequence[Sequence[float]]) -> Svg:
    """Draw a rater's quantiles above the middle rater's; nothing where either is unknown."""
    known = [one for one in crowd if one]
    if not mine or not known:
        return Svg("")
    middle = np.median(np.array(known), axis=0).tolist()
    # The long tail to the right would squeeze the rest: the axis ends where the thick lines do.
    end = 1.5 * max(mine[-2], middle[-2])
    rows = [_interval("this rater", "competing", mine), _interval("middle", "ineligible", middle)]
    return forest_plot(rows, row_height=PLOT_ROW, axis=(0, end or 1))


def _interval(name: str, kind: str, spread: Sequence[float]) -> Interval:
    low, first, median, third, high = spread
    return Interval(name, kind, median, first, third, low, high)


def _line(one: Decision, study: Study) -> DecisionLine:
    who = one.decided_by.get_username() if one.decided_by else "a former organizer"
    return DecisionLine(
        state=one.state,
        label=one.get_state_display(),
        reason=one.reason,
        by=f"the rule of the study: {one.rule}" if one.rule else who,
        at=moment(one.decided_at, study.phase.zone),
    )
