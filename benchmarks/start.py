"""User CPU and peak memory to import psychometrics, and of `rank`, beside another commit.

Run with `python -m benchmarks.start TREE`: TREE is a checkout of what to compare with, such as
`git worktree add --detach ../before 5996c82`. Both run in turn with this Python, round after round,
each in a process of its own; printed are medians, and that of the ratios.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from ratings.psychometrics.counts.tally import CHOICES
from ratings.psychometrics.design.simulation import SyntheticCrowd

HERE = Path(__file__).resolve().parents[1]
ROUNDS, LONG_ROUNDS = 10, 2
FEW, MANY = 1000, 1_000_000
# All modules but those that only `report.figures` calls, and only to draw.
IMPORT_ALL = """
import pkgutil
import ratings.psychometrics as room
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    if module.name.rsplit(".", 1)[1] not in ("plots", "figure_labels"):
        __import__(module.name)
"""
# A process inherits the peak of the one that starts it, so a small one does.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime, used.ru_maxrss)
"""


def main() -> None:
    """Print a line for the import, and one for each use of the command."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "manage.py").is_file():
        sys.exit("Usage: python -m benchmarks.start TREE (a checkout to compare with)")
    trees = Path(sys.argv[1]).resolve(), HERE
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder, "few.csv"), Path(folder, "many.csv")
        few.write_text(judgments(FEW))
        many.write_text(judgments(MANY))
        rank = ["manage.py", "rank"]
        told = ["--raters", "--reliability"]
        compare(trees, "import psychometrics", ["-c", IMPORT_ALL], ROUNDS)
        compare(trees, f"rank {FEW:,} judgments", [*rank, str(few)], ROUNDS)
        compare(trees, f"rank {MANY:,} judgments", [*rank, str(many)], LONG_ROUNDS)
        compare(trees, "the same, and raters", [*rank, str(many), *told], LONG_ROUNDS)


def compare(trees: tuple[Path, Path], name: str, arguments: list[str], rounds: int) -> None:
    """Let both trees do the same in turn, and print medians and ratios."""
    spent = np.array([[used(tree, arguments) for tree in trees] for _ in range(rounds)])
    before, now = np.median(spent, axis=0)
    ratio = np.median(spent[:, 1] / spent[:, 0], axis=0)
    print(
        f"{name:26} before {before[0]:.2f} s, {before[1]:.0f} MiB, now {now[0]:.2f} s, "
        f"{now[1]:.0f} MiB, ratios {ratio[0]:.2f} and {ratio[1]:.2f}"
    )


def judgments(count: int) -> str:
    """Return simulated judgments of eight methods as CSV."""
    methods, pictures = [f"m{i}" for i in range(8)], [f"p{i:02}" for i in range(20)]
    made = SyntheticCrowd(methods, pictures, 25, np.random.default_rng(1)).simulate(count)
    columns = (made.rater, made.picture, made.left, made.right, made.choice)
    rows = [
        f"r{rater},{pictures[picture]},{methods[left]},{methods[right]},{CHOICES[choice]}"
        for rater, picture, left, right, choice in zip(*columns, strict=True)
    ]
    return "\n".join(["rater,image,left,right,choice", *rows, ""])


def used(tree: Path, arguments: list[str]) -> tuple[float, float]:
    """Return user CPU seconds and peak memory in MiB of a Python process in a tree."""
    command = [sys.executable, "-c", MEASURED, sys.executable, *arguments]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    measured = subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True)
    seconds, kib = measured.stdout.split()[-2:]
    return float(seconds), float(kib) / 1024


if __name__ == "__main__":
    main()
