"""Carrying out the rule of phases that require a submission to decode elsewhere."""

from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.challenge.access.audit_log import LONGEST_NOTE
from ratings.jobs.submission_actions import disqualify
from ratings.jobs.tasks import renew_connection
from ratings.submissions.rulings.elsewhere_rule import BY_RULE, to_disqualify


@app.periodic(cron="* * * * *")
@app.task(
    queue="upkeep", queueing_lock="elsewhere", lock="elsewhere", task_middleware=[renew_connection]
)
def rule_elsewhere(timestamp: int) -> None:
    """Disqualify what is broken elsewhere, where the phase requires otherwise."""
    for broken in to_disqualify():
        note = broken.reason[:LONGEST_NOTE]
        disqualify(broken.submission_id, timezone.now(), note=note, by=BY_RULE)
