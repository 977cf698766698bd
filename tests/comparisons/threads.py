"""Acts at once, as of two windows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from tests.waiting import PATIENCE_SECONDS


def in_threads(*acts: Callable[[], object]) -> None:
    """Run the acts at once, each on a connection of its own, and raise what they raise."""

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result(timeout=PATIENCE_SECONDS)
