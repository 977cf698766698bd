"""Sites of two checkouts side by side, and raters who judge at them; used by other benchmarks."""

import asyncio
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import drop_cluster

TICKS = os.sysconf("SC_CLK_TCK")
ANSWER = {"choice": "left", "response_ms": 3000, "flips": 4, "input": "key"}
MOST = 10  # trials that the server issues at once
TOKEN = "clic_bench"  # an organizer's
# Run in a checkout: a study of so many methods, judged by so many raters.
FILL = """
import hashlib, sys
from benchmarks import crowd, judging
crowd.METHODS = int(sys.argv[1])
judging.set_up("ratings")
raters = int(sys.argv[2])
crowd.fill(raters, raters * judging.TRIALS_A_RATER)
from django.contrib.auth.models import User
from ratings.models import AccessToken
user = User.objects.create_superuser("bench", password="bench")
sha256 = hashlib.sha256(sys.argv[3].encode()).hexdigest()
AccessToken.objects.create(user=user, label="bench", sha256=sha256)
"""
POSTMASTER = """
import os
from pathlib import Path
from ratings.database.cluster import Cluster
cluster = Cluster(Path(os.environ["RATINGS_DATA_DIR"]).resolve())
print((cluster.home / "cluster" / "postmaster.pid").read_text().split()[0], cluster.socket_dir)
"""
GUNICORN = ["-m", "gunicorn", "ratings.wsgi", "--worker-class=gthread", "--workers=2"]
OPTIONS = ["--threads=16", "--log-level=error", "--keep-alive=75", "--timeout=300"]


@dataclass(frozen=True)
class Site:
    """A site that is served from a checkout."""

    port: int
    web: int
    postmaster: int
    sockets: str = ""  # the folder of Postgres' socket

    async def cpu_ms(self, act: Awaitable[object], shares: int) -> tuple[float, float]:
        """Return the CPU milliseconds of web and Postgres until `act` is done, a share."""
        before = seconds(self.web), seconds(self.postmaster)
        await act
        after = seconds(self.web), seconds(self.postmaster)
        web, postgres = (1e3 * (b - a) / shares for a, b in zip(before, after, strict=True))
        return web, postgres


@dataclass(frozen=True)
class Supply:
    """When a rating page asks: with less than `least` trials ahead, for `most` of them."""

    least: int
    most: int


@dataclass
class Rater:
    """One rater at a site, on a connection of their own; `times` has the seconds of each call."""

    site: Site
    supply: Supply
    cookie: str = ""
    coming: list[dict[str, Any]] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def begin(self) -> None:
        """Consent; come again when told to, as the page does."""
        begun = time.perf_counter()
        while True:
            head, _ = await self.call("ask", "POST", "studies/bench/raters/", {"consent": True})
            again = re.search(rb"(?i)retry-after: (\d+)", head)
            if not again:
                break
            await asyncio.sleep(int(again[1]) + random.random())
        self.times.setdefault("begin", []).append(time.perf_counter() - begun)
        cookie = re.search(rb"(?i)set-cookie: (rater-[^;]+)", head)
        assert cookie, head
        self.cookie = cookie[1].decode()

    async def ask(self, count: int) -> None:
        """Ask for trials; `coming` has those that are not answered."""
        _, body = await self.call("next", "GET", f"studies/bench/trials/next/?count={count}")
        self.coming = body["results"]
        assert self.coming, body

    async def put(self) -> None:
        """Answer the first of the coming trials."""
        await self.call("PUT", "PUT", self.coming.pop(0)["judgment"], ANSWER)

    async def judge_one_by_one(self, trials: int) -> None:
        """Answer so many trials, each asked for when the one before is answered."""
        for _ in range(trials):
            await self.ask(1)
            await self.put()

    async def judge(self, trials: int, think: Callable[[], float] = lambda: 0.0) -> None:
        """Answer so many trials, each after a time in seconds, as the rating page would."""
        for _ in range(trials):
            if not self.coming:
                await self.ask(self.supply.most)
            await asyncio.sleep(think())
            await self.put()
            # The first of those is on the page.
            if len(self.coming) <= self.supply.least:
                await self.ask(min(self.supply.most + 1, MOST))

    async def call(
        self, name: str, method: str, path: str, body: object = None
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the head and the JSON of an answer."""
        sent = json.dumps(body).encode() if body is not None else b""
        address = path if path.startswith("/") else f"/api/v1/{path}"
        head = f"{method} {address} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        begun = time.perf_counter()
        try:
            first, rest = await self._sent(head.encode() + sent)
        except (OSError, asyncio.IncompleteReadError):  # hung up on while idle
            self.close()
            first, rest = await self._sent(head.encode() + sent)
        self.times.setdefault(name, []).append(time.perf_counter() - begun)
        self.statuses.append(int(first.split(b" ", 2)[1]))
        return first, json.loads(rest)

    async def _sent(self, request: bytes) -> tuple[bytes, bytes]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.site.port)
        reader, writer = self.streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length:
            body = await reader.readexactly(int(length[1]))
        else:
            body = b"".join([piece async for piece in _pieces(reader)])
        if b"connection: close" in head.lower():
            self.close()
        return head, body

    def close(self) -> None:
        """Hang up."""
        if self.streams:
            self.streams[1].close()
        self.streams = None


async def _pieces(reader: asyncio.StreamReader) -> Any:  # noqa: ANN401
    while size := int(await reader.readline(), 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()


@contextmanager
def serve(tree: Path, methods: int, raters: int = 0) -> Iterator[Site]:
    """Serve the benchmarks' study from a checkout, on a Postgres of its own.

    So many raters have judged in it already.
    """
    with tempfile.TemporaryDirectory() as directory:
        environment = os.environ | {"RATINGS_DATA_DIR": directory, "PYTHONPATH": str(tree)}
        environment["OPENBLAS_NUM_THREADS"] = "1"
        environment.pop("DATABASE_URL", None)

        def run(*arguments: str) -> str:
            command = [sys.executable, *arguments]
            return subprocess.check_output(command, cwd=tree, env=environment, text=True)

        run("-c", FILL, str(methods), str(raters), TOKEN)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = [sys.executable, *GUNICORN, *OPTIONS, f"--bind=127.0.0.1:{port}"]
        server = subprocess.Popen(command, cwd=tree, env=environment)
        try:
            await_port(port)
            rater = Rater(Site(port, 0, 0), Supply(1, 1))
            asyncio.run(rater.begin())  # it starts Postgres
            postmaster, sockets = run("-c", POSTMASTER).split()
            yield Site(port, server.pid, int(postmaster), sockets)
        finally:
            server.terminate()
            server.wait()
            drop_cluster(directory)


def await_port(port: int) -> None:
    """Wait until something listens."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its children, those that ended included."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid:
            total += sum(map(int, fields[11:15])) / TICKS
        elif int(fields[1]) == pid:
            total += sum(map(int, fields[11:13])) / TICKS
    return total
