"""The PSNR board: one pooled PSNR for each team's entry."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ratings.challenge.models import Dataset, Phase
from ratings.fidelity.scores import Scores, scores
from ratings.submissions.models import Submission


@dataclass(frozen=True)
class PsnrRow:
    """One line of the board. PSNR is infinite where every picture is identical to its original."""

    rank: int
    submission_id: UUID
    method: str
    team: str
    kind: str
    kind_reason: str
    psnr_db: float
    mse: float
    size_bytes: int | None
    bpp: float | None
    decoder_bytes: int | None
    ms_ssim: float | None = None
    # CPU seconds and memory, known only where the server ran the decoder itself.
    decode_seconds: float | None = None
    peak_memory_bytes: int | None = None


def board_submissions(phase: Phase) -> list[Submission]:
    """Return the scored submissions on the phase's boards: each team's best, or its latest.

    Best is the least pooled MSE; of equal ones the earlier submission counts.
    """
    scored = sorted(scores(phase.submissions.all()), key=lambda found: _instant(found.submission))
    if phase.board_rule == Phase.BoardRule.LATEST:
        scored.reverse()
    else:
        scored.sort(key=lambda found: found.mse)  # stable: the earlier of equals stays first
    first: dict[int, Submission] = {}
    for found in scored:
        first.setdefault(found.submission.team_id, found.submission)
    return list(first.values())


def psnr_board(phase: Phase, dataset: Dataset | None = None) -> list[PsnrRow]:
    """Return the board's rows by falling PSNR, on one data set or on all of the phase.

    Equal PSNRs share a rank. The entries are the same whatever the data set.
    """
    on_board = phase.submissions.filter(pk__in=[one.pk for one in board_submissions(phase)])
    entries = list(scores(on_board, dataset))
    entries.sort(key=lambda found: (found.mse, found.submission.method, found.submission.team.name))
    values = [found.mse for found in entries]
    return [_row(found, values.index(found.mse) + 1) for found in entries]


def _instant(submission: Submission) -> datetime:
    return submission.submitted_at or submission.created_at


def _row(found: Scores, rank: int) -> PsnrRow:
    team = found.submission.team
    return PsnrRow(
        rank=rank,
        submission_id=found.submission.pk,
        method=found.submission.method,
        team=team.name,
        kind=team.kind,
        kind_reason=team.kind_reason,
        psnr_db=found.psnr_db,
        mse=found.mse,
        size_bytes=found.size_bytes,
        bpp=found.bpp,
        decoder_bytes=found.decoder_bytes,
        ms_ssim=found.ms_ssim,
        decode_seconds=found.decode_seconds,
        peak_memory_bytes=found.peak_memory_bytes,
    )
