"""The figures themselves, as matplotlib draws them: `figures` calls this module, and saves."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ratings.psychometrics.report import figure_labels, fonts
from ratings.psychometrics.report.drawing import Drawing, Method
from ratings.psychometrics.report.figure_frame import (
    ACCENT,
    EDGE,
    INK,
    QUIET,
    RULE,
    WARM,
    WIDTH,
    color_of,
    dot,
    frame,
    say,
    titled_figure,
)
from ratings.psychometrics.report.published import Chance
from ratings.psychometrics.rounding import fixed, per_cent

_NAME = 9  # points of a method's name
_ROW = 0.34
_HEAD, _FOOT = 0.72, 0.62
_SMALLEST_CELL, _LARGEST_CELL = 0.3, 0.62
_MOST_NUMBERED = 24  # methods up to which a matrix has room for its numbers
_SHADES = LinearSegmentedColormap.from_list("preference", [WARM, "#ffffff", ACCENT])


def plot_scores(drawing: Drawing) -> Figure:
    """Draw scores with their intervals, 95 % thick and 99 % thin, one row a method."""
    figure, axes = _rows(drawing, "Scores with 95 % (thick) and 99 % (thin) intervals", right=1.75)
    axes.axvline(drawing.scale.mean, color=QUIET, linewidth=0.8, zorder=1)
    for row, method in enumerate(drawing.methods):
        _interval(axes, method.wide_low, method.wide_high, row, 1.0, method)
        _interval(axes, method.ci_low, method.ci_high, row, 3.2, method)
        if method.score is not None:
            dot(axes, method.score, row, method.kind)
        axes.annotate(
            _numbers(method, drawing.scale.page_decimals),
            (1, row),
            xytext=(8, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    _open_ends(axes, drawing.methods)
    axes.set_xlabel(f"Score ({drawing.scale.unit})", color=QUIET)
    return figure


def plot_ranks(drawing: Drawing) -> Figure:
    """Draw the ranks that each method may have, all methods considered at once."""
    figure, axes = _rows(drawing, "Ranks that the judgments leave open, all methods at once")
    for row, method in enumerate(drawing.methods):
        _interval(axes, method.rank_low, method.rank_high, row, 3.2, method)
        dot(axes, method.rank, row, method.kind)
    count = len(drawing.methods)
    axes.set_xlim(0.5, count + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))
    axes.set_xlabel("Rank", color=QUIET)
    return figure


def plot_win_probabilities(drawing: Drawing) -> Figure:
    """Draw how likely each method (row) is preferred to each other one (column), in per cent."""
    names = [method.name for method in drawing.methods]
    size, share = len(names), _matrix(names, drawing.chances)
    left, slant = _room(names), 0.75 * _room(names)
    cell = min(_LARGEST_CELL, max(_SMALLEST_CELL, (WIDTH - left - slant) / size if size else 0))
    side = cell * size
    figure = _figure(drawing, max(WIDTH, left + side + slant), _HEAD + slant + side + EDGE)
    width, height = figure.get_size_inches()
    axes = figure.add_axes((left / width, EDGE / height, side / width, side / height))
    axes.imshow(share, cmap=_SHADES, vmin=0, vmax=1)
    axes.set_xticks(range(size), names, rotation=45, ha="left", rotation_mode="anchor")
    _name_rows(axes, names)
    axes.xaxis.tick_top()
    figure_labels.shrink(axes.get_xticklabels())
    axes.tick_params(length=0, colors=INK)
    axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#ffffff", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    if size <= _MOST_NUMBERED:
        _number_cells(axes, names, drawing.chances)
    _say(
        figure, drawing, "How often the row is preferred to the column, per cent; bold: told apart"
    )
    return figure


def plot_psnr(drawing: Drawing) -> Figure:
    """Draw human scores with 95 % intervals against PSNR.

    Raises ValueError where no method has a finite PSNR.
    """
    points = {
        shown.name: (shown.psnr_db, shown.score)
        for shown in drawing.methods
        if shown.psnr_db is not None and math.isfinite(shown.psnr_db) and shown.score is not None
    }
    if not points:
        raise ValueError("No ranked method has a finite PSNR.")
    figure = _figure(drawing, WIDTH, 5.0)
    axes = figure.add_axes((0.11, 0.125, 0.85, 0.715))
    axes.grid(color=RULE, linewidth=0.6)
    frame(axes)
    for method in (shown for shown in drawing.methods if shown.name in points):
        x, y = points[method.name]
        if method.ci_low is not None and method.ci_high is not None:
            ends, color = [method.ci_low, method.ci_high], color_of(method.kind)
            axes.plot([x, x], ends, color=color, linewidth=1.4, zorder=2)
        dot(axes, x, y, method.kind)
    axes.margins(0.12)
    axes.set_xlabel("PSNR (dB)", color=QUIET)
    axes.set_ylabel(f"Score ({drawing.scale.unit})", color=QUIET)
    figure_labels.name_points(figure, axes, points, INK)
    _say(figure, drawing, "Human score with 95 % interval against PSNR")
    return figure


PLOTS: Mapping[str, Callable[[Drawing], Figure]] = {
    "scores": plot_scores,
    "win-probabilities": plot_win_probabilities,
    "ranks": plot_ranks,
    "psnr": plot_psnr,
}


def settings() -> dict[Any, Any]:
    """Return matplotlib's settings under which these figures are made and saved."""
    return {
        "font.family": fonts.families(),
        "font.size": _NAME,
        "text.parse_math": False,  # names are never formulas, whatever is in them
        "axes.unicode_minus": True,
        "svg.hashsalt": "ratings",
    }


def _figure(drawing: Drawing, width: float, height: float) -> Figure:
    """Return an empty figure of so many inches with its title; refuse one with nothing in it."""
    if not drawing.methods:
        raise ValueError("No method is ranked yet, so there is nothing to draw.")
    return titled_figure(drawing.title, width, height)


def _say(figure: Figure, drawing: Drawing, what: str) -> None:
    """Write below the title what the figure shows, and what it is made of."""
    say(figure, f"{what}. {drawing.facts}", drawing.texts())


def _rows(drawing: Drawing, what: str, right: float = 0.25) -> tuple[Figure, Axes]:
    """Return axes with one row a method, the best on top, named on the left."""
    names = [method.name for method in drawing.methods]
    body, left = max(1, len(names)) * _ROW, _room(names)
    figure = _figure(drawing, WIDTH, _HEAD + body + _FOOT)
    width, height = figure.get_size_inches()
    size = ((width - left - right) / width, body / height)
    axes = figure.add_axes((left / width, _FOOT / height, *size))
    axes.set_ylim(len(names) - 0.5, -0.5)
    _name_rows(axes, names)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    frame(axes)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.04)
    _say(figure, drawing, what)
    return figure, axes


def _room(names: Sequence[str]) -> float:
    """Return the inches that the widest name takes, up to those that there are."""
    widest = max((fonts.width(name, _NAME) for name in names), default=0.0)
    return EDGE + 0.12 + min(figure_labels.WIDEST, widest)


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows, what is too wide in smaller letters."""
    axes.set_yticks(range(len(names)), names)
    figure_labels.shrink(axes.get_yticklabels())


def _interval(
    axes: Axes, low: float | None, high: float | None, row: float, width: float, method: Method
) -> None:
    if low is not None and high is not None:
        ends, color = [low, high], color_of(method.kind)
        axes.plot(ends, [row, row], color=color, linewidth=width, solid_capstyle="round", zorder=2)


def _open_ends(axes: Axes, methods: Sequence[Method]) -> None:
    """Draw arrows from where methods without a score lie at least to the edge on their side."""
    open_methods = [
        (row, each, each.start) for row, each in enumerate(methods) if each.start is not None
    ]
    if open_methods:
        # What begins before everything else needs no room there: its arrow crosses all of it.
        low, high = axes.dataLim.intervalx
        far = [
            (max(start, low) if each.open == "above" else min(start, high), row)
            for row, each, start in open_methods
        ]
        axes.update_datalim(far, updatey=False)
        axes.autoscale_view(scaley=False)
    for row, method, start in open_methods:
        left, right = axes.get_xlim()
        edge, begin = right if method.open == "above" else left, min(max(start, left), right)
        arrow = {"arrowstyle": "-|>", "color": color_of(method.kind), "linewidth": 2, "shrinkA": 0}
        axes.annotate("", (edge, row), (begin, row), arrowprops=arrow | {"shrinkB": 0})


_OPEN = {"above": "ahead", "below": "behind", "between": ""}
_LIMITS = {"above": "\N{GREATER-THAN OR EQUAL TO}", "below": "\N{LESS-THAN OR EQUAL TO}"}


def _numbers(method: Method, places: int) -> str:
    """Return a score with its interval, or what is known of it, as text with true minus signs."""
    if method.score is not None:
        text = fixed(method.score, places)
    elif method.bound is not None:
        text = f"{_LIMITS[method.open]} {fixed(method.bound, places)}"
    else:
        text = _OPEN[method.open]
    if method.ci_low is not None and method.ci_high is not None:
        text += f"  [{fixed(method.ci_low, places)}, {fixed(method.ci_high, places)}]"
    return text.replace("-", "\N{MINUS SIGN}")


def _matrix(names: Sequence[str], chances: Sequence[Chance]) -> np.ndarray:
    place = {name: index for index, name in enumerate(names)}
    share = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(share, 0.5)
    for chance in chances:
        i, j = place[chance.first], place[chance.second]
        share[i, j], share[j, i] = chance.probability, 1 - chance.probability
    return share


def _number_cells(axes: Axes, names: Sequence[str], chances: Sequence[Chance]) -> None:
    """Write each probability in its cell, bold where the pair is told apart."""
    place = {name: index for index, name in enumerate(names)}
    for chance in [*chances, *(chance.turned() for chance in chances)]:
        axes.text(
            place[chance.second],
            place[chance.first],
            per_cent(chance.probability),
            ha="center",
            va="center",
            fontsize=8,
            fontweight="bold" if chance.told_apart else "normal",
            color="white" if abs(chance.probability - 0.5) > 0.3 else INK,
        )
