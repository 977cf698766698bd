"""What all figures have in common: their title, what is said below it, their axes and marks."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ratings.psychometrics.report import figure_labels, fonts

INK, QUIET, RULE, ACCENT, WARM = "#17181c", "#585c66", "#d9dce3", "#1d3f94", "#9a4a12"
WIDTH = 7.2  # inches, two columns of most journals
EDGE = 0.1
_TITLE = 11  # points


def titled_figure(title: str, width: float, height: float) -> Figure:
    """Return an empty figure of so many inches with its title."""
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    place, title = (EDGE / width, 1 - 0.2 / height), " ".join(title.split())
    size = figure_labels.fitting(title, _TITLE, width - 2 * EDGE, "bold")
    figure.text(*place, title, fontsize=size, fontweight="bold", color=INK, va="center")
    return figure


def say(figure: Figure, text: str, letters: Sequence[str]) -> None:
    """Write below the title what the figure shows, and which letters of its texts no font has."""
    width, height = figure.get_size_inches()
    figure.text(EDGE / width, 1 - 0.42 / height, text, color=QUIET, va="center", fontsize=8)
    lacking = fonts.lacking_note(letters)
    figure.text(EDGE / width, 1 - 0.59 / height, lacking, color=WARM, va="center", fontsize=6.5)


def frame(axes: Axes) -> None:
    """Draw the axes as two thin lines, without ticks, behind what they hold."""
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(length=0, colors=INK)


def color_of(kind: str) -> str:
    """Return the colour of a method of this kind: what competes stands out."""
    return ACCENT if kind == "competing" else QUIET


def dot(axes: Axes, x: float, y: float, kind: str) -> None:
    """Mark a method: a filled dot if it competes, a hollow square for a baseline, else hollow.

    A reference, which nobody entered, is a hollow diamond.
    """
    color, competes = color_of(kind), kind == "competing"
    axes.plot(
        [x],
        [y],
        marker={"baseline": "s", "reference": "D"}.get(kind, "o"),
        markersize=4.5 if kind == "reference" else 5.5,
        markerfacecolor=color if competes else "white",
        markeredgecolor="white" if competes else color,
        markeredgewidth=0.8 if competes else 1.4,
        zorder=3,
    )
