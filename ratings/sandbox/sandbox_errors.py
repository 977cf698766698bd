# SPDX-License-Identifier: Apache-2.0
"""The two ways in which nothing is run.

What strangers send is named in refusals, so names, lines and their number are bounded here.
"""

from collections.abc import Sequence

MOST_LINES = 20
LONGEST_LINE, LONGEST_NAME = 400, 80  # characters


class FileRefused(ValueError):
    """A stranger's file that is not taken; each of `problems` names the thing and the mend."""

    def __init__(self, *problems: str) -> None:
        self.problems = bounded(problems)
        super().__init__("\n".join(self.problems))


class SandboxUnavailable(RuntimeError):
    """This machine can't contain a program; the message says what to install or to set."""


class EnvironmentAbsent(SandboxUnavailable):
    """This machine doesn't have what a decoder is to find; another one may."""


def bounded(problems: Sequence[str]) -> list[str]:
    """Return the first of many lines, long ones cut, and how many more there are."""
    lines = [_cut(line, LONGEST_LINE) for line in problems[:MOST_LINES]]
    more = len(problems) - MOST_LINES
    return [*lines, f"And {more} more like these."] if more > 0 else lines


def shown(name: str) -> str:
    """Return a stranger's name in quotes, nothing unprintable in it, cut where it is long."""
    return repr(_cut(name, LONGEST_NAME))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
