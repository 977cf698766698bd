"""`manage.py make_baselines PHASE`: known codecs as entries, each at its best within the budget."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from ratings.challenge.originals import load_original
from ratings.challenge.refusals import Refused
from ratings.challenge.team_accounts import enter_team, require_kind
from ratings.codecs.baseline_decoder import decoder_zip
from ratings.codecs.baselines import NAMES, Codec, available
from ratings.codecs.rate import BudgetExceeded, bits_per_pixel
from ratings.codecs.rate_control import best_settings, encode_pictures
from ratings.imaging.pixels import Rgb, encode_png
from ratings.jobs.tasks import queue_scoring
from ratings.management.lookup import find_phase
from ratings.models import Original, Phase, Submission, Team
from ratings.submissions.intake import closing, ingest

BAR_WIDTH = 30
ROUNDS = 2  # of trying settings


class PhaseOriginals(Mapping[str, Rgb]):
    """A phase's originals by name; their samples are mapped from disk when they are looked at."""

    def __init__(self, phase: Phase) -> None:
        self._originals: dict[str, Original] = {o.name: o for o in phase.originals()}

    def __getitem__(self, name: str) -> Rgb:
        return load_original(self._originals[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._originals)

    def __len__(self) -> int:
        return len(self._originals)

    @property
    def pixels(self) -> int:
        """How many pixels all of them have."""
        return sum(original.pixels for original in self._originals.values())


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
        pictures = PhaseOriginals(phase_row)
        if phase_row.byte_budget is None or not pictures:
            raise CommandError(
                f"{phase_row} needs a byte budget and pictures before its baselines."
            )
        wanted = codec or phase_row.baselines or [installed.name for installed in available()]
        works = {installed.name: installed for installed in available()}
        refused = []
        for name in wanted:
            if name not in works:
                self.stdout.write(f"{name}: its package is not installed here; left out.")
            elif not again and _is_entered(phase_row, name):
                self.stdout.write(f"{name}: entered already; --again makes it anew.")
            else:
                try:
                    self._make(phase_row, phase_row.byte_budget, works[name], pictures)
                except Refused as error:
                    refused.append(f"{name}: not made. {error}")
        if refused:
            raise CommandError("\n".join(refused))

    def _make(self, phase: Phase, budget: int, codec: Codec, pictures: PhaseOriginals) -> None:
        require_kind(phase.challenge, codec.name, Team.Kind.BASELINE)  # before the work is done
        bar = ProgressBar(codec.name, ROUNDS * len(pictures))
        try:
            settings = best_settings(codec, pictures, budget, bar.step)
        except BudgetExceeded as error:
            self.stdout.write(f"{codec.name}: left out. {error}")
            return
        size_bytes = _enter(phase, codec, pictures, settings, timezone.now())
        rate = bits_per_pixel(size_bytes, pictures.pixels)
        self.stdout.write(
            f"{codec.name}: {size_bytes} of {budget} bytes, {rate:.4f} bits per pixel; queued."
        )


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


def _is_entered(phase: Phase, name: str) -> bool:
    waiting_or_scored = [Submission.State.QUEUED, Submission.State.SCORED]
    return phase.submissions.filter(
        team__kind=Team.Kind.BASELINE, method=name, state__in=waiting_or_scored
    ).exists()


def _enter(
    phase: Phase, codec: Codec, pictures: PhaseOriginals, settings: Mapping[str, int], at: datetime
) -> int:
    """Enter the compressed pictures as anyone's submission; return the bytes of the bitstreams.

    Nothing of it stays where something is refused. Raises Refused.
    """
    team = enter_team(phase.challenge, codec.name, Team.Kind.BASELINE)
    submission = ingest.begin_submission(phase, team, codec.name, at)
    try:
        return _fill(submission, codec, pictures, settings, at)
    except Refused:
        ingest.delete_open(submission.pk, at)
        raise


def _fill(
    submission: Submission,
    codec: Codec,
    pictures: PhaseOriginals,
    settings: Mapping[str, int],
    at: datetime,
) -> int:
    ingest.put(submission, "decoder", "decoder", [decoder_zip()], received_at=at)
    size_bytes = 0
    for name, coded in encode_pictures(codec, pictures, settings):
        bits, png = f"{name.removesuffix('.png')}{codec.suffix}", encode_png(coded.decoded)
        ingest.put(submission, "bitstreams", bits, [coded.bitstream], received_at=at)
        ingest.put(submission, "decoded", name, [png], received_at=at)
        size_bytes += len(coded.bitstream)
    with transaction.atomic():
        closing.submit(submission.pk, at, by_organizer=True)
        queue_scoring(submission.pk)
    return size_bytes
