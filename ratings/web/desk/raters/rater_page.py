"""The desk's page on one rater: figures, what was decided and why, and deciding otherwise."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments.screening import (
    NOTHING,
    RaterFigures,
    Spread,
    decide,
    rater_figures,
)
from ratings.comparisons.models import Decision, Rater, Recruit, Study
from ratings.comparisons.trials.completion_codes import completion
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from ratings.jobs.rater_actions import erase_on_record
from ratings.psychometrics.raters.quality import Quality
from ratings.ranking.evidence.rater_reports import middle_rater
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.desk.raters.raters_page import MEDIAN, NAME_CHARACTERS
from ratings.web.parts.drawing.charts import Interval, Svg, forest_plot
from ratings.web.parts.words.formatting import Moment, count, decimal, moment, percent

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


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def rater(request: HttpRequest, slug: str, rater_id: str) -> HttpResponse:
    """Show one rater; put an organizer's decision on record."""
    study = get_object_or_404(desk_studies(), slug=slug)
    rater_row = get_object_or_404(
        study.raters.select_related("invitation", "own_team"), pk=rater_id
    )
    problem = _act(request, rater_row) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return redirect("web:desk-rater", slug, rater_row.pk)
    mine = rater_figures(study, [rater_row.pk]).get(rater_row.pk, NOTHING)
    at = progress_of_rater(rater_row).state
    page = {
        "study": study,
        "rater": rater_row,
        "name": rater_row.pk.hex[:NAME_CHARACTERS],
        "problem": problem,
        "erasing": "erase" in request.POST,
        "note": request.POST.get("note", "") if problem else "",
        "reason": request.POST.get("reason", "") if problem else "",
        "states": [(state, state.label, words) for state, words in STATES.items()],
        "at": at,
        **_code(rater_row, at),
        "recruit": Recruit.objects.filter(rater=rater_row).first(),
        "visits": rater_row.visits.order_by("-number"),
        "consented": moment(rater_row.consented_at, study.phase.zone),
        "decisions": [_line(decision, study) for decision in rater_row.decisions.order_by("-pk")],
    }
    return render(
        request,
        "desk/rater.html",
        page | _figures(mine, study),
        status=400 if problem else 200,
    )


def _act(request: HttpRequest, rater: Rater) -> str:
    """Do what the form says; return what is wrong with the form, if anything."""
    return _erase(request, rater) if "erase" in request.POST else _decide(request, rater)


def _erase(request: HttpRequest, rater: Rater) -> str:
    if "confirm" not in request.POST:
        return "Confirm that it shall be erased: it can't be undone."
    try:
        note = request.POST.get("note", "")
        erase_on_record(rater, note, request.user.get_username(), timezone.now())
    except Refused as refused:
        return " ".join(refused.problems)
    return ""


def _decide(request: HttpRequest, rater: Rater) -> str:
    state, reason = request.POST.get("state", ""), request.POST.get("reason", "").strip()
    if state not in Rater.State.values:
        return "Choose what becomes of the judgments."
    if not reason or len(reason) > MOST_REASON:
        return f"Give a reason, in at most {MOST_REASON} characters: it stays on record."
    by = request.user if isinstance(request.user, User) else None
    decide(rater, state, reason, by=by, now=timezone.now())
    return ""


def _code(rater: Rater, at: State) -> dict[str, object]:
    """Return the code that the rater was handed out, or will be once done."""
    handed_out = completion(rater, at)
    coming = handed_out or completion(rater, State.DONE)
    return {"code": coming and coming.code, "is_handed_out": handed_out is not None}


def _figures(mine: RaterFigures, study: Study) -> dict[str, object]:
    """Return the figures as texts, and times and flips drawn beside the middle rater's."""
    quality, (middle_ms, middle_flips) = mine.quality, middle_rater(study)
    return {
        "answers": count(mine.answers, "answer"),
        "dropped": mine.dropped,
        "quality": decimal(quality.total, 2),
        "threshold": study.protocol.screening.quality,
        "chance": _chance(quality, study),
        "golden": percent(quality.accuracy),
        "golden_of": f"{quality.right:g} of {quality.goldens} golden trials",
        "alike": percent(quality.consistency),
        "alike_of": f"{quality.alike:g} of {quality.repeats} repeats",
        "left": percent(mine.left_share),
        "identical": mine.identical,
        "identical_left": percent(mine.identical_left),
        "seconds": decimal(mine.response_ms[MEDIAN] / 1000 if mine.response_ms else None, 1),
        "flips": decimal(mine.flips[MEDIAN] if mine.flips else None, 0),
        "time_plot": _plot(_seconds(mine.response_ms), _seconds(middle_ms)),
        "flip_plot": _plot(mine.flips, middle_flips),
    }


def _chance(quality: Quality, study: Study) -> str:
    """Return what decides while there are too few checks for a quality; nothing where none did."""
    rule = study.protocol.screening
    chance = quality.chance(rule.quality)
    has_enough = quality.is_below(rule.quality, rule.least_checks) is not None
    if chance is None or has_enough or not rule.early:
        return ""
    return f"at {rule.quality:g} so few checks passed have a chance of {100 * chance:.2g} %"


def _seconds(spread: Spread) -> Spread:
    return tuple(ms / 1000 for ms in spread)


def _plot(mine: Spread, middle: Spread) -> Svg:
    """Draw a rater's quantiles above the middle rater's; nothing where either is unknown."""
    if not mine or not middle:
        return Svg("")
    # The long tail to the right would squeeze the rest: the axis ends where the thick lines do.
    end = 1.5 * max(mine[-2], middle[-2])
    rows = [_interval("this rater", "competing", mine), _interval("middle", "ineligible", middle)]
    return forest_plot(rows, row_height=PLOT_ROW, axis=(0, end or 1))


def _interval(name: str, kind: str, spread: Spread) -> Interval:
    low, first, median, third, high = spread
    return Interval(name, kind, median, first, third, low, high)


def _line(decision: Decision, study: Study) -> DecisionLine:
    who = decision.decided_by.get_username() if decision.decided_by else "a former organizer"
    return DecisionLine(
        state=decision.state,
        label=decision.get_state_display(),
        reason=decision.reason,
        by=f"the rule of the study: {decision.rule}" if decision.rule else who,
        at=moment(decision.decided_at, study.phase.zone),
    )
