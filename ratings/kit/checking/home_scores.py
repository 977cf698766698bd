# SPDX-License-Identifier: Apache-2.0
"""Scores of what a decoder made, as the server computes them, and what it used, in words."""

from ratings.imaging.distortion import squared_error
from ratings.imaging.folders import FolderScore
from ratings.kit.checking.home_entry import HomeEntry
from ratings.kit.checking.home_outputs import HomeOutputs
from ratings.kit.checking.saying import say
from ratings.kit.submit import Refused
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import size_words
from ratings.sandbox.sandbox_errors import FileRefused


def score_outputs(outputs: HomeOutputs, entry: HomeEntry) -> list[FolderScore]:
    """Score each original's picture.

    Raises Refused with everything that is missing or wrong, the cause first.
    """
    against: list[tuple[str, str]] = []
    scores = []
    for done, name in enumerate(entry.originals, 1):
        try:
            scores.append(_score(name, outputs, entry))
        except FileRefused as refused:
            against += [(name, line) for line in refused.problems]
        _tell_scoring(done, len(entry.originals))
    if problems := outputs.problems(against):
        raise Refused(*problems)
    return scores


def _score(name: str, outputs: HomeOutputs, entry: HomeEntry) -> FolderScore:
    original, given = entry.originals[name], outputs.read(name)
    size_bytes = entry.bitstreams[name].stat().st_size
    error = squared_error(original.read(), given)
    return FolderScore(name, original.pixels, error, size_bytes)


def _tell_scoring(done: int, pictures: int) -> None:
    """Say every tenth, where there is much to do."""
    if pictures >= 10 and done * 10 // pictures > (done - 1) * 10 // pictures:
        say(f"Scoring: {done} of {pictures} pictures.")


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
