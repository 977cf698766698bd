"""The worker's watch: once a minute alarms are found and put on record."""

from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.health.alarms import SITE, STUDIES, drop_old, note_alarms, site_alarms
from ratings.health.site_facts import read_facts
from ratings.health.study_alarms import study_alarms
from ratings.jobs.tasks import renew_connection


@app.periodic(cron="* * * * *")
@app.task(queue="ranking", queueing_lock="watch", lock="watch", task_middleware=[renew_connection])
def watch(timestamp: int) -> None:
    """Look at the site and at all open studies."""
    now = timezone.now()
    note_alarms(site_alarms(read_facts(now)), now, SITE)
    note_alarms(study_alarms(now), now, STUDIES)
    drop_old(now)
