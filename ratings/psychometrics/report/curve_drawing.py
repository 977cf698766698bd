"""What a figure of curves over rates is made of: plain values."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class DrawnPoint:
    """A value at a rate in bits per pixel, with its interval where there is one."""

    bpp: float
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Curve:
    """A named curve by rising rate; `kind` is competing, ineligible, baseline or reference."""

    name: str
    kind: str
    points: Sequence[DrawnPoint]


@dataclass(frozen=True)
class CurveDrawing:
    """Curves on one axis of rates; `axis` says what is above it, with its unit.

    Values are `joined` by lines where those at different rates are on one scale.
    """

    title: str
    facts: str
    axis: str
    curves: Sequence[Curve]
    joined: bool

    def texts(self) -> list[str]:
        """Return what is written in it besides words of the figure's own."""
        return [self.title, self.facts, self.axis, *(curve.name for curve in self.curves)]
