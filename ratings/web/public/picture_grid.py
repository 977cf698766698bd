"""All pictures of a phase, put in order by what makes them worth looking at."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.models import Original, Phase
from ratings.comparisons.study.presentation import identities_open
from ratings.ranking.boards.picture_disagreement import PictureFacts, picture_facts
from ratings.ranking.models import is_simulated
from ratings.submissions.models import Submission
from ratings.viewing.shown_methods import shown_submissions
from ratings.viewing.tile_manifest import ORIGINAL
from ratings.web.parts.base_context import board_url, challenge_frame, is_organizer
from ratings.web.parts.paging import page_of
from ratings.web.parts.shown_pictures import (
    chosen_versions,
    not_yet,
    picture_url,
    version_keys,
)
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import NOTHING, count, decimal, percent
from ratings.web.public.board_pages import chosen_study, refuse_while_frozen, visible_phase

Order = Callable[[PictureFacts], Any]
# By what the address has as `sort`: the words of the choice, and the order, ties by name.
ORDERS: dict[str, tuple[str, Order]] = {
    "disagreement": (
        "people against PSNR",
        lambda one: (not one.disagreement.judgments, -one.disagreement.order),
    ),
    "spread": ("spread of PSNR", lambda one: -(one.spread_db or 0.0)),
    "judgments": ("judgments", lambda one: -one.disagreement.judgments),
    "name": ("name", lambda one: one.original.name),
}
# Without a study nobody has judged.
BY_PEOPLE = ("disagreement", "judgments")
PICTURES_A_PAGE = 48


@dataclass(frozen=True)
class GridPicture:
    """One picture of the grid, its facts in words."""

    original: Original
    url: str
    judgments: str
    against: str
    spread: str


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def pictures(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show the phase's pictures; 404 to everyone but organizers while they are not shown."""
    now = now_of(request)
    phase = shown_phase(request, slug, phase_slug, now)
    submissions = shown_submissions(phase)
    chosen = chosen_versions(request, version_keys(submissions))
    study = chosen_study(request, phase)
    facts = picture_facts(phase, study, submissions, chosen.methods)
    orders = [key for key in ORDERS if study or key not in BY_PEOPLE]
    sort = request.GET.get("sort", "")
    sort = sort if sort in orders else orders[0]
    listed = page_of(request, sorted(facts, key=ORDERS[sort][1]), size=PICTURES_A_PAGE)
    page = {
        "phase": phase,
        "hidden": not identities_open(phase, now),
        "board_url": board_url(phase),
        "study": study,
        "simulated": is_simulated(study),
        "page": replace(listed, rows=[_in_words(phase, one, chosen.query) for one in listed.rows]),
        "orders": [(key, ORDERS[key][0], key == sort) for key in orders],
        "kept": chosen.query.replace("?", "&"),
        "whole": phase.originals().count(),
        "between": _names(submissions, chosen.left, chosen.right),
        "gone": chosen.gone,
    }
    frame = challenge_frame(request, phase.challenge, now)
    return render(request, "pictures.html", frame | page)


def shown_phase(request: HttpRequest, slug: str, phase_slug: str, now: datetime) -> Phase:
    """Return the phase. Raises NotYet while its pictures are hidden, whatever lies behind."""
    phase = visible_phase(request, slug, phase_slug, now)
    refuse_while_frozen(request, phase, now)
    if not (identities_open(phase, now) or is_organizer(request)):
        raise not_yet(phase)
    return phase


def _in_words(phase: Phase, facts: PictureFacts, query: str) -> GridPicture:
    judged = facts.disagreement
    spread = facts.spread_db
    apart = NOTHING if spread is None else f"{decimal(spread, 1)} dB apart"
    return GridPicture(
        original=facts.original,
        url=picture_url(phase, facts.original) + query,
        judgments=count(judged.judgments, "judgment"),
        against=f"{percent(judged.share)} against PSNR" if judged.judgments else "",
        spread="one identical" if spread is not None and math.isinf(spread) else apart,
    )


def _names(submissions: Sequence[Submission], *keys: str) -> list[str]:
    """Return the names of the versions that are chosen."""
    names = {str(submission.pk): submission.method for submission in submissions}
    names[ORIGINAL] = "the original"
    return [names[key] for key in dict.fromkeys(keys) if key]
