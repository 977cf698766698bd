"""`manage.py simulate_raters STUDY`: synthetic raters, so that a study can be seen filled."""

from argparse import ArgumentParser
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ratings.comparisons import raters as sessions
from ratings.comparisons.judging import Answer, judge
from ratings.comparisons.protocol import Layout
from ratings.comparisons.scheduling import issue
from ratings.fidelity.board import psnr_board
from ratings.management.lookup import find
from ratings.models import Rater, Study, Trial
from ratings.psychometrics.simulation import Habits, SyntheticCrowd
from ratings.ranking.fitting import refit

# Trials are issued this many at a time, as the rating page asks for them.
BATCH = 5
MOST = 1_000_000
# How much a dB of PSNR helps with synthetic raters, in log odds; the seed draws the rest.
LOG_ODDS_PER_DB = 0.4
UNEXPLAINED_SD = 0.7
# The share of ties between equal methods, where the study takes them.
UNSURE = 0.25


class Command(BaseCommand):
    """Issues trials to synthetic raters and stores their answers as anybody's are."""

    help = "Fill a study with synthetic raters; whatever shows their judgments says simulated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study, the size of the crowd and the seed."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("--raters", type=int, default=20)
        parser.add_argument("--judgments", type=int, default=2000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--careless", type=float, default=Habits.careless, help="share of random raters"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        """Simulate, refit, and say how many judgments were stored."""
        study = find(Study, options["study"])
        raters, judgments = options["raters"], options["judgments"]
        seed, careless = options["seed"], options["careless"]
        _check(study, raters, judgments, seed, careless)
        stored = _Simulation(study, raters, seed, careless).run(judgments)
        refit(study, timezone.now())
        self.stdout.write(f"Stored {stored} simulated judgments of {raters} simulated raters.")
        if stored < judgments:
            self.stdout.write("The study has no further trials for these raters.")


class _Simulation:
    """A crowd of synthetic raters at work on one study."""

    def __init__(self, study: Study, raters: int, seed: int, careless: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.crowd = _crowd(study, raters, careless, self.rng)
        self.layout = study.how.layout
        now = timezone.now()
        self.raters = [sessions.begin(study, now, simulated=True) for _ in range(raters)]

    def run(self, judgments: int) -> int:
        """Let the raters take turns until so many judgments are stored, or no trial is left.

        Those of training trials come on top.
        """
        stored = 0
        waiting = list(enumerate(self.raters))
        while waiting and stored < judgments:
            number, rater = waiting.pop(0)
            trials = issue(rater, min(BATCH, judgments - stored), timezone.now(), self.rng)
            for trial in trials:
                self._judge(number, rater, trial)
            stored += sum(trial.kind != Trial.Kind.TRAINING for trial in trials)
            if trials:
                waiting.append((number, rater))
        return stored

    def _judge(self, number: int, rater: Rater, trial: Trial) -> None:
        choice, response_ms = self._choose(number, trial)
        display = {"layout": self.layout, "input": "key"} | self._looking(number, response_ms)
        judge(trial.pk, [rater.pk], Answer(choice, response_ms, display), timezone.now())

    def _choose(self, number: int, trial: Trial) -> tuple[str, int]:
        if trial.kind in (Trial.Kind.TRAINING, Trial.Kind.GOLDEN):
            return self.crowd.check(number, "left" if trial.first_left else "right")
        entries = (trial.pair.first, trial.pair.second) if trial.pair else (trial.entry,) * 2
        first, second = (entry.label for entry in entries if entry)
        left, right = (first, second) if trial.first_left else (second, first)
        return self.crowd.answer(number, trial.crop.original.name, left, right)

    def _looking(self, number: int, response_ms: int) -> dict[str, Any]:
        """Return which version was seen first and how often the rater flipped, where one does."""
        if self.layout == Layout.SIDES:
            return {}
        first = str(self.rng.choice(["left", "right"]))
        return {"shown_first": first, "flips": self.crowd.flips(number, response_ms)}


def _check(study: Study, raters: int, judgments: int, seed: int, careless: float) -> None:
    if min(raters, judgments) < 1 or seed < 0:
        raise CommandError("--raters and --judgments must be at least 1, --seed at least 0.")
    if not 0 <= careless <= 1:
        raise CommandError("--careless must be a share from 0 to 1, such as 0.06.")
    if max(raters, judgments) > MOST:
        raise CommandError(f"--raters and --judgments may be at most {MOST}.")
    if judgments > raters * study.trials_per_rater:
        raise CommandError(
            f"{raters} raters give at most {raters * study.trials_per_rater} judgments "
            f"({study.trials_per_rater} each in this study): ask for fewer, or more raters."
        )
    if study.entries.filter(active=True).count() < 2:
        raise CommandError("The study has fewer than two scored entries to compare.")


def _crowd(study: Study, raters: int, careless: float, rng: np.random.Generator) -> SyntheticCrowd:
    """Make a crowd whose taste follows PSNR in part."""
    decibels = {row.submission_id: row.psnr_db for row in psnr_board(study.phase)}
    entries = list(study.entries.filter(active=True).order_by("label"))
    psnr = np.array([min(decibels[entry.submission_id], 60.0) for entry in entries])
    unexplained = rng.normal(0, UNEXPLAINED_SD, len(entries))
    strengths = LOG_ODDS_PER_DB * (psnr - psnr.mean()) + unexplained
    labels = [entry.label for entry in entries]
    pictures = [original.name for original in study.phase.originals()]
    habits = Habits(careless=careless, unsure=UNSURE if study.ties_allowed else 0.0)
    return SyntheticCrowd(labels, pictures, raters, rng, strengths.tolist(), habits)
