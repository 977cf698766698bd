"""The PSNR board: one pooled PSNR for each team's entry, from exact integer sums."""

from collections.abc import Iterable
from dataclasses import dataclass
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


def board_submissions(phase: Phase) -> list[Submission]:
    """Return the scored submissions on the phase's boards: each team's best, or its latest.

    Best is the least pooled MSE; of equal ones the earlier submission counts.
    """
    scored = list(_pooled(phase, None))
    if phase.board_rule == Phase.BoardRule.LATEST:
        scored.sort(key=lambda s: s.submitted_at, reverse=True)
    else:
        scored.sort(key=lambda s: (_mse(s), s.submitted_at))
    return _first_of_each_team(scored)


def psnr_board(phase: Phase, dataset: Dataset | None = None) -> list[PsnrRow]:
    """Return the board's rows by falling PSNR, on one data set or on all of the phase.

    Equal PSNRs share a rank. The entries are the same whatever the data set.
    """
    on_board = {submission.pk for submission in board_submissions(phase)}
    entries = [s for s in _pooled(phase, dataset) if s.pk in on_board]
    entries.sort(key=lambda s: (_mse(s), s.method, s.team.name))
    pixels = sum(o.pixels for o in phase.originals() if dataset in (None, o.dataset))
    values = [_mse(s) for s in entries]
    return [_row(s, rank=values.index(_mse(s)) + 1, pixels=pixels) for s in entries]


def _pooled(phase: Phase, dataset: Dataset | None) -> Iterable[Submission]:
    """Yield scored submissions with `squared_error`, `samples` and `size_bytes` summed."""
    decoded = Q(decoded_images__original__dataset=dataset) if dataset else Q()
    scored = Submission.objects.filter(phase=phase, state=Submission.State.SCORED)
    sums = (
        scored.filter(decoded)
        .annotate(
            squared_error=Sum("decoded_images__distortion__squared_error"),
            samples=Sum("decoded_images__distortion__samples"),
            decoder_bytes=F("decoder__size_bytes"),
        )
        .select_related("team")
    )
    bits = Q(bitstreams__original__dataset=dataset) if dataset else Q()
    sizes = dict(scored.filter(bits).values_list("pk").annotate(Sum("bitstreams__size_bytes")))
    for submission in sums:
        submission.size_bytes = sizes.get(submission.pk)
        yield submission


def _first_of_each_team(ordered: list[Submission]) -> list[Submission]:
    first: dict[int, Submission] = {}
    for submission in ordered:
        first.setdefault(submission.team_id, submission)
    return list(first.values())


def _mse(submission: Submission) -> float:
    return mse(int(submission.squared_error), int(submission.samples))


def _row(submission: Submission, *, rank: int, pixels: int) -> PsnrRow:
    size = submission.size_bytes
    return PsnrRow(
        rank=rank,
        submission_id=submission.pk,
        method=submission.method,
        team=submission.team.name,
        kind=submission.team.kind,
        kind_reason=submission.team.kind_reason,
        psnr_db=psnr_db(int(submission.squared_error), int(submission.samples)),
        mse=_mse(submission),
        size_bytes=size,
        bpp=None if size is None else bits_per_pixel(size, pixels),
        decoder_bytes=submission.decoder_bytes,
    )
