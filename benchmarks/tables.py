"""What reads all judgments of a study, beside another commit. `python -m benchmarks.tables TREE`

TREE is a checkout of what to compare with, such as `git worktree add --detach ../before 5996c82`.
Each tree fills a database of its own with 5,000 raters of 80 judgments (another number of raters
comes after TREE, and after it the names of what is measured, else all of it; the page on raters
shows the report, so it comes after that). Each measurement is a
process of its own, in turn with the other tree's; printed are medians of its CPU time, of the
database's, the clock, the peak of memory beyond that of the site at rest, and the ratios.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import drop_cluster

HERE = Path(__file__).resolve().parents[1]
ROUNDS = 3
NAMES = ("refit", "variants", "raters report", "raters page", "judgments CSV", "judgments Parquet")
FIGURES = ("cpu", "database", "clock", "first", "memory", "beyond")


def main() -> None:
    """Fill a database for each tree, measure in turn, and print a line for each figure."""
    if len(sys.argv) < 2 or not (Path(sys.argv[1]) / "manage.py").is_file():
        sys.exit("Usage: python -m benchmarks.tables TREE [RATERS [NAME...]] (a checkout)")
    raters = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    with tempfile.TemporaryDirectory() as before, tempfile.TemporaryDirectory() as now:
        trees = {Path(sys.argv[1]).resolve(): before, HERE: now}
        for tree, directory in trees.items():
            _run(tree, directory, "fill", str(raters))
        for name in sys.argv[3:] or NAMES:
            _compare(name, trees)
        for directory in trees.values():
            drop_cluster(directory)


def _compare(name: str, trees: dict[Path, str]) -> None:
    rounds = [[_run(tree, data, name) for tree, data in trees.items()] for _ in range(ROUNDS)]
    print(f"{name}:", flush=True)
    for figure in FIGURES:
        before, now = ([one[place][figure] for one in rounds] for place in (0, 1))
        ratio = median(now) / max(median(before), 1e-9)
        unit = "MiB" if figure in ("memory", "beyond") else "s"
        values = f"before {median(before):8.2f} {unit}, now {median(now):8.2f}"
        print(f"  {figure:9} {values}, ratio {ratio:.2f}")


def _run(tree: Path, directory: str, *work: str) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": str(tree), "RATINGS_DATA_DIR": directory}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-P", str(HERE / "benchmarks" / "table_reading.py"), *work]
    done = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
