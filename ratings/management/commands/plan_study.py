"""`manage.py plan_study`: how many judgments a study will need, by simulation, no database."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from ratings.psychometrics.pairing import EXPLORATION, Policy
from ratings.psychometrics.planning import Design, Forecast, forecast
from ratings.psychometrics.simulation import Habits

DRAW = Callable[[np.random.Generator], Sequence[float]]
SHARES = {"median": 0.5, "80 %": 0.8}


class Command(BaseCommand):
    """Simulates studies with the real pairing and fit; prints how soon the top is separated."""

    help = "Simulate studies: how many judgments until the best methods are told apart at 95 %?"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study's size, the methods' scores, the crowd and the pairing."""
        design, habits = Design(), Habits()
        add = parser.add_argument
        add("--methods", type=int, default=8)
        add("--pictures", type=int, default=design.pictures)
        add("--raters", type=int, default=design.raters)
        add("--trials-per-rater", type=int, default=design.trials_per_rater)
        scores = parser.add_mutually_exclusive_group()
        scores.add_argument("--gap", type=float, default=0.6, help="log odds between neighbours")
        scores.add_argument("--spread", type=float, help="draw scores with this SD in every run")
        scores.add_argument("--scores", type=_numbers, help="the scores themselves: 1.2,0.8,0")
        add("--taste", type=float, default=habits.taste_sd, help="SD of raters' tastes, log odds")
        add("--picture-spread", type=float, default=habits.picture_sd, help="the same of pictures")
        add("--pairing", choices=list(Policy), default=Policy.BALANCED)
        add("--exploration", type=float, default=EXPLORATION)
        add("--top", type=_top, default=3, help="how many to separate: a number, or all")
        add("--runs", type=int, default=40)
        add("--seed", type=int, default=1)
        add("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        """Simulate and print; progress goes to standard error. Raises CommandError for nonsense."""
        try:
            draw, methods = _scores(options)
            top = options["top"] or methods
            design = _design(options)
            found = forecast(
                design, draw, top, options["runs"], options["seed"], self._report(options)
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stderr.write("")
        facts = _facts(options, methods, top)
        text = _as_json(found, facts) if options["json"] else _as_text(found, facts)
        self.stdout.write(text)

    def _report(self, options: dict[str, Any]) -> Callable[[int], None]:
        runs = options["runs"]
        return lambda run: self.stderr.write(f"\rstudy {run} of {runs}", ending="")


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ArgumentTypeError(f"{text!r} must be numbers with commas between them") from None


def _top(text: str) -> int:
    """Return how many, 0 for all."""
    if text != "all" and not (text.isdecimal() and int(text)):
        raise ArgumentTypeError(f'{text!r} must be a number above 0, or "all"')
    return 0 if text == "all" else int(text)


def _scores(options: dict[str, Any]) -> tuple[DRAW, int]:
    """Return what draws the true scores of a study, and of how many methods."""
    given, spread, methods = options["scores"], options["spread"], options["methods"]
    if given is not None:
        return lambda rng: given, len(given)
    if methods < 2:
        raise ValueError("--methods must be at least 2.")
    if spread is not None:
        return lambda rng: rng.normal(0, spread, methods).tolist(), methods
    return lambda rng: (options["gap"] * np.arange(methods)[::-1]).tolist(), methods


def _design(options: dict[str, Any]) -> Design:
    habits = Habits(taste_sd=options["taste"], picture_sd=options["picture_spread"])
    return Design(
        pictures=options["pictures"],
        raters=options["raters"],
        trials_per_rater=options["trials_per_rater"],
        policy=Policy(options["pairing"]),
        exploration=options["exploration"],
        habits=habits,
    )


def _facts(options: dict[str, Any], methods: int, top: int) -> dict[str, Any]:
    """Return what was assumed, as it is printed."""
    names = ["pictures", "raters", "trials_per_rater", "taste", "picture_spread", "pairing"]
    scores = next(name for name in ("scores", "spread", "gap") if options[name] is not None)
    asked = {name: options[name] for name in [*names, "exploration", "runs", "seed", scores]}
    return {"methods": methods, "top": top} | asked


def _as_json(found: Forecast, facts: dict[str, Any]) -> str:
    needed = {name: found.needed(share) for name, share in SHARES.items()}
    rows = [
        {"judgments": count, "separated": share}
        for count, share in zip(found.judgments, found.shares, strict=True)
    ]
    return json.dumps({"assumed": facts, "needed": needed, "results": rows}, indent=2)


def _as_text(found: Forecast, facts: dict[str, Any]) -> str:
    assumed = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    lines = [f"Simulated, not measured. Assumed: {assumed}.", "", "judgments  separated"]
    lines += [
        f"{count:9,}  {share:9.0%}"
        for count, share in zip(found.judgments, found.shares, strict=True)
    ]
    lines.append("")
    for name, share in SHARES.items():
        count = found.needed(share)
        often = f"{name} of such studies:" if "%" in name else f"{name}:"
        there = f"{count:,} judgments" if count else f"more than {found.judgments[-1]:,} judgments"
        lines.append(f"{often} {there}")
    return "\n".join([*lines, *_advice(found, facts)])


def _advice(found: Forecast, facts: dict[str, Any]) -> list[str]:
    """Say what else than judgments could be lacking."""
    if found.needed(0.8):
        return []
    return [
        "More judgments of the same raters and pictures may never be enough: intervals can't get "
        f"narrower than {facts['raters']} raters and {facts['pictures']} pictures allow. Try more "
        "of either."
    ]
