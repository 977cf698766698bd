"""Drawings of made-up rankings, and the digests of their files."""

import hashlib
from dataclasses import replace
from typing import Any

from ratings.psychometrics.inference.scales import scale
from ratings.psychometrics.report.drawing import Drawing, Method
from ratings.psychometrics.report.figures import FORMATS, draw
from ratings.psychometrics.report.published import Chance

HOSTILE = "$x_1$ \\frac & <script>"
WIDE = (
    "图像组 / 深度编码",
    "영상팀 / 압축기",
    "ルミナ",
    "Lab λ / η-codec",
    "שלום",
    "A \u2212 B “q”",
)


def drawing(**changes: Any) -> Drawing:
    """Return two methods, one of them a baseline with a name that looks like markup."""
    methods = [
        Method("A", 1, 1.0, 1, 2, 0.5, 1.5, 0.25, 1.75, psnr_db=31.0),
        Method(HOSTILE, 2, -1.0, 1, 2, -1.5, -0.5, None, None, "baseline", 30.0),
    ]
    pairs = [Chance("A", HOSTILE, 0.88, 0.7, 0.95, True)]
    values = Drawing("A study", "9 judgments", scale("natural"), methods, pairs)
    return replace(values, **changes)


def named(*names: str) -> Drawing:
    """Return a drawing of methods of these names."""
    methods = [Method(name, i + 1, -float(i), psnr_db=30.0 + i) for i, name in enumerate(names)]
    return drawing(methods=methods, chances=[])


def digests() -> list[str]:
    """Return what a fresh process must draw too."""
    made = [("scores", drawing(), "svg"), ("ranks", drawing(), "pdf")]
    made += [("psnr", named(*WIDE), form) for form in FORMATS]
    files = [draw(*one) for one in made]
    return [hashlib.sha256(data).hexdigest() for data in files]
