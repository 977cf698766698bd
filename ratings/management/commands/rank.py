"""`manage.py rank JUDGMENTS.csv`: fit a ranking from a file of judgments, without a database."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.psychometrics.fitting import Fit, fit, table
from ratings.psychometrics.judgments_csv import COLUMNS, BadJudgments, Judgments, read_judgments


class Command(BaseCommand):
    """Print the ranking of a file of judgments."""

    help = f"Fit a ranking from a CSV file with the columns {', '.join(COLUMNS)}."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and whether to print JSON."""
        parser.add_argument("judgments", type=Path, metavar="JUDGMENTS.csv")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        """Read, fit, print. Raises CommandError where the file can't be used."""
        path: Path = options["judgments"]
        try:
            judgments = read_judgments(path)
        except OSError as error:
            raise CommandError(f"Can't read {path}: {error.strerror}.") from None
        except BadJudgments as error:
            raise CommandError(f"{path} can't be ranked.\n{error}") from None
        result = fit(judgments.tally())
        self.stdout.write(as_json(result, judgments) if options["json"] else as_text(result))


def as_json(result: Fit, judgments: Judgments) -> str:
    """Return a fit as JSON, numbers as printed in the table."""
    return json.dumps(
        {
            "settings": asdict(result.settings),
            "input_sha256": result.input_sha256,
            "judgments": result.judgments,
            "excluded": judgments.excluded,
            "raters": result.raters,
            "pictures": result.pictures,
            "provisional": result.provisional,
            "notes": result.notes,
            "results": table(result),
        },
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )


def as_text(result: Fit) -> str:
    """Return a fit as a table with its notes below."""
    rows = table(result)
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    name = list(rows[0]).index("method")
    lines = [
        "  ".join(
            cell.ljust(width) if place == name else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    state = "Provisional: some neighbours are not told apart." if result.provisional else ""
    counts = f"{result.judgments} judgments, {result.raters} raters, {result.pictures} pictures"
    notes = [f"- {note}" for note in result.notes]
    return "\n".join([*lines, "", f"{counts}. {state}".rstrip(), *notes])


def _cell(value: str | int | float | None) -> str:
    """Return a value as text; nothing is a dash."""
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
