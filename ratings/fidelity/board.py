"""The PSNR board: one pooled PSNR for each team's entry, from exact integer sums."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, Sum

from ratings.challenge.models import Dataset, Phase
from ratings.codecs.rate import bits_per_pixel
from ratings.imaging.psnr import mse, psnr_db
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
    # Known only where the server ran the decoder itself.
    decode_seconds: float | None = None
    peak_memory_bytes: int | None = None


@dataclass(frozen=True)
class _Pooled:
    """A scored submission with its sums over all pictures, or over those of one data set."""

    submission: Submission
    squared_error: int
    samples: int
    size_bytes: int | None
    decoder_bytes: int | None

    @property
    def mse(self) -> float:
        return mse(self.squared_error, self.samples)


def board_submissions(phase: Phase) -> list[Submission]:
    """Return the scored submissions on the phase's boards: each team's best, or its latest.

    Best is the least pooled MSE; of equal ones the earlier submission counts.
    """
    scored = sorted(_pooled(phase, None), key=lambda pooled: _instant(pooled.submission))
    if phase.board_rule == Phase.BoardRule.LATEST:
        scored.reverse()
    else:
        scored.sort(key=lambda pooled: pooled.mse)  # stable: the earlier of equals stays first
    first: dict[int, Submission] = {}
    for pooled in scored:
        first.setdefault(pooled.submission.team_id, pooled.submission)
    return list(first.values())


def psnr_board(phase: Phase, dataset: Dataset | None = None) -> list[PsnrRow]:
    """Return the board's rows by falling PSNR, on one data set or on all of the phase.

    Equal PSNRs share a rank. The entries are the same whatever the data set.
    """
    on_board = {submission.pk for submission in board_submissions(phase)}
    entries = [pooled for pooled in _pooled(phase, dataset) if pooled.submission.pk in on_board]
    entries.sort(key=lambda p: (p.mse, p.submission.method, p.submission.team.name))
    pixels = sum(o.pixels for o in phase.originals() if dataset in (None, o.dataset))
    values = [pooled.mse for pooled in entries]
    return [_row(pooled, values.index(pooled.mse) + 1, pixels) for pooled in entries]


def _pooled(phase: Phase, dataset: Dataset | None) -> Iterator[_Pooled]:
    scored = Submission.objects.filter(phase=phase, state=Submission.State.SCORED)
    decoded = Q(decoded_images__original__dataset=dataset) if dataset else Q()
    sums = scored.filter(decoded).annotate(
        squared_error=Sum("decoded_images__distortion__squared_error"),
        samples=Sum("decoded_images__distortion__samples"),
        decoder_bytes=F("decoder__size_bytes"),
    )
    bits = Q(bitstreams__original__dataset=dataset) if dataset else Q()
    sizes = dict(
        scored.filter(bits)
        .annotate(size_bytes=Sum("bitstreams__size_bytes"))
        .values_list("pk", "size_bytes")
    )
    for submission in sums.select_related("team"):
        yield _Pooled(
            submission=submission,
            squared_error=int(submission.squared_error),
            samples=int(submission.samples),
            size_bytes=sizes.get(submission.pk),
            decoder_bytes=submission.decoder_bytes,
        )


def _instant(submission: Submission) -> datetime:
    return submission.submitted_at or submission.created_at


def _row(pooled: _Pooled, rank: int, pixels: int) -> PsnrRow:
    size, team = pooled.size_bytes, pooled.submission.team
    return PsnrRow(
        rank=rank,
        submission_id=pooled.submission.pk,
        method=pooled.submission.method,
        team=team.name,
        kind=team.kind,
        kind_reason=team.kind_reason,
        psnr_db=psnr_db(pooled.squared_error, pooled.samples),
        mse=pooled.mse,
        size_bytes=size,
        bpp=None if size is None else bits_per_pixel(size, pixels),
        decoder_bytes=pooled.decoder_bytes,
    )
