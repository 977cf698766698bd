"""`manage.py rank JUDGMENTS.csv`: fit a ranking from a file of judgments, without a database."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from ratings.management.ranked_output import (
    Ranked,
    as_json,
    as_text,
    dumped,
    each_as_json,
    each_as_text,
)
from ratings.management.rater_tables import TABLES, asked_json, asked_text
from ratings.psychometrics.counts.circumstances import ADJUSTABLE, Confounded, adjustable
from ratings.psychometrics.files.csv_rows import BadJudgments
from ratings.psychometrics.files.file_circumstances import file_circumstances
from ratings.psychometrics.files.file_forms import COLUMNS, FORMS, FileForm
from ratings.psychometrics.files.judgment_columns import Judgments
from ratings.psychometrics.files.judgments_csv import VARIANTS, read_judgments
from ratings.psychometrics.inference.adjusting import Adjusted, fit_adjusted
from ratings.psychometrics.inference.bias_reduced import bias_reduced
from ratings.psychometrics.inference.fitting import Fit, Settings, fit
from ratings.psychometrics.inference.scales import NAMES, Scale, scale

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
ADJUST_HELP = (
    f"take out what moved judgments beside the methods: {', '.join(ADJUSTABLE)}; ties are half wins"
)
BY_HELP = "rank the judgments of each value of a column by themselves; --by= ranks all together"


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
        parser.add_argument("--adjust", metavar="NAME,...", default="", help=ADJUST_HELP)
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
            form, asked, names = _form(options), _about_raters(options), _adjusted_for(options)
            judgments = read_judgments(
                *(path, options["dataset"], options["variant"], form),
                about_raters=bool(asked),
                adjust=names,
            )
            part, fits = "", []
            for part, rows in judgments.split() if form.by else [("", judgments)]:
                fits.append((part, _ranked(rows, settings, names, options["firth"])))
        except OSError as error:
            raise CommandError(f"Can't read {path}: {error.strerror}.") from None
        except BadJudgments as error:
            raise CommandError(f"{path} can't be ranked.\n{error}") from None
        except Confounded as error:
            where = f"{form.by} {part}: " if form.by else ""
            raise CommandError(f"{where}{error} Leave {error.name} out of --adjust.") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        if form.by:
            if options["json"]:
                self.stdout.write(dumped(each_as_json(form.by, fits, shown, judgments)))
            else:
                self.stdout.write(each_as_text(form.by, fits, shown, judgments))
            return
        (_, result), about = fits[0], _rater_report(judgments, asked)
        if options["figures"]:
            _draw(result.fit, shown, path.stem, options["figures"])
        if options["json"]:
            added = asked_json(about, asked) if about else {}
            self.stdout.write(dumped(as_json(result, shown, judgments) | added))
        else:
            parts = asked_text(about, asked) if about else []
            self.stdout.write("\n\n".join([as_text(result, shown, judgments.notes), *parts]))


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


def _adjusted_for(options: dict[str, Any]) -> tuple[str, ...]:
    """Return what the ranking is adjusted for. Raises ValueError where that can't be."""
    names = adjustable(filter(None, map(str.strip, options["adjust"].split(","))))
    if names and options["ties"] != "half":
        raise ValueError("--adjust takes ties as half wins; leave --ties out.")
    return names


def _ranked(judgments: Judgments, settings: Settings, names: Sequence[str], firth: bool) -> Ranked:
    """Fit judgments, adjusted for `names`, if any. Raises Confounded where that can't be."""
    tally = judgments.tally()
    if names:
        known = file_circumstances(judgments)
        made = fit_adjusted(judgments.arrays(), known, names, settings)
    else:
        made = Adjusted((), fit(tally, settings), ())
    return Ranked(made, bias_reduced(tally) if firth else None)


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
