"""One piece of work of `benchmarks.tables`, by whichever commit's rooms are on PYTHONPATH.

Prints its figures as JSON: seconds of CPU of this process, of the database, by the clock and to the
first byte; the peak of memory in MiB, whole and beyond that of the site at rest.
"""

import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.crowd import fill
from benchmarks.judging import TRIALS_A_RATER, set_up

# Judgments as people give them: choices by chance, times, and facts of what was on screen.
LIVELY = """
    UPDATE ratings_judgment SET
        choice = (ARRAY['left', 'right', 'left', 'right', 'tie'])[1 + abs(hashint8(id) % 5)],
        response_ms = 800 + abs(hashint8(id * 7) % 9000),
        display = jsonb_build_object('flips', id % 7, 'input', 'key', 'device_pixel_ratio', 1.25,
            'viewport_width', 1280, 'viewport_height', 720, 'visit', 1)
"""
# The counters of those choices: setting them right one by one takes long.
COUNTED = """
    count(*) FILTER (WHERE choice <> 'tie' AND (choice = 'left') = first_left) AS first,
    count(*) FILTER (WHERE choice <> 'tie' AND (choice = 'left') <> first_left) AS second,
    count(*) FILTER (WHERE choice = 'tie') AS tie
"""
RECOUNT = f"""
    UPDATE ratings_paircount c SET wins_first = j.first, wins_second = j.second, ties = j.tie
    FROM (SELECT pair_id, crop_id, {COUNTED} FROM ratings_judgment
        JOIN ratings_trial t ON t.id = trial_id GROUP BY pair_id, crop_id) j
    WHERE j.pair_id = c.pair_id AND j.crop_id = c.crop_id;
    UPDATE ratings_ratercount c SET wins_first = j.first, wins_second = j.second, ties = j.tie
    FROM (SELECT rater_id, pair_id, {COUNTED} FROM ratings_judgment
        JOIN ratings_trial t ON t.id = trial_id GROUP BY rater_id, pair_id) j
    WHERE j.pair_id = c.pair_id AND j.rater_id = c.rater_id
"""
# Where a function lies, by commit.
MODULES = {
    "refit": ("ranking.fits.refitting", "ranking.refitting", "ranking.fitting"),
    "fit_variants": ("ranking.fits.variants", "ranking.variants"),
    "make_report": ("ranking.evidence.rater_reports",),
}


def main() -> None:
    """Do the work that is named on the command line and print its figures."""
    set_up("ratings")
    match sys.argv[1:]:
        case ["fill", raters]:
            _fill(int(raters))
            print("{}")
        case [name]:
            if limit := os.environ.get("RATINGS_BENCHMARK_BYTES"):
                resource.setrlimit(resource.RLIMIT_DATA, (int(limit), int(limit)))
            print(json.dumps(_measured(WORK[name])))


def _fill(raters: int) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection

    fill(raters, raters * TRIALS_A_RATER)
    with connection.cursor() as cursor:
        cursor.execute(LIVELY)
        cursor.execute(RECOUNT)
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute("VACUUM ANALYZE ratings_judgment")
    call_command("rebuild_counts", "bench", stdout=io.StringIO())  # ends where any differs
    User.objects.create_superuser("bench", password="bench")


def _measured(work: Callable[[], Iterable[bytes]]) -> dict[str, float]:
    from django.db import connection

    with connection.cursor() as cursor:  # the first statement opens the connection
        cursor.execute("SELECT 1")
    _page("/desk/")  # what a server has imported once
    connection.close()
    at_rest, database = _peak_mib(), _database_seconds()
    cpu, begun, first = time.process_time(), time.perf_counter(), 0.0
    for piece in work():
        if piece and not first:
            first = time.perf_counter() - begun
    figures = {"cpu": time.process_time() - cpu, "clock": time.perf_counter() - begun}
    connection.close()
    figures["database"] = _database_seconds() - database
    return figures | {"first": first, "memory": _peak_mib(), "beyond": _peak_mib() - at_rest}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _database_seconds() -> float:
    """Return the CPU seconds of all server processes that have ended."""
    from ratings.database.cluster import Cluster

    time.sleep(0.5)  # a closed connection's process ends by itself
    home = Cluster(Path(os.environ["RATINGS_DATA_DIR"]).resolve()).home
    pid = (home / "cluster" / "postmaster.pid").read_text().split()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _study_work(name: str) -> Iterable[bytes]:
    """Refit, or fit variants, of the one study."""
    from django.utils import timezone

    from ratings.models import Ranking, Study

    Ranking.objects.all().delete()
    _found(name)(Study.objects.get(), timezone.now())
    yield b"done"


def _found(name: str) -> Callable[..., Any]:
    """Return a function that lies in another module in other commits."""
    for module in MODULES[name]:
        try:
            function: Callable[..., Any] = getattr(import_module(f"ratings.{module}"), name)
        except ModuleNotFoundError:
            continue
        return function
    raise LookupError(name)


def _report() -> Iterable[bytes]:
    """Make what the page on raters shows; where the page made it itself, ask for the page."""
    from django.utils import timezone

    from ratings.models import Study

    try:
        make_report = _found("make_report")
    except LookupError:
        return _page(RATERS)
    make_report(Study.objects.get(), timezone.now())
    return [b"done"]


def _page(address: str) -> Iterator[bytes]:
    """Ask for an address as an organizer does; return the answer's pieces as they come."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get())
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return iter(answer if answer.streaming else [answer.content])


RATERS = "/desk/studies/bench/raters/"
JUDGMENTS = "/api/v1/studies/bench/judgments/?format="
WORK: Mapping[str, Callable[[], Iterable[bytes]]] = {
    "refit": lambda: _study_work("refit"),
    "variants": lambda: _study_work("fit_variants"),
    "raters report": _report,
    "raters page": lambda: _page(RATERS),
    "judgments CSV": lambda: _page(f"{JUDGMENTS}csv"),
    "judgments Parquet": lambda: _page(f"{JUDGMENTS}parquet"),
}

if __name__ == "__main__":
    main()
