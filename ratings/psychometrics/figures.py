"""Figures of a ranking for print: scores, pair probabilities, ranks, and PSNR against people.

Drawn by matplotlib without pyplot, on a light ground, as SVG or PDF whose bytes follow from the
ranking and the library's version alone. Letters are drawn as shapes of DejaVu Sans, which has
Latin, Greek, Cyrillic and more; others become boxes.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from textwrap import shorten

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from ratings.psychometrics.drawing import Drawing, Method
from ratings.psychometrics.printed import Chance

# Set once and for all: nothing else here draws. Names are never formulas, whatever is in them.
mpl.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.parse_math": False,
        "axes.unicode_minus": True,
        "svg.hashsalt": "ratings",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
    }
)
FORMATS = ("svg", "pdf")
INK, QUIET, RULE, ACCENT, WARM = "#17181c", "#585c66", "#d9dce3", "#1d3f94", "#9a4a12"
_WIDTH = 7.2  # inches, two columns of most journals
_ROW = 0.34
_HEAD, _FOOT = 0.72, 0.62
_EDGE = 0.1
_LONGEST_TITLE = 80
_SMALLEST_CELL, _LARGEST_CELL = 0.3, 0.62
_MOST_NUMBERED = 24  # methods up to which a matrix has room for its numbers
_SHADES = LinearSegmentedColormap.from_list("preference", [WARM, "#ffffff", ACCENT])


def draw(name: str, drawing: Drawing, form: str) -> bytes:
    """Return a figure by its name in `FIGURES` as "svg" or "pdf"; equal drawings, equal bytes.

    Raises ValueError where there is nothing to draw, KeyError for an unknown name.
    """
    figure = FIGURES[name](drawing)
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    out = BytesIO()
    figure.savefig(out, format=form, metadata=dates[form])
    return out.getvalue()


def drawn(drawing: Drawing) -> Iterator[tuple[str, bytes]]:
    """Yield file names and contents of all figures for which the drawing has what they need."""
    for name in FIGURES:
        for form in FORMATS:
            with suppress(ValueError):
                yield f"{name}.{form}", draw(name, drawing, form)


def forest(drawing: Drawing) -> Figure:
    """Draw scores with their intervals, 95 % thick and 99 % thin, one row a method."""
    figure, axes = _rows(drawing, "Scores with 95 % (thick) and 99 % (thin) intervals", right=1.75)
    axes.axvline(drawing.scale.mean, color=QUIET, linewidth=0.8, zorder=1)
    for row, method in enumerate(drawing.methods):
        _interval(axes, method.wide_low, method.wide_high, row, 1.0, method)
        _interval(axes, method.ci_low, method.ci_high, row, 3.2, method)
        _dot(axes, method.score, row, method)
        axes.annotate(
            _numbers(method, drawing.scale.page_decimals),
            (1, row),
            xytext=(8, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    axes.set_xlabel(f"Score ({drawing.scale.unit})", color=QUIET)
    return figure


def ranks(drawing: Drawing) -> Figure:
    """Draw the ranks that each method may have, all methods considered at once."""
    figure, axes = _rows(drawing, "Ranks that the judgments leave open, all methods at once")
    for row, method in enumerate(drawing.methods):
        _interval(axes, method.rank_low, method.rank_high, row, 3.2, method)
        _dot(axes, method.rank, row, method)
    count = len(drawing.methods)
    axes.set_xlim(0.5, count + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))
    axes.set_xlabel("Rank", color=QUIET)
    return figure


def win_probabilities(drawing: Drawing) -> Figure:
    """Draw how likely each method (row) is preferred to each other one (column), in per cent."""
    names = [method.name for method in drawing.methods]
    size, share = len(names), _matrix(names, drawing.chances)
    left, slant = _room(names), 0.75 * _room(names)
    cell = min(_LARGEST_CELL, max(_SMALLEST_CELL, (_WIDTH - left - slant) / size if size else 0))
    side = cell * size
    figure = _figure(drawing, max(_WIDTH, left + side + slant), _HEAD + slant + side + _EDGE)
    width, height = figure.get_size_inches()
    axes = figure.add_axes((left / width, _EDGE / height, side / width, side / height))
    axes.imshow(share, cmap=_SHADES, vmin=0, vmax=1)
    axes.set_xticks(range(size), names, rotation=45, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(size), names)
    axes.xaxis.tick_top()
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


def psnr(drawing: Drawing) -> Figure:
    """Draw human scores with 95 % intervals against PSNR.

    Raises ValueError where no method has a finite PSNR.
    """
    found = [(m, m.psnr_db) for m in drawing.methods if m.psnr_db is not None]
    shown = {m.name: (m, x) for m, x in found if math.isfinite(x)}
    if not shown:
        raise ValueError("No ranked method has a finite PSNR.")
    figure = _figure(drawing, _WIDTH, 5.0)
    axes = figure.add_axes((0.11, 0.125, 0.85, 0.715))
    axes.grid(color=RULE, linewidth=0.6)
    _frame(axes)
    for method, x in shown.values():
        if method.ci_low is not None and method.ci_high is not None:
            ends, color = [method.ci_low, method.ci_high], _color(method)
            axes.plot([x, x], ends, color=color, linewidth=1.4, zorder=2)
        _dot(axes, x, method.score, method)
    axes.margins(0.12)
    axes.set_xlabel("PSNR (dB)", color=QUIET)
    axes.set_ylabel(f"Score ({drawing.scale.unit})", color=QUIET)
    _name_points(figure, axes, {name: (x, method.score) for name, (method, x) in shown.items()})
    _say(figure, drawing, "Human score with 95 % interval against PSNR")
    return figure


FIGURES: Mapping[str, Callable[[Drawing], Figure]] = {
    "scores": forest,
    "win-probabilities": win_probabilities,
    "ranks": ranks,
    "psnr": psnr,
}


def _figure(drawing: Drawing, width: float, height: float) -> Figure:
    """Return an empty figure of so many inches with its title; refuse one with nothing in it."""
    if not drawing.methods:
        raise ValueError("No method is ranked yet, so there is nothing to draw.")
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    title = shorten(drawing.title, _LONGEST_TITLE, placeholder=" ...")
    top = 1 - 0.2 / height
    figure.text(_EDGE / width, top, title, fontsize=11, fontweight="bold", color=INK, va="center")
    return figure


def _say(figure: Figure, drawing: Drawing, what: str) -> None:
    """Write below the title what the figure shows, and what it is made of."""
    width, height = figure.get_size_inches()
    text = f"{what}. {drawing.facts}"
    figure.text(_EDGE / width, 1 - 0.42 / height, text, color=QUIET, va="center", fontsize=8)


def _rows(drawing: Drawing, what: str, right: float = 0.25) -> tuple[Figure, Axes]:
    """Return axes with one row a method, the best on top, named on the left."""
    names = [method.name for method in drawing.methods]
    body, left = max(1, len(names)) * _ROW, _room(names)
    figure = _figure(drawing, _WIDTH, _HEAD + body + _FOOT)
    width, height = figure.get_size_inches()
    size = ((width - left - right) / width, body / height)
    axes = figure.add_axes((left / width, _FOOT / height, *size))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    _frame(axes)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.04)
    _say(figure, drawing, what)
    return figure, axes


def _frame(axes: Axes) -> None:
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(length=0, colors=INK)


def _room(names: Sequence[str]) -> float:
    """Return the inches that the longest name takes."""
    return _EDGE + 0.12 + 0.073 * min(40, max(map(len, names), default=0))


def _color(method: Method) -> str:
    return ACCENT if method.kind == "competing" else QUIET


def _interval(
    axes: Axes, low: float | None, high: float | None, row: float, width: float, method: Method
) -> None:
    if low is not None and high is not None:
        ends, color = [low, high], _color(method)
        axes.plot(ends, [row, row], color=color, linewidth=width, solid_capstyle="round", zorder=2)


def _dot(axes: Axes, x: float, y: float, method: Method) -> None:
    """Mark a method: a filled dot if it competes, a hollow square for a baseline, else hollow."""
    color = _color(method)
    axes.plot(
        [x],
        [y],
        marker="s" if method.kind == "baseline" else "o",
        markersize=5.5,
        markerfacecolor=color if method.kind == "competing" else "white",
        markeredgecolor="white" if method.kind == "competing" else color,
        markeredgewidth=0.8 if method.kind == "competing" else 1.4,
        zorder=3,
    )


def _numbers(method: Method, places: int) -> str:
    """Return a score with its interval as text, with true minus signs."""
    text = f"{method.score:.{places}f}"
    if method.ci_low is not None and method.ci_high is not None:
        text += f"  [{method.ci_low:.{places}f}, {method.ci_high:.{places}f}]"
    return text.replace("-", "\N{MINUS SIGN}")


def _matrix(names: Sequence[str], chances: Sequence[Chance]) -> np.ndarray:
    place = {name: index for index, name in enumerate(names)}
    share = np.full((len(names), len(names)), 0.5)
    for one in chances:
        i, j = place[one.first], place[one.second]
        share[i, j], share[j, i] = one.probability, 1 - one.probability
    return share


def _number_cells(axes: Axes, names: Sequence[str], chances: Sequence[Chance]) -> None:
    """Write each probability in its cell, bold where the pair is told apart."""
    place = {name: index for index, name in enumerate(names)}
    for one in [*chances, *(one.turned() for one in chances)]:
        axes.text(
            place[one.second],
            place[one.first],
            f"{100 * one.probability:.0f}",
            ha="center",
            va="center",
            fontsize=8,
            fontweight="bold" if one.told_apart else "normal",
            color="white" if abs(one.probability - 0.5) > 0.3 else INK,
        )


# Where a name may stand beside its point: offset in points, and how it is aligned.
_SIDES = (
    (8, 0, "left", "center"),
    (-8, 0, "right", "center"),
    (0, 9, "center", "bottom"),
    (0, -9, "center", "top"),
    (6, 6, "left", "bottom"),
    (6, -6, "left", "top"),
    (-6, 6, "right", "bottom"),
    (-6, -6, "right", "top"),
)


def _name_points(figure: Figure, axes: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """Name each point on the side where its name covers least of what is there already."""
    figure.draw_without_rendering()
    frame = axes.bbox.padded(4)
    pixels = [axes.transData.transform(point) for point in points.values()]
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in pixels]
    for name, point in points.items():
        labels = [_label(axes, name, point, *side) for side in _SIDES]
        boxes = [label.get_window_extent() for label in labels]
        cost = [
            (not (frame.contains(*box.min) and frame.contains(*box.max)), box.count_overlaps(taken))
            for box in boxes
        ]
        best = cost.index(min(cost))
        taken.append(boxes[best])
        for side, label in enumerate(labels):
            if side != best:
                label.remove()


def _label(
    axes: Axes,
    name: str,
    point: tuple[float, float],
    right: float,
    up: float,
    across: str,
    along: str,
) -> Text:
    return axes.annotate(
        name,
        point,
        xytext=(right, up),
        textcoords="offset points",
        ha=across,
        va=along,
        fontsize=8,
        color=INK,
    )
