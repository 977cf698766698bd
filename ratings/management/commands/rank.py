"""`manage.py rank JUDGMENTS.csv`: fit a ranking from a file of judgments, without a database."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from ratings.management.aligned import aligned, cell
from ratings.management.rater_tables import TABLES, asked_json, asked_text
from ratings.psychometrics.counts.csv_rows import BadJudgments
from ratings.psychometrics.counts.judgments_csv import (
    COLUMNS,
    VARIANTS,
    Judgments,
    read_judgments,
)
from ratings.psychometrics.inference.fitting import (
    PUBLISHED_DECIMALS,
    Fit,
    Settings,
    fit,
    ranking_table,
)
from ratings.psychometrics.inference.ranking_row import LENGTHS, PLACES
from ratings.psychometrics.inference.scales import NAMES, Scale, scale
from ratings.psychometrics.report.published import chances

if TYPE_CHECKING:
    from ratings.psychometrics.raters.rater_report import RaterReport

VARIANT_HELP = (
    "used (the default): answers that count; careful: without fast ones; entered: with methods "
    "that have left; all: also excluded"
)


class Command(BaseCommand):
    """Print the ranking of a file of judgments."""

    help = f"Fit a ranking from a CSV file with the columns {', '.join(COLUMNS)}."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, how to fit it, and how to show the result."""
        parser.add_argument("judgments", type=Path, metavar="JUDGMENTS.csv")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument("--dataset", metavar="SLUG", help="rank the judgments on it alone")
        parser.add_argument("--variant", choices=VARIANTS, default="used", help=VARIANT_HELP)
        parser.add_argument("--ties", default="half", help="half (the default) or davidson")
        parser.add_argument("--level", type=float, default=0.95, help="of intervals; default 0.95")
        parser.add_argument("--scale", choices=NAMES, default="natural", help="unit of the scores")
        parser.add_argument("--raters", action="store_true", help="add what is told of raters")
        parser.add_argument(
            "--reliability", action="store_true", help="add scores with raters weighed by theirs"
        )
        parser.add_argument("--figures", type=Path, metavar="DIR", help="draw into a directory")
        parser.add_argument("--mean", type=float, help="mean of the Elo scale; default 2000")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, fit, print. Raises CommandError where the file or an option can't be used."""
        path: Path = options["judgments"]
        try:
            settings = Settings(level=options["level"], ties=options["ties"])
            shown = scale(options["scale"], options["mean"])
            judgments = read_judgments(path, options["dataset"], options["variant"])
            about = _rater_report(judgments) if _about_raters(options) else None
        except OSError as error:
            raise CommandError(f"Can't read {path}: {error.strerror}.") from None
        except BadJudgments as error:
            raise CommandError(f"{path} can't be ranked.\n{error}") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        result = fit(judgments.tally(), settings)
        if options["figures"]:
            _draw(result, shown, path.stem, options["figures"])
        asked = _about_raters(options)
        if options["json"]:
            added = asked_json(about, asked) if about else {}
            self.stdout.write(as_json(result, shown, judgments, added))
        else:
            parts = asked_text(about, asked) if about else []
            self.stdout.write("\n\n".join([as_text(result, shown, judgments.notes), *parts]))


def _about_raters(options: dict[str, Any]) -> list[str]:
    """Return which tables about raters are asked for."""
    return [name for name in TABLES if options[name]]


def _rater_report(judgments: Judgments) -> "RaterReport":
    # A ranking alone should not wait for what it does not use.
    from ratings.psychometrics.raters.rater_report import rater_report

    return rater_report(judgments.arrays(), judgments.goldens)


def _draw(result: Fit, shown: Scale, title: str, directory: Path) -> None:
    """Write every figure that can be drawn. Raises CommandError where it can't be written."""
    from ratings.psychometrics.report.drawing import drawing_of_fit
    from ratings.psychometrics.report.figures import drawn

    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file, data in drawn(drawing_of_fit(result, shown, title)):
            (directory / file).write_bytes(data)
    except OSError as error:
        raise CommandError(f"Can't write to {directory}: {error.strerror}.") from error


def as_json(result: Fit, shown: Scale, judgments: Judgments, added: dict[str, Any]) -> str:
    """Return a fit and what is added to it as JSON, numbers as printed in the table."""
    return json.dumps(
        {
            "settings": asdict(result.settings),
            "scale": shown.as_json(),
            "input_sha256": result.input_sha256,
            "judgments": result.judgments,
            "excluded": judgments.excluded,
            "checks": judgments.checks,
            "raters": result.raters,
            "pictures": result.pictures,
            "provisional": result.provisional,
            "notes": [*judgments.notes, *result.notes],
            "results": [shown.convert(row) for row in ranking_table(result)],
            "groups": result.groups,
            "pairs": [asdict(chance) for chance in chances(result)],
        }
        | added,
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )


def as_text(result: Fit, shown: Scale, read: Sequence[str] = ()) -> str:
    """Return a fit as a table, below it its scale, notes on what was `read`, and its own."""
    rows = ranking_table(result)
    cells = [list(rows[0]), *(_cells(row, shown) for row in rows)]
    lines = aligned(cells, list(rows[0]).index("method"))
    state = "Provisional: some neighbours are not told apart." if result.provisional else ""
    counts = f"{result.judgments} judgments, {result.raters} raters, {result.pictures} pictures"
    notes = [f"- {note}" for note in (*read, *result.notes)]
    unit = f"Scores in {shown.unit}. {shown.anchor}"
    return "\n".join([*lines, "", f"{counts}. {state}".rstrip(), unit, *notes])


def _cells(row: dict[str, Any], shown: Scale) -> list[str]:
    """Return a row as texts; nothing is a dash."""
    converted = shown.convert(row)
    on_scale = (*PLACES, *LENGTHS)
    return [
        cell(value, shown.decimals if name in on_scale else PUBLISHED_DECIMALS)
        for name, value in converted.items()
    ]
