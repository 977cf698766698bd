"""What is wrong with the site, of its figures: for alarms and `doctor`; pure."""

from dataclasses import dataclass
from datetime import timedelta

from ratings.health.site_facts import SiteFacts
from ratings.jobs.tasks import LONG_QUEUES

# Jobs take seconds. Decoders and baselines may take hours, and so wait for each other.
SLOW, VERY_SLOW = timedelta(minutes=10), timedelta(hours=4)
# A ranking is fitted every few seconds.
STALE = timedelta(minutes=5)
LEAST_FREE = 0.1  # of the disk
MOST_CONNECTED = 0.85  # of the connections there may be


@dataclass(frozen=True)
class Complaint:
    """What is wrong, and the mend."""

    wrong: str
    mend: str

    @property
    def words(self) -> str:
        """Both in one."""
        return f"{self.wrong} {self.mend}".strip()


SANDBOX = Complaint(
    "Decoders wait, or failed within the hour, for a fault of a sandbox or a machine.",
    "The runs' pages at the desk say which; manage.py doctor says the mend.",
)


def complaints(facts: SiteFacts) -> dict[str, Complaint]:
    """Return what is wrong and the mend, by what it is about; nothing where all is well."""
    said = {
        "workers": _workers(facts),
        "queues": _queues(facts),
        "environments": Complaint(" ".join(facts.unmet), "") if facts.unmet else None,
        "rankings": _rankings(facts),
        "disk": _disk(facts),
        "connections": _connections(facts),
        "sandbox": SANDBOX if facts.sandbox_faults else None,
    }
    return {about: complaint for about, complaint in said.items() if complaint}


def _workers(facts: SiteFacts) -> Complaint | None:
    if facts.workers_alive:
        return None
    return Complaint(
        "No worker is heard of: nothing is scored, and rankings stand still.",
        "Start some: manage.py work.",
    )


def _queues(facts: SiteFacts) -> Complaint | None:
    late = [
        f"{queue.name} ({_minutes(queue.oldest)})"
        for queue in facts.queues
        if queue.oldest > (VERY_SLOW if queue.name.split()[0] in LONG_QUEUES else SLOW)
    ]
    if not late:
        return None
    return Complaint(
        f"Jobs wait for long: {', '.join(late)}.", "Start workers that take these queues."
    )


def _rankings(facts: SiteFacts) -> Complaint | None:
    stale = [
        f"{study} ({_minutes(age)})" for study, age in facts.ranking_ages.items() if age > STALE
    ]
    if not stale:
        return None
    return Complaint(
        f"Rankings lack judgments for long: {', '.join(stale)}.",
        "A worker must take the queue ranking; its log says if a study can't be fitted.",
    )


def _disk(facts: SiteFacts) -> Complaint | None:
    free = facts.disk.free / facts.disk.total
    if free >= LEAST_FREE:
        return None
    return Complaint(
        f"Only {free:.0%} of the disk of the files is free.",
        "Run manage.py files --now, which deletes what is due, or give it a larger one.",
    )


def _connections(facts: SiteFacts) -> Complaint | None:
    used, most = facts.connections, facts.most_connections
    if used <= MOST_CONNECTED * most:
        return None
    return Complaint(
        f"{used} of {most} connections to the database are taken.",
        "Raise max_connections, run fewer processes, or put PgBouncer in front.",
    )


def _minutes(age: timedelta) -> str:
    return f"{age.total_seconds() / 60:.0f} min"
