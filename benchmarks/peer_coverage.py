"""How often the 95 % intervals of other rankings hold the truth, beside ours, on the same data.

Run with `python -m benchmarks.peer_coverage [RUNS [FIRST]]` after `make peers`: prints the table of
docs/protocol.md, the share of differences held and, after a slash, how often all are at once.
The peers' bootstraps have 100 replicates.
"""

import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.checkpoints import KINDS, studies
from benchmarks.coverage import LEVEL, covered
from benchmarks.peer_results import peer_results
from benchmarks.studies import HELD_OUT, TUNED, simulate
from ratings.psychometrics.pairing import EXPLORATION, Policy
from ratings.psychometrics.simulation import Simulated
from ratings.psychometrics.tally import FloatArray

PEERS = ("FastChat's way", "arena-rank", "evalica")
Studies = Sequence[tuple[Simulated, FloatArray]]


def main(runs: int = 100, first: int = 0) -> None:
    """Print one line per kind of study."""
    print(f"| nominal {LEVEL:.0%} | ours | " + " | ".join(PEERS) + " |")
    print("| --- " * (len(PEERS) + 2) + "|")
    numbers = range(first, first + runs)
    for study in (*TUNED, *HELD_OUT):
        if study.settings.ties == "half":
            _print_line(str(study), [simulate(study, [number]) for number in numbers])
    for kind in KINDS:
        for judgments, data in studies(kind, Policy.ACTIVE, EXPLORATION, numbers):
            _print_line(f"active pairing, {kind}, {judgments:,}", data)


def _print_line(name: str, data: Studies) -> None:
    ours = [covered(one.tally(), truth) for one, truth in data]
    held = [[(one.pairs, one.all_pairs) for one in ours], *_peers(data)]
    means = [np.mean(values, axis=0) for values in held]
    print(
        f"| {name} | {' | '.join(f'{one:.3f} / {all_:.3f}' for one, all_ in means)} |", flush=True
    )


def _peers(data: Studies) -> list[list[tuple[float, float]]]:
    """Return what each peer's intervals hold in each study; nothing without peers."""
    columns = {
        name: np.concatenate([getattr(one, name) for one, _ in data])
        for name in ("left", "right", "choice")
    }
    columns["run"] = np.repeat(np.arange(len(data)), [len(one.left) for one, _ in data])
    found = peer_results("intervals", len(data[0][0].methods), columns)
    return [
        [
            _held(low, high, truth)
            for low, high, (_, truth) in zip(
                found[f"{peer}.low"], found[f"{peer}.high"], data, strict=True
            )
        ]
        for peer in PEERS
        if found
    ]


def _held(low: FloatArray, high: FloatArray, truth: FloatArray) -> tuple[float, float]:
    """Return the share of differences in intervals [i, j], and whether all are."""
    first, second = np.triu_indices(len(truth), 1)
    apart = truth[first] - truth[second]
    held = (low[first, second] <= apart) & (apart <= high[first, second])
    return float(held.mean()), float(held.all())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
