"""Curves over rates as matplotlib draws them: `figures` calls this module, and saves."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ratings.psychometrics.report import figure_labels
from ratings.psychometrics.report.curve_drawing import Curve, CurveDrawing
from ratings.psychometrics.report.figure_frame import (
    INK,
    QUIET,
    RULE,
    WIDTH,
    color_of,
    dot,
    frame,
    say,
    titled_figure,
)


def plot_curves(drawing: CurveDrawing) -> Figure:
    """Draw each curve, named at its highest rate.

    Raises ValueError where there is no point.
    """
    curves = [curve for curve in drawing.curves if curve.points]
    if not curves:
        raise ValueError("No method has these figures yet, so there is nothing to draw.")
    figure = titled_figure(drawing.title, WIDTH, 5.0)
    axes = figure.add_axes((0.11, 0.125, 0.85, 0.715))
    axes.grid(color=RULE, linewidth=0.6)
    frame(axes)
    for curve in curves:
        _curve(axes, curve, joined=drawing.joined)
    axes.margins(0.12)
    axes.set_xlabel("Bits per pixel", color=QUIET)
    axes.set_ylabel(drawing.axis, color=QUIET)
    ends = {curve.name: (curve.points[-1].bpp, curve.points[-1].value) for curve in curves}
    figure_labels.name_points(figure, axes, ends, INK)
    say(figure, drawing.facts, drawing.texts())
    return figure


def _curve(axes: Axes, curve: Curve, *, joined: bool) -> None:
    """Draw a curve: dashed where it is not in the competition, with upright intervals."""
    color = color_of(curve.kind)
    if joined:
        rates, values = zip(*((point.bpp, point.value) for point in curve.points), strict=True)
        style = "solid" if curve.kind == "competing" else "dashed"
        axes.plot(rates, values, color=color, linewidth=1.2, linestyle=style, zorder=1)
    for point in curve.points:
        if point.low is not None and point.high is not None:
            ends = [point.low, point.high]
            axes.plot([point.bpp, point.bpp], ends, color=color, linewidth=1.4, zorder=2)
        dot(axes, point.bpp, point.value, curve.kind)
