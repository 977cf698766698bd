"""The site's figures as Prometheus reads them; facts are read when it asks.

Requests are counted by each process in files of its own, which prometheus_client adds up where
PROMETHEUS_MULTIPROC_DIR names their folder (see gunicorn.conf.py). Counters and histograms of
processes that have ended stay in the sums, as they must; there are no gauges of processes, which
would stay too. What the database knows is read anew.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ratings.comparisons.judgments.drop_streams import drops_since
from ratings.comparisons.models import Study
from ratings.health.alarms import open_alarms
from ratings.health.site_facts import SiteFacts, read_facts

MEDIA_TYPE = CONTENT_TYPE_LATEST
# An answer that holds a thread for longer than the last of these is an upload or an export.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# Of what does not count, so much is told by reason.
DROPS_FOR = timedelta(hours=1)
# Routes, not addresses: their number is bounded, and they name nobody.
REQUESTS = Histogram(
    "ratings_request_seconds",
    "Time from a request's arrival until its answer begins.",
    ["method", "route", "status"],
    registry=None,
    buckets=SECONDS,
)


def render_metrics() -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
    registry.register(SiteCollector(timezone.now()))
    return generate_latest(registry)


class SiteCollector(Collector):
    """What the database and the disk say at an instant."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield the site's figures; without a database only that it is away."""
        try:
            facts = read_facts(self._now)
        except (DatabaseError, InterfaceError):
            yield _gauge("ratings_database_up", "Whether the database answers.", 0)
            return
        yield _gauge("ratings_database_up", "Whether the database answers.", 1)
        yield from figures(facts)
        yield from watched(self._now)


def figures(facts: SiteFacts) -> Iterator[Metric]:
    """Yield a site's facts as gauges; seconds and bytes, as is usual there."""
    workers = GaugeMetricFamily("ratings_workers", "Workers by state.", labels=["state"])
    workers.add_metric(["alive"], facts.workers_alive)
    workers.add_metric(["dead"], facts.workers_dead)
    yield workers
    waiting = GaugeMetricFamily(
        "ratings_queue_jobs", "Jobs that could be taken now.", labels=["queue"]
    )
    oldest = GaugeMetricFamily(
        "ratings_queue_oldest_seconds", "How long the oldest of them could be.", labels=["queue"]
    )
    for queue in facts.queues:
        waiting.add_metric([queue.name], queue.waiting)
        oldest.add_metric([queue.name], queue.oldest.total_seconds())
    yield from (waiting, oldest)
    ages = GaugeMetricFamily(
        "ratings_ranking_age_seconds",
        "For how long an open study's ranking has lacked a judgment.",
        labels=["study"],
    )
    for study, age in facts.ranking_ages.items():
        ages.add_metric([study], age.total_seconds())
    yield ages
    judged, dropped = facts.judgments.lately, facts.judgments.not_counted
    yield _gauge("ratings_judgments_lately", "Comparisons judged in the last five minutes.", judged)
    yield _gauge("ratings_judgments_lately_not_counted", "Those that don't count.", dropped)
    yield _gauge(
        "ratings_sandbox_faults", "Runs at fault of the server in an hour.", facts.sandbox_faults
    )
    yield _gauge("ratings_disk_free_bytes", "Free bytes where files lie.", facts.disk.free)
    yield _gauge("ratings_disk_total_bytes", "All bytes there.", facts.disk.total)
    yield _gauge("ratings_database_connections", "Connections of all clients.", facts.connections)
    yield _gauge(
        "ratings_database_connections_most", "Connections there may be.", facts.most_connections
    )


def watched(now: datetime) -> Iterator[Metric]:
    """Yield what does not count in open studies, by reason, and the alarms that are on."""
    drops = GaugeMetricFamily(
        "ratings_answers_last_hour",
        "Comparisons judged in the last hour in open studies, by why they don't count.",
        labels=["study", "reason"],
    )
    studies = dict(Study.objects.filter(is_open=True).values_list("pk", "slug"))
    for study, reasons in drops_since([*studies], now - DROPS_FOR).items():
        for reason, count in reasons.items():
            drops.add_metric([studies[study], reason], count)
    yield drops
    alarms = GaugeMetricFamily(
        "ratings_alarm",
        "1 for each alarm that is on, and whether somebody has acknowledged it.",
        labels=["key", "acknowledged"],
    )
    for alarm in open_alarms():
        alarms.add_metric([alarm.key, "yes" if alarm.acknowledged_at else "no"], 1)
    yield alarms


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
