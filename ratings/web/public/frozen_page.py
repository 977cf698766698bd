"""A frozen ranking at its permanent address: as it was, how it is checked, and how it is cited."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.access.visibility import boards_frozen, boards_open, seen
from ratings.challenge.models import Series
from ratings.comparisons.models import Judgment, Stage, Study
from ratings.comparisons.study.entries import left_study
from ratings.http.security_headers import PRIVATE
from ratings.psychometrics.report.figures import draw_card
from ratings.ranking.boards.board_drawing import drawing_of_board
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.frozen.citations import Citation
from ratings.ranking.frozen.cited import cited_ranking
from ratings.ranking.frozen.frozen_rankings import board_of, frozen_phases, shown_to_all
from ratings.ranking.models import FrozenRanking
from ratings.web.parts.base_context import challenge_frame, closed_phases, is_organizer
from ratings.web.parts.board_rows import left_lines
from ratings.web.parts.human_boards import ranking_context
from ratings.web.parts.series_ways import series_way
from ratings.web.parts.shared_pages import SharedPage, feed_of, shared_page
from ratings.web.parts.viewpoint import now_of, public_url
from ratings.web.parts.words.formatting import Moment, moment
from ratings.web.public.board_history import frozen_url
from ratings.web.public.board_pages import FIGURES, legend, refuse_while_frozen, visible_phase
from ratings.web.public.citing import cite_context
from ratings.web.public.shared_results import described, picture, with_results

YEAR_SECONDS = 31_536_000
MOST_CARDS = 64


@dataclass(frozen=True)
class OtherRanking:
    """Another frozen ranking that one may go on to."""

    words: str
    url: str
    moment: Moment


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def frozen_ranking(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Show a ranking as it was; 404 to everyone but organizers until its boards open."""
    now = now_of(request)
    frozen = _visible(request, slug, digest, now)
    board, challenge = board_of(frozen), frozen.phase.challenge
    cited = cited_ranking(frozen, public_url(request, request.path))
    call = reverse("api:frozen-ranking", args=[slug, digest])
    page = {
        "phase": frozen.phase,
        "hidden": not all(boards_open(phase, now) for phase in frozen_phases(frozen)),
        "series": (shown := _series(frozen)) and series_way(request, shown, now),
        "frozen": frozen,
        "redacted": frozen.redacted_at and moment(frozen.redacted_at, frozen.phase.zone),
        "title": cited.title,
        "json_url": public_url(request, call),
        "legend": legend(),
        "figures": FIGURES,
        "others": _others(request, frozen, now),
        **_since(frozen, board),
        **cite_context(cited, reverse("api:ranking-citation", args=[slug, digest])),
        **ranking_context(board, closed_phases(request, frozen_phases(frozen), now)),
    }
    frame = challenge_frame(request, challenge, now, "Boards")
    is_public = frame["shared"] is not None and shown_to_all(frozen, now)
    shared = _shared(request, frozen, board, cited) if is_public else None
    return render(request, "frozen.html", frame | page | {"shared": shared})


@require_safe
def card(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """Send a ranking as the picture that networks show where its address is shared."""
    now = now_of(request)
    frozen = _visible(request, slug, digest, now)
    try:
        response = HttpResponse(_card(frozen.digest), content_type="image/png")
    except ValueError as error:
        raise Http404 from error
    kept = f"public, max-age={YEAR_SECONDS}, immutable"
    response["Cache-Control"] = kept if shown_to_all(frozen, now) else PRIVATE
    return response


@lru_cache(MOST_CARDS)
def _card(digest: str) -> bytes:
    frozen = FrozenRanking.objects.select_related("phase__challenge").get(digest=digest)
    drawing = drawing_of_board(board_of(frozen), {})
    return draw_card(replace(drawing, title=cited_ranking(frozen, "").title))


def _shared(
    request: HttpRequest, frozen: FrozenRanking, board: HumanBoard, cited: Citation
) -> SharedPage | None:
    """Return what the head says; None in a preview."""
    challenge = frozen.phase.challenge
    where = [challenge.slug, frozen.digest]
    shared = shared_page(request, cited.title, described(board), feed_of(challenge))
    if shared is None:
        return None
    shared = with_results(request, shared, cited, board, reverse("api:frozen-ranking", args=where))
    path = reverse("web:ranking-card", args=where)
    return replace(shared, picture=picture(request, path, cited.title))


def _visible(request: HttpRequest, slug: str, digest: str, now: datetime) -> FrozenRanking:
    """Return a frozen ranking. Raises NotYet where everybody may know of it and not see it yet."""
    visible = seen(organizer=is_organizer(request), challenge="phase__challenge__")
    rows = FrozenRanking.objects.filter(visible).select_related("phase__challenge")
    frozen = get_object_or_404(rows, phase__challenge__slug=slug, digest=digest)
    phases = frozen_phases(frozen)
    for phase in phases:
        visible_phase(request, slug, phase.slug, now)
    if not shown_to_all(frozen, now):
        for phase in phases:
            refuse_while_frozen(request, phase, now)
    return frozen


def _series(frozen: FrozenRanking) -> Series | None:
    """Return the series whose rates it compares, if it is still there."""
    study = Study.objects.filter(slug=frozen.study).select_related("series").first()
    return study.series if study and frozen.rates else None


def _others(request: HttpRequest, frozen: FrozenRanking, now: datetime) -> list[OtherRanking]:
    """Return the rankings before and after it, and the newest one, as far as they may be seen."""
    same = FrozenRanking.objects.filter(study=frozen.study, dataset=frozen.dataset).defer(
        "document"
    )
    for phase in frozen_phases(frozen):
        frozen_from = boards_frozen(phase, now)
        if frozen_from and not is_organizer(request):
            same = same.filter(computed_at__lte=frozen_from)
    place = (frozen.computed_at, frozen.pk)
    before = same.filter(_beside(place, "lt")).last()
    after, newest = same.filter(_beside(place, "gt")).first(), same.last()
    named = [("The one before", before), ("The one after", after)]
    if newest and newest != after and newest != frozen:
        named.append(("The newest", newest))
    return [
        OtherRanking(words, frozen_url(frozen.phase, one.digest), moment(one.computed_at, zone))
        for words, one in named
        if one and (zone := frozen.phase.zone)
    ]


def _beside(place: tuple[datetime, int], side: str) -> Q:
    """Return what filters the rankings before ("lt") or after ("gt") a place in their order."""
    at, pk = place
    return Q(**{f"computed_at__{side}": at}) | Q(**{"computed_at": at, f"pk__{side}": pk})


def _since(frozen: FrozenRanking, board: HumanBoard) -> dict[str, Any]:
    """Return what has changed since: methods that left, and whether its judgments are kept."""
    study = Study.objects.filter(slug=frozen.study).first()
    if study is None:
        return {"left_since": [], "erased": True}
    ranked = {row.submission_id for row in board.rows}
    gone = [one for one in left_study(study) if one.submission_id in ranked]
    of_main = {"trial__rater__study": study, "trial__rater__stage": Stage.MAIN}
    kept = Judgment.objects.filter(**of_main).exists()
    return {"left_since": left_lines(frozen.phase, gone), "erased": not kept}
