"""What is wrong with the site is told to a person, wherever nobody looks at the desk."""

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.health.complaints import complaints
from ratings.health.site_facts import SiteFacts, read_facts
from ratings.jobs.tasks import renew_connection
from ratings.outbox.recording import call_for_a_person

FAULTS = (
    "Decoders wait, or failed within the hour, for a fault of a sandbox or a machine. The runs' "
    "pages at the desk say which; manage.py doctor says the mend."
)


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="alarms", task_middleware=[renew_connection])
def tell_alarms(timestamp: int) -> None:
    """Call for a person about each thing that is wrong, once a day."""
    now = timezone.now()
    call_about(read_facts(now), now)


def call_about(facts: SiteFacts, now: datetime) -> None:
    """Record a call for each complaint of the site's figures; on one day each is one."""
    wrong = complaints(facts)
    if facts.sandbox_faults:
        wrong["sandbox"] = FAULTS
    for about, words in wrong.items():
        call_for_a_person(words, now, single=f"alarm {about} {now.date()}")
