# SPDX-License-Identifier: Apache-2.0
"""The command of `check.py`: one entry from its files to its score, in the server's words."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ratings.imaging.alike import told_once
from ratings.imaging.distortion import squared_error
from ratings.imaging.folders import FolderScore, pooled
from ratings.imaging.pixels import PictureRefused, decode_png
from ratings.kit.checking.home_containment import Uncontained, containment
from ratings.kit.checking.home_entry import (
    SERVERS_MACHINE,
    HomeEntry,
    Original,
    read_originals,
    require_files,
)
from ratings.kit.checking.home_run import WORK_BYTES, run
from ratings.kit.submit import Refused, packed
from ratings.sandbox.results.absence import absence, unexplained
from ratings.sandbox.results.run_result import Output, RunResult
from ratings.sandbox.run_limits import GIB, Limits, size_words
from ratings.sandbox.sandbox_errors import FileRefused

# Wall time is a precaution against sleeping: a multiple of CPU time, unless it is set.
WALL_TO_CPU, LONGEST_WALL_SECONDS = 4, 20 * 3600
TOLD_SECONDS = 10


def say(line: str) -> None:
    """Tell the user what happens; results go to standard output instead."""
    print(line, file=sys.stderr, flush=True)


def check(options: argparse.Namespace, scratch: Path, work: Path) -> None:
    """Do all of it with two empty folders, and print what comes out.

    Raises Refused and FileRefused with every problem.
    """
    decoder = packed(options.decoder, scratch)
    images = require_files(decoder, options.images)
    originals = read_originals(options.originals)
    pixels = sum(original.pixels for original in originals.values())
    budget = options.bytes or int(options.bpp * pixels / 8)
    entry = HomeEntry(work, originals, budget, options.machine)
    entry.take(decoder, images, named=options.decoder)
    entry.close()
    entry.stage()
    for note in entry.notes:
        say(f"[{note}]")
    bubble = contain(work)
    (scratch / "outputs").mkdir()
    run_result = run(
        work,
        scratch / "outputs",
        limits(options),
        bubble,
        log=_show,
        tick=_Ticker(work, len(originals)),
    )
    if run_result.log and not run_result.log.endswith(b"\n"):
        say("")
    scores = score_outputs(run_result, entry)
    for score in [*scores, pooled(scores)]:
        print(score)
    sent = decoder.stat().st_size
    print(f"{entry.size_bytes} of {budget} bytes in bitstreams; {sent} bytes of decoder.")
    print(use(run_result, contained=bool(bubble)))
    print(result(pooled(scores), entry.size_bytes))


def contain(work: Path) -> list[str]:
    """Return the words that contain a program, none where that can't be; say so then."""
    try:
        return containment(work)
    except Uncontained as why:
        say(f"The decoder runs UNCONTAINED, with your rights, files and network: {why}.")
        return []


def limits(options: argparse.Namespace) -> Limits:
    """Return the limits of the run."""
    longest = min(WALL_TO_CPU * options.cpu_seconds, LONGEST_WALL_SECONDS)
    return Limits(
        cpu_seconds=float(options.cpu_seconds),
        wall_seconds=float(options.wall_seconds or longest),
        memory_bytes=options.memory_bytes,
        processes=options.processes,
        work_bytes=WORK_BYTES,
    )


def _show(printed: bytes) -> None:
    sys.stderr.buffer.write(printed)
    sys.stderr.flush()


class _Ticker:
    """Says now and then how far the decoder is."""

    def __init__(self, work: Path, pictures: int) -> None:
        self._work, self._pictures, self._due = work, pictures, float(TOLD_SECONDS)

    def __call__(self, seconds: float) -> None:
        if seconds >= self._due:
            self._due += TOLD_SECONDS
            made = sum(path.suffix.lower() == ".png" for path in self._work.rglob("*"))
            say(f"Decoding for {seconds:.0f} s: {made} of {self._pictures} pictures.")


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


def use(run_result: RunResult, *, contained: bool) -> str:
    """Return in words what the decoder used."""
    termination, how = run_result.termination, "" if contained else " UNCONTAINED"
    peak = termination.peak_memory_bytes
    memory = f"{size_words(peak)} of memory" if peak else "memory not measured here"
    return (
        f"Decoded{how} in {termination.cpu_seconds:.1f} s of CPU time, "
        f"{termination.wall_seconds:.1f} s in all, with {memory}."
    )


def result(score: FolderScore, size_bytes: int) -> str:
    """Return the scores in words, those of `submit.py`."""
    shown = "inf" if score.squared_error == 0 else f"{score.psnr_db:.4f}"
    bpp = 8 * size_bytes / score.pixels
    return f"Scored: PSNR {shown} dB at {bpp:.4f} bits per pixel, {size_bytes} bytes."


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Try an entry at home: what the challenge's server does, in the same words."
    )
    parser.add_argument("decoder", type=Path, metavar="DECODER", help="executable, folder or zip")
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGES", help="compressed files")
    parser.add_argument(
        "--originals",
        type=Path,
        required=True,
        action="append",
        metavar="DIR",
        help="folder of original PNG files; may be given again",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--bpp", type=_positive, default="0.15", help="budget in bits per pixel (0.15)"
    )
    budget.add_argument("--bytes", type=_whole, help="budget in bytes instead")
    parser.add_argument("--cpu-seconds", type=_positive, default="3600", help="CPU time (3600)")
    parser.add_argument("--wall-seconds", type=_positive, help="by default four times as much")
    parser.add_argument("--memory-bytes", type=_whole, default=8 * GIB, help="memory (8 GiB)")
    parser.add_argument("--processes", type=_whole, default=256, help="and threads (256)")
    parser.add_argument(
        "--machine", default=SERVERS_MACHINE, help=f"the server's, by uname -m ({SERVERS_MACHINE})"
    )
    return parser.parse_args(argv)


def _positive(text: str) -> Decimal:
    try:
        value = Decimal(text)
        if value.is_finite() and value > 0:
            return value
    except ArithmeticError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")


def _whole(text: str) -> int:
    value = _positive(text)
    if value % 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(value)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = arguments(argv)
    try:
        with (
            TemporaryDirectory() as scratch,
            TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as work,
        ):
            check(options, Path(scratch), Path(work))
    except (Refused, FileRefused) as refused:
        for line in refused.problems:
            print(f"ERROR: {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
