"""CPU of a judged trial, web and Postgres, beside another commit.

`python -m benchmarks.judged_trial TREE`: TREE is a checkout of what to compare with, such as `git
worktree add --detach ../before 5996c82`. Both serve the same crowd, each on a Postgres of its own,
in turn, round after round; printed are medians, and those of the ratios. A rater asks for trials
when the rating page of that commit would. Crops are not fetched.
"""

import asyncio
import sys
from collections.abc import Awaitable, Iterable
from pathlib import Path
from statistics import median

from benchmarks.judging_clients import MOST, Rater, Site, Supply, serve

HERE = Path(__file__).resolve().parents[1]
BEFORE, NOW = Supply(least=3, most=3), Supply(least=3, most=8)
METHODS = 5
RATERS, TRIALS, ROUNDS = 5, 20, 7
Spent = dict[str, tuple[float, float]]


def main() -> None:
    """Print a line for each call, and for the whole of a judged trial."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "manage.py").is_file():
        sys.exit("Usage: python -m benchmarks.judged_trial TREE (a checkout to compare with)")
    with serve(Path(sys.argv[1]).resolve(), METHODS) as before, serve(HERE, METHODS) as now:
        asyncio.run(compare(before, now))


async def compare(before: Site, now: Site) -> None:
    """Print what each call costs both, and the ratio."""
    rounds = [(await spent(before, BEFORE), await spent(now, NOW)) for _ in range(ROUNDS + 1)]
    for name in rounds[0][0]:
        # The first round is slower.
        each = [(there[name], here[name]) for there, here in rounds[1:]]
        ratio = median(sum(here) / sum(there) for there, here in each)
        parts = "; ".join(
            f"{side} {median(web for web, _ in column):.1f} + {median(pg for _, pg in column):.1f}"
            for side, column in zip(("before", "now"), zip(*each, strict=True), strict=True)
        )
        print(f"{name:20} CPU ms, web + Postgres: {parts}; ratio {ratio:.2f}")


async def spent(site: Site, supply: Supply) -> Spent:
    """Return the CPU milliseconds of web and Postgres of each kind of call."""
    raters = [Rater(site, supply) for _ in range(RATERS)]
    begin = await site.cpu_ms(one_by_one(rater.begin() for rater in raters), RATERS)
    for rater in raters:
        await rater.ask(MOST)
    put = await site.cpu_ms(one_by_one(r.put() for r in raters for _ in range(MOST)), RATERS * MOST)
    anew = await site.cpu_ms(
        one_by_one(r.judge_one_by_one(TRIALS) for r in raters), RATERS * TRIALS
    )
    judged = await site.cpu_ms(one_by_one(r.judge(TRIALS) for r in raters), RATERS * TRIALS)
    for rater in raters:
        rater.close()
    one = (anew[0] - put[0], anew[1] - put[1])
    return {"begin": begin, "PUT": put, "next, one new trial": one, "a judged trial": judged}


async def one_by_one(acts: Iterable[Awaitable[object]]) -> None:
    """Await each of them before the next one begins."""
    for act in acts:
        await act


if __name__ == "__main__":
    main()
