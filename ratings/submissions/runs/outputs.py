"""What a decoder made: each picture found and checked, kept, or compared with what was scored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.imaging.alike import told_once
from ratings.imaging.pixels import decode_checked, read_header
from ratings.sandbox.results.absence import absence, unexplained
from ratings.sandbox.results.run_result import Output, RunResult
from ratings.storage import content_store
from ratings.storage.content_store import Incoming
from ratings.storage.deletion import keep
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.intake.slots import Slots
from ratings.submissions.models import DecodedImage, Submission


@dataclass
class CheckedOutputs:
    """The good outputs by original, and what is wrong with the rest, a line for each cause.

    `against` has what is wrong with a picture by its name.
    """

    outputs: dict[Original, Output] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    against: dict[str, str] = field(default_factory=dict)


def check_outputs(result: RunResult, slots: Slots, originals: Sequence[Original]) -> CheckedOutputs:
    """Find each original's picture among the outputs, in any folder; check it as uploads are.

    What keeps pictures from being there comes first, then they are named.
    """
    by_name, names = result.by_name(), [original.name for original in originals]
    missing = [name for name in names if name not in by_name]
    wrote, lines = absence(missing, names, result.outputs, result.other_files)
    causes = [result.verdict] if result.termination.stopped else []
    judged = CheckedOutputs(problems=result.diagnosis.causes(wrote) if missing else causes)
    for original in originals:
        paths = by_name.get(original.name, [])
        if not paths:
            judged.against[original.name] = lines[original.name]
        elif problem := _problem(original, paths, result.outputs, slots):
            judged.against[original.name] = problem
        else:
            judged.outputs[original] = result.outputs[paths[0]]
    judged.problems += told_once(judged.against.items())
    if judged.problems:
        judged.problems += unexplained(missing, result.other_files)
    return judged


def _other(paths: Iterable[str], outputs: Mapping[str, Output]) -> str:
    """Return the first of the paths whose file is not that of the first; "" where all are alike."""
    first, *others = paths
    differs = (path for path in others if outputs[path].sha256 != outputs[first].sha256)
    return next(differs, "")


def _problem(
    original: Original, paths: Sequence[str], outputs: Mapping[str, Output], slots: Slots
) -> str:
    """Say what is wrong with what a decoder wrote for a picture; "" where nothing is."""
    if other := _other(paths, outputs):
        both = f"{paths[0]!r} and {other!r}"
        return f"{original.name}: found {both}, which differ; write one."
    output, slot = outputs[paths[0]], slots.find("decoded", original.name)
    if output.size_bytes > slot.limit_bytes:
        return f"{original.name}: it may have at most {slot.limit_bytes} bytes."
    try:
        slot.check(Incoming(output.file, output.size_bytes, output.sha256))
    except Refused as refused:
        return refused.problems[0]
    return ""


def receive_outputs(outputs: Mapping[Original, Output]) -> dict[Original, Incoming]:
    """Bring the outputs to disk, so that the transaction that names them is short."""
    return {
        original: content_store.received(output.file, output.size_bytes, output.sha256)
        for original, output in outputs.items()
    }


def keep_pictures(submission: Submission, pictures: Mapping[Original, Incoming]) -> None:
    """Make the pictures the submission's decoded images.

    Those of its images that differ go, with their scores.
    """
    keep(*pictures.values())
    digests = {original.pk: incoming.sha256 for original, incoming in pictures.items()}
    for image in submission.decoded_images.all():
        if digests.get(image.original_id) != image.sha256:
            image.delete()
    for original, incoming in pictures.items():
        DecodedImage.objects.get_or_create(
            submission=submission,
            original=original,
            defaults={"sha256": incoming.sha256, "size_bytes": incoming.size_bytes},
        )


def differing(scored: Mapping[int, str], outputs: Mapping[Original, Output]) -> list[str]:
    """Return the names of the pictures whose samples are not those that were scored.

    `scored` has the SHA-256 of the scored file by the original's key.
    """
    return [
        original.name
        for original, output in outputs.items()
        if not _same_samples(output, scored.get(original.pk))
    ]


def _same_samples(output: Output, scored: str | None) -> bool:
    if scored is None or output.sha256 == scored:
        return scored is not None
    png = output.file.read_bytes()
    samples = decode_checked(png, read_header(png))
    return np.array_equal(samples, load_decoded(scored))


def comparison(differing: Sequence[str], pictures: int) -> str:
    """Return the verdict on a run that compares, from the names of the pictures that differ."""
    if not differing:
        return f"Reproduced: all {pictures} pictures are those that were scored, bit for bit."
    return (
        f"Not reproduced: {len(differing)} of {pictures} pictures differ from those that were "
        f"scored: {', '.join(differing)}."
    )
