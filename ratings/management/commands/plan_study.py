"""`manage.py plan_study`: how many judgments a study will need, by simulation, no database."""

import argparse
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.psychometrics.design.pairing import EXPLORATION, Policy
from ratings.psychometrics.design.sample_size import (
    Forecast,
    even_strengths,
    forecast,
    sentences,
    spread_strengths,
)
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.design.study_simulation import Plan
from ratings.psychometrics.inference.fitting import Settings
from ratings.psychometrics.rounding import per_cent

USUAL = RaterModel()


class Command(BaseCommand):
    """Simulate a study again and again and print what numbers of judgments achieve."""

    help = "Simulate a study: how many judgments until the best methods are told apart?"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study's size, the methods' strengths, the model of the raters, and the runs."""
        add = parser.add_argument
        add("--methods", type=int, default=15)
        add("--pictures", type=int, default=40)
        add("--raters", type=int, default=30)
        gaps = parser.add_mutually_exclusive_group()
        gaps.add_argument("--spread", type=float, default=1.8, help="deviation of the strengths")
        gaps.add_argument("--gap", type=float, help="even gaps between neighbours instead")
        gaps.add_argument("--scores", type=float, nargs="+", help="one strength for each method")
        add("--top", type=_top, default=3, metavar="K", help="tell the best K apart, or all")
        add("--level", type=float, default=0.95)
        add("--pairing", choices=[*map(str, Policy)], default=str(Policy.BALANCED))
        add("--exploration", type=float, default=EXPLORATION, help="share of least issued pairs")
        add("--trials", type=int, default=80, help="judgments of a rater's visit")
        add("--visits", type=int, default=4, help="how often a rater comes at most")
        add("--taste", type=float, default=USUAL.taste_sd, help="deviation of raters' tastes")
        add(
            "--picture", type=float, default=USUAL.picture_sd, help="deviation of pictures' effects"
        )
        add("--careless", type=float, default=USUAL.careless, help="share of random raters")
        add("--ties", type=float, default=USUAL.unsure, help="share of ties between equals")
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
    methods, scores, gap = options["methods"], options["scores"], options["gap"]
    if scores is not None:
        strengths = tuple(scores)
    elif gap is not None:
        strengths = even_strengths(methods, gap)
    else:
        strengths = spread_strengths(methods, options["spread"])
    return Plan(
        strengths=strengths,
        pictures=options["pictures"],
        raters=options["raters"],
        top=min(options["top"], len(strengths)),
        trials=options["trials"],
        visits=options["visits"],
        policy=Policy(options["pairing"]),
        exploration=options["exploration"],
        rater_model=RaterModel(
            taste_sd=options["taste"],
            picture_sd=options["picture"],
            careless=options["careless"],
            unsure=options["ties"],
        ),
        settings=Settings(level=options["level"]),
    )


def as_json(forecast: Forecast) -> str:
    """Return a forecast with its plan; numbers of judgments that aren't reached are null."""
    plan = {("habits" if k == "rater_model" else k): v for k, v in asdict(forecast.plan).items()}
    return json.dumps(
        {
            "plan": plan,
            "runs": forecast.runs,
            "points": [asdict(point) for point in forecast.points],
            "judgments_half": forecast.judgments(0.5),
            "judgments_80": forecast.judgments(0.8),
            "floor": forecast.floor(),
            "notes": sentences(forecast),
        },
        indent=2,
        allow_nan=False,
    )


def as_text(forecast: Forecast) -> str:
    """Return a forecast as a table with what it says below."""
    lines = ["judgments  a rater  told apart  wrongly  standard error"]
    for point in forecast.points:
        error = "-" if point.error is None else f"{point.error:.3f}"
        lines.append(
            f"{point.judgments:>9,}  {point.judgments / forecast.plan.raters:>7.0f}  "
            f"{point.reached:>10.0%}  {point.wrong:>7.0%}  {error:>14}"
        )
    return "\n".join([*lines, "", *sentences(forecast)])
