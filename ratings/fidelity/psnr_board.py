"""The PSNR board: one pooled PSNR for each team's entry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ratings.challenge.models import Dataset, Phase, Team
from ratings.fidelity.scores import Scores, submission_scores
from ratings.submissions.models import Submission
from ratings.submissions.rulings.exclusion import Excluded, excluded, out_at


@dataclass(frozen=True)
class PsnrRow:
    """One line of the board. PSNR is infinite where every picture is identical to its original.

    `rank` is None for what is not on the board.
    """

    rank: int | None
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
    # Of the phase's, by its slug: the one that it picked for its decoder.
    environment: str = ""

    @property
    def baseline(self) -> bool:
        """Say whether the organizers made it."""
        return self.kind == Team.Kind.BASELINE


def board_submissions(phase: Phase, until: datetime | None = None) -> list[Submission]:
    """Return the scored submissions on the phase's boards: each team's best, or its latest.

    Best is the least pooled MSE; of equal ones the earlier submission counts. What is excluded from
    the competition is passed over. With `until` they are those of that instant: of what was
    submitted by then, and not excluded by then.
    """
    return _choose(phase, until)[0]


def excluded_from_boards(phase: Phase, until: datetime | None = None) -> list[Excluded]:
    """Return what would be on the phase's boards, were it not excluded, by name.

    Of boards as of `until` what was excluded later is not among it, and what was readmitted later.
    """
    if not phase.submissions.exclude(exclusion="").exists():
        return []
    passed_over = _choose(phase, until)[1]
    entries = [excluded(submission) for submission in passed_over if submission.exclusion]
    return sorted(entries, key=lambda entry: (entry.method, entry.team))


def _choose(phase: Phase, until: datetime | None) -> tuple[list[Submission], list[Submission]]:
    """Return what is on the boards, and what is excluded and would stand before it."""
    scored = sorted(
        (
            scores
            for scores in submission_scores(phase.submissions.all())
            if until is None or _instant(scores.submission) <= until
        ),
        key=lambda scores: _instant(scores.submission),
    )
    if phase.board_rule == Phase.BoardRule.LATEST:
        scored.reverse()
    else:
        scored.sort(key=lambda scores: scores.mse)  # stable: the earlier of equals stays first
    out = None if until is None else out_at(phase, until)
    first: dict[int, Submission] = {}
    passed_over = []
    for submission in (figures.submission for figures in scored):
        if submission.team_id in first:
            continue
        if submission.exclusion if out is None else submission.pk in out:
            passed_over.append(submission)
        else:
            first[submission.team_id] = submission
    return list(first.values()), passed_over


def psnr_board(
    phase: Phase, dataset: Dataset | None = None, until: datetime | None = None
) -> list[PsnrRow]:
    """Return the board's rows by falling PSNR, on one data set or on all of the phase.

    Equal PSNRs share a rank. The entries are the same whatever the data set. Of a board that was
    frozen `until` an instant, they are those of then; what has left since says so by its kind.
    """
    on_board = phase.submissions.filter(
        pk__in=[submission.pk for submission in board_submissions(phase, until)]
    )
    entries = list(submission_scores(on_board, dataset))
    entries.sort(
        key=lambda scores: (scores.mse, scores.submission.method, scores.submission.team.name)
    )
    values = [scores.mse for scores in entries]
    return [_row(scores, values.index(scores.mse) + 1) for scores in entries]


def row_off_board(submission_id: UUID, dataset: Dataset | None = None) -> PsnrRow | None:
    """Return the figures of a scored submission that another one of its team has replaced.

    They are on one data set or on all of the phase; None where nothing of it is scored.
    """
    submissions = Submission.objects.filter(pk=submission_id)
    return next((_row(scores, None) for scores in submission_scores(submissions, dataset)), None)


def decibels(rows: Iterable[PsnrRow]) -> dict[UUID, float | None]:
    """Return the PSNR of each submission on the board."""
    return {row.submission_id: row.psnr_db for row in rows}


def _instant(submission: Submission) -> datetime:
    return submission.submitted_at or submission.created_at


def _row(scores: Scores, rank: int | None) -> PsnrRow:
    submission = scores.submission
    team, out = submission.team, submission.exclusion
    return PsnrRow(
        rank=rank,
        submission_id=submission.pk,
        method=submission.method,
        team=team.name,
        kind=out or team.kind,
        kind_reason=submission.exclusion_reason if out else team.kind_reason,
        psnr_db=scores.psnr_db,
        mse=scores.mse,
        size_bytes=scores.size_bytes,
        bpp=scores.bpp,
        decoder_bytes=scores.decoder_bytes,
        ms_ssim=scores.ms_ssim,
        decode_seconds=scores.decode_seconds,
        peak_memory_bytes=scores.peak_memory_bytes,
        environment=submission.environment,
    )
