"""What happens to a fleet: hosts die, cables are cut, disks fill, clocks go wrong, and more."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fleet.fleet import ROOT, Fleet
from tests.fleet.hosts import Host

CUT_SECONDS, FULL_SECONDS, REFUSAL_SECONDS = 6.0, 6.0, 120.0
SETTLED_SECONDS = 5.0  # nginx asks who has failed again after 3 s
PIECE = bytes(1 << 20)


@dataclass(frozen=True)
class Fault:
    """A fault in words; `happen` returns when it is over, and the rest is the fleet's own doing."""

    words: str
    happen: Callable[[], Awaitable[None]]


def faults(fleet: Fleet) -> list[Fault]:
    """Return all that happens to a fleet, in turn."""
    of = fleet.hosts
    return [
        *(Fault(f"{host.name} is killed", _killed(host)) for host in of.values()),
        *(Fault(f"{host.name} is cut off for 6 s", _cut(host)) for host in of.values()),
        Fault("Postgres is restarted", _restarted(of["database"])),
        Fault("work2 has a clock an hour ahead", _wrong_clock(of["work2"])),
        Fault("the database's disk is full for 6 s", _full(fleet.disk("database"))),
        Fault("the store's disk is full for 6 s", _full(fleet.disk("objects"))),
        Fault("the other machines' disk is full for 6 s", _full(fleet.disk("data"))),
        Fault("all are upgraded, one by one", lambda: _upgraded(fleet)),
    ]


def _killed(host: Host) -> Callable[[], Awaitable[None]]:
    async def happen() -> None:
        host.kill()

    return happen


def _cut(host: Host) -> Callable[[], Awaitable[None]]:
    async def happen() -> None:
        host.cut()
        await asyncio.sleep(CUT_SECONDS)
        host.mend()

    return happen


def _restarted(host: Host) -> Callable[[], Awaitable[None]]:
    """Postgres' fast shutdown: sessions are ended."""

    async def happen() -> None:
        host.services[0].send(signal.SIGINT)

    return happen


def _wrong_clock(host: Host) -> Callable[[], Awaitable[None]]:
    """Until the worker has refused to work, again and again."""

    async def happen() -> None:
        (worker,) = host.services
        refused = worker.refusals
        worker.prefix = ["faketime", "-f", "+1h"]
        host.kill()
        async with asyncio.timeout(REFUSAL_SECONDS):
            while worker.refusals < refused + 2:
                await asyncio.sleep(0.2)
        worker.prefix = []
        host.kill()

    return happen


def _full(disk: Path) -> Callable[[], Awaitable[None]]:
    async def happen() -> None:
        filler = disk / "filler"
        await asyncio.to_thread(_fill, filler)
        await asyncio.sleep(FULL_SECONDS)
        filler.unlink()

    return happen


def _fill(file: Path) -> None:
    """Write until nothing is left."""
    with file.open("wb", buffering=0) as out:
        for piece in (PIECE, PIECE[:4096], b"\0"):
            try:
                while out.write(piece):
                    pass
            except OSError:
                continue


async def _upgraded(fleet: Fleet) -> None:
    """Migrate and collect files, then start one after the other anew from this checkout."""
    fleet.tree = ROOT
    await fleet.migrate()
    for host in [*fleet.web, *fleet.workers]:
        (service,) = host.services
        service.folder, before = ROOT, service.process
        service.send(signal.SIGTERM)
        while service.process is before or not await fleet.is_well():
            await asyncio.sleep(0.2)
        await asyncio.sleep(SETTLED_SECONDS)
