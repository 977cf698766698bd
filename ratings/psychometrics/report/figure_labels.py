"""Names in a figure: letters small enough for their room, and beside points where it is free."""

from collections.abc import Iterable, Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from ratings.psychometrics.report import fonts

WIDEST = 2.9  # the most inches that a name takes
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


def shrink(labels: Iterable[Text]) -> None:
    """Make the letters of names so small that each has room."""
    for label in labels:
        label.set_fontsize(fitting(label.get_text(), float(label.get_fontsize()), WIDEST))


def fitting(text: str, size: float, room: float, weight: str = "normal") -> float:
    """Return the points, at most `size`, in which a text takes no more than so many inches."""
    return size * room / max(room, fonts.width(text, size, weight))


def name_points(
    figure: Figure, axes: Axes, points: Mapping[str, tuple[float, float]], color: str
) -> None:
    """Name each point on the side where its name covers least of what is there already."""
    figure.draw_without_rendering()
    frame = axes.bbox.padded(4)
    pixels = [axes.transData.transform(point) for point in points.values()]
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in pixels]
    for name, point in points.items():
        labels = [_label(axes, name, point, *side) for side in _SIDES]
        shrink(labels)
        boxes = [label.get_window_extent() for label in labels]
        cost = [
            (not (frame.contains(*box.min) and frame.contains(*box.max)), box.count_overlaps(taken))
            for box in boxes
        ]
        best = cost.index(min(cost))
        taken.append(boxes[best])
        labels[best].set_color(color)
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
    )
