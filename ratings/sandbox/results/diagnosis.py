# SPDX-License-Identifier: Apache-2.0
"""How a decoder's run ended, in words.

A shell, the launcher, starts `./decode` and waits for it: its status above 128 is a signal's.
"""

import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ratings.sandbox.results.mistakes import Given, mends

COULD_NOT_START = {
    126: "decode could not be executed",
    127: "decode, or the interpreter that its first line names, was not found",
}
# All that a log holds where no line of the decoder's own ran: the launcher's complaint. What an env
# says may be the decoder's own doing; an env of a first line is looked at when it arrives.
NEVER_RAN = re.compile(rb"\s*(?:/bin/)?sh: [^\n]*\./decode: [^\n]*\s*")
STILL_RUNNING = "[Still running when decode ended, and stopped with it: "
# What the launcher does after `./decode`: it says what that leaves behind, and ends as it ended.
# Only as process 1, where all others are the decoder's.
LOOK_BEHIND = rf"""code=$?
[ $$ = 1 ] || exit $code
names= many=0
for process in /proc/[0-9]*; do
    {{ read -r line <"$process/stat"; }} 2>/dev/null || continue
    case "$process:${{line##*) }}" in /proc/1:*|*:Z*|*:X*) continue ;; esac
    many=$((many + 1)) name=${{line#*(}}
    [ $many -gt 5 ] || names="$names, ${{name%)*}}"
done
[ $many -le 5 ] || names="$names and more"
[ $many = 0 ] || printf '%s%s.]\n' '{STILL_RUNNING}' "${{names#, }}"
exit $code"""
# How Python ends where it raises, and what it says: its calls are indented, then come the words.
RAISED_STATUS, TRACEBACK = 1, "\nTraceback (most recent call last):\n"
RAISED = re.compile(r"(?<=:\n)(?:[ \t][^\n]*\n)+([^\n]+)")
SHOWN_CHARACTERS = 200
TAIL_BYTES = 4000


@dataclass(frozen=True)
class Diagnosis:
    """How a run ended. `stopped_at` is "at" a limit or "by" somebody, in words.

    `refused_by` is a limit in words that it came up against, and went on.
    """

    status: int
    log: bytes
    stopped_at: str = ""
    refused_by: str = ""
    given: Given = field(default_factory=Given)

    @property
    def started(self) -> bool:
        """Whether anything of the decoder's own ran: else a shell says so, and nothing more."""
        return self.status not in COULD_NOT_START or not NEVER_RAN.fullmatch(self.log)

    @property
    def verdict(self) -> str:
        """Say in one sentence how it ended, and the likely cause."""
        if self.stopped_at:
            return f"The decoder was stopped {self.stopped_at}."
        after = f" after it came up against {self.refused_by}" if self.refused_by else ""
        if self.status == 0:
            return f"The decoder ended by itself{after}."
        last = _last_words(self.log, raised=self.status == RAISED_STATUS)
        if not self.started:
            cause = COULD_NOT_START[self.status]
            return f"The decoder did not start: {cause} (exit code {self.status}){last}"
        if name := signal_name(self.status):
            return f"The decoder was ended by {name}{after}{last}"
        return f"The decoder failed with exit code {self.status}{after}{last}"

    def causes(self, wrote: str) -> list[str]:
        """Say why pictures are missing, the cause first. `wrote` goes on after "The decoder"."""
        if not self.started:
            return [self.verdict]
        if self.status or self.stopped_at or self.refused_by:
            return [f"{self.verdict} It {wrote}.", *self._hints()]
        return [f"The decoder ran to its end and {wrote}.", *self._hints()]

    def _hints(self) -> Iterator[str]:
        lines = _lines(self.log[-TAIL_BYTES:].decode(errors="replace"))
        yield from mends(lines, self.given, limit_is_told=bool(self.stopped_at or self.refused_by))
        still = _still_running(lines)
        if still and not self.stopped_at:  # else it is no fault of theirs that they still ran
            yield f"Still running when decode ended, and stopped with it: {still} Let it wait."


def signal_name(status: int) -> str:
    """Return "SIGSEGV" for the status of a program that ended so, "" for any other."""
    try:
        return signal.Signals(status - 128).name if status > 128 else ""
    except ValueError:
        return ""


def _still_running(lines: Sequence[str]) -> str:
    line = next((line for line in lines if line.startswith(STILL_RUNNING)), "")
    return line.removeprefix(STILL_RUNNING).removesuffix("]")[:SHOWN_CHARACTERS]


def _last_words(log: bytes, *, raised: bool) -> str:
    """Quote the last words of the log, where an error usually stands; nothing unprintable.

    Of what Python `raised` that is the first line: an exception's words may go on for many.
    """
    text = "\n" + log.decode(errors="replace")
    words = RAISED.search(text, text.rfind(TRACEBACK)) if raised and TRACEBACK in text else None
    lines = _lines(words[1] if words else text)
    last = next((line for line in lines if not line.startswith(STILL_RUNNING)), "")
    return f'; its last words: "{last[:SHOWN_CHARACTERS]}".' if last else "."


def _lines(text: str) -> list[str]:
    """Return the lines with anything in them, the last one first."""
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return [line.strip() for line in reversed(printable.split("\n")) if line.strip()]
