"""Delivering what is in the outbox, and noticing what only the clock makes happen."""

from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.challenge.told_news import tell_deadlines, tell_due_news
from ratings.jobs.tasks import renew_connection
from ratings.notices.delivering import deliver

SOON = 10  # before other upkeep: somebody may wait for a link


@app.periodic(cron="* * * * * */5")
@app.task(
    queue="upkeep",
    priority=SOON,
    queueing_lock="outbox",
    lock="outbox",
    task_middleware=[renew_connection],
)
def deliver_outbox(timestamp: int) -> None:
    """Tell by mail and hooks what has happened, one worker at a time."""
    deliver(timezone.now)


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="due", task_middleware=[renew_connection])
def tell_what_is_due(timestamp: int) -> None:
    """Record deadlines that come within a day, and announcements whose time has come."""
    tell_deadlines(timezone.now())
    tell_due_news(timezone.now())
