"""`manage.py make_baselines PHASE`: known codecs as entries, each at its best within the budget."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ratings.challenge.refusals import Refused
from ratings.codecs.baselines import NAMES, Codec, available
from ratings.jobs.tasks import queue_scoring
from ratings.management.lookup import find_phase
from ratings.models import Phase, Submission
from ratings.submissions.intake.baseline_entries import (
    STEPS,
    OverBudget,
    Watch,
    enter_baseline,
    require_baselines,
)
from ratings.submissions.intake.baseline_orders import BaselineLine, baseline_lines

BAR_WIDTH = 30


class Command(BaseCommand):
    """Enters each codec that suits the phase, as a team of its own, once."""

    help = "Enter baselines: known codecs at the best PSNR that the phase's byte budget allows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the phase, and the codecs where not all are wanted."""
        parser.add_argument("phase", help="its slug, or CHALLENGE/PHASE")
        parser.add_argument(
            "--codec", action="append", choices=NAMES, help="only this one; may come several times"
        )
        parser.add_argument("--again", action="store_true", help="also those that are entered")

    def handle(
        self,
        *args: Any,
        phase: str,
        codec: list[str] | None,
        again: bool,
        **options: Any,
    ) -> None:
        """Make what the phase's definition names and what is installed.

        What is refused keeps nothing else from being made. Raises CommandError naming it.
        """
        phase_row = find_phase(phase)
        try:
            require_baselines(phase_row)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        works = {installed.name: installed for installed in available()}
        lines = {line.codec: line for line in baseline_lines(phase_row)}
        refusals = []
        for name in codec or phase_row.baselines or list(works):
            try:
                if (why := _left_out(lines[name], again)) or name not in works:
                    self.stdout.write(f"{name}: {why or lines[name].against}; left out.")
                else:
                    self._make(phase_row, works[name])
            except OverBudget as error:
                self.stdout.write(f"{name}: left out. {error}")
            except Refused as error:
                refusals.append(f"{name}: not made. {error}")
        if refusals:
            raise CommandError("\n".join(refusals))

    def _make(self, phase: Phase, codec: Codec) -> None:
        bar = ProgressBar(codec.name, STEPS * phase.originals().count())

        def queued(submission: Submission, words: str) -> None:
            queue_scoring(submission.pk)
            self.stdout.write(f"{codec.name}: {words}; queued.")

        enter_baseline(phase, codec, timezone.now, Watch(bar.step, lambda _: None, queued))


class ProgressBar:
    """A progress bar on one line of a terminal; nothing elsewhere."""

    def __init__(self, name: str, steps: int) -> None:
        self._name, self._steps, self._done = name, steps, 0

    def step(self) -> None:
        """Count one picture."""
        self._done += 1
        if sys.stderr.isatty():
            filled = BAR_WIDTH * self._done // self._steps
            bar = "#" * filled + "." * (BAR_WIDTH - filled)
            end = "\n" if self._done == self._steps else ""
            print(
                f"\r{self._name} [{bar}] {self._done} of {self._steps} ", end=end, file=sys.stderr
            )


def _left_out(line: BaselineLine, again: bool) -> str:
    if line.is_under_way:
        return "it was asked for at the desk, and is under way"
    return "entered already; --again makes it anew" if line.entered and not again else ""
