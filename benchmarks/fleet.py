"""Several machines under a crowd, while each is killed and cut off in turn: `make fleet`.

`python -m benchmarks fleet [RATERS MINUTES THINK [TREE]]` lets RATERS (1,000) judge for MINUTES (5)
at least, each after THINK seconds (5) on average, at two web servers and two workers behind nginx
and PgBouncer, with Debian's Postgres, and files in a bucket of an S3 server. TREE is a checkout of
the version before this one, which the fleet runs until it is upgraded. It needs root and Debian's
packages nginx-light, pgbouncer, postgresql and faketime. The exit code is 1 where an answer was
lost, doubled, refused or stored out of order.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.judging_clients import Site
from benchmarks.page import print_header, print_row
from tests.fleet import crowd, faults, fleet, hosts, verdict

HEADERS = [
    "what happened | all well again after | longest wait for an answer | answers of 5xx",
    "raters | minutes | answers acknowledged | lost | doubled | refused | raters out of order | "
    "counters | worst recovery",
]
MOST_SECONDS = 30.0  # until all is well again by itself, where a machine is not crowded
LOOK_SECONDS = 0.2
READY_SECONDS = 120.0


@dataclass(frozen=True)
class Wish:
    """How large a trial is wished for."""

    raters: int
    minutes: float
    think: float
    tree: Path


def main() -> None:
    """Print both tables."""
    hosts.alone("benchmarks.fleet", sys.argv[1:])
    match sys.argv[1:]:
        case [raters, minutes, think, *tree] if len(tree) < 2:
            before = Path(*tree).resolve() if tree else fleet.ROOT
            wish = Wish(int(raters), float(minutes), float(think), before)
        case []:
            wish = Wish(1000, 5, 5, fleet.ROOT)
        case _:
            sys.exit("Usage: python -m benchmarks fleet [RATERS MINUTES THINK [TREE]]")
    programs = fleet.programs_of_postgres()
    with tempfile.TemporaryDirectory(prefix="ratings-fleet-") as folder:
        Path(folder).chmod(0o755)  # Postgres and PgBouncer are another user's
        trial = fleet.Fleet(Path(folder), wish.tree, programs)
        trial.lay()
        sys.exit(0 if asyncio.run(run(trial, wish)) else 1)


async def run(trial: fleet.Fleet, wish: Wish) -> bool:
    """Let the crowd judge while everything happens; tell whether all was well in the end."""
    try:
        await trial.open_site()
        await well(trial, READY_SECONDS)
        proxy = trial.hosts["proxy"].address
        site = Site(443, 0, 0, address=proxy, name=fleet.NAME, study=fleet.STUDY)
        raters = crowd.people(site, hosts.CROWD_ADDRESSES, wish.raters)
        over, think = asyncio.Event(), crowd.thinking(wish.think)
        sitting = [asyncio.create_task(crowd.sit(rater, over, think)) for rater in raters]
        worst = await let_happen(trial, raters, wish.minutes * 60)
        over.set()
        await asyncio.gather(*sitting)
        found = await verdict.judge_all(trial, raters)
    finally:
        await trial.stop()
    print_found(wish, found, worst)
    if worst > MOST_SECONDS:
        print(f"It took more than {MOST_SECONDS:g} s until all was well.")
    return found.is_well


async def let_happen(trial: fleet.Fleet, raters: list[crowd.Rater], seconds: float) -> float:
    """Let each fault happen, evenly over these seconds; return the longest recovery."""
    print_header(HEADERS[0])
    coming = faults.faults(trial)
    slot, worst = seconds / (len(coming) + 1), 0.0
    await asyncio.sleep(slot)
    for fault in coming:
        begun = time.monotonic()
        await fault.happen()
        over = time.monotonic()
        recovery = await well(trial, READY_SECONDS)
        await asyncio.sleep(max(2.0, begun + slot - time.monotonic()))
        longest = max(rater.longest_wait(begun) for rater in raters)
        odd = sum(at > begun for rater in raters for at, _ in rater.faults)
        print_row([fault.words, f"{recovery:.1f} s", f"{longest:.1f} s", str(odd)])
        worst = max(worst, recovery, longest - (over - begun))
    return worst


async def well(trial: fleet.Fleet, within: float) -> float:
    """Wait until all web servers and workers are well; return the seconds that took.

    Raises TimeoutError where they are not `within` these seconds.
    """
    begun = time.monotonic()
    async with asyncio.timeout(within):
        await asyncio.sleep(LOOK_SECONDS)  # who was killed has to be missed first
        while not await trial.is_well():
            await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic() - begun


def print_found(wish: Wish, found: verdict.Verdict, worst: float) -> None:
    """Print what became of the answers."""
    print()
    print_header(HEADERS[1])
    numbers = (found.acknowledged, found.lost, found.doubled, found.refused, found.out_of_order)
    cells = [f"{wish.raters:,}", f"{wish.minutes:g}", *(f"{number:,}" for number in numbers)]
    print_row([*cells, found.counters, f"{worst:.1f} s"])
    print(f"\n{found.scores}")


if __name__ == "__main__":
    main()
