"""How the site fares in numbers, each cheap to read: for Prometheus, the desk and `doctor`."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from ratings.comparisons.judgments.counting_rule import counts_sql
from ratings.comparisons.models import Study
from ratings.health.readiness import existing
from ratings.ranking.models import latest_ranking
from ratings.ranking.refitting import is_current
from ratings.storage.root import root

# Of what came lately: long enough to be steady, short enough to be now.
LATELY = timedelta(minutes=5)
# Runs that the server could not begin or end are told for so long.
FAULTS_FOR = timedelta(hours=1)

_WORKERS = """
SELECT count(*) FILTER (WHERE last_heartbeat > now() - %s),
       count(*) FILTER (WHERE last_heartbeat <= now() - %s)
FROM procrastinate_workers
"""
# What waits for a lock waits for a job like it, and what is due later for its time.
_QUEUES = """
SELECT queue_name, count(*),
    extract(epoch FROM now() - min(coalesce(scheduled_at, (
        SELECT max(at) FROM procrastinate_events WHERE job_id = j.id
    ))))::float
FROM procrastinate_jobs j
WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) AND NOT EXISTS (
    SELECT FROM procrastinate_jobs other WHERE other.lock = j.lock AND other.status = 'doing'
)
GROUP BY queue_name ORDER BY queue_name
"""
_JUDGMENTS = f"""
SELECT count(*), count(*) FILTER (WHERE NOT ({counts_sql()}))
FROM ratings_judgment j
JOIN ratings_trial t ON t.id = j.trial_id
JOIN ratings_rater r ON r.id = t.rater_id
WHERE j.judged_at > now() - %s AND t.kind = 'comparison'
"""
_FAULTS = """
SELECT count(*) FROM ratings_run
WHERE fault <> '' AND (state = 'waiting' OR finished_at > now() - %s)
"""
_CONNECTIONS = """
SELECT (SELECT sum(numbackends)::int FROM pg_stat_database WHERE datid > 0),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)
"""
_FIRST_SINCE = """
SELECT j.judged_at FROM ratings_judgment j
JOIN ratings_trial t ON t.id = j.trial_id
JOIN ratings_rater r ON r.id = t.rater_id
WHERE j.id > %s AND r.study_id = %s ORDER BY j.id LIMIT 1
"""


@dataclass(frozen=True)
class QueueFacts:
    """A queue with jobs that could be taken now: how many, and for how long the oldest could."""

    name: str
    waiting: int
    oldest: timedelta


@dataclass(frozen=True)
class DiskFacts:
    """The disk of the site's files, in bytes."""

    free: int
    total: int


@dataclass(frozen=True)
class JudgmentFacts:
    """Answers to comparisons within `LATELY`, and those among them that don't count."""

    lately: int
    not_counted: int


@dataclass(frozen=True)
class SiteFacts:
    """What was read at one time; `ranking_ages` are those of open studies, by slug.

    A ranking's age is that of the oldest judgment that it lacks: zero where it lacks none.
    """

    workers_alive: int
    workers_dead: int
    queues: tuple[QueueFacts, ...]
    judgments: JudgmentFacts
    ranking_ages: dict[str, timedelta]
    sandbox_faults: int
    disk: DiskFacts
    connections: int
    most_connections: int


def read_facts(now: datetime) -> SiteFacts:
    """Read all of them. Raises OperationalError or InterfaceError where the database is away."""
    dead = timedelta(seconds=settings.WORKER_DEAD_SECONDS)
    ((alive, silent),) = _rows(_WORKERS, dead, dead)
    ((lately, not_counted),) = _rows(_JUDGMENTS, LATELY)
    ((faults,),) = _rows(_FAULTS, FAULTS_FOR)
    used, most = connections_of_the_database()
    return SiteFacts(
        workers_alive=alive,
        workers_dead=silent,
        queues=tuple(
            QueueFacts(name, waiting, timedelta(seconds=max(0.0, seconds or 0.0)))
            for name, waiting, seconds in _rows(_QUEUES)
        ),
        judgments=JudgmentFacts(lately, not_counted),
        ranking_ages={
            study.slug: ranking_age(study, now) for study in Study.objects.filter(is_open=True)
        },
        sandbox_faults=faults,
        disk=disk_of(existing(root())),
        connections=used,
        most_connections=most,
    )


def connections_of_the_database() -> tuple[int, int]:
    """Return how many connections clients have, and how many the database lets them have."""
    ((used, most),) = _rows(_CONNECTIONS)
    return used, most


def ranking_age(study: Study, now: datetime) -> timedelta:
    """Return for how long the study's ranking has lacked a judgment, or another change."""
    if is_current(study):
        return timedelta()
    latest = latest_ranking(study)
    instants = _rows(_FIRST_SINCE, latest.seen_judgment_id if latest else 0, study.pk)
    changed: datetime = instants[0][0] if instants else latest.computed_at if latest else now
    return max(timedelta(), now - changed)


def disk_of(folder: Path) -> DiskFacts:
    """Return the disk that a folder lies on."""
    usage = shutil.disk_usage(folder)
    return DiskFacts(free=usage.free, total=usage.total)


def _rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
