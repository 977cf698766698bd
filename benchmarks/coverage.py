"""How often nominal 95 % intervals, bands and rank sets hold the truth, on synthetic judgments.

Run with `python -m benchmarks coverage [RUNS [FIRST]]`: prints the table of docs/validation.md line
by line, from RUNS data sets of each kind, numbered from FIRST on (fresh numbers, fresh data).
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from scipy import special

from benchmarks.page import print_header, print_row
from benchmarks.studies import HELD_OUT, RANKS, TUNED, WATCHED, simulate
from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference import ranks
from ratings.psychometrics.inference.fitting import Fit, Row, Settings, fit
from ratings.psychometrics.inference.intervals import uncertainty
from ratings.psychometrics.model.likelihood import outcomes

LEVEL = 0.95
HEADERS = (
    "raters x pictures, methods, judgments | pairs | all pairs at once | all scores "
    "| rank sets (mean size) | pairs, independent | all at once, independent "
    "| rank sets, independent (mean size)",
)
GROUPS = {
    "**Tuned on**": TUNED,
    "**Watched** while tuning": WATCHED,
    "**Held out**: never tried before, run once": HELD_OUT,
    "**Gaps between neighbours**": RANKS,
}


@dataclass(frozen=True)
class Covered:
    """What of one data set's truth was held; `size` is the mean size of a rank set.

    `pairs` is the share of differences inside their intervals, `all_pairs` says that a band
    for all differences holds all of them, `scores` that the published band holds all scores,
    `rank_sets` that all of these hold the true ranks. `naive_` are the same with judgments
    taken as independent (the inverse of the information, normal quantiles, Sidak's level).
    """

    pairs: float
    all_pairs: float
    scores: float
    rank_sets: float
    size: float
    naive_pairs: float
    naive_all_pairs: float
    naive_rank_sets: float
    naive_size: float


def covered(tally: Tally, truth: FloatArray, settings: Settings | None = None) -> Covered:
    """Fit a tally and compare with the truth: the scores of `tally.methods`, in their order.

    Scores are compared over the methods on the scale, ranks over all that have one; where no
    interval is given, none is wrong.
    """
    result = fit(tally, settings)
    ranked = [row for row in result.rows if row.rank is not None]
    placed = [row for row in ranked if row.placed]
    order = [tally.methods.index(row.method) for row in placed]
    score = np.array([row.score for row in sorted(placed, key=lambda row: row.method)])
    by_name, by_rank = (truth[some] - truth[some].mean() for some in (sorted(order), order))
    kept = tally.keep(sorted(order))
    sets = [(row.rank_low or 1, row.rank_high or len(truth)) for row in ranked]
    return Covered(
        _pairs_held(result, placed, by_rank),
        _all_pairs_held(kept, score, result.tie, by_name),
        _band_holds(placed, by_rank),
        *_sets_hold(sets, truth[[tally.methods.index(row.method) for row in ranked]]),
        *_naive(kept, score, result.tie, by_name),
    )


def _pairs_held(result: Fit, placed: Sequence[Row], truth: FloatArray) -> float:
    first, second = np.triu_indices(len(truth), 1)
    names = {row.method for row in placed}
    found = [
        difference
        for difference in result.differences
        if {difference.first, difference.second} <= names
    ]
    pairs = zip(found, truth[first] - truth[second], strict=True)
    return float(np.mean([_held(one.ci_low, apart, one.ci_high) for one, apart in pairs]))


def _band_holds(placed: Sequence[Row], truth: FloatArray) -> float:
    rows = zip(placed, truth, strict=True)
    return float(all(_held(row.band_low, score, row.band_high) for row, score in rows))


def _held(low: float | None, value: float, high: float | None) -> bool:
    return low is None or high is None or low <= value <= high


def _all_pairs_held(tally: Tally, score: FloatArray, tie: float | None, truth: FloatArray) -> float:
    """Say whether a band for all differences, made like that for all scores, holds them."""
    known = uncertainty(tally, score, tie)
    assert known is not None
    first, second = np.nonzero(np.triu(~known.single_cluster, 1))
    error, freedom = known.se()[first, second], known.degrees_of_freedom[first, second]
    draws = ranks.simulated_errors(score, known.covariance)
    largest = np.abs((draws[first] - draws[second]) / error[:, None]).max(axis=0)
    wrong = np.abs((score - truth)[first] - (score - truth)[second])
    return float((wrong <= error * ranks.margins(largest, freedom, LEVEL)).all())


def _sets_hold(sets: Sequence[tuple[int, int]], truth: FloatArray) -> tuple[float, float]:
    rank = np.empty(len(truth), int)
    rank[np.argsort(-truth)] = np.arange(len(truth)) + 1
    held = all(low <= place <= high for (low, high), place in zip(sets, rank, strict=True))
    return float(held), float(np.mean([high - low + 1 for low, high in sets]))


def _naive(
    tally: Tally, score: FloatArray, tie: float | None, truth: FloatArray
) -> tuple[float, float, float, float]:
    """Return what intervals from the inverse of the information hold."""
    order = np.argsort(-score)
    judged = tally.wins() + tally.wins().T
    covariance = np.linalg.pinv(outcomes(score, tie).information(judged), hermitian=True)
    covariance, score, truth = covariance[np.ix_(order, order)], score[order], truth[order]
    first, second = np.triu_indices(len(score), 1)
    own = np.diag(covariance)
    error = np.sqrt(own[first] + own[second] - 2 * covariance[first, second])
    alone, together = special.ndtri((1 + LEVEL ** np.array([1, 1 / len(error)])) / 2)
    wrong = np.abs((score - truth)[first] - (score - truth)[second]) / error
    apart = np.zeros((len(score), len(score)), bool)
    apart[first, second] = (score[first] - score[second]) / error > together
    low, high = ranks.rank_sets(apart)
    sets = list(zip(low.tolist(), high.tolist(), strict=True))
    return float((wrong <= alone).mean()), float(wrong.max() <= together), *_sets_hold(sets, truth)


def main(runs: int = 200, first: int = 0) -> None:
    """Print one table, group after group of studies."""
    print_header(HEADERS[0])
    for title, studies in GROUPS.items():
        print_row([title, *[""] * 7])
        for study in studies:
            data = [simulate(study, [first + run]) for run in range(runs)]
            results = [covered(one.tally(), truth, study.settings) for one, truth in data]
            name = study.name if studies is RANKS else str(study)
            print_row([name, *_cells(mean(results))])


def mean(results: Iterable[Covered]) -> Covered:
    """Return the shares of studies that hold, and the mean sizes of rank sets."""
    return Covered(*np.mean([astuple(row) for row in results], axis=0))


def _cells(held: Covered) -> list[str]:
    """Return a row's figures: three shares, rank sets with their size, and the same again."""
    sets = f"{held.rank_sets:.3f} ({held.size:.1f})"
    naive_sets = f"{held.naive_rank_sets:.3f} ({held.naive_size:.1f})"
    shares = [f"{one:.3f}" for one in (held.pairs, held.all_pairs, held.scores)]
    naive = [f"{one:.3f}" for one in (held.naive_pairs, held.naive_all_pairs)]
    return [*shares, sets, *naive, naive_sets]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
