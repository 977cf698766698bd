# SPDX-License-Identifier: Apache-2.0
"""The command line of `check.py`, and the limits that it names."""

import argparse
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from ratings.kit.checking.home_entry import SERVERS_MACHINE
from ratings.kit.checking.home_sandbox import MAKE, make_environment
from ratings.kit.checking.saying import say
from ratings.sandbox.environments.recipes import RECIPES, USUAL
from ratings.sandbox.run_limits import GIB, MIB, Limits
from ratings.sandbox.sandbox_errors import SandboxUnavailable

# Wall time is a precaution against sleeping: a multiple of CPU time, unless it is set.
WALL_TO_CPU, LONGEST_WALL_SECONDS = 4, 20 * 3600


def limits(options: argparse.Namespace) -> Limits:
    """Return the limits of the run."""
    longest = min(WALL_TO_CPU * options.cpu_seconds, LONGEST_WALL_SECONDS)
    return Limits(
        cpu_seconds=float(options.cpu_seconds),
        wall_seconds=float(options.wall_seconds or longest),
        memory_bytes=options.memory_bytes,
        processes=options.processes,
        work_bytes=options.work_bytes,
        scratch_bytes=options.scratch_bytes,
    )


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
    parser.add_argument("--work-bytes", type=_whole, default=4 * GIB, help="in /work (4 GiB)")
    parser.add_argument(
        "--scratch-bytes", type=_whole, default=256 * MIB, help="in /tmp, in /dev/shm (256 MiB)"
    )
    parser.add_argument("--processes", type=_whole, default=256, help="and threads (256)")
    parser.add_argument(
        "--environment",
        type=_source,
        default=USUAL,
        help=f"what the decoder finds: {', '.join(RECIPES)}, or an image by its digest ({USUAL})",
    )
    parser.add_argument(
        "--elsewhere", action="store_true", help="decode again, with other arithmetic"
    )
    parser.add_argument(
        MAKE, choices=RECIPES, action=_Making, help="make an environment, once, and end"
    )
    parser.add_argument(
        "--machine", default=SERVERS_MACHINE, help=f"the server's, by uname -m ({SERVERS_MACHINE})"
    )
    return parser.parse_args(argv)


def _source(text: str) -> str:
    if text in RECIPES or "sha256:" in text:
        return text
    known = f"{', '.join(RECIPES)}, or an image by its digest (NAME@sha256:...)"
    raise argparse.ArgumentTypeError(f"{text!r} is none; there are {known}")


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


class _Making(argparse.Action):
    """Makes an environment in place of a check."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        try:
            make_environment(str(values), say)
        except SandboxUnavailable as error:
            parser.exit(1, f"ERROR: {error}\n")
        parser.exit()
