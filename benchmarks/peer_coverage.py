"""How often the 95 % intervals of other rankings hold the truth, beside ours, on the same data.

Run with `python -m benchmarks peer_coverage [RUNS [FIRST]]` after `make peers`: prints the table of
docs/validation.md, the share of differences held and, after a slash, how often all are at once.
The peers' bootstraps have 100 replicates.
"""

import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.checkpoints import KINDS, studies
from benchmarks.coverage import LEVEL, covered
from benchmarks.page import percent, print_header, print_row
from benchmarks.peer_results import peer_results
from benchmarks.studies import HELD_OUT, TUNED, simulate
from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.design.pairing import EXPLORATION, Policy
from ratings.psychometrics.design.simulation import Simulated

PEERS = ("FastChat's way", "arena-rank", "evalica")
HEADERS = (f"nominal {percent(LEVEL)}: pairs / all pairs at once | ours | {' | '.join(PEERS)}",)
Studies = Sequence[tuple[Simulated, FloatArray]]


def main(runs: int = 100, first: int = 0) -> None:
    """Print one line per kind of study."""
    print_header(HEADERS[0])
    numbers = range(first, first + runs)
    for study in (*TUNED, *HELD_OUT):
        if study.settings.ties == "half":
            _print_line(str(study), [simulate(study, [number]) for number in numbers])
    for kind in KINDS:
        for judgments, data in studies(kind, Policy.ACTIVE, EXPLORATION, numbers):
            _print_line(f"active pairing, {kind}, {judgments:,}", data)


def _print_line(name: str, data: Studies) -> None:
    ours = [covered(one.tally(), truth) for one, truth in data]
    held = [[(our.pairs, our.all_pairs) for our in ours], *_peers(data)]
    means = [np.mean(values, axis=0) for values in held]
    print_row([name, *(f"{one:.3f} / {all_:.3f}" for one, all_ in means)])


def _peers(data: Studies) -> list[list[tuple[float, float]]]:
    """Return what each peer's intervals hold in each study; nothing without peers."""
    columns = {
        name: np.concatenate([getattr(one, name) for one, _ in data])
        for name in ("left", "right", "choice")
    }
    columns["run"] = np.repeat(np.arange(len(data)), [len(one.left) for one, _ in data])
    answers = peer_results("intervals", len(data[0][0].methods), columns)
    return [
        [
            _held(low, high, truth)
            for low, high, (_, truth) in zip(
                answers[f"{peer}.low"], answers[f"{peer}.high"], data, strict=True
            )
        ]
        for peer in PEERS
        if answers
    ]


def _held(low: FloatArray, high: FloatArray, truth: FloatArray) -> tuple[float, float]:
    """Return the share of differences in intervals [i, j], and whether all are."""
    first, second = np.triu_indices(len(truth), 1)
    apart = truth[first] - truth[second]
    held = (low[first, second] <= apart) & (apart <= high[first, second])
    return float(held.mean()), float(held.all())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
