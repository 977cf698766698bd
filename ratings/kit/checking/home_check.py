# SPDX-License-Identifier: Apache-2.0
"""The command of `check.py`: one entry from its files to its score, in the server's words."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.imaging.folders import pooled
from ratings.kit.checking.home_elsewhere import try_elsewhere
from ratings.kit.checking.home_entry import HomeEntry, read_originals, require_files
from ratings.kit.checking.home_options import arguments, limits
from ratings.kit.checking.home_outputs import HomeOutputs
from ratings.kit.checking.home_sandbox import differences, open_home_sandbox
from ratings.kit.checking.home_scores import found, result, score_outputs, use
from ratings.kit.checking.saying import Ticker, say, show
from ratings.kit.checking.uncontained import UncontainedSandbox
from ratings.kit.submit import Refused, packed
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.sandbox_errors import FileRefused, SandboxUnavailable
from ratings.sandbox.sandboxes import Sink
from ratings.sandbox.worlds import USUAL, World


def check(options: argparse.Namespace, scratch: Path) -> None:
    """Do all of it in an empty folder, and print what comes out.

    Raises Refused and FileRefused with every problem, SandboxUnavailable where nothing can be run.
    """
    entry = taken(options, scratch)
    sandbox = open_home_sandbox(options.environment)
    for line in differences(sandbox):
        say(line)

    def run(world: World, log: Sink | None = None) -> RunResult:
        (made := scratch / f"outputs-{world.slug}").mkdir()
        return sandbox.run(
            *(entry.program, entry.inputs, made, limits(options)),
            log=log,
            keep_going=Ticker(),
            world=world,
        )

    run_result = run(USUAL, show)
    if run_result.log and not run_result.log.endswith(b"\n"):
        say("")
    outputs = HomeOutputs(run_result, entry.originals)
    scores = score_outputs(outputs, entry)
    for score in [*scores, pooled(scores)]:
        print(score)
    print(entry.sizes)
    print(found(run_result))
    print(use(run_result, contained=not isinstance(sandbox, UncontainedSandbox)))
    if options.elsewhere:
        try_elsewhere(run, outputs, entry)
    print(result(pooled(scores), entry.size_bytes))


def taken(options: argparse.Namespace, scratch: Path) -> HomeEntry:
    """Look at what is sent as the server does. Raises Refused and FileRefused."""
    decoder = packed(options.decoder, scratch)
    images = require_files(decoder, options.images)
    originals = read_originals(options.originals)
    pixels = sum(original.pixels for original in originals.values())
    budget = options.bytes or int(options.bpp * pixels / 8)
    (scratch / "program").mkdir()
    entry = HomeEntry(scratch / "program", originals, budget, options.machine)
    entry.take(decoder, images, named=options.decoder)
    entry.close()
    for note in entry.notes:
        say(f"[{note}]")
    return entry


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = arguments(argv)
    try:
        with TemporaryDirectory() as scratch:
            check(options, Path(scratch))
    except (Refused, FileRefused) as refused:
        for line in refused.problems:
            print(f"ERROR: {line}", file=sys.stderr)
        return 1
    except SandboxUnavailable as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
