"""A thousand methods ranked, beside another commit. `python -m benchmarks.many_methods TREE`

TREE is a checkout of what to compare with, such as `git worktree add --detach ../before 5996c82`.
Both fit the same 200,000 judgments by 40 raters on 40 pictures, from arrays to ranks, intervals,
bands and rank sets, in turn and in processes of their own with one BLAS thread; this checkout also
lists all 499,500 pairs, which the other does anyway. Printed are medians of CPU time and of the
peak of memory beyond that of imports, and whether both tell the same pairs apart.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd

HERE = Path(__file__).resolve().parents[1]
METHODS, JUDGMENTS, CLUSTERS, ROUNDS = 1_000, 200_000, 40, 3
FITTED = """
import hashlib, json, resource, sys, time
import numpy as np
try:
    from ratings.psychometrics.counts.tally import tally_codes
    from ratings.psychometrics.inference.fitting import fit
except ImportError:
    from ratings.psychometrics.tally import tally_codes
    from ratings.psychometrics.fitting import fit

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

rater, picture, left, right, choice = np.load(sys.argv[1])
names = [f"m{number:04}" for number in range(left.max() + 1)]
rest, begun = peak(), time.process_time()
fitted = fit(tally_codes(names, rater, picture, left, right, choice))
seconds, beyond = time.process_time() - begun, peak() - rest
pairs = [(pair.first, pair.second, pair.told_apart) for pair in fitted.differences]
listed = time.process_time() - begun
apart = hashlib.sha256(repr(pairs).encode()).hexdigest()
print(json.dumps([seconds, listed, beyond, apart]))
"""


def main() -> None:
    """Print a line for the ranking, and one for it with all pairs."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "manage.py").is_file():
        sys.exit("Usage: python -m benchmarks.many_methods TREE (a checkout to compare with)")
    trees = Path(sys.argv[1]).resolve(), HERE
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "judgments.npy")
        np.save(file, judgments())
        rounds = [[fitted(tree, file) for tree in trees] for _ in range(ROUNDS)]
    figures = np.array([[made[:3] for made in pair] for pair in rounds], np.float64)
    before, now = np.median(figures, axis=0)
    ratio = np.median(figures[:, 1] / figures[:, 0], axis=0)
    for place, name in enumerate(["the whole ranking", "with all pairs listed", "memory"]):
        unit = "MiB" if name == "memory" else "s"
        values = f"before {before[place]:7.2f} {unit}, now {now[place]:7.2f}"
        print(f"{name:22} {values}, ratio {ratio[place]:.2f}")
    print("the same pairs told apart:", len({made[3] for pair in rounds for made in pair}) == 1)


def judgments() -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return simulated judgments: rater, picture, left, right and choice, shape (5, judgments)."""
    crowd = SyntheticCrowd(
        [f"m{number:04}" for number in range(METHODS)],
        [f"p{number}" for number in range(CLUSTERS)],
        CLUSTERS,
        np.random.default_rng(1),
        rater_model=RaterModel(),
    )
    made = crowd.simulate(JUDGMENTS)
    return np.stack([made.rater, made.picture, made.left, made.right, made.choice])


def fitted(tree: Path, file: Path) -> list[float | str]:
    """Return what a tree's fit of the judgments took, and a digest of what it tells apart."""
    environment = os.environ | {"PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", FITTED, str(file)]
    done = subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True)
    made: list[float | str] = json.loads(done.stdout)
    return made


if __name__ == "__main__":
    main()
