"""Whether a worker's longest jobs fit in 512 MiB: `python -m benchmarks.worker_memory [RATERS]`.

A database is filled with RATERS (12,500) who judged 80 trials each, a million in all. Refit,
variants and the report on raters run in a process each, which is given no more memory of its own
than that (RLIMIT_DATA) and fails where it asks for more; printed are the peaks of its memory,
what it shares with others included, and its times.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import drop_cluster

HERE = Path(__file__).resolve().parents[1]
LIMIT_MIB = 512
JOBS = ("refit", "variants", "raters report")


def main() -> None:
    """Print a line for each job; end with 1 where one does not fit."""
    raters = int(sys.argv[1]) if len(sys.argv) > 1 else 12_500
    with tempfile.TemporaryDirectory() as directory:
        _run(directory, "fill", str(raters))
        peaks = [_print_peak(directory, job) for job in JOBS]
        drop_cluster(directory)
    sys.exit(max(peaks) > LIMIT_MIB)


def _print_peak(directory: str, job: str) -> float:
    limit = f"{LIMIT_MIB << 20}"
    figures = json.loads(_run(directory, job, RATINGS_BENCHMARK_BYTES=limit).splitlines()[-1])
    print(
        f"{job}: {figures['memory']:.0f} MiB at most (bar: {LIMIT_MIB}), {figures['beyond']:.0f} "
        f"beyond rest; CPU {figures['cpu']:.2f} s, database {figures['database']:.2f} s, clock "
        f"{figures['clock']:.2f} s",
        flush=True,
    )
    return float(figures["memory"])


def _run(directory: str, *work: str, **more: str) -> str:
    environment = os.environ | {"RATINGS_DATA_DIR": directory, "OPENBLAS_NUM_THREADS": "1"} | more
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "benchmarks.table_reading", *work]
    return subprocess.check_output(command, cwd=HERE, env=environment, text=True)


if __name__ == "__main__":
    main()
