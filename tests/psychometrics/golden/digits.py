"""What the method publishes of a simulated study and of textbooks' data."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ratings.psychometrics.counts.tally import Tally, tally_counts, tally_judgments
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.inference.correlation import correlations
from ratings.psychometrics.inference.fitting import Fit, Settings, fit, ranking_table
from ratings.psychometrics.inference.scales import NAMES, scale
from ratings.psychometrics.report.published import chances

FOLDER = Path(__file__).parent
PAIRED = FOLDER.parents[2] / "fixtures" / "paired"
ALL_ONE_WAY = [
    (f"r{rater}", f"p{picture}", *pair, "left")
    for rater in range(12)
    for picture in range(5)
    for pair in (("best", "middle"), ("middle", "last"), ("best", "last"))
]


def path_of(version: str) -> Path:
    """Return the file with the digits of a version of the method."""
    return FOLDER / f"method-{version}.json"


def as_text() -> str:
    """Return what the method of this code publishes, a row a line."""
    lines = (f"{json.dumps(name)}: {_lines(digits)}" for name, digits in _published())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(rows: list[Any]) -> str:
    return "[\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n]"


def _published() -> Iterator[tuple[str, list[Any]]]:
    for name, tally in _tallies():
        for ties in ("half", "davidson"):
            for level in (0.95, 0.8):
                fitted = fit(tally, Settings(level=level, ties=ties))
                yield f"{name}, ties {ties}, level {level}", _digits(fitted)
    yield "agreement with a metric", _agreement()


def _agreement() -> list[Any]:
    """Return the correlations of the simulated study's scores with 0, 1, 3, 6..., also shuffled."""
    fitted = fit(read_judgments(FOLDER / "judgments.csv").tally())
    rows = [row for row in fitted.rows if row.placed and row.score is not None]
    metric = [place * (place + 1) / 2 for place in range(len(rows))]
    shuffled = metric[1::2] + metric[::2]
    scores = [row.score or 0.0 for row in rows]
    return [
        asdict(one)
        for each in (metric, shuffled)
        for one in correlations(scores, fitted.covariance, each)
    ]


def _tallies() -> Iterator[tuple[str, Tally]]:
    yield "simulated study", read_judgments(FOLDER / "judgments.csv").tally()
    yield "all one way", tally_judgments(*zip(*ALL_ONE_WAY, strict=True))
    for path in sorted(PAIRED.glob("*.csv")):
        with path.open(encoding="utf-8") as lines:
            rows = list(csv.reader(lines))[1:]
        names = sorted({name for row in rows for name in row[:2]})
        counts = [[0, *map(names.index, row[:2]), *map(int, row[2:])] for row in rows]
        yield path.stem, tally_counts(names, counts, counts)


def _digits(fitted: Fit) -> list[Any]:
    """Return ranks, scores on every scale, pairs, groups and open ends, as they are published."""
    rows = [scale(name).convert(row) for name in NAMES for row in ranking_table(fitted)]
    ends = {name: asdict(end) for name, end in fitted.open_ends.items()}
    return [*rows, *map(asdict, chances(fitted)), fitted.groups, ends, fitted.provisional]
