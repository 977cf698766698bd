"""The worker's watch: once a minute alarms are found, put on record, and told to a person."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.challenge.models import Alarm
from ratings.health.alarms import SITE, STUDIES, drop_old, note_alarms, site_alarms
from ratings.health.site_facts import SiteFacts, read_facts
from ratings.health.study_alarms import study_alarms
from ratings.jobs.tasks import renew_connection
from ratings.outbox.recording import call_for_a_person


@app.periodic(cron="* * * * *")
@app.task(queue="ranking", queueing_lock="watch", lock="watch", task_middleware=[renew_connection])
def watch(timestamp: int) -> None:
    """Look at the site and at all open studies."""
    now = timezone.now()
    watch_over(read_facts(now), now)
    drop_old(now)


def watch_over(facts: SiteFacts, now: datetime) -> list[Alarm]:
    """Put alarms on record, and call for a person about those that begin; return these."""
    of_studies = study_alarms(now)  # its failed queries must not end the transaction below
    with transaction.atomic():
        begun = note_alarms(site_alarms(facts), now, SITE)
        begun += note_alarms(of_studies, now, STUDIES)
        for alarm in begun:
            _call(alarm, now)
    return begun


def _call(alarm: Alarm, now: datetime) -> None:
    """Call for a person, once a day about what comes and goes."""
    words = " ".join(filter(None, [alarm.title, alarm.means, alarm.mend]))
    single = f"alarm {alarm.key} {now.date()}"
    call_for_a_person(words, now, single=single, challenge=alarm.challenge_id, path=alarm.path)
