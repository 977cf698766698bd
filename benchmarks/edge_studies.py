"""The crowds at the edges on which intervals are tried: see `edge_crowds`, and `studies`."""

from collections.abc import Mapping, Sequence

from benchmarks.edge_crowds import Edge, Late, heavy, skewed, spiky
from benchmarks.studies import Study, careful
from ratings.psychometrics.design.heterogeneity import Shape

ORDINARY = (
    Edge("tastes and pictures .5", 30, 40, 8, 4_000),
    Edge("t3 tastes .6, pictures .4", 25, 50, 8, 4_000, taste=0.6, effect=0.4, tastes=heavy),
    Edge("skewed pictures .6", 40, 20, 8, 4_000, effect=0.6, effects=skewed),
    Edge("30 methods, few judgments", 15, 30, 30, 1_500),
    Edge("very uneven activity", 40, 40, 8, 4_000, activity=1.2),
)
# Where intervals were too narrow: few clusters stand behind some differences.
NARROW = (
    Edge("spiky pictures .6", 60, 15, 8, 4_000, effect=0.6, effects=spiky),
    Edge("each rater sees 5 of 20", 60, 40, 20, 6_000, seen=5),
    Edge("each rater sees 4 of 12", 40, 40, 12, 5_000, seen=4),
    Edge("a late method, by 6 of 30 raters", 30, 40, 6, 4_000, late=Late(60, raters=6)),
    Edge("by 3 of 40 raters", 40, 40, 6, 4_000, late=Late(150, raters=3)),
    Edge("by 2 of 40 raters", 40, 40, 6, 4_000, late=Late(200, raters=2)),
    Edge("on 3 of 40 pictures", 40, 40, 6, 4_000, late=Late(150, pictures=3)),
    Edge("on 2 of 40 pictures", 40, 40, 6, 4_000, late=Late(200, pictures=2)),
    Edge("by 3 of 40 on 4 of 40", 40, 40, 6, 4_000, late=Late(400, raters=3, pictures=4)),
)
# Where they were too wide.
WIDE = (
    Edge("one rater has 30 %", 20, 40, 8, 4_000, first_rater=0.3),
    Edge("one picture has 40 %", 40, 15, 8, 4_000, first_picture=0.4),
    Edge("3 raters", 3, 60, 5, 1_500),
    Edge("5 raters", 5, 60, 6, 2_000),
    Edge("5 raters, t3 tastes", 5, 60, 6, 2_000, tastes=heavy),
    Edge("8 raters, skewed tastes", 8, 60, 6, 2_500, tastes=skewed),
    Edge("12 raters, rare tastes .8", 12, 60, 8, 3_000, taste=0.8, tastes=spiky),
    Edge("4 pictures", 60, 4, 6, 3_000),
    Edge("4 pictures, t3", 60, 4, 6, 3_000, effects=heavy),
    Edge("5 pictures", 60, 5, 6, 3_000),
    Edge("two methods", 6, 6, 2, 300),
    Edge("one picture a rater", 40, 40, 8, 4_000, nested=True),
    Edge("rater and picture together alone", 8, 8, 5, 1_500, taste=0, effect=0, together=1.0),
)
# Few raters of the other simulator, and tastes that go one way only: one rater in five has a strong
# one, or there are two camps.
SHAPES: Sequence[Shape] = ("minority", "camps")
ONE_WAY = tuple(
    Study(f"{raters} raters, {taste}", raters, 60, 6, 2_500, careful(0.5, 0.3, taste=taste))
    for taste in SHAPES
    for raters in (3, 5, 8)
)
EDGES: Mapping[str, Sequence[Edge | Study]] = {
    "**Ordinary**": ORDINARY,
    "**Were too narrow**": NARROW,
    "**Were too wide**": WIDE,
    "**Tastes that go one way only**": ONE_WAY,
}
