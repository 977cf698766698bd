"""The board after one more judgment: reading the counters and fitting, with few and many stored.

`python -m benchmarks.refitting` works on a cluster of its own in a temporary directory, where 125
raters have given 80 judgments each about 10 methods on 50 pictures. Fitting reads counters only, so
many judgments by the same raters are made by counting each a thousand times. CPU time is this
process's; "whole refit" is the clock's, the database's work and storing the ranking included.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.crowd import fill
from benchmarks.judging import FEW, TRIALS_A_RATER, set_up
from benchmarks.measure import drop_cluster

T = TypeVar("T")
TIMES = 1_000
A_ROUND, ROUNDS = 10, 6


def main() -> None:
    """Fill a database, measure in interleaved rounds, print medians and their ratio."""
    with tempfile.TemporaryDirectory() as directory:
        os.environ["RATINGS_DATA_DIR"] = directory
        os.environ.pop("DATABASE_URL", None)
        set_up("ratings")
        fill(FEW // TRIALS_A_RATER, FEW)
        _measure()
        drop_cluster(directory)


def _measure() -> None:
    spent: dict[str, tuple[list[float], list[float]]] = {}
    for _ in range(ROUNDS):
        for place, change in enumerate(("/", "*")):
            if spent:  # the first round finds the judgments as they are
                _scale(change)
            for _ in range(A_ROUND):
                for name, milliseconds in _one_more().items():
                    spent.setdefault(name, ([], []))[place].append(milliseconds)
    for name, times in spent.items():
        few, many = map(statistics.median, times)
        print(f"{name}: {few:.1f} ms with {FEW:,}, {many:.1f} ms with {FEW * TIMES:,} judgments")
        print(f"  many / few: {many / few:.2f} (wanted: under 1.20)")


def _scale(change: str) -> None:
    """Count every judgment a thousand times, or once again, and leave nothing of it behind."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("ratings_paircount", "ratings_ratercount"):
            columns = ("wins_first", "wins_second", "ties")
            changes = ", ".join(f"{column} = {column} {change} {TIMES}" for column in columns)
            cursor.execute(f"UPDATE {table} SET {changes}")
            cursor.execute(f"VACUUM FULL ANALYZE {table}")


def _one_more() -> dict[str, float]:
    """Return the milliseconds of one refit, and of its two parts in CPU time."""
    from django.utils import timezone

    from ratings.models import Ranking, Study
    from ratings.psychometrics.inference.fitting import fit
    from ratings.ranking.fits.refitting import refit, study_settings
    from ratings.ranking.fits.study_counts import study_tally

    study = Study.objects.get()
    Ranking.objects.all().delete()
    tally, reading = _timed(time.process_time, lambda: study_tally(study))
    _, fitting = _timed(time.process_time, lambda: fit(tally, study_settings(study)))
    _, whole = _timed(time.perf_counter, lambda: refit(study, timezone.now()))
    return {"fitting, CPU": fitting, "reading the counters, CPU": reading, "whole refit": whole}


def _timed(clock: Callable[[], float], work: Callable[[], T]) -> tuple[T, float]:
    start = clock()
    result = work()
    return result, 1000 * (clock() - start)


if __name__ == "__main__":
    main()
