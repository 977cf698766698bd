"""The rows of the two boards, each figure as the text that stands on a page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from ratings.challenge.models import Phase
from ratings.comparisons.study.entries import REMOVED, WHY_LEFT
from ratings.fidelity.psnr_board import PsnrRow
from ratings.ranking.boards.human_board import HumanBoard, HumanRow
from ratings.submissions.picked_environments import has_choice
from ratings.submissions.rulings.exclusion import Excluded
from ratings.web.parts.words.formatting import NOTHING, decimal, grouped, limit, percent, rank_range

# Of rows: the boards' own, and, in a variant that takes them in, of those that have left.
KIND_TAGS = {
    "baseline": "baseline",
    "ineligible": "not eligible",
    **WHY_LEFT,
    REMOVED: "not in the study",
}


@dataclass(frozen=True)
class LeftLine:
    """A method that has left, named below a board: `why` it is not among the ranked.

    In all lines `url` is the method's page, "" where that is not shown.
    """

    url: str
    method: str
    team: str
    why: str
    reason: str


@dataclass(frozen=True)
class PsnrLine:
    """One row of the PSNR board; `key` is the submission, the same on both boards.

    `rank` is None for what is not on the board.
    """

    key: str
    url: str
    rank: int | None
    method: str
    team: str
    kind: str
    tag: str
    reason: str
    psnr_db: str
    ms_ssim: str
    bpp: str
    size_bytes: str
    # Where its decoder runs, if its phase leaves a choice.
    environment: str


@dataclass(frozen=True)
class HumanLine:
    """One row of the human board; `placed` tells whether the judgments give it a score.

    `end` says how it is ahead or behind where no score can, `open_end` the same in full.
    """

    key: str
    url: str
    method: str
    team: str
    kind: str
    tag: str
    reason: str
    placed: bool
    end: str
    open_end: str
    ranks: str
    score: str
    interval: str
    width: str
    win_rate: str
    judgments: str


def psnr_lines(
    phase: Phase, rows: Iterable[PsnrRow], closed: Collection[str] = ()
) -> list[PsnrLine]:
    """Return the rows of the phase's PSNR board as text.

    `closed` are here and below the slugs of the phases whose methods' pages aren't shown.
    """
    return [_psnr_line(phase, row, closed) for row in rows]


def human_lines(board: HumanBoard, closed: Collection[str] = ()) -> list[HumanLine]:
    """Return the human board's rows as text, in the board's order."""
    return [human_line(board, row, closed) for row in board.rows]


def left_lines(
    phase: Phase, left: Iterable[Excluded], closed: Collection[str] = ()
) -> list[LeftLine]:
    """Return what a board says of methods that have left."""
    return [
        LeftLine(
            url=_url(phase, excluded.phase, excluded.submission_id, closed),
            method=excluded.method,
            team=excluded.team,
            why=WHY_LEFT[excluded.kind],
            reason=excluded.reason,
        )
        for excluded in left
    ]


def entry_url(phase: Phase, submission_id: UUID) -> str:
    """Return the address of a method's own page."""
    return reverse("web:entry", args=[phase.challenge.slug, phase.slug, submission_id])


def _url(phase: Phase, slug: str, submission_id: UUID, closed: Collection[str]) -> str:
    """Return the address of the page of a method of this challenge's phase called `slug`."""
    if slug in closed:
        return ""
    return reverse("web:entry", args=[phase.challenge.slug, slug, submission_id])


def _psnr_line(phase: Phase, row: PsnrRow, closed: Collection[str]) -> PsnrLine:
    return PsnrLine(
        key=str(row.submission_id),
        url=_url(phase, phase.slug, row.submission_id, closed),
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
        environment=row.environment if has_choice(phase) else "",
    )


def _tag(row: HumanRow) -> str:
    is_replaced = not row.active and row.kind not in WHY_LEFT
    return "replaced" if is_replaced else KIND_TAGS.get(row.kind, "")


def human_line(board: HumanBoard, row: HumanRow, closed: Collection[str] = ()) -> HumanLine:
    """Return one row of a human board as text."""
    low, high, places = row.ci_low, row.ci_high, board.scale.page_decimals
    interval, width = NOTHING, NOTHING
    if low is not None and high is not None:
        interval, width = (
            f"{decimal(low, places)} to {decimal(high, places)}",
            decimal(high - low, places),
        )
    end, open_end = _end_in_words(board, row)
    return HumanLine(
        key=str(row.submission_id),
        url=_url(board.study.phase, row.phase, row.submission_id, closed),
        method=row.method,
        team=row.team,
        kind=row.kind,
        tag=_tag(row),
        reason=row.kind_reason,
        placed=row.placed,
        end=end,
        open_end=open_end,
        ranks=rank_range(row.rank, row.rank_low, row.rank_high),
        # A score by the prior alone says which way the judgments point, and not how far.
        score=decimal(row.score, places)
        if row.placed
        else limit(row.score_at_least, row.score_at_most, places),
        interval=interval,
        width=width,
        win_rate=percent(row.win_rate),
        judgments=grouped(row.judgments),
    )


def _end_in_words(board: HumanBoard, row: HumanRow) -> tuple[str, str]:
    """Return how a row without a score is ahead or behind, shortly, and of whom."""
    end = row.open_end
    if end is None or end.next_to is None:
        return "", ""
    next_to = {other.label: other.method for other in board.rows}.get(end.next_to, end.next_to)
    side = "ahead" if end.direction == "above" else "behind"
    of = f"ahead of {next_to}" if side == "ahead" else f"behind {next_to}"
    if end.at_least is None:
        return side, f"{of}, how far is not known"
    least = decimal(board.scale.length(end.at_least), board.scale.page_decimals)
    return f"{side} by at least {least}", f"{of} by at least {least}"
