"""`manage.py simulate_raters STUDY`: synthetic raters, so that a study can be seen filled."""

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ratings.comparisons.judgment_facts import KEPT
from ratings.comparisons.judgments.judging import Answer, judge
from ratings.comparisons.judgments.session_endings import issue_watched
from ratings.comparisons.participation import phases_of
from ratings.comparisons.protocol import Layout
from ratings.comparisons.questionnaire.drawn_answers import drawn_answers
from ratings.comparisons.questionnaire.questions import When
from ratings.comparisons.questionnaire.stored_answers import store_answers
from ratings.comparisons.questionnaire.study_questions import questions_of
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.simulated_answers import usual_answer, usual_visit
from ratings.fidelity.psnr_board import psnr_board
from ratings.management.lookup import find_by_slug
from ratings.models import Rater, Study, Trial
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.ranking.fits.ranking_turns import turn
from ratings.ranking.fits.refitting import refit

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
            "--careless", type=float, default=RaterModel.careless, help="share of random raters"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Simulate, refit, and say how many judgments were stored."""
        study = find_by_slug(Study, options["study"])
        raters, judgments = options["raters"], options["judgments"]
        seed, careless = options["seed"], options["careless"]
        _check(study, raters, judgments, seed, careless)
        stored = _Simulation(study, raters, seed, careless).run(judgments)
        with turn(study):  # the site's worker has it every few seconds
            refit(study, timezone.now())
        self.stdout.write(f"Stored {stored} simulated judgments of {raters} simulated raters.")
        if stored < judgments:
            self.stdout.write("The study has no further trials for these raters.")


@dataclass(frozen=True)
class _Person:
    """A synthetic rater: their number in the crowd, their session, their window and screen."""

    number: int
    rater: Rater
    device: Mapping[str, Any]


class _Simulation:
    """A crowd of synthetic raters at work on one study."""

    def __init__(self, study: Study, raters: int, seed: int, careless: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.crowd = _crowd(study, raters, careless, self.rng)
        self.protocol = study.protocol
        self.people = [self._begin(study, number) for number in range(raters)]

    def _begin(self, study: Study, number: int) -> _Person:
        now = timezone.now()
        rater = rater_keys.begin_session(study, now, simulated=True)
        device = usual_visit(now, self.rng)
        rater_keys.visit(rater, "", device, now)
        for when in When:
            store_answers(rater, when, drawn_answers(questions_of(study, when), self.rng), now)
        return _Person(number, rater, device)

    def run(self, judgments: int) -> int:
        """Let the raters take turns until so many judgments are stored, or no trial is left.

        Those of training trials come on top.
        """
        stored = 0
        waiting = [*self.people]
        while waiting and stored < judgments:
            person = waiting.pop(0)
            wanted = min(BATCH, judgments - stored)
            trials = issue_watched(person.rater, wanted, timezone.now(), self.rng)
            for trial in trials:
                self._judge(person, trial)
            stored += sum(trial.kind != Trial.Kind.TRAINING for trial in trials)
            if trials:
                waiting.append(person)
        return stored

    def _judge(self, person: _Person, trial: Trial) -> None:
        now = timezone.now()
        choice, response_ms = self._choose(person.number, trial)
        known = {**person.device, "choice": choice, "response_ms": response_ms}
        body = usual_answer(known | self._look(person, response_ms), now, self.rng)
        display = {fact.name: body[fact.name] for fact in KEPT if fact.name in body}
        answer = Answer(choice, response_ms, display, body["attempt"])
        judge(trial.pk, [person.rater.pk], answer, now)

    def _choose(self, number: int, trial: Trial) -> tuple[str, int]:
        if trial.kind in (Trial.Kind.TRAINING, Trial.Kind.GOLDEN):
            return self.crowd.check(number, "left" if trial.first_left else "right")
        entries = (trial.pair.first, trial.pair.second) if trial.pair else (trial.entry,) * 2
        first, second = (entry.label for entry in entries if entry)
        left, right = (first, second) if trial.first_left else (second, first)
        return self.crowd.answer(number, trial.crop.original.name, left, right)

    def _look(self, person: _Person, response_ms: int) -> dict[str, Any]:
        """Return how the pictures were shown, and how often the rater flipped, where one does."""
        layout, crowd = self.protocol.layout, self.crowd
        looked: dict[str, Any] = {
            "layout": layout.value,
            "enlarge": self.protocol.enlarge or round(person.device["device_pixel_ratio"]),
            "flips": 0 if layout is Layout.SIDES else crowd.flips(person.number, response_ms),
        }
        # Only where A and B share a place does one of them come first.
        return looked if layout is Layout.FLIP else looked | {"shown_first": None}


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
    decibels = {
        row.submission_id: row.psnr_db for phase in phases_of(study) for row in psnr_board(phase)
    }
    entries = list(study.entries.filter(active=True).order_by("label"))
    psnr = np.array([min(decibels[entry.submission_id], 60.0) for entry in entries])
    unexplained = rng.normal(0, UNEXPLAINED_SD, len(entries))
    strengths = LOG_ODDS_PER_DB * (psnr - psnr.mean()) + unexplained
    labels = [entry.label for entry in entries]
    pictures = [original.name for original in study.phase.originals()]
    rater_model = RaterModel(careless=careless, unsure=UNSURE if study.ties_allowed else 0.0)
    return SyntheticCrowd(labels, pictures, raters, rng, strengths.tolist(), rater_model)
