"""What is wrong with the site, of its figures."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ratings.health.complaints import SLOW, STALE, VERY_SLOW, complaints
from ratings.health.site_facts import DiskFacts, JudgmentFacts, QueueFacts, SiteFacts

SECOND = timedelta(seconds=1)
WELL = SiteFacts(
    workers_alive=2,
    workers_dead=1,
    queues=(QueueFacts("scoring", 3, SLOW), QueueFacts("decoding", 9, VERY_SLOW)),
    judgments=JudgmentFacts(10, 2),
    ranking_ages={"main": STALE},
    sandbox_faults=0,
    unmet=(),
    disk=DiskFacts(free=10, total=100),
    connections=85,
    most_connections=100,
)


def test_when_all_is_well_nothing_is_said() -> None:
    assert complaints(WELL) == {}


@pytest.mark.parametrize(
    ("about", "ill", "words"),
    [
        ("workers", replace(WELL, workers_alive=0), "manage.py work"),
        ("queues", replace(WELL, queues=(QueueFacts("scoring", 1, SLOW + SECOND),)), "scoring"),
        ("queues", replace(WELL, queues=(QueueFacts("decoding", 1, VERY_SLOW + SECOND),)), "240"),
        ("environments", replace(WELL, unmet=("No worker has torch.",)), "torch"),
        ("rankings", replace(WELL, ranking_ages={"main": STALE + SECOND}), "main (5 min)"),
        ("disk", replace(WELL, disk=DiskFacts(free=9, total=100)), "9%"),
        ("connections", replace(WELL, connections=86), "86 of 100"),
        ("sandbox", replace(WELL, sandbox_faults=1), "manage.py doctor"),
    ],
)
def test_each_complaint_names_the_thing_and_comes_at_its_limit(
    about: str, ill: SiteFacts, words: str
) -> None:
    assert [*complaints(ill)] == [about]
    assert words in complaints(ill)[about].words
