"""User CPU seconds to import psychometrics, and of `manage.py rank`, beside another commit.

Run with `python -m benchmarks.start TREE`: TREE is a checkout of what to compare with, such as
`git worktree add --detach ../before 5996c82`. Both run in turn with this Python, round after round,
each in a process of its own; printed are medians, and that of the ratios.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from ratings.psychometrics.counts.tally import CHOICES
from ratings.psychometrics.design.simulation import SyntheticCrowd

HERE = Path(__file__).resolve().parents[1]
ROUNDS = 10
JUDGMENTS = 1000
# All modules but those that only `report.figures` calls, and only to draw.
IMPORT_ALL = """
import pkgutil
import ratings.psychometrics as room
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    if module.name.rsplit(".", 1)[1] not in ("plots", "figure_labels"):
        __import__(module.name)
"""


def main() -> None:
    """Print a line for the import and one for the command."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "manage.py").is_file():
        sys.exit("Usage: python -m benchmarks.start TREE (a checkout to compare with)")
    trees = Path(sys.argv[1]).resolve(), HERE
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write(judgments())
        file.flush()
        commands = {
            "import psychometrics": ["-c", IMPORT_ALL],
            f"rank {JUDGMENTS:,} judgments": ["manage.py", "rank", file.name],
        }
        for name, arguments in commands.items():
            spent = [[user_seconds(tree, arguments) for tree in trees] for _ in range(ROUNDS)]
            before, now = (median(column) for column in zip(*spent, strict=True))
            ratio = median(here / there for there, here in spent)
            print(f"{name:24} before {before:.2f} s, now {now:.2f} s, ratio {ratio:.2f}")


def judgments() -> str:
    """Return simulated judgments of eight methods as CSV."""
    methods, pictures = [f"m{i}" for i in range(8)], [f"p{i:02}" for i in range(20)]
    made = SyntheticCrowd(methods, pictures, 25, np.random.default_rng(1)).simulate(JUDGMENTS)
    columns = (made.rater, made.picture, made.left, made.right, made.choice)
    rows = [
        f"r{rater},{pictures[picture]},{methods[left]},{methods[right]},{CHOICES[choice]}"
        for rater, picture, left, right, choice in zip(*columns, strict=True)
    ]
    return "\n".join(["rater,image,left,right,choice", *rows, ""])


def user_seconds(tree: Path, arguments: list[str]) -> float:
    """Return the user CPU seconds of a Python process in a tree."""
    before = os.times().children_user
    environment = os.environ | {"PYTHONPATH": str(tree)}
    subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=environment, check=True, capture_output=True
    )
    return os.times().children_user - before


if __name__ == "__main__":
    main()
