"""Decoding a submission: its decoder runs on its bitstreams, and its outputs are judged."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import TemporaryDirectory

import numpy as np
from django.core.files.storage import default_storage
from django.db import transaction

from ratings.challenge import files
from ratings.challenge.files import Incoming
from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.database.patience import when_it_answers
from ratings.imaging.pixels import Rgb, decode_checked, read_header
from ratings.sandbox.limits import Limits
from ratings.sandbox.outcome import Outcome, Output
from ratings.sandbox.refusals import FileRefused
from ratings.sandbox.running import Sandbox
from ratings.sandbox.unpacking import unpack
from ratings.submissions.following import Follower, still_mine
from ratings.submissions.ingest import lock
from ratings.submissions.models import DecodedImage, Run, Submission
from ratings.submissions.running import fail_run, note_outcome, succeed_run
from ratings.submissions.slots import Slots

FOLDER = "decoding"
# What took hours to decode is not thrown away because the database is being restarted.
PATIENCE_SECONDS = 900


@dataclass
class Judged:
    """The good outputs by original, and what is wrong with the rest, one line each."""

    outputs: dict[Original, Output] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def decode(
    run: Run, sandbox: Sandbox, now: Callable[[], datetime], *, score: Callable[[Submission], None]
) -> None:
    """Carry out a run that was begun, and put on record what came of it.

    Its pictures become the submission's decoded images, and `score` is called in the same
    transaction; a run that compares leaves them as they are. Nothing is kept of a run that was
    stopped or begun anew elsewhere meanwhile. Raises SandboxUnavailable.
    """
    phase = run.submission.phase
    slots, originals = Slots(phase), list(phase.originals())
    folder = Path(default_storage.path(FOLDER))
    folder.mkdir(parents=True, exist_ok=True)
    own = f"{run.pk}-"
    for left in folder.glob(f"{own}*"):  # by a worker that was killed
        rmtree(left, ignore_errors=True)
    # The run is known to live until it has ended: judging and storing take time too.
    with TemporaryDirectory(dir=folder, prefix=own) as scratch, Follower(run, now) as follower:
        try:
            outcome = _run_inside(run, sandbox, Path(scratch), follower)
        except FileRefused as error:
            lines = error.problems
            _conclude(run, lambda: fail_run(run, "\n".join(lines), now(), *lines))
            return
        note_outcome(run, outcome, [original.name for original in originals])
        judged = judge(outcome, slots, originals)
        if judged.problems:
            _conclude(run, lambda: fail_run(run, outcome.verdict, now(), *judged.problems))
        elif run.compares:
            _compare(run, judged, now)
        else:
            _accept(run, judged, outcome.verdict, now, score)


def _run_inside(run: Run, sandbox: Sandbox, scratch: Path, follower: Follower) -> Outcome:
    program, outputs = scratch / "program", scratch / "outputs"
    for made in (program, outputs):
        made.mkdir()
    submission = run.submission
    inputs = {bits.name: files.path(bits.sha256) for bits in submission.bitstreams.all()}
    sent, limits = files.path(submission.decoder.sha256), Limits.from_record(run.limits)
    unpacked = unpack(sent, program)
    for note in unpacked.notes:
        follower.write(f"[{note}]\n".encode())
    return sandbox.run(
        unpacked.folder,
        inputs,
        outputs,
        limits,
        log=follower.write,
        keep_going=follower.keep_going,
    )


def _conclude(run: Run, end: Callable[[], None]) -> None:
    """End the run unless it is no longer this worker's; wait for a database that is away."""

    def conclude() -> None:
        with transaction.atomic():
            lock(run.submission_id)
            if still_mine(run).select_for_update(of=("self",)).exists():
                end()

    when_it_answers(conclude, seconds=PATIENCE_SECONDS)


def _compare(run: Run, judged: Judged, now: Callable[[], datetime]) -> None:
    images = run.submission.decoded_images.values_list("original", "sha256")
    scored = when_it_answers(lambda: dict(images.all()), seconds=PATIENCE_SECONDS)
    differing = _differing(scored, judged.outputs)
    verdict = _comparison(differing, len(judged.outputs))
    _conclude(run, lambda: succeed_run(run, verdict, now(), reproduced=not differing))


def _accept(
    run: Run,
    judged: Judged,
    verdict: str,
    now: Callable[[], datetime],
    score: Callable[[Submission], None],
) -> None:
    """Store the pictures first: the transaction that names them is short."""
    stored = {o: files.store(output.file.read_bytes()) for o, output in judged.outputs.items()}

    def keep() -> None:
        _keep(run.submission, judged.outputs, stored)
        succeed_run(run, verdict, now())
        score(run.submission)

    _conclude(run, keep)


def judge(outcome: Outcome, slots: Slots, originals: Iterable[Original]) -> Judged:
    """Find each original's picture among the outputs, in any folder; check it as uploads are."""
    judged, by_name = Judged(), _by_name(outcome.outputs)
    if outcome.ending.stopped:
        judged.problems.append(outcome.verdict)
    cause = outcome.verdict[0].lower() + outcome.verdict[1:]
    for original in originals:
        paths = by_name.get(original.name, [])
        if not paths:
            judged.problems.append(f"Missing image {original.name}: {cause}")
        elif other := _other(paths, outcome.outputs):
            both = f"{paths[0]!r} and {other!r}"
            judged.problems.append(f"{original.name}: found {both}, which differ; write one.")
        elif problem := _problem(original, outcome.outputs[paths[0]], slots):
            judged.problems.append(problem)
        else:
            judged.outputs[original] = outcome.outputs[paths[0]]
    if judged.problems:
        judged.problems += outcome.left_out
    return judged


def _by_name(outputs: Mapping[str, Output]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(outputs):
        found.setdefault(PurePosixPath(path).name, []).append(path)
    return found


def _other(paths: Iterable[str], outputs: Mapping[str, Output]) -> str:
    """Return the first of the paths whose file is not that of the first; "" where all are alike."""
    first, *others = paths
    differs = (path for path in others if outputs[path].sha256 != outputs[first].sha256)
    return next(differs, "")


def _problem(original: Original, output: Output, slots: Slots) -> str:
    slot = slots.find("decoded", original.name)
    if output.size_bytes > slot.limit_bytes:
        return f"{original.name}: it may have at most {slot.limit_bytes} bytes."
    try:
        slot.check(Incoming(output.file, output.size_bytes, output.sha256))
    except Refused as refused:
        return refused.problems[0]
    return ""


def _keep(
    submission: Submission, outputs: Mapping[Original, Output], stored: Mapping[Original, str]
) -> None:
    """Make the outputs the submission's decoded images; those that differ go, with their scores."""
    digests = {original.pk: sha256 for original, sha256 in stored.items()}
    for image in submission.decoded_images.all():
        if digests.get(image.original_id) != image.sha256:
            image.delete()
    for original, sha256 in stored.items():
        DecodedImage.objects.get_or_create(
            submission=submission,
            original=original,
            defaults={"sha256": sha256, "size_bytes": outputs[original].size_bytes},
        )


def _differing(scored: Mapping[int, str], outputs: Mapping[Original, Output]) -> list[str]:
    """Return the names of the pictures whose samples are not those that were scored."""
    return [
        original.name
        for original, output in outputs.items()
        if not _same_samples(output, scored.get(original.pk))
    ]


def _same_samples(output: Output, scored: str | None) -> bool:
    if scored is None or output.sha256 == scored:
        return scored is not None
    return np.array_equal(_samples(output.file.read_bytes()), _samples(files.load(scored)))


def _samples(png: bytes) -> Rgb:
    return decode_checked(png, read_header(png))


def _comparison(differing: list[str], pictures: int) -> str:
    if not differing:
        return f"Reproduced: all {pictures} pictures are those that were scored, bit for bit."
    return (
        f"Not reproduced: {len(differing)} of {pictures} pictures differ from those that were "
        f"scored: {', '.join(differing)}."
    )
