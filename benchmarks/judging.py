"""Judgments per second against the least Django view; issuing with few and many judgments stored.

`python -m benchmarks.judging` works on a cluster of its own in a temporary directory.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from benchmarks.crowd import fill, publish
from benchmarks.measure import drop_cluster

CLIENTS = 8
PUTS_A_ROUND = 400
PUT_ROUNDS = 15
READS_A_ROUND = 40
READ_ROUNDS = 5
TRIALS_A_RATER = 80
FEW, MANY = 10_000, 1_000_000
BODY = b'{"choice":"left","response_ms":3000,"device_pixel_ratio":1.25,"flips":4,"input":"key"}'


def main() -> None:
    """Fill the databases, measure both in interleaved rounds, print rates and ratios."""
    with tempfile.TemporaryDirectory() as directory:
        os.environ["RATINGS_DATA_DIR"] = directory
        os.environ.pop("DATABASE_URL", None)
        set_up("ratings")
        fill(PUTS_A_ROUND * PUT_ROUNDS // TRIALS_A_RATER, 0)
        _measure_puts()
        with _worker(FEW) as few, _worker(MANY) as many:
            _measure_reads(few, many)
        drop_cluster(directory)


def set_up(database: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.DATABASES["default"]["NAME"] = database
    settings.ALLOWED_HOSTS = ["*"]
    # Without collected files, and the same for both databases.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    django.setup()
    call_command("migrate", verbosity=0)


def _measure_puts() -> None:
    with _gunicorn() as port:
        puts = _judgments()
        rates: dict[str, list[float]] = {"judgment": [], "bare": []}
        _rate(port, _bare()), _rate(port, puts[:PUTS_A_ROUND])  # the first ones are slower
        for number in range(1, PUT_ROUNDS):
            part = slice(number * PUTS_A_ROUND, (number + 1) * PUTS_A_ROUND)
            rates["bare"].append(_rate(port, _bare()))
            rates["judgment"].append(_rate(port, puts[part]))
    for name, values in rates.items():
        print(f"{name:9} requests/s: {', '.join(f'{value:.0f}' for value in values)}")
    # Neighbouring rounds are compared: what else the machine does changes by the second.
    pairs = zip(rates["judgment"], rates["bare"], strict=True)
    ratio = statistics.median(judgment / bare for judgment, bare in pairs)
    print(f"judgment / bare view with one durable INSERT: {ratio:.2f} (wanted: at least 0.70)")


@contextmanager
def _gunicorn() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    code = (
        "from django.conf import settings; settings.ROOT_URLCONF = 'benchmarks.bare';"
        "from gunicorn.app.wsgiapp import run; run()"
    )
    options = ["--worker-class=gthread", "--workers=2", "--threads=4", "--log-level=error"]
    server = subprocess.Popen(
        [sys.executable, "-c", code, "ratings.wsgi", f"--bind=127.0.0.1:{port}", *options]
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def _bare() -> list[bytes]:
    """Return the requests of one round for the bare view."""
    paths = [f"/bare/{uuid4()}/judgment/" for _ in range(PUTS_A_ROUND)]
    return [_request("PUT", path, "a=b") for path in paths]


def _judgments() -> list[bytes]:
    """Return the requests that judge all trials."""
    from ratings.comparisons.raters import rater_keys
    from ratings.models import Trial

    puts = []
    for trial in Trial.objects.select_related("rater__study").order_by("number"):
        cookie = (
            f"{rater_keys.cookie_name(trial.rater.study)}={rater_keys.cookie_value(trial.rater)}"
        )
        puts.append(_request("PUT", f"/api/v1/trials/{trial.pk}/judgment/", cookie))
    return puts


def _request(method: str, path: str, cookie: str) -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Cookie: {cookie}\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    return head.encode() + BODY


def _rate(port: int, requests: list[bytes]) -> float:
    """Send the requests over kept-open connections; return how many were stored per second."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        start = time.perf_counter()
        parts = [requests[number::CLIENTS] for number in range(CLIENTS)]
        stored = sum(pool.map(lambda part: _send(port, part), parts))
        seconds = time.perf_counter() - start
    assert stored == len(requests), f"{len(requests) - stored} requests were not stored"
    return stored / seconds


def _send(port: int, requests: list[bytes]) -> int:
    stored = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for request in requests:
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"\r\n0\r\n\r\n"):  # both answer in chunks
                received = connection.recv(65536)
                assert received, answer
                answer += received
            stored += answer.startswith(b"HTTP/1.1 201")
    return stored


@contextmanager
def _worker(judged: int) -> Iterator[subprocess.Popen[str]]:
    """Start a process with a database of its own that holds so many judgments."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.judging", str(judged)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        print(process.stdout.readline() + process.stdout.readline().strip())
        yield process
    finally:
        process.communicate()


def _measure_reads(few: subprocess.Popen[str], many: subprocess.Popen[str]) -> None:
    """Compare what must not grow with the number of judgments."""
    costs: dict[str, tuple[list[float], list[float]]] = {}
    for _ in range(READ_ROUNDS):
        for place, worker in enumerate((few, many)):
            for name, value in _ask(worker).items():
                costs.setdefault(name, ([], []))[place].append(value)
    for name, (with_few, with_many) in costs.items():
        small, large = statistics.median(with_few), statistics.median(with_many)
        print(f"{name}, CPU ms: {small:.1f} with {FEW}, {large:.1f} with {MANY} judgments")
        print(f"  many / few: {large / small:.2f} (wanted: under 1.20)")


def _ask(worker: subprocess.Popen[str]) -> dict[str, float]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write("\n")
    worker.stdin.flush()
    costs: dict[str, float] = json.loads(worker.stdout.readline())
    return costs


def _work(judged: int) -> None:
    """Fill a database, then time reads whenever a line comes in."""
    database = f"judged_{judged}"
    from ratings.database.cluster import Cluster

    cluster = Cluster(Path(os.environ["RATINGS_DATA_DIR"]).resolve())
    cluster.start()
    createdb = [str(cluster.binaries / "createdb"), "--host", str(cluster.socket_dir)]
    subprocess.run([*createdb, "--username=ratings", database], check=True, user=cluster.user)
    set_up(database)
    fill(-(-judged // TRIALS_A_RATER), judged)
    _rank()
    publish()
    print(f"{database} is filled.", flush=True)
    for _ in sys.stdin:
        print(json.dumps({"trials/next": _cost_of_issuing(), **_costs_of_pages()}), flush=True)


def _rank() -> None:
    """Fit the ranking that the board shows; say how long that takes with so many judgments."""
    from django.utils import timezone

    from ratings.models import Study
    from ratings.ranking.fits.refitting import refit

    start = time.perf_counter()
    ranking = refit(Study.objects.get(), timezone.now())
    seconds = time.perf_counter() - start
    assert ranking is not None
    print(f"refit with {ranking.judgments} judgments of {ranking.raters} raters: {seconds:.2f} s")


def _costs_of_pages() -> dict[str, float]:
    """Return the CPU milliseconds of a request for each page, of pictures with closed studies."""
    from ratings.models import FrozenRanking, Study

    frozen = FrozenRanking.objects.earliest("computed_at")
    costs = {
        "board with its curve over time": _cost_of_page("bench/board/"),
        "a frozen ranking": _cost_of_page(f"rankings/{frozen.digest}/"),
        "series": _cost_of_page("series/bench/"),
        "board of metrics": _cost_of_page("bench/metrics/"),
    }
    Study.objects.update(is_open=False)
    costs["pictures"] = _cost_of_page("bench/pictures/")
    costs["a picture"] = _cost_of_page("bench/pictures/0.png/")
    Study.objects.update(is_open=True)
    return costs


def _cost_of_page(page: str) -> float:
    """Return the CPU milliseconds of a request for a page of the challenge."""
    from django.test import Client

    client = Client()
    with _spending() as spent:
        for _ in range(READS_A_ROUND):
            answer = client.get(f"/bench/{page}")
            assert answer.status_code == 200, answer
    return spent() / READS_A_ROUND


def _cost_of_issuing() -> float:
    """Return the CPU milliseconds of a request for one new trial, answered in between."""
    from django.test import Client
    from django.utils import timezone

    from ratings.comparisons.raters import rater_keys
    from ratings.models import Study

    study = Study.objects.get()
    rater = rater_keys.begin_session(study, timezone.now(), simulated=True)
    client = Client()
    client.cookies[rater_keys.cookie_name(study)] = rater_keys.cookie_value(rater)
    cost = 0.0
    for _ in range(READS_A_ROUND):
        with _spending() as spent:
            answer = client.get(f"/api/v1/studies/{study.slug}/trials/next/")
        cost += spent()
        trial = answer.json()["results"][0]
        body = {"choice": "left", "response_ms": 3000}
        client.put(trial["judgment"], body, content_type="application/json")
    return cost / READS_A_ROUND


@contextmanager
def _spending() -> Iterator[Callable[[], float]]:
    """Give what says the CPU milliseconds that this process and its Postgres spent meanwhile."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def now() -> float:
        return 1e3 * time.process_time() + int(schedule.read_text().split()[0]) / 1e6

    before, after = now(), 0.0
    yield lambda: after - before
    after = now()


if __name__ == "__main__":
    _work(int(sys.argv[1])) if len(sys.argv) > 1 else main()
