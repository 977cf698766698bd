"""What the server says to an entry: its own code, from the upload to the score, without HTTP."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.fidelity.psnr_board import psnr_board
from ratings.fidelity.scoring import score
from ratings.imaging.pixels import decode_png
from ratings.sandbox.sandboxes import Sandbox
from ratings.storage import content_store
from ratings.submissions.intake.closing import mark_scored, submit
from ratings.submissions.intake.ingest import put
from ratings.submissions.intake.slots import Kind
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs.execution import execute
from ratings.submissions.runs.lease import claim
from ratings.submissions.runs.lifecycle import queue_run
from tests.builders import NOW, build_submission


@dataclass(frozen=True)
class Answer:
    """Every problem, as the submit client prints it; else the log and the scores."""

    problems: list[str]
    submission: Submission
    log: str = ""

    @property
    def notes(self) -> list[str]:
        """What is mended in the decoder."""
        return list(self.submission.decoder.notes)

    @property
    def result(self) -> str:
        """The scores, in the submit client's words."""
        (row,) = psnr_board(self.submission.phase)
        return f"Scored: PSNR {row.psnr_db:.4f} dB at {row.bpp:.4f} bits per pixel, "

    def write_decoded(self, folder: Path) -> None:
        """Write the pictures that were scored."""
        for image in self.submission.decoded_images.select_related("original"):
            (folder / image.original.name).write_bytes(content_store.load(image.sha256))


def serve(phase: Phase, decoder: Path, images: Iterable[Path], sandbox: Sandbox) -> Answer:
    """Take in an entry, decode and score it."""
    submission = build_submission(phase, created_at=NOW)
    problems = [*_take_decoder(submission, decoder), *_take_images(submission, images)]
    if problems:
        return Answer(problems, submission)
    try:
        submit(submission.pk, NOW)
    except Refused as refused:
        return Answer(refused.problems, submission)
    run = claim(queue_run(submission, NOW).pk, NOW)
    assert run
    execute(run, sandbox, _now, score=_score)
    submission.refresh_from_db()
    return Answer(submission.problems, submission, Run.objects.get(pk=run.pk).log)


def _take_decoder(submission: Submission, decoder: Path) -> Iterator[str]:
    try:
        put(submission, "decoder", "decoder", [decoder.read_bytes()], received_at=NOW)
    except Refused as refused:
        yield from (f"{decoder}: {line}" for line in refused.problems)


def _take_images(submission: Submission, images: Iterable[Path]) -> Iterator[str]:
    for path in images:
        try:
            kind: Kind = "decoded" if path.suffix == ".png" else "bitstreams"
            put(submission, kind, path.name, [path.read_bytes()], received_at=NOW)
        except Refused as refused:
            yield from (f"{path}: {line}" for line in refused.problems)


def _now() -> datetime:
    return NOW


def _score(submission: Submission) -> None:
    for image in submission.decoded_images.all():
        score(image, decode_png(content_store.load(image.sha256)))
    mark_scored(submission, NOW)
