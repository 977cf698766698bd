"""A human board as the figures of psychometrics take it."""

from collections.abc import Mapping
from uuid import UUID

from ratings.psychometrics.report.drawing import Drawing, Method
from ratings.psychometrics.rounding import counted
from ratings.ranking.boards.human_board import HumanBoard, HumanRow


def drawing_of_board(board: HumanBoard, decibels: Mapping[UUID, float | None]) -> Drawing:
    """Return the board's ranked methods, named by their labels in the study.

    `decibels` are the PSNRs of their submissions.
    """
    title = f"{board.study.name}: {board.dataset.name}" if board.dataset else board.study.name
    raters = board.judged_by(counted(board.raters, "rater"))
    pictures = board.judged_on(counted(board.pictures, "picture"))
    facts = [
        f"{counted(board.judgments, 'judgment')}, {raters}, {pictures}",
        *(["SIMULATED"] if board.simulated else []),
    ]
    return Drawing(
        title=title,
        facts="; ".join(facts),
        scale=board.scale,
        methods=[
            _method(row, row.rank, decibels.get(row.submission_id))
            for row in board.rows
            if row.rank is not None
        ],
        chances=board.chances,
    )


def _method(row: HumanRow, rank: int, psnr_db: float | None) -> Method:
    return Method(
        name=row.label,
        rank=rank,
        score=row.score if row.placed else None,
        rank_low=row.rank_low,
        rank_high=row.rank_high,
        ci_low=row.ci_low,
        ci_high=row.ci_high,
        wide_low=row.wide_low,
        wide_high=row.wide_high,
        kind=row.kind,
        psnr_db=psnr_db,
        open=row.open_end.direction if row.open_end else "",
        start=row.open_from,
        bound=row.score_bound,
    )
