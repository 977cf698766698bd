"""How often intervals hold at the edges, and how wide they are beside those of who knows.

Run with `python -m benchmarks edges [RUNS [FIRST]]`: prints the table of docs/validation.md line by
line, from RUNS crowds of each kind, numbered from FIRST on. The oracle knows the true standard
deviation of each difference, over these crowds, and takes 1.96 of them.
"""

import sys
from dataclasses import dataclass

import numpy as np

from benchmarks.edge_crowds import Edge, judged, truth
from benchmarks.edge_studies import EDGES
from benchmarks.page import print_header, print_row
from benchmarks.studies import Study, simulate
from ratings.psychometrics.arrays import BoolArray, FloatArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.standing import standing
from ratings.psychometrics.model.connectivity import placement

LEVEL, NORMAL = 0.95, 1.959964
HEADERS = (
    "raters x pictures, methods, judgments | pairs (Monte Carlo error) | worst pair "
    "| pairs of the last method | single scores | all scores | wrongly told apart "
    "| width over the oracle's",
)


@dataclass(frozen=True, eq=False)
class Held:
    """One crowd's errors and half widths of pairs, (pairs,) each, and what else was held."""

    error: FloatArray
    half_width: FloatArray
    single: float
    band: bool
    wrong: bool

    @property
    def holds(self) -> BoolArray:
        """Which pairs are inside their intervals; where none is given, none is wrong."""
        return ~(np.abs(self.error) > self.half_width)


def main(runs: int = 600, first: int = 0) -> None:
    """Print one table, group after group of crowds."""
    print_header(HEADERS[0])
    for title, edges in EDGES.items():
        print_row([title, *[""] * 7])
        for edge in edges:
            found = [held(*_crowd(edge, first + run)) for run in range(runs)]
            print_row([str(edge), *_cells(edge.methods, [one for one in found if one])])


def _crowd(edge: Edge | Study, seed: int) -> tuple[Tally, FloatArray]:
    """Return judgments, and the scores that endless ones of the same kind would give."""
    if isinstance(edge, Edge):
        return judged(edge, seed), truth(edge)
    data, scores = simulate(edge, [seed])
    return data.tally(), scores


def held(tally: Tally, truth: FloatArray) -> Held | None:
    """Return what was held of one crowd's truth, or None where not all methods are on one scale."""
    if len(placement(tally).placed) < len(truth):
        return None
    known = standing(tally, LEVEL)
    order = np.array([tally.methods.index(name) for name in known.methods])
    place, true = np.argsort(order), truth[order]
    error = known.score - true
    first, second = np.triu_indices(len(truth), 1)
    return Held(
        error=error[place][first] - error[place][second],
        half_width=known.half_width[np.ix_(place, place)][first, second],
        single=float(np.mean(~(np.abs(error) > np.diag(known.half_width)))),
        band=not (np.abs(error) > known.simultaneous_half_width).any(),
        wrong=bool((np.triu(known.distinguishable, 1) & (true[:, None] < true)).any()),
    )


def _cells(methods: int, found: list[Held]) -> list[str]:
    """Return a row's figures."""
    holds = np.array([one.holds for one in found])
    error = holds.mean(axis=1).std() / np.sqrt(len(found))
    last = np.triu_indices(methods, 1)[1] == methods - 1
    oracle = NORMAL * np.std([one.error for one in found], axis=0)
    width = np.nanmean([one.half_width for one in found], axis=0) / oracle
    shares = [
        holds.mean(axis=0).min(),
        holds[:, last].mean(),
        np.mean([one.single for one in found]),
        np.mean([one.band for one in found]),
        np.mean([one.wrong for one in found]),
    ]
    pairs = f"{holds.mean():.3f} ({error:.3f})"
    return [pairs, *(f"{share:.3f}" for share in shares), f"{width.mean():.2f}"]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
