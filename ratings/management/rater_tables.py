"""What `rank --raters` and `rank --reliability` add to a ranking, as JSON or as text."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ratings.management.aligned import aligned, cell
from ratings.psychometrics.inference.fitting import PUBLISHED_DECIMALS
from ratings.psychometrics.rounding import per_cent

if TYPE_CHECKING:
    from ratings.psychometrics.raters.rater_report import (
        PictureRow,
        RaterReport,
        RaterRow,
        SecondScore,
    )

TABLES = ("reliability", "raters")
_TEXT_DECIMALS = 3


def asked_json(report: "RaterReport", asked: Collection[str]) -> dict[str, Any]:
    """Return those of `TABLES` that are asked for."""
    added: dict[str, Any] = {}
    if "reliability" in asked:
        added |= _reliability_json(report)
    if "raters" in asked:
        added |= _raters_json(report)
    return added


def asked_text(report: "RaterReport", asked: Collection[str]) -> list[str]:
    """Return those of `TABLES` that are asked for, each as a text."""
    texts = {"reliability": _reliability_text, "raters": _raters_text}
    return [texts[name](report) for name in TABLES if name in asked]


def _raters_json(report: "RaterReport") -> dict[str, Any]:
    """Return raters, pictures, left bias, agreement and notes."""
    return {
        "rater_rows": [_rounded(asdict(row)) for row in report.raters],
        "influence_of_pictures": [_rounded(asdict(row)) for row in report.pictures],
        "left_bias": _rounded(asdict(report.position_bias)) if report.position_bias else None,
        "agreement": _rounded(asdict(report.agreement)) if report.agreement else None,
        "rater_notes": report.notes,
    }


def _reliability_json(report: "RaterReport") -> dict[str, Any]:
    """Return the second fit's scores beside the plain ones."""
    return {
        "reliability": {
            "stretch": None
            if report.stretch is None
            else round(report.stretch, PUBLISHED_DECIMALS),
            "results": [_rounded(asdict(row)) for row in report.second],
        }
    }


def _raters_text(report: "RaterReport") -> str:
    """Return a table of raters with their flags below, one of pictures, and the crowd's figures."""
    named = {row.rater: row.flags for row in report.raters if row.flags}
    flags = [f"- {name}: {words}" for name, raised in named.items() for words in raised]
    notes = [f"- {note}" for note in report.notes]
    tables = [_table(report.raters, "flags", "left_p"), _table(report.pictures)]
    about = [*flags, *_crowd(report), *notes]
    return "\n".join([*tables[0], "", *about, "", *tables[1]])


def _reliability_text(report: "RaterReport") -> str:
    """Return the second fit as a table."""
    if report.stretch is None:
        return "No method can be placed, so there is no second fit."
    note = (
        f"Raters weighed by reliability, log odds; {report.stretch:.2f} times as far apart as the "
        "plain scores. Without intervals."
    )
    return "\n".join([*_table(report.second), "", note])


def _crowd(report: "RaterReport") -> list[str]:
    side, agreement = report.position_bias, report.agreement
    lines = []
    if side is not None and side.p_value is not None:
        lines.append(
            f"The left was preferred in {per_cent(side.share, 1)} %, p = {side.p_value:.3f}."
        )
    if agreement is not None:
        lines.append(
            f"Krippendorff's alpha is {agreement.alpha:.3f}, on {agreement.units} shared trials."
        )
    return lines


def _table(rows: "Sequence[RaterRow | PictureRow | SecondScore]", *without: str) -> list[str]:
    """Return rows as an aligned table, their first column being the name."""
    values = [{k: v for k, v in asdict(row).items() if k not in without} for row in rows]
    if not values:
        return []
    cells = [[_text(value) for value in row.values()] for row in values]
    return aligned([list(values[0]), *cells], 0)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return cell(value if isinstance(value, int | float | str) else None, _TEXT_DECIMALS)


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, PUBLISHED_DECIMALS) + 0.0 if isinstance(value, float) else value
        for name, value in values.items()
    }
