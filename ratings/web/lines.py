"""The rows of the two boards, each figure as the text that stands on a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from ratings.challenge.models import Phase
from ratings.fidelity.board import PsnrRow
from ratings.ranking.board import HumanBoard, HumanRow
from ratings.web.words import NOTHING, decimal, grouped, percent, rank_range

KIND_TAGS = {"baseline": "baseline", "ineligible": "not eligible"}


@dataclass(frozen=True)
class PsnrLine:
    """One row of the PSNR board; `key` is the submission, the same on both boards."""

    key: str
    url: str
    rank: int
    method: str
    team: str
    kind: str
    tag: str
    reason: str
    psnr_db: str
    ms_ssim: str
    bpp: str
    size_bytes: str


@dataclass(frozen=True)
class HumanLine:
    """One row of the human board; `placed` tells whether the judgments give it a score."""

    key: str
    url: str
    method: str
    team: str
    kind: str
    tag: str
    reason: str
    placed: bool
    ranks: str
    score: str
    interval: str
    width: str
    win_rate: str
    judgments: str


def psnr_lines(phase: Phase, rows: Iterable[PsnrRow]) -> list[PsnrLine]:
    """Return the rows of the phase's PSNR board as text."""
    return [_psnr_line(phase, row) for row in rows]


def human_lines(board: HumanBoard) -> list[HumanLine]:
    """Return the human board's rows as text, in the board's order."""
    return [human_line(board, row) for row in board.rows]


def entry_url(phase: Phase, submission_id: UUID) -> str:
    """Return the address of a method's own page."""
    return reverse("web:entry", args=[phase.challenge.slug, phase.slug, submission_id])


def _psnr_line(phase: Phase, row: PsnrRow) -> PsnrLine:
    return PsnrLine(
        key=str(row.submission_id),
        url=entry_url(phase, row.submission_id),
        rank=row.rank,
        method=row.method,
        team=row.team,
        kind=row.kind,
        tag=KIND_TAGS.get(row.kind, ""),
        reason=row.kind_reason,
        psnr_db=decimal(row.psnr_db, 2),
        ms_ssim=decimal(row.ms_ssim, 4),
        bpp=decimal(row.bpp, 4),
        size_bytes=grouped(row.size_bytes),
    )


def human_line(board: HumanBoard, row: HumanRow) -> HumanLine:
    """Return one row of a human board as text."""
    low, high, places = row.ci_low, row.ci_high, board.scale.page_decimals
    interval, width = NOTHING, NOTHING
    if low is not None and high is not None:
        interval, width = (
            f"{decimal(low, places)} to {decimal(high, places)}",
            decimal(high - low, places),
        )
    return HumanLine(
        key=str(row.submission_id),
        url=entry_url(board.study.phase, row.submission_id),
        method=row.method,
        team=row.team,
        kind=row.kind,
        tag="replaced" if not row.active else KIND_TAGS.get(row.kind, ""),
        reason=row.kind_reason,
        placed=row.rank is not None,
        ranks=rank_range(row.rank_low, row.rank_high),
        # A score by the prior alone says which way the judgments point, and not how far.
        score=decimal(None if row.rank is None else row.score, places),
        interval=interval,
        width=width,
        win_rate=percent(row.win_rate),
        judgments=grouped(row.judgments),
    )
