#!/usr/bin/env python3
"""Try an entry at home: does what the challenge's server does with it, and says the same words.

    python3 check.py DECODER IMAGES... --originals DIR

DECODER and IMAGES are what `submit.py` sends: an executable, or a folder or zip that has one called
`decode` at its top, and the compressed files. DIR holds the original PNG files. The decoder runs
with no arguments in a clean folder beside the compressed files, contained where bubblewrap is
installed; the PNG files that it makes are checked and scored. Its parts lie in `checking/`.

Ends with 0 when all is well, 1 when something stands against it, 2 for a wrong call.
"""

import argparse
import hashlib
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

PARTS = Path(__file__).resolve().parent / "checking"
if not PARTS.is_dir():
    sys.exit(f"The folder {PARTS} is missing: take the kit's whole zip, not this file alone.")
sys.path.insert(0, str(PARTS))

from entries import Entry, Original, read_originals, require_files
from pictures import PictureRefused, psnr_db, read_picture, squared_error
from running import Uncontained, containment, run
from submit import Refused as NotPacked
from submit import packed
from unpacking import SERVERS_MACHINE
from verdicts import GIB, Limits, Outcome, Refused, size_words

# Wall time is a precaution against sleeping: a multiple of CPU time, unless it is set.
WALL_TO_CPU, LONGEST_WALL_SECONDS = 4, 20 * 3600
TOLD_SECONDS = 10


@dataclass(frozen=True)
class Score:
    """The distortion of one picture, or of all together."""

    name: str
    pixels: int
    squared_error: int
    size_bytes: int

    @property
    def psnr_db(self) -> float:
        return psnr_db(self.squared_error, 3 * self.pixels)

    @property
    def bpp(self) -> float:
        return 8 * self.size_bytes / self.pixels

    def __str__(self) -> str:
        mse = self.squared_error / (3 * self.pixels)
        return f"{self.psnr_db:8.4f} dB  MSE {mse:10.4f}  {self.bpp:.4f} bpp  {self.name}"


def say(line: str) -> None:
    """Tell the user what happens; results go to standard output instead."""
    print(line, file=sys.stderr, flush=True)


def check(options: argparse.Namespace, scratch: Path, work: Path) -> None:
    """Do all of it with two empty folders, and print what comes out. Raises Refused."""
    decoder = packed(options.decoder, scratch)
    images = require_files(decoder, options.images)
    originals = read_originals(options.originals)
    pixels = sum(original.pixels for original in originals.values())
    budget = options.bytes or int(options.bpp * pixels / 8)
    entry = Entry(work, originals, options.machine)
    entry.take(decoder, images)
    entry.close(budget)
    entry.stage()
    for note in entry.notes:
        say(f"[{note}]")
    bubble = contain(work)
    outcome = run(work, limits(options), bubble, log=_show, tick=_Ticker(work, len(originals)))
    if outcome.log and not outcome.log.endswith(b"\n"):
        say("")
    scores = judge(outcome, entry)
    for score in [*scores, pooled(scores)]:
        print(score)
    sent = decoder.stat().st_size
    print(f"{entry.size_bytes} of {budget} bytes in bitstreams; {sent} bytes of decoder.")
    print(use(outcome, contained=bool(bubble)))
    print(result(pooled(scores)))


def require_linux() -> None:
    """Raise Refused where decoders for the server can't run."""
    if platform.system() != "Linux":
        raise Refused("The check needs Linux; WSL is one on Windows, a container on a Mac.")


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


def judge(outcome: Outcome, entry: Entry) -> list[Score]:
    """Find each original's picture among the outputs, in any folder, and score it.

    Raises Refused with everything that is missing or wrong.
    """
    by_name: dict[str, list[str]] = {}
    for path in sorted(outcome.outputs):
        by_name.setdefault(PurePosixPath(path).name, []).append(path)
    problems = [outcome.verdict] if outcome.stopped_at else []
    cause = outcome.verdict[0].lower() + outcome.verdict[1:]
    scores = []
    for name, original in entry.originals.items():
        paths = by_name.get(name, [])
        if not paths:
            problems.append(f"Missing image {name}: {cause}")
        elif other := _other(paths, outcome.outputs):
            problems.append(f"{name}: found {paths[0]!r} and {other!r}, which differ; write one.")
        else:
            try:
                scores.append(measure(original, outcome.outputs[paths[0]], entry.bitstreams[name]))
            except Refused as refused:
                problems += refused.problems
        _tell_scoring(len(scores), len(entry.originals))
    if problems:
        raise Refused(*problems, *outcome.left_out)
    return scores


def _other(paths: Sequence[str], outputs: Mapping[str, Path]) -> str:
    """Return the first of the paths whose file is not that of the first; "" where all are alike."""
    first, *others = paths
    digest = _sha256(outputs[first]) if others else b""
    return next((path for path in others if _sha256(outputs[path]) != digest), "")


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _tell_scoring(done: int, pictures: int) -> None:
    """Say every tenth, where there is much to do."""
    if pictures >= 10 and done * 10 // pictures > (done - 1) * 10 // pictures:
        say(f"Scoring: {done} of {pictures} pictures.")


def measure(original: Original, decoded: Path, bitstream: Path) -> Score:
    """Check and score a picture that was decoded. Raises Refused."""
    if decoded.stat().st_size > original.limit_bytes:
        raise Refused(f"{original.name}: it may have at most {original.limit_bytes} bytes.")
    given = original.read_decoded(decoded)
    try:
        wanted = read_picture(original.path.read_bytes())
    except PictureRefused as error:
        raise Refused(f"{original.path}: {error}") from error
    size_bytes = bitstream.stat().st_size
    return Score(original.name, original.pixels, squared_error(wanted, given), size_bytes)


def pooled(scores: Sequence[Score]) -> Score:
    """Return the score of all samples together."""
    return Score(
        "all",
        sum(score.pixels for score in scores),
        sum(score.squared_error for score in scores),
        sum(score.size_bytes for score in scores),
    )


def use(outcome: Outcome, *, contained: bool) -> str:
    """Return in words what the decoder used."""
    peak, cpu, wall = outcome.peak_memory_bytes, outcome.cpu_seconds, outcome.wall_seconds
    memory = "memory not measured here" if peak is None else f"{size_words(peak)} of memory"
    how = "" if contained else " UNCONTAINED"
    return f"Decoded{how} in {cpu:.1f} s of CPU time, {wall:.1f} s in all, with {memory}."


def result(score: Score) -> str:
    """Return the scores in words, those of `submit.py`."""
    shown = "inf" if score.squared_error == 0 else f"{score.psnr_db:.4f}"
    return f"Scored: PSNR {shown} dB at {score.bpp:.4f} bits per pixel, {score.size_bytes} bytes."


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
        require_linux()
        with (
            TemporaryDirectory() as scratch,
            TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as work,
        ):
            check(options, Path(scratch), Path(work))
    except (Refused, NotPacked) as refused:
        for line in refused.problems:
            print(f"ERROR: {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
