"""How the site fares in numbers, each cheap to read: for Prometheus, the desk and `doctor`."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Sum

from ratings.comparisons.judgments.counting_rule import IN_MAIN, stands_sql
from ratings.comparisons.models import PairCount, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.health.readiness import existing
from ratings.ranking.models import ORDER, Ranking
from ratings.storage.root import root
from ratings.submissions.runs.site_sources import unmet

# Of what came lately: long enough to be steady, short enough to be now.
LATELY = timedelta(minutes=5)
# Runs that the server could not begin or end are told for so long.
FAULTS_FOR = timedelta(hours=1)
_COUNTED = F("wins_first") + F("wins_second") + F("ties")

# What waits for a lock waits for a job like it, what is due later for its time, a run in another
# world for all others, and a decoder that a worker elsewhere runs, or that nobody wants any more,
# for nothing: see `lease_held`.
_QUEUES = """
SELECT coalesce(jsonb_agg(jsonb_build_array(queue_name, waiting, seconds)), '[]')
FROM (
    SELECT queue_name, count(*) AS waiting, extract(epoch FROM now() - min(coalesce(scheduled_at, (
        SELECT max(at) FROM procrastinate_events WHERE job_id = j.id
    )))) AS seconds
    FROM procrastinate_jobs j
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) AND NOT EXISTS (
        SELECT FROM procrastinate_jobs other WHERE other.lock = j.lock AND other.status = 'doing'
    ) AND NOT EXISTS (
        SELECT FROM ratings_run run
        WHERE starts_with(j.queue_name, 'decoding') AND run.id = (j.args->>'run_id')::bigint
        AND CASE run.state
            WHEN 'waiting' THEN run.world <> 'usual'
            WHEN 'running' THEN run.delivered_at IS NOT NULL OR run.heartbeat_at > now() - %(dead)s
            ELSE true
        END
    )
    GROUP BY queue_name
) AS queue
"""
_LATELY = f"""
SELECT jsonb_build_array(count(*), count(*) FILTER (WHERE NOT ({stands_sql()})))
FROM ratings_judgment j
JOIN ratings_trial t ON t.id = j.trial_id
JOIN ratings_rater r ON r.id = t.rater_id
WHERE j.judged_at > now() - %(lately)s AND t.kind = 'comparison'
"""
_CONNECTIONS = """
    (SELECT sum(numbackends)::int FROM pg_stat_database WHERE datid > 0),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)
"""
_FACTS = f"""
SELECT
    (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - %(dead)s),
    (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat <= now() - %(dead)s),
    (SELECT count(*) FROM ratings_run
        WHERE fault <> '' AND (state = 'waiting' OR finished_at > now() - %(faults)s)),
    ({_QUEUES}), ({_LATELY}), {_CONNECTIONS}
"""
# When the first judgment came that each study's ranking has not seen.
_FIRST_SINCE = f"""
SELECT seen.study, (
    SELECT j.judged_at FROM ratings_judgment j
    JOIN ratings_trial t ON t.id = j.trial_id
    JOIN ratings_rater r ON r.id = t.rater_id
    WHERE j.id > seen.judgment AND r.study_id = seen.study AND {IN_MAIN.sql("r")}
    ORDER BY j.id LIMIT 1
) FROM unnest(%(studies)s::bigint[], %(judgments)s::bigint[]) AS seen(study, judgment)
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

    A ranking's age is that of the oldest judgment that it lacks: zero where it lacks none. `unmet`
    has a sentence, with the mend, for each environment that is asked for and no worker has.
    """

    workers_alive: int
    workers_dead: int
    queues: tuple[QueueFacts, ...]
    judgments: JudgmentFacts
    ranking_ages: dict[str, timedelta]
    sandbox_faults: int
    unmet: tuple[str, ...]
    disk: DiskFacts
    connections: int
    most_connections: int


def read_facts(now: datetime) -> SiteFacts:
    """Read all of them. Raises OperationalError or InterfaceError where the database is away."""
    spans = {
        "dead": timedelta(seconds=settings.WORKER_DEAD_SECONDS),
        "faults": FAULTS_FOR,
        "lately": LATELY,
    }
    ((alive, silent, faults, queues, lately, used, most),) = _rows(_FACTS, spans)
    return SiteFacts(
        workers_alive=alive,
        workers_dead=silent,
        queues=tuple(
            QueueFacts(name, waiting, timedelta(seconds=max(0.0, seconds or 0.0)))
            for name, waiting, seconds in json.loads(queues)
        ),
        judgments=JudgmentFacts(*json.loads(lately)),
        ranking_ages=ranking_ages(now),
        sandbox_faults=faults,
        unmet=tuple(unmet(now)),
        disk=disk_of(existing(root())),
        connections=used,
        most_connections=most,
    )


def connections_of_the_database() -> tuple[int, int]:
    """Return how many connections clients have, and how many the database lets them have."""
    ((used, most),) = _rows(f"SELECT {_CONNECTIONS}")
    return used, most


def ranking_ages(now: datetime) -> dict[str, timedelta]:
    """Return for how long each open study's ranking has lacked a judgment, or another change."""
    studies = Study.objects.filter(is_open=True).in_bulk()
    latest = _latest_rankings(studies.values())
    counts = PairCount.objects.filter(pair__in=ranked_pairs(*studies.values()))
    counted = dict(counts.values_list("pair__study").annotate(judged=Sum(_COUNTED)).order_by())
    lacking = [
        pk for pk, study in studies.items() if _lacks(study, latest.get(pk), counted.get(pk, 0))
    ]
    since = _first_since(lacking, latest)
    return {
        study.slug: max(timedelta(), now - since[pk]) if pk in since else timedelta()
        for pk, study in studies.items()
    }


def _latest_rankings(studies: Iterable[Study]) -> dict[int, Ranking]:
    used = Ranking.objects.filter(study__in=studies, dataset=None, variant=Ranking.Variant.USED)
    newest_first = used.order_by("study", *(f"-{name}" for name in ORDER))
    return {ranking.study_id: ranking for ranking in newest_first.distinct("study")}


def _lacks(study: Study, latest: Ranking | None, counted: int) -> bool:
    if latest is None:
        return counted > 0
    return (latest.seen_changes, latest.judgments) != (study.changes, counted)


def _first_since(lacking: list[int], latest: dict[int, Ranking]) -> dict[int, datetime]:
    """Return since when each study's ranking lacks what it does, as far as that is known."""
    if not lacking:
        return {}
    seen = [latest[pk].seen_judgment_id if pk in latest else 0 for pk in lacking]
    judged = dict(_rows(_FIRST_SINCE, {"studies": lacking, "judgments": seen}))
    # Without a new judgment another change came, after the ranking.
    ranked = {pk: latest[pk].computed_at for pk in lacking if pk in latest}
    return ranked | {pk: at for pk, at in judged.items() if at}


def disk_of(folder: Path) -> DiskFacts:
    """Return the disk that a folder lies on."""
    usage = shutil.disk_usage(folder)
    return DiskFacts(free=usage.free, total=usage.total)


def _rows(query: str, values: Mapping[str, Any] = {}) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
