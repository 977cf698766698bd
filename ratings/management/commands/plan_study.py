"""`manage.py plan_study`: how many judgments a study will need, by simulation.

It needs the database for `--study` alone.
"""

import argparse
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.management.lookup import find_by_slug
from ratings.models import Study
from ratings.psychometrics.design.pairing import EXPLORATION, Policy
from ratings.psychometrics.design.pilot import Pilot, pilot
from ratings.psychometrics.design.sample_size import (
    Forecast,
    SampleSizePoint,
    even_strengths,
    forecast,
    sentences,
    spread_covariance,
    spread_strengths,
)
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.design.study_simulation import Plan
from ratings.psychometrics.files.csv_rows import BadJudgments
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.inference.fitting import Settings
from ratings.psychometrics.rounding import per_cent
from ratings.ranking.evidence.study_pilot import study_pilot

Strengths = tuple[float, ...]
Covariance = tuple[Strengths, ...]

USUAL = RaterModel()
# Log odds beyond which nothing is left to guess: a chance of e to the minus so many.
_MOST = 1000.0
_METHODS = 15
PILOT_HELP = (
    "take strengths with their doubt, tastes, pictures, ties and activity from a file of "
    "judgments, as rank reads it"
)
# Options about raters: the model's field, and what it is.
RATERS = {
    "taste": ("taste_sd", "deviation of raters' tastes"),
    "picture": ("picture_sd", "deviation of pictures' effects"),
    "careless": ("careless", "share of random raters"),
    "ties": ("unsure", "share of ties between equals"),
    "sensitivity": ("sensitivity_sd", "how unequally well raters see differences, log-normal"),
}


class Command(BaseCommand):
    """Simulate a study again and again and print what numbers of judgments achieve."""

    help = "Simulate a study: how many judgments until the best methods are told apart?"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study's size, the methods' strengths, the model of the raters, and the runs."""
        add = parser.add_argument
        add("--methods", type=int, help=f"default {_METHODS}, or as many as are told of")
        add("--pictures", type=int, default=40)
        add("--raters", type=int, default=30)
        gaps = parser.add_mutually_exclusive_group()
        gaps.add_argument(
            "--spread", type=float, default=1.8, help="draw strengths with this deviation"
        )
        gaps.add_argument("--gap", type=float, help="even gaps between neighbours instead")
        gaps.add_argument("--scores", type=float, nargs="+", help="one strength for each method")
        gaps.add_argument("--pilot", type=Path, metavar="JUDGMENTS.csv", help=PILOT_HELP)
        gaps.add_argument("--study", metavar="SLUG", help="take them from the pilot of this study")
        add("--spaced", action="store_true", help="space strengths evenly instead of drawing them")
        add("--top", type=_top, default=3, metavar="K", help="tell the best K apart, or all")
        add("--level", type=float, default=0.95)
        add("--pairing", choices=[*map(str, Policy)], default=str(Policy.BALANCED))
        add("--exploration", type=float, default=EXPLORATION, help="share of least issued pairs")
        add("--trials", type=int, default=80, help="judgments of a rater's visit")
        add("--visits", type=int, default=4, help="how often a rater comes at most")
        for name, (field, about) in RATERS.items():
            usual = f"{about}; default {getattr(USUAL, field):g}, or the pilot's"
            add(f"--{name}", type=float, help=usual)
        add(
            "--activity",
            type=float,
            help="how unequally much raters judge; default 0, or the pilot's",
        )
        add("--runs", type=int, default=100)
        add("--seed", type=int, default=1)
        add("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Simulate, with progress on stderr, and print. Raises CommandError for bad options."""
        try:
            latest = None
            for latest in forecast(_plan(options), options["runs"], options["seed"]):
                last = latest.points[-1]
                self.stderr.write(
                    f"{last.judgments:,} judgments: {per_cent(last.reached)}% told apart"
                )
        except ValueError as error:
            raise CommandError(str(error)) from None
        assert latest
        self.stdout.write(as_json(latest) if options["json"] else as_text(latest))


def _top(text: str) -> int:
    """Read a number of methods; all are more than there can be."""
    try:
        return sys.maxsize if text == "all" else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'a number or "all", not {text!r}') from None


def _plan(options: dict[str, Any]) -> Plan:
    """Return the plan that the options mean. Raises ValueError where there is none."""
    _check_guesses(options)
    known = _pilot(options["pilot"]) if options["pilot"] else None
    if options["study"] is not None:
        known = _pilot_of_study(options["study"])
    strengths, covariance = _strengths(options, known)
    asked = {
        field: options[name] for name, (field, _) in RATERS.items() if options[name] is not None
    }
    activity = options["activity"]
    if activity is None:
        activity = known.activity_sd if known else 0.0
    return Plan(
        strengths=strengths,
        covariance=covariance,
        pictures=options["pictures"],
        raters=options["raters"],
        top=min(options["top"], len(strengths)),
        trials=options["trials"],
        visits=options["visits"],
        activity_sd=activity,
        policy=Policy(options["pairing"]),
        exploration=options["exploration"],
        rater_model=replace(known.rater_model if known else USUAL, **asked),
        settings=Settings(level=options["level"]),
    )


def _check_guesses(options: dict[str, Any]) -> None:
    """Raises ValueError for guesses about the strengths that can't be meant."""
    for name in ("spread", "gap"):
        if options[name] is not None and not 0 <= options[name] <= _MOST:
            raise ValueError(f"--{name} is a number of log odds from 0 to {_MOST:g}.")
    if any(not abs(score) <= _MOST for score in options["scores"] or ()):
        raise ValueError(f"--scores are numbers of log odds, at most {_MOST:g} from 0.")
    told = next((name for name in ("pilot", "study", "scores") if options[name] is not None), "")
    if told and options["methods"] is not None:
        raise ValueError(f"--{told} tells the methods: leave --methods out.")
    if options["spaced"] and (told or options["gap"] is not None):
        raise ValueError(f"--spaced is about --spread: leave it out beside --{told or 'gap'}.")


def _strengths(options: dict[str, Any], known: Pilot | None) -> tuple[Strengths, Covariance | None]:
    """Return the strengths, and their covariance where each study draws its own."""
    scores, gap = options["scores"], options["gap"]
    methods = _METHODS if options["methods"] is None else options["methods"]
    if known:
        return tuple(known.strengths.tolist()), tuple(map(tuple, known.covariance.tolist()))
    if scores is not None:
        return tuple(scores), None
    if gap is not None:
        return even_strengths(methods, gap), None
    if options["spaced"]:
        return spread_strengths(methods, options["spread"]), None
    return (0.0,) * methods, spread_covariance(methods, options["spread"])


def _pilot(path: Path) -> Pilot:
    """Read a pilot. Raises ValueError or CommandError where it can't be used."""
    try:
        return pilot(read_judgments(path).arrays())
    except OSError as error:
        raise CommandError(f"Can't read {path}: {error.strerror}.") from None
    except BadJudgments as error:
        raise CommandError(f"{path} can't be a pilot.\n{error}") from None


def _pilot_of_study(slug: str) -> Pilot:
    """Read a study's pilot from the database. Raises CommandError where it can't be used."""
    found = study_pilot(find_by_slug(Study, slug))
    if found is None:
        raise CommandError(
            f"{slug} has no answers of a pilot that stand: give it a [study.pilot] before it "
            "begins, and let raters judge."
        )
    if found.tells is None:
        raise CommandError(f"{slug}'s pilot can't be planned from. {found.problem}")
    return found.tells


def as_json(forecast: Forecast) -> str:
    """Return a forecast with its plan; numbers of judgments that aren't reached are null."""
    plan = {("habits" if k == "rater_model" else k): v for k, v in asdict(forecast.plan).items()}
    return json.dumps(
        {
            "plan": plan,
            "runs": forecast.runs,
            "points": [_point(forecast, point) for point in forecast.points],
            "judgments_half": forecast.judgments(0.5),
            "judgments_80": forecast.judgments(0.8),
            "floor": forecast.floor(),
            "notes": sentences(forecast),
            "judgments_80_between": forecast.between(0.8),
        },
        indent=2,
        allow_nan=False,
    )


def _point(forecast: Forecast, point: SampleSizePoint) -> dict[str, Any]:
    low, high = forecast.interval(point)
    return asdict(point) | {"reached_low": low, "reached_high": high}


def as_text(forecast: Forecast) -> str:
    """Return a forecast as a table with what it says below."""
    lines = ["judgments  a rater  told apart    95 % interval  wrongly  standard error"]
    for point in forecast.points:
        error = "-" if point.error is None else f"{point.error:.3f}"
        between = "{:.0%} to {:.0%}".format(*forecast.interval(point))
        lines.append(
            f"{point.judgments:>9,}  {point.judgments / forecast.plan.raters:>7.0f}  "
            f"{point.reached:>10.0%}  {between:>15}  {point.wrong:>7.0%}  {error:>14}"
        )
    return "\n".join([*lines, "", *sentences(forecast)])
