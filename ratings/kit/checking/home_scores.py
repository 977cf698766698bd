# SPDX-License-Identifier: Apache-2.0
"""What a decoder made, looked at and scored as the server does, in its words."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from ratings.imaging.alike import told_once
from ratings.imaging.distortion import squared_error
from ratings.imaging.folders import FolderScore
from ratings.imaging.pixels import PictureRefused, decode_png
from ratings.kit.checking.home_entry import HomeEntry, Original
from ratings.kit.checking.saying import say
from ratings.kit.submit import Refused
from ratings.sandbox.results.absence import absence, unexplained
from ratings.sandbox.results.run_result import Output, RunResult
from ratings.sandbox.run_limits import size_words
from ratings.sandbox.sandbox_errors import FileRefused


def score_outputs(run_result: RunResult, entry: HomeEntry) -> list[FolderScore]:
    """Find each original's picture among the outputs, in any folder, and score it.

    Raises Refused with everything that is missing or wrong, the cause first.
    """
    by_name: dict[str, list[str]] = {}
    for path in sorted(run_result.outputs):
        by_name.setdefault(PurePosixPath(path).name, []).append(path)
    missing = [name for name in entry.originals if name not in by_name]
    wrote, lines = absence(missing, entry.originals, run_result.outputs, run_result.other_files)
    problems = [run_result.verdict] if run_result.termination.stopped else []
    problems = run_result.diagnosis.causes(wrote) if missing else problems
    against: list[tuple[str, str]] = []
    scores = []
    for done, (name, original) in enumerate(entry.originals.items(), 1):
        paths = by_name.get(name, [])
        if not paths:
            against.append((name, lines[name]))
        elif other := _other(paths, run_result.outputs):
            differ = f"{name}: found {paths[0]!r} and {other!r}, which differ; write one."
            against.append((name, differ))
        else:
            try:
                scores.append(
                    measure(original, run_result.outputs[paths[0]], entry.bitstreams[name])
                )
            except FileRefused as refused:
                against += [(name, line) for line in refused.problems]
        _tell_scoring(done, len(entry.originals))
    problems += told_once(against)
    if problems:
        raise Refused(*problems, *unexplained(missing, run_result.other_files))
    return scores


def _other(paths: Sequence[str], outputs: Mapping[str, Output]) -> str:
    """Return the first of the paths whose file is not that of the first; "" where all are alike."""
    first = outputs[paths[0]].sha256
    return next((path for path in paths if outputs[path].sha256 != first), "")


def _tell_scoring(done: int, pictures: int) -> None:
    """Say every tenth, where there is much to do."""
    if pictures >= 10 and done * 10 // pictures > (done - 1) * 10 // pictures:
        say(f"Scoring: {done} of {pictures} pictures.")


def measure(original: Original, decoded: Output, bitstream: Path) -> FolderScore:
    """Check and score a picture that was decoded. Raises FileRefused."""
    if decoded.size_bytes > original.limit_bytes:
        raise FileRefused(f"{original.name}: it may have at most {original.limit_bytes} bytes.")
    given = original.read_decoded(decoded.file)
    try:
        wanted = decode_png(original.path.read_bytes())
    except PictureRefused as error:
        raise FileRefused(f"{original.path}: {error}") from error
    size_bytes = bitstream.stat().st_size
    return FolderScore(original.name, original.pixels, squared_error(wanted, given), size_bytes)


def found(run_result: RunResult) -> str:
    """Return in words what the decoder found: another version may compute otherwise."""
    facts = ", ".join(f"{name} {value}" for name, value in run_result.environment.items())
    return f"It found: {facts}. The record of a run on the server says the same of the server."


def use(run_result: RunResult, *, contained: bool) -> str:
    """Return in words what the decoder used."""
    termination, how = run_result.termination, "" if contained else " UNCONTAINED"
    return (
        f"Decoded{how} in {termination.cpu_seconds:.1f} s of CPU time, "
        f"{termination.wall_seconds:.1f} s in all, with "
        f"{size_words(termination.peak_memory_bytes)} of memory."
    )


def result(score: FolderScore, size_bytes: int) -> str:
    """Return the scores in words, those of `submit.py`."""
    shown = "inf" if score.squared_error == 0 else f"{score.psnr_db:.4f}"
    bpp = 8 * size_bytes / score.pixels
    return f"Scored: PSNR {shown} dB at {bpp:.4f} bits per pixel, {size_bytes} bytes."
