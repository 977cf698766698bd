"""What a page says of a human board: its rows, its plot, what it is made of, and its variants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ratings.psychometrics.inference.correlation import COEFFICIENTS, Correlation
from ratings.psychometrics.inference.sensitivity import Sensitivity
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.boards.metric_agreement import metric_agreement
from ratings.ranking.fits.adjusted_variants import ADJUSTED
from ratings.ranking.fits.variant_sensitivity import Compared
from ratings.ranking.models import Ranking
from ratings.web.parts.base_context import (
    rate_url,
    takes_anybody,
)
from ratings.web.parts.board_rows import HumanLine, human_lines, left_lines
from ratings.web.parts.drawing import charts
from ratings.web.parts.words.formatting import NOTHING, count, decimal, moment, phrase

METRICS = {
    "psnr": "PSNR",
    "mean_psnr": "PSNR, mean over pictures",
    "ms_ssim": "MS-SSIM",
    "bpp": "Bits per pixel",
}


LEADS = {
    Ranking.Variant.CAREFUL.value: "Without fast answers",
    Ranking.Variant.ENTERED.value: "With methods that have left",
    Ranking.Variant.ALL.value: "With all raters and answers",
    Ranking.Variant.ADJUSTED.value: "Adjusted for {}",
    Ranking.Variant.STRATIFIED.value: "With the pictures' mix of strata",
}


SHOWN = {
    Ranking.Variant.CAREFUL.value: "without fast answers",
    Ranking.Variant.ENTERED.value: "with methods that have left",
    Ranking.Variant.ALL.value: "with all raters and answers",
    Ranking.Variant.ADJUSTED.value: "adjusted for {}",
    Ranking.Variant.STRATIFIED.value: "with the pictures' mix of strata",
}


@dataclass(frozen=True)
class AgreementLine:
    """One metric's correlations with the human scores; each is its value and its interval."""

    metric: str
    spearman: tuple[str, str]
    kendall: tuple[str, str]
    pearson: tuple[str, str]


def human_context(human: HumanBoard | None, closed: Collection[str] = ()) -> dict[str, Any]:
    """Return what a page says of a human board: its rows, its plot, what it is made of."""
    if human is None:
        return {"study": None, "human": None, "human_lines": []}
    return ranking_context(human, closed) | {
        **agreement_context(human),
        "variant": _variant_said(human),
        "variants": variant_lines(human),
        "rate_url": rate_url(human.study) if takes_anybody(human.study) else "",
    }


def ranking_context(human: HumanBoard, closed: Collection[str] = ()) -> dict[str, Any]:
    """Return what a page says of the ranking itself, live or frozen.

    Methods of the phases `closed`, by slug, have no link.
    """
    lines = human_lines(human, closed)
    made_of = [
        count(human.judgments, "judgment"),
        human.judged_by(count(human.raters, "rater")),
        human.judged_on(count(human.pictures, "picture")),
    ]
    return {
        "study": human.study,
        "human": human,
        "human_lines": lines,
        "human_left": left_lines(human.study.phase, human.left, closed),
        "made_of": " · ".join(made_of),
        "computed": human.computed_at and moment(human.computed_at, human.study.phase.zone),
        "forest": forest_chart(human, lines),
        "open_ends": [(line.method, line.open_end) for line in lines if line.end],
        "brackets": bracket_chart(human),
        "groups": [phrase(names) for names in _groups(human)],
    }


@dataclass(frozen=True)
class VariantLine:
    """What a variant changes, as a sentence; its name in the address, and in words."""

    variant: str
    words: str
    shown: str


def variant_lines(human: HumanBoard) -> list[VariantLine]:
    """Return what other rules about which answers count would change; nothing of equal ones.

    Each of those variants takes in more, so those with equally many answers are of the same ones.
    Those that are adjusted are of the published one's answers, and always told.
    """
    other = [variant for variant in human.variants if variant.variant not in ADJUSTED]
    different = {variant.judgments: variant for variant in reversed(other)}
    told = [one for one in reversed(different.values()) if one.judgments != one.beside]
    told += [variant for variant in human.variants if variant.variant in ADJUSTED]
    return [
        VariantLine(
            variant.variant,
            f"{_named(LEADS, variant)} {_change(variant.sensitivity, human)}",
            _named(SHOWN, variant),
        )
        for variant in told
        if variant.sensitivity.largest_move is not None
    ]


def _named(words: Mapping[str, str], variant: Compared) -> str:
    return _adjusted_for(words[variant.variant], variant.adjusted)


def _adjusted_for(words: str, names: Sequence[str]) -> str:
    """Fill in what a ranking is adjusted for, where words have a place for it."""
    return words.format(phrase(names) if names else "nothing")


def _change(sensitivity: Sensitivity, human: HumanBoard) -> str:
    """Say how the order changes and how far scores move, for the published board."""
    decimals = human.scale.page_decimals
    move = decimal(human.scale.length(sensitivity.largest_move), decimals)
    if not sensitivity.swapped:
        return f"the order is the same; no score moves by more than {move}."
    methods = {row.label: row.method for row in human.rows}
    swapped = count(sensitivity.swapped, "pair changes", "pairs change")
    moved = methods.get(sensitivity.moved or "", sensitivity.moved)
    return f"{swapped} places; {moved} moves most, by {move}."


def _variant_said(human: HumanBoard) -> str:
    """Say what a board is of that is not the published one."""
    if human.variant == Ranking.Variant.USED:
        return ""
    return _adjusted_for(SHOWN[human.variant], human.adjustment.get("adjusted", ()))


def forest_chart(human: HumanBoard, lines: Sequence[HumanLine]) -> charts.Svg:
    """Return the forest plot of a human board, one row of it for each of the board's `lines`."""
    return charts.forest_plot(
        [
            charts.Interval(
                row.method,
                row.kind,
                row.score if row.placed else None,
                row.ci_low,
                row.ci_high,
                row.wide_low,
                row.wide_high,
                row.open_from,
                row.open_end.direction if row.open_end else "",
                line.end,
            )
            for row, line in zip(human.rows, lines, strict=True)
        ],
        center=human.scale.mean,
        axis=None if any(row.placed for row in human.rows) else _axis_of_ends(human),
    )


def _axis_of_ends(human: HumanBoard) -> charts.Axis | None:
    """Return an axis around the mean for arrows alone, which need room to point into."""
    mean, starts = human.scale.mean, [row.open_from for row in human.rows]
    far = [abs(start - mean) for start in starts if start is not None]
    reach = 2 * max([human.scale.per_log_odds, *far])
    return (mean - reach, mean + reach) if far else None


def agreement_context(human: HumanBoard) -> dict[str, Any]:
    """Return how the metrics go with the human scores, in words and drawn."""
    agreements = metric_agreement(human)
    lines = [
        _agreement_line(METRICS[agreement.metric], agreement.correlations)
        for agreement in agreements
    ]
    drawn = [
        charts.Interval(METRICS[agreement.metric], "competing", rho.value, rho.low, rho.high)
        for agreement in agreements
        for rho in agreement.correlations[:1]
    ]
    return {
        "agreement": lines,
        "agreement_methods": max(
            (agreement.correlations[0].methods for agreement in agreements), default=0
        ),
        "agreement_plot": charts.forest_plot(drawn, axis=(-1, 1)),
    }


def _agreement_line(metric: str, correlations: Sequence[Correlation]) -> AgreementLine:
    known = {correlation.coefficient: correlation for correlation in correlations}
    return AgreementLine(metric, *(_correlation(known.get(name)) for name in COEFFICIENTS))


def _correlation(correlation: Correlation | None) -> tuple[str, str]:
    """Return a coefficient and its interval as text; some have none."""
    if correlation is None:
        return NOTHING, ""
    if correlation.low is None or correlation.high is None:
        return decimal(correlation.value, 2), ""
    return decimal(
        correlation.value, 2
    ), f"{decimal(correlation.low, 2)} to {decimal(correlation.high, 2)}"


def bracket_chart(human: HumanBoard) -> charts.Svg:
    """Return the brackets that join the rows of methods that are not told apart."""
    place = {row.label: number for number, row in enumerate(human.rows)}
    spans = [(place[group[0]], place[group[-1]]) for group in human.groups]
    return charts.brackets(len(human.rows), spans)


def _groups(human: HumanBoard) -> list[list[str]]:
    """Return the methods of each bracket by name."""
    names = {row.label: row.method for row in human.rows}
    return [[names[label] for label in group] for group in human.groups]
