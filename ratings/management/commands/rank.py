"""`manage.py rank JUDGMENTS.csv`: fit a ranking from a file of judgments, without a database."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from ratings.management.aligned import aligned, cell
from ratings.management.rater_tables import TABLES, asked_json, asked_text
from ratings.psychometrics.counts.csv_rows import BadJudgments
from ratings.psychometrics.counts.file_forms import COLUMNS, FORMS, FileForm
from ratings.psychometrics.counts.judgment_columns import Judgments
from ratings.psychometrics.counts.judgments_csv import VARIANTS, read_judgments
from ratings.psychometrics.inference.bias_reduced import bias_reduced
from ratings.psychometrics.inference.fitting import (
    PUBLISHED_DECIMALS,
    Fit,
    Settings,
    fit,
    ranking_table,
)
from ratings.psychometrics.inference.ranking_row import LENGTHS, PLACES
from ratings.psychometrics.inference.scales import NAMES, Scale, scale
from ratings.psychometrics.report.cluster_words import from_clusters
from ratings.psychometrics.report.published import chances

if TYPE_CHECKING:
    from ratings.psychometrics.raters.rater_report import RaterReport

VARIANT_HELP = (
    "used (the default): answers that count; careful: without fast ones; entered: with methods "
    "that have left; all: also excluded"
)
COLUMNS_HELP = (
    "what the file calls our columns, such as left=methodA,right=methodB,choice=answer; rater= or "
    "image= where it has none; scene=, group= what pictures or raters share, and are clustered by"
)
ANSWERS_HELP = "what its answers mean, such as left=A,right=B,tie=same,none=skip"
FIRTH_HELP = "add Firth's bias-reduced score, which every ranked method has"
FIRTH_NOTE = (
    "firth_score is Firth's bias-reduced score (1993), finite for every ranked method: in all it "
    "adds about one virtual tie a method to the pairs that were judged. It has no interval, and "
    "puts methods in an order also where no judgment tells who is ahead."
)
BY_HELP = "rank the judgments of each value of a column by themselves; --by= ranks all together"


@dataclass(frozen=True)
class Ranked:
    """A fit, and where they are asked for the bias-reduced scores in log odds, by method."""

    fit: Fit
    firth: Mapping[str, float] | None = None

    def rows(self, shown: Scale) -> list[dict[str, Any]]:
        """Return the rows as printed, on a scale."""
        rows = [shown.convert(row) for row in ranking_table(self.fit)]
        if self.firth is None:
            return rows
        return [row | {"firth_score": shown.place(self.firth.get(row["method"]))} for row in rows]

    @property
    def notes(self) -> list[str]:
        """What is to be said of the fit, and of the bias-reduced scores."""
        return [*self.fit.notes, *([] if self.firth is None else [FIRTH_NOTE])]


class Command(BaseCommand):
    """Print the ranking of a file of judgments."""

    help = f"Fit a ranking from a CSV file with the columns {', '.join(COLUMNS)}."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, how to fit it, and how to show the result."""
        parser.add_argument("judgments", type=Path, metavar="JUDGMENTS.csv")
        forms = "; ".join(f"{name}: {form.about}" for name, form in FORMS.items())
        parser.add_argument("--format", choices=FORMS, default="site", help=forms)
        parser.add_argument("--columns", metavar="OURS=THEIRS,...", help=COLUMNS_HELP)
        parser.add_argument("--answers", metavar="MEANING=WORD,...", help=ANSWERS_HELP)
        parser.add_argument("--by", metavar="COLUMN", help=BY_HELP)
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument("--dataset", metavar="SLUG", help="rank the judgments on it alone")
        parser.add_argument("--variant", choices=VARIANTS, default="used", help=VARIANT_HELP)
        parser.add_argument("--ties", default="half", help="half (the default) or davidson")
        parser.add_argument("--firth", action="store_true", help=FIRTH_HELP)
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
            form, asked = _form(options), _about_raters(options)
            judgments = read_judgments(
                path, options["dataset"], options["variant"], form, about_raters=bool(asked)
            )
        except OSError as error:
            raise CommandError(f"Can't read {path}: {error.strerror}.") from None
        except BadJudgments as error:
            raise CommandError(f"{path} can't be ranked.\n{error}") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        if form.by:
            fits = [
                (part, _ranked(rows, settings, options["firth"]))
                for part, rows in judgments.split()
            ]
            write = _each_as_json if options["json"] else _each_as_text
            self.stdout.write(write(form.by, fits, shown, judgments))
            return
        result = _ranked(judgments, settings, options["firth"])
        about = _rater_report(judgments, asked)
        if options["figures"]:
            _draw(result.fit, shown, path.stem, options["figures"])
        if options["json"]:
            added = asked_json(about, asked) if about else {}
            self.stdout.write(_dumped(as_json(result, shown, judgments) | added))
        else:
            parts = asked_text(about, asked) if about else []
            self.stdout.write("\n\n".join([as_text(result, shown, judgments.notes), *parts]))


def _ranked(judgments: Judgments, settings: Settings, firth: bool) -> Ranked:
    tally = judgments.tally()
    return Ranked(fit(tally, settings), bias_reduced(tally) if firth else None)


def _form(options: dict[str, Any]) -> FileForm:
    """Return how the file is written. Raises ValueError where an option can't be meant."""
    form = FORMS[options["format"]]
    form = form.with_columns(options["columns"]) if options["columns"] else form
    form = form.with_answers(options["answers"]) if options["answers"] else form
    form = form if options["by"] is None else replace(form, by=options["by"])
    if form.by and (options["figures"] or _about_raters(options)):
        raise ValueError(
            f"Figures and tables of raters are of one ranking, and there is one by each {form.by}; "
            "rank all together by --by=."
        )
    return form


def _about_raters(options: dict[str, Any]) -> list[str]:
    """Return which tables about raters are asked for."""
    return [name for name in TABLES if options[name]]


def _rater_report(judgments: Judgments, asked: Sequence[str]) -> "RaterReport | None":
    if not asked:
        return None
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


def _each_as_json(
    column: str, fits: Sequence[tuple[str, Ranked]], shown: Scale, judgments: Judgments
) -> str:
    """Return the rankings by each value of a column as JSON; counts are of all together."""
    every = {"excluded": judgments.excluded, "checks": judgments.checks, "notes": judgments.notes}
    rankings = [
        {column: part, **_result_json(result, shown), "notes": result.notes}
        for part, result in fits
    ]
    return _dumped({"by": column, **every, "rankings": rankings})


def _each_as_text(
    column: str, fits: Sequence[tuple[str, Ranked]], shown: Scale, judgments: Judgments
) -> str:
    """Return the rankings by each value of a column as tables, below them notes on all."""
    tables = [f"{column}: {part}\n{as_text(result, shown)}" for part, result in fits]
    notes = "\n".join(f"- {note}" for note in judgments.notes)
    return "\n\n".join([*tables, notes] if notes else tables)


def as_json(result: Ranked, shown: Scale, judgments: Judgments) -> dict[str, Any]:
    """Return a fit for JSON, numbers as printed in the table."""
    return _result_json(result, shown) | {
        "excluded": judgments.excluded,
        "checks": judgments.checks,
        "notes": [*judgments.notes, *result.notes],
    }


def _result_json(result: Ranked, shown: Scale) -> dict[str, Any]:
    made = result.fit
    return {
        "settings": asdict(made.settings),
        "scale": shown.as_json(),
        "input_sha256": made.input_sha256,
        "judgments": made.judgments,
        "raters": made.raters,
        "pictures": made.pictures,
        "rater_groups": made.rater_groups,
        "scenes": made.scenes,
        "provisional": made.provisional,
        "results": result.rows(shown),
        "groups": made.groups,
        "pairs": [asdict(chance) for chance in chances(made)],
    }


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def as_text(result: Ranked, shown: Scale, read: Sequence[str] = ()) -> str:
    """Return a fit as a table, below it its scale, notes on what was `read`, and its own."""
    rows, made = result.rows(shown), result.fit
    cells = [list(rows[0]), *(_cells(row, shown) for row in rows)]
    lines = aligned(cells, list(rows[0]).index("method"))
    state = "Provisional: some neighbours are not told apart." if made.provisional else ""
    raters = from_clusters(f"{made.raters} raters", made.rater_groups, "group")
    pictures = from_clusters(f"{made.pictures} pictures", made.scenes, "scene")
    counts = f"{made.judgments} judgments, {raters}, {pictures}"
    notes = [f"- {note}" for note in (*read, *result.notes)]
    unit = f"Scores in {shown.unit}. {shown.anchor}"
    return "\n".join([*lines, "", f"{counts}. {state}".rstrip(), unit, *notes])


def _cells(row: dict[str, Any], shown: Scale) -> list[str]:
    """Return a row as texts; nothing is a dash."""
    on_scale = (*PLACES, *LENGTHS, "firth_score")
    return [
        cell(value, shown.decimals if name in on_scale else PUBLISHED_DECIMALS)
        for name, value in row.items()
    ]
