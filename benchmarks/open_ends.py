"""How often what is said of methods with an open end holds, on synthetic judgments.

Run with `python -m benchmarks open_ends [RUNS [FIRST]]`: prints the table of docs/validation.md
line by line, from RUNS data sets of each kind, numbered from FIRST on. Judgments are few, so that
some methods win or lose all of theirs, and often by luck alone.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.page import print_header, print_row
from benchmarks.studies import Study, careful, simulate
from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.tally import Tally, tally_codes
from ratings.psychometrics.inference.fitting import Fit, Row, fit

HEADERS = (
    "raters x pictures, methods, judgments | open ends | bounds hold, of all methods | "
    "of open ends | least leads hold | all told apart rightly | from bound to truth",
)
# A single tie, or slip, would close an end.
_TASTES = replace(careful(0.5, 0.5), unsure=0.0, lapse=0.0)
_STRONG_TASTES = replace(careful(1.0, 0.3), unsure=0.0, lapse=0.0)


@dataclass(frozen=True)
class Kind:
    """A kind of study, of whose first method only so many judgments are kept, if it says so."""

    study: Study
    of_first: int | None = None

    def __str__(self) -> str:
        few = "" if self.of_first is None else f", {self.of_first} of the first"
        return f"{self.study}{few}"

    def tally(self, number: int) -> tuple[Tally, FloatArray]:
        """Return the judgments of a data set, and the true scores of its methods."""
        data, truth = simulate(self.study, [number])
        of_first = (data.left == 0) | (data.right == 0)
        kept = ~of_first | (of_first.cumsum() <= (self.of_first or len(of_first)))
        answers = (data.rater, data.picture, data.left, data.right, data.choice)
        return tally_codes(data.methods, *(column[kept] for column in answers)), truth


KINDS = (
    Kind(Study("far ahead", 10, 12, 5, 150, _TASTES, strengths=(4.0, 0.5, 0.2, -0.3, -0.6))),
    Kind(Study("far ahead", 30, 30, 5, 900, _TASTES, strengths=(4.0, 0.5, 0.2, -0.3, -0.6)), 60),
    Kind(Study("a new one like the best", 30, 30, 6, 1500, _TASTES, (0.5, 0.5, *(0.0,) * 4)), 6),
    Kind(Study("a new one like all", 30, 30, 6, 1500, _TASTES, (0.0,) * 6), 5),
    Kind(Study("few for all", 12, 12, 6, 30, _TASTES, strengths=(0.6, 0.4, 0.1, -0.1, -0.4, -0.6))),
    Kind(Study("sparse", 12, 20, 12, 70, _TASTES)),
    Kind(Study("sparse, far apart", 12, 20, 12, 150, _TASTES, strengths=tuple(range(-6, 6)))),
    Kind(Study("strong tastes", 6, 30, 6, 60, _STRONG_TASTES, (1.5, 1, 0.5, 0, -0.5, -2))),
    Kind(Study("strong tastes, new", 20, 30, 6, 1500, _STRONG_TASTES, (1.0, 0.5, *(0.0,) * 4)), 8),
)


@dataclass(frozen=True)
class Held:
    """What was said of one method with an open end, and whether it holds.

    `score` says so of its bound, `lead` of the least lead over the method next to it, None where
    there is none; `reach` is how far the bound is from the truth.
    """

    score: bool | None
    lead: bool | None
    reach: float | None


def held(result: Fit, methods: Sequence[str], truth: FloatArray) -> Iterator[Held]:
    """Yield what holds of each method with an open end; `truth` is in the order of `methods`."""
    true = dict(zip(methods, truth.tolist(), strict=True))
    on_scale = [true[row.method] for row in result.rows if row.placed]
    mean = sum(on_scale) / max(1, len(on_scale))
    for row in result.rows:
        if row.open_end:
            bound = row.score_bound
            reach = None if bound is None else _sign(row) * (true[row.method] - mean - bound)
            lead = _lead(result, row, true)
            yield Held(
                score=None if reach is None else reach >= 0,
                lead=None if lead is None else lead >= 0,
                reach=reach,
            )


def _sign(row: Row) -> int:
    return 1 if row.open_end == "above" else -1


def _lead(result: Fit, row: Row, true: dict[str, float]) -> float | None:
    """Return by how much the true lead over the next method is more than the least one."""
    end = result.open_ends[row.method]
    if end.at_least is None or end.next_to is None:
        return None
    return _sign(row) * (true[row.method] - true[end.next_to]) - end.at_least


def _order_holds(result: Fit, methods: Sequence[str], truth: FloatArray) -> bool:
    """Say whether no method of which another is clearly ahead is in truth better."""
    true = dict(zip(methods, truth.tolist(), strict=True))
    apart = [pair for pair in result.differences if pair.told_apart]
    return all(true[pair.first] >= true[pair.second] for pair in apart)


def main(runs: int = 200, first: int = 0) -> None:
    """Print the table, a line for each kind of study."""
    print_header(HEADERS[0])
    for kind in KINDS:
        print_row([str(kind), *_cells(kind, runs, first)])


def _cells(kind: Kind, runs: int, first: int) -> list[str]:
    said: list[Held] = []
    right, methods = 0, 0
    for number in range(first, first + runs):
        tally, truth = kind.tally(number)
        result = fit(tally)
        said += held(result, tally.methods, truth)
        right += _order_holds(result, tally.methods, truth)
        methods += len(tally.methods)
    bounds = [one.score for one in said if one.score is not None]
    leads = [one.lead for one in said if one.lead is not None]
    reach = [one.reach for one in said if one.reach is not None]
    return [
        f"{len(said):,}",
        f"{1 - bounds.count(False) / methods:.3f}",
        f"{bounds.count(True)} of {len(bounds)}",
        f"{leads.count(True)} of {len(leads)}",
        f"{right / runs:.3f}",
        f"{sum(reach) / max(1, len(reach)):.1f}",
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
