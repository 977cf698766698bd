"""How long many raters wait: `python -m benchmarks.many_raters TREE [RATERS SECONDS THINK]`.

A site is served from TREE, a checkout, on a Postgres of its own. While ten raters judge without a
pause, 300 others begin at once; printed is how long a PUT takes before and meanwhile. Then RATERS
(1,000) judge for SECONDS (60), each after THINK seconds (5) on average; printed are the waits for
trials and for PUTs, and how long statements waited for locks, all of them together.
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import quantiles

from benchmarks.judged_trial import BEFORE, HERE, METHODS, NOW
from benchmarks.judging_clients import Rater, Site, Supply, serve
from benchmarks.lock_waits import watched

STEADY, BEGIN_AT_ONCE, QUIET_TRIALS = 10, 300, 30


def main() -> None:
    """Print a line for each kind of wait."""
    match sys.argv[1:]:
        case [tree, *numbers] if (Path(tree) / "manage.py").is_file():
            raters, seconds, think = map(int, numbers) if numbers else (1000, 60, 5)
        case _:
            sys.exit("Usage: python -m benchmarks.many_raters TREE [RATERS SECONDS THINK]")
    supply = NOW if Path(tree).resolve() == HERE else BEFORE
    with serve(Path(tree).resolve(), METHODS) as site:
        asyncio.run(storm(site, supply))
        asyncio.run(crowd(site, supply, raters, seconds, think))


async def storm(site: Site, supply: Supply) -> None:
    """Let many begin at once while a few judge."""
    steady = [Rater(site, supply) for _ in range(STEADY)]
    await asyncio.gather(*(rater.begin() for rater in steady))
    await asyncio.gather(*(rater.judge(QUIET_TRIALS) for rater in steady))
    quiet = p99(waits(steady, "PUT"))
    for rater in steady:
        rater.times.clear()
    judging = [asyncio.ensure_future(endlessly(rater)) for rater in steady]
    new = [Rater(site, supply) for _ in range(BEGIN_AT_ONCE)]
    begun = time.perf_counter()
    await asyncio.gather(*(rater.begin() for rater in new))
    seconds = time.perf_counter() - begun
    for task in judging:
        task.cancel()
    await asyncio.gather(*judging, return_exceptions=True)
    meanwhile = p99(waits(steady, "PUT"))
    print(
        f"{BEGIN_AT_ONCE} begin at once: {seconds:.2f} s; p99 of {BEGIN_AT_ONCE} begins "
        f"{p99(waits(new, 'begin')):.0f} ms"
    )
    print(f"p99 of PUT: quiet {quiet:.0f} ms, meanwhile {meanwhile:.0f}: {meanwhile / quiet:.1f} x")
    for rater in [*steady, *new]:
        rater.close()


async def endlessly(rater: Rater) -> None:
    """Judge until the task is cancelled or nothing is left."""
    await rater.judge(100)


async def crowd(site: Site, supply: Supply, raters: int, seconds: int, think: int) -> None:
    """Let many judge side by side."""
    people = [Rater(site, supply) for _ in range(raters)]
    until = time.perf_counter() + seconds
    draws = random.Random(1)
    with watched(site.sockets) as locks:
        await asyncio.gather(
            *(sit(rater, until, lambda: draws.uniform(0, 2 * think)) for rater in people)
        )
    for name in ("begin", "next", "PUT"):
        times = sorted(waits(people, name))
        p50, p95 = times[len(times) // 2], times[len(times) * 95 // 100]
        print(
            f"{raters} raters, {think} s: {len(times)} {name}, p50 {p50:.0f} ms, p95 {p95:.0f} ms"
        )
    faults = sum(status >= 500 for rater in people for status in rater.statuses)
    print(f"answers of 5xx: {faults}; waits for locks: {locks}")


async def sit(rater: Rater, until: float, think: Callable[[], float]) -> None:
    """Begin after a while, and judge until the time is over."""
    await asyncio.sleep(think())
    await rater.begin()
    while time.perf_counter() < until:
        await rater.judge(1, think)
    rater.close()


def waits(raters: Iterable[Rater], name: str) -> list[float]:
    """Return the milliseconds of all calls of a name."""
    return [1e3 * wait for rater in raters for wait in rater.times.get(name, [])]


def p99(times: list[float]) -> float:
    """Return the 99th percentile."""
    return quantiles(times, n=100, method="inclusive")[98]


if __name__ == "__main__":
    main()
