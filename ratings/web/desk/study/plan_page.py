"""The desk's page on planning a study: what so many judgments can be expected to tell."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ratings.comparisons.study.planning import (
    TOLD_BY_PILOT,
    PlannedStudy,
    assumed,
    planned,
    read_assumptions,
)
from ratings.psychometrics.rounding import per_cent
from ratings.ranking.evidence.study_pilot import study_pilot
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.guards import desk_page
from ratings.web.desk.parts.number_fields import number_fields
from ratings.web.desk.study.plan_charts import curve
from ratings.web.parts.words.formatting import decimal

LABELS = {
    "methods": ("Methods", "On the board, baselines too."),
    "pictures": ("Pictures", "That take part."),
    "raters": ("Raters", ""),
    "trials": ("Comparisons of a visit", "Checks and practice not counted."),
    "visits": ("Visits of a rater", ""),
    "spread": (
        "Spread of the methods",
        "Deviation of their strengths, in log odds; taken without near ties.",
    ),
    "taste": ("Spread of tastes", "What a rater adds to each method."),
    "picture": ("Spread of pictures", "What a picture adds to each method."),
    "careless": ("Share of careless raters", ""),
    "ties": ("Share of ties", "Between equals, where they are allowed."),
    "level": ("Level of the intervals", ""),
}

# What is asked for beside a pilot, and how a plan without it is asked for.
FREE = [name for name in LABELS if name not in TOLD_BY_PILOT]
GUESS = "no"


@desk_page
@require_safe
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Show widths of intervals and neighbours told apart over numbers of judgments."""
    study = get_object_or_404(desk_studies(), slug=slug)
    typed = {name: str(value) for name, value in request.GET.dict().items()}
    found = study_pilot(study)
    told = found.tells if found and typed.get("pilot") != GUESS else None
    labels = {name: label for name, label in LABELS.items() if not told or name in FREE}
    typed = {name: value for name, value in typed.items() if name in labels}
    assumptions, problems = read_assumptions(study, typed, told)
    usual = asdict(assumed(study, told))
    outcome = planned(assumptions, told)
    page = {
        "study": study,
        "pilot": found,
        "told": told,
        "guess": GUESS,
        "fields": number_fields(labels, typed, usual, problems),
        "is_changed": asdict(assumptions) != usual,
        "command": f"python manage.py plan_study {assumptions.as_options(slug if told else '')}",
        "outcome": outcome,
        **_drawn(outcome),
    }
    return render(request, "desk/plan.html", page, status=422 if problems else 200)


def _drawn(outcome: PlannedStudy) -> dict[str, object]:
    points, last = outcome.points, outcome.points[-1]
    least = outcome.endless_half_width
    floor = (least, f"endless judgments: {decimal(least, 2)}")
    widths = [(point.judgments, point.half_width) for point in points]
    apart = [(point.judgments, point.apart) for point in points]
    return {
        "last": last,
        "last_width": decimal(last.half_width, 2),
        "last_apart": decimal(last.apart, 1),
        "least": decimal(least, 2),
        "level": f"{per_cent(outcome.assumptions.level)}%",
        "widths": curve(widths, "log odds", floor),
        "apart": curve(apart, "told apart", (outcome.neighbours, f"all {outcome.neighbours}")),
    }
