"""The crowd: raters who judge through the proxy, and send again until they are answered."""

import asyncio
import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks import judging_clients
from benchmarks.judging_clients import ANSWER, Site, Supply

# When a rating page asks for trials, and for how many.
SUPPLY = Supply(least=3, most=8)
ANSWER_SECONDS = 90.0  # after so long the proxy has given up
PAUSE_SECONDS = 1.0
INSECURE = ssl._create_unverified_context()
LOST = (OSError, EOFError, TimeoutError, ValueError)


@dataclass
class Rater(judging_clients.Rater):
    """A rater at an address of their own, who remembers what was acknowledged, in order.

    `waits` has the beginning and the end, on the monotonic clock, of each call until it was
    answered, and `since` the beginning of the one that is not; `faults` has the time of each answer
    of 5xx or 429.
    """

    local: str = ""
    acknowledged: list[str] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)
    since: float | None = None
    faults: list[tuple[float, int]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the proxy."""
        return await asyncio.open_connection(
            self.site.address, self.site.port, ssl=INSECURE, local_addr=(self.local, 0)
        )

    async def put(self) -> None:
        """Answer the first of the coming trials until that is acknowledged."""
        trial = self.coming[0]
        await self.call("PUT", "PUT", trial["judgment"], ANSWER)
        if self.statuses[-1] in (200, 201):
            self.acknowledged.append(trial["id"])
        else:
            self.refused.append(self.statuses[-1])
        self.coming.pop(0)

    async def call(
        self, name: str, method: str, path: str, body: object = None
    ) -> tuple[bytes, dict[str, Any]]:
        """Send until it is answered, as the rating page does; return head and JSON."""
        self.since = begun = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await super().call(name, method, path, body)
                if self.statuses[-1] < 500 and self.statuses[-1] != 429:
                    self.waits.append((begun, time.monotonic()))
                    self.since = None
                    return answer
            except LOST:  # cut, or a page of the proxy's in place of JSON
                self.close()
            if self.statuses and (self.statuses[-1] >= 500 or self.statuses[-1] == 429):
                self.faults.append((time.monotonic(), self.statuses[-1]))
            await asyncio.sleep(PAUSE_SECONDS)

    def longest_wait(self, after: float) -> float:
        """Return for how long, after an instant, it waited at most for one answer, in seconds."""
        ended = [end - max(begun, after) for begun, end in self.waits if end > after]
        waiting = [] if self.since is None else [time.monotonic() - max(self.since, after)]
        return max([*ended, *waiting], default=0.0)


async def sit(rater: Rater, over: asyncio.Event, think: Callable[[], float]) -> None:
    """Begin after a while, and judge until it is over; what is under way then is ended."""
    await asyncio.sleep(think())
    await rater.begin()
    while not over.is_set():
        await rater.judge(1, think)
    rater.close()


def people(site: Site, addresses: list[str], number: int) -> list[Rater]:
    """Return so many raters, spread over the addresses."""
    return [Rater(site, SUPPLY, local=addresses[n % len(addresses)]) for n in range(number)]


def thinking(seconds: float) -> Callable[[], float]:
    """Return how long somebody thinks: up to twice these seconds."""
    draws = random.Random(1)
    return lambda: draws.uniform(0, 2 * seconds)
