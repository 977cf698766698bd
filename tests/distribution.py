"""Pytest plugin: how tests are shared among the workers of `pytest -n auto`.

All workers use one cluster, with a database each. A file's tests go to one worker, since they
share what their module's fixtures build; so do all journeys, which share one site and one browser,
but for those with a site of their own.
"""

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys"
WITH_OWN_SITES = ("tests/journeys/test_bucket_site.py",)
# Decoders run as one user, whose processes the kernel counts together: hostile ones that start too
# many would be in the way of another worker's.
DECODERS = "decoders"
WITH_DECODERS = ("tests/sandbox/", "tests/kit/")
# Tests wait now and then, for processes and for the disk; another worker fills the gaps.
WORKERS_MORE = 1
# With all cores at work, numpy's threads would wait for each other, and spin meanwhile.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class Distribution(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Gives each worker a file at a time, and one of them all journeys."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """Return what a test goes to a worker with."""
    file = nodeid.partition("::")[0]
    if file.startswith(WITH_DECODERS):
        return DECODERS
    if file in WITH_OWN_SITES:
        return file
    return JOURNEYS if file.startswith(f"{JOURNEYS}/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Distribution:
    """Return what gives work to the workers."""
    return Distribution(config, log)


@pytest.hookimpl(tryfirst=True)  # xdist has an answer of its own
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` starts."""
    return (os.cpu_count() or 1) + WORKERS_MORE


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin first, else one worker goes on alone with it at the end."""
    slow = {unit(item.nodeid) for item in items if item.get_closest_marker("slow")}
    long = [JOURNEYS, DECODERS]
    items.sort(key=lambda item: (unit(item.nodeid) not in long, unit(item.nodeid) not in slow))
