"""One method's page: its figures, its pictures, and how it fares against each other method."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.access.visibility import boards_open, originals_open
from ratings.challenge.models import Dataset, Original, Phase
from ratings.comparisons.models import Crop, CropVersion, Study
from ratings.comparisons.study.presentation import identities_open
from ratings.fidelity.picture_scores import PictureFigures, picture_figures
from ratings.fidelity.psnr_board import excluded_from_boards, psnr_board, row_off_board
from ratings.psychometrics.report.published import Chance, chances_of
from ratings.ranking.boards.human_board import HumanBoard, HumanRow, human_board
from ratings.ranking.boards.picture_win_rates import PictureScore, picture_scores
from ratings.ranking.fits.refitting import ranked_datasets
from ratings.storage.shelves import CROPS
from ratings.submissions.models import Submission
from ratings.submissions.rulings import eligibility
from ratings.web.parts.base_context import board_url, challenge_frame, is_organizer
from ratings.web.parts.board_rows import (
    HumanLine,
    LeftLine,
    PsnrLine,
    entry_url,
    human_line,
    left_lines,
    psnr_lines,
)
from ratings.web.parts.drawing import charts
from ratings.web.parts.shown_pictures import pictures_url
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import NOTHING, decimal, grouped, percent
from ratings.web.public.board_pages import chosen_study, refuse_while_frozen, visible_phase

VERSIONS = ("decoded", "original")
HOUR_SECONDS = 3600
MOST_FLIPS = 24


@dataclass(frozen=True)
class OnBoards:
    """Where the method stands on both boards: on all pictures, or on those of one data set."""

    name: str
    psnr: PsnrLine | None
    human: HumanLine | None


@dataclass(frozen=True)
class ChanceLine:
    """How often the method is preferred to another one, in words."""

    method: str
    key: str
    url: str
    preferred: str
    interval: str
    verdict: str


@dataclass(frozen=True)
class MethodPictureLine:
    """The method's figures on one picture, in words, and the crop to look at."""

    original: Original
    psnr_db: str
    ms_ssim: str
    bpp: str
    share: str
    judgments: str
    score: str
    crop: Crop | None


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def entry(request: HttpRequest, slug: str, phase_slug: str, submission_id: UUID) -> HttpResponse:
    """Show one method of the phase's boards; 404 to everyone but organizers until they open."""
    now = now_of(request)
    phase = visible_phase(request, slug, phase_slug, now)
    refuse_while_frozen(request, phase, now)
    study = chosen_study(request, phase)
    eligible = eligibility.eligibilities(phase, now)
    board = human_board(study) if study else None
    whole = _on_boards(phase, board, None, submission_id, eligible)
    shown = whole.human or whole.psnr
    gone = _left(phase, board, submission_id)
    if shown is None:
        return _left_page(request, phase, gone, now)
    page = {
        "phase": phase,
        "hidden": not boards_open(phase, now),
        "board_url": board_url(phase),
        "row": shown,
        "left": gone,
        "whole": whole,
        "parts": [
            _on_boards(
                phase, human_board(study, part) if study else None, part, submission_id, eligible
            )
            for part in ranked_datasets(phase)
        ],
        "study": study,
        "human": board,
        "pictures_url": pictures_url(phase) if identities_open(phase, now) else "",
        "size_is_stated": _is_stated(submission_id),
        **_against(phase, board, submission_id),
        **_pictures(request, phase, study, submission_id, now),
    }
    return render(request, "entry.html", challenge_frame(request, phase.challenge, now) | page)


def _is_stated(submission_id: UUID) -> bool:
    """Tell whether an organizer states its bytes, without the files."""
    stated = Submission.objects.filter(pk=submission_id, stated_bytes__isnull=False)
    return stated.filter(bitstreams__isnull=True).exists()


def _left(phase: Phase, board: HumanBoard | None, submission_id: UUID) -> LeftLine | None:
    """Return what the boards say of a method that has left one of them."""
    gone = [*excluded_from_boards(phase), *(board.left if board else ())]
    mine = [excluded for excluded in gone if excluded.submission_id == submission_id]
    return next(iter(left_lines(phase, mine)), None)


def _left_page(
    request: HttpRequest, phase: Phase, gone: LeftLine | None, now: datetime
) -> HttpResponse:
    """Say of a method that is on no board why it isn't, without figures or pictures."""
    if gone is None:
        raise Http404
    page = {
        "phase": phase,
        "hidden": not boards_open(phase, now),
        "board_url": board_url(phase),
        "left": gone,
    }
    return render(request, "entry_left.html", challenge_frame(request, phase.challenge, now) | page)


@require_safe
def entry_crop(
    request: HttpRequest,
    slug: str,
    phase_slug: str,
    submission_id: UUID,
    crop_id: int,
    version: str,
) -> FileResponse:
    """Send a crop as the method decoded it, or of the original; its random address stays secret."""
    now = now_of(request)
    phase = visible_phase(request, slug, phase_slug, now)
    refuse_while_frozen(request, phase, now)
    if version not in VERSIONS or not _may_see(request, phase, now):
        raise Http404
    is_out = Submission.objects.filter(pk=submission_id).exclude(exclusion="").exists()
    if is_out and not is_organizer(request):
        raise Http404
    versions = CropVersion.objects.filter(crop=crop_id, crop__study__phase=phase)
    whose = (
        {"kind": CropVersion.Kind.ENTRY, "entry__submission": submission_id}
        if version == "decoded"
        else {"kind": CropVersion.Kind.REFERENCE}
    )
    version_row = versions.filter(**whose).first()
    if version_row is None:
        raise Http404
    response = FileResponse(CROPS.open(version_row.address), content_type="image/webp")
    del response["Content-Disposition"]
    response["Cache-Control"] = f"private, max-age={HOUR_SECONDS}"
    return response


def _may_see(request: HttpRequest, phase: Phase, now: datetime) -> bool:
    return is_organizer(request) or identities_open(phase, now)


def _on_boards(
    phase: Phase,
    board: HumanBoard | None,
    dataset: Dataset | None,
    submission_id: UUID,
    eligible: Mapping[str, eligibility.Eligibility],
) -> OnBoards:
    """Return the method's rows on both boards, with what holds of its team."""
    row = _row(board, submission_id)
    psnr = [row for row in psnr_board(phase, dataset) if row.submission_id == submission_id]
    if not psnr and row:  # people have compared it, and another one has replaced it since
        psnr = [one for one in [row_off_board(submission_id, dataset)] if one]
    psnr = eligibility.with_eligibility(psnr, eligible)
    row = row and eligibility.with_eligibility([row], eligible)[0]
    return OnBoards(
        name=dataset.name if dataset else "all pictures",
        psnr=next(iter(psnr_lines(phase, psnr)), None),
        human=human_line(board, row) if board and row else None,
    )


def _row(board: HumanBoard | None, submission_id: UUID) -> HumanRow | None:
    rows = board.rows if board else []
    return next((row for row in rows if row.submission_id == submission_id), None)


def _against(phase: Phase, board: HumanBoard | None, submission_id: UUID) -> dict[str, Any]:
    """Return how the method fares against each other one, in words and drawn."""
    row = _row(board, submission_id)
    if board is None or row is None:
        return {"chances": []}
    others = {other.label: other for other in board.rows}
    pairs = chances_of(board.chances, row.label)
    intervals = [_chance_interval(others[chance.second], chance) for chance in pairs]
    return {
        "chances": [_chance_line(phase, others[chance.second], chance) for chance in pairs],
        "plot": charts.forest_plot(intervals, center=50, axis=(0, 100)),
    }


def _chance_line(phase: Phase, other: HumanRow, chance: Chance) -> ChanceLine:
    interval = NOTHING
    if chance.low is not None and chance.high is not None:
        interval = f"{percent(chance.low)} to {percent(chance.high)}"
    verdict = "better" if chance.probability > 0.5 else "worse"
    return ChanceLine(
        method=other.method,
        key=str(other.submission_id),
        url=entry_url(phase, other.submission_id),
        preferred=percent(chance.probability),
        interval=interval,
        verdict=verdict if chance.told_apart else "not told apart",
    )


def _chance_interval(other: HumanRow, chance: Chance) -> charts.Interval:
    low, high = (None if end is None else 100 * end for end in (chance.low, chance.high))
    return charts.Interval(other.method, other.kind, 100 * chance.probability, low, high)


def _pictures(
    request: HttpRequest,
    phase: Phase,
    study: Study | None,
    submission_id: UUID,
    now: datetime,
) -> dict[str, Any]:
    """Return the method's figures picture by picture, once these may be named."""
    if not (is_organizer(request) or originals_open(phase, now)):
        return {"pictures": [], "flips": []}
    submission = Submission.objects.get(pk=submission_id)
    scores = picture_scores(study) if study else {}
    entry = study.entries.filter(submission=submission).first() if study else None
    label = entry.label if entry else ""
    crops = _first_crops(study) if entry and study else {}
    lines = [
        _picture_line(figures, scores.get(figures.original.pk, {}).get(label), crops)
        for figures in picture_figures(submission)
    ]
    may_see = _may_see(request, phase, now)
    flips = [line for line in lines if line.crop] if may_see else []
    return {"pictures": lines, "flips": flips[:MOST_FLIPS], "may_see": may_see}


def _first_crops(study: Study) -> dict[int, Crop]:
    """Return one crop of each picture, by the picture."""
    crops = Crop.objects.filter(study=study).order_by("-y", "-x")
    return {crop.original_id: crop for crop in crops}


def _picture_line(
    figures: PictureFigures, score: PictureScore | None, crops: dict[int, Crop]
) -> MethodPictureLine:
    return MethodPictureLine(
        original=figures.original,
        psnr_db=decimal(figures.psnr_db, 2),
        ms_ssim=decimal(figures.ms_ssim, 4),
        bpp=decimal(figures.bpp, 4),
        share=percent(score.share if score else None),
        judgments=grouped(score.judgments if score else None),
        score=decimal(score.score if score else None, 2),
        crop=crops.get(figures.original.pk),
    )
