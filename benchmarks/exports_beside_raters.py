"""What exports cost who judges: `python -m benchmarks.exports_beside_raters TREE [RATERS]`.

A site is served from TREE, a checkout, on a Postgres of its own, with a study that RATERS (1,000)
have judged, 80 trials each. Ten others judge, one second a trial, by turns alone and while three
exports of all judgments (two CSV, one Parquet) are fetched again and again. Printed are the waits
for trials and for PUTs, of all rounds together, and how many exports there were.
"""

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.judged_trial import BEFORE, HERE, METHODS, NOW
from benchmarks.judging_clients import TOKEN, Rater, Site, Supply, serve
from benchmarks.many_raters import sit, waits

JUDGING, ROUNDS, SECONDS, THINK = 10, 3, 15, 1.0
FORMATS = ("csv", "csv", "parquet")
BLOCK = 1 << 20


def main() -> None:
    """Print a line for each kind of wait."""
    match sys.argv[1:]:
        case [tree, *numbers] if (Path(tree) / "manage.py").is_file():
            raters = int(numbers[0]) if numbers else 1000
        case _:
            sys.exit("Usage: python -m benchmarks.exports_beside_raters TREE [RATERS]")
    supply = NOW if Path(tree).resolve() == HERE else BEFORE
    with serve(Path(tree).resolve(), METHODS, raters) as site:
        asyncio.run(compare(site, supply))


async def compare(site: Site, supply: Supply) -> None:
    """Print the waits alone and beside exports, and their ratios."""
    alone: list[Rater] = []
    beside: list[Rater] = []
    sizes: list[int] = []
    for _ in range(ROUNDS):
        alone += await judged(site, supply)
        exports = [asyncio.ensure_future(fetch_on(site, form, sizes)) for form in FORMATS]
        beside += await judged(site, supply)
        for task in exports:
            task.cancel()
        await asyncio.gather(*exports, return_exceptions=True)
    print(f"{len(sizes)} exports, {sum(sizes) / 1e6:.0f} MB, while {ROUNDS * SECONDS} s")
    for name in ("next", "PUT"):
        quiet, busy = (sorted(waits(raters, name)) for raters in (alone, beside))
        parts = (
            f"p{part} {(a := quiet[len(quiet) * part // 100]):.1f} ms alone, "
            f"{(b := busy[len(busy) * part // 100]):.1f} beside: {b / a:.2f}"
            for part in (50, 95)
        )
        print(f"{name}: {'; '.join(parts)}")


async def judged(site: Site, supply: Supply) -> list[Rater]:
    """Let some begin and judge for a while; return them."""
    raters = [Rater(site, supply) for _ in range(JUDGING)]
    until = time.perf_counter() + SECONDS
    await asyncio.gather(*(sit(rater, until, lambda: THINK) for rater in raters))
    return raters


async def fetch_on(site: Site, form: str, sizes: list[int]) -> None:
    """Fetch an export until the task is cancelled; note how long each was that came whole."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(
            f"GET /api/v1/studies/bench/judgments/?format={form} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n".encode()
        )
        size = 0
        with suppress(ConnectionError):
            while block := await reader.read(BLOCK):
                size += len(block)
        sizes.append(size)
        writer.close()


if __name__ == "__main__":
    main()
