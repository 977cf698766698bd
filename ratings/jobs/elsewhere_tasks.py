"""Carrying out the rule of phases that require a submission to decode elsewhere."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.challenge.access.audit_log import LONGEST_NOTE
from ratings.challenge.refusals import Refused
from ratings.jobs.submission_actions import disqualify
from ratings.jobs.tasks import renew_connection
from ratings.submissions.rulings.elsewhere_rule import BY_RULE, to_disqualify

LOG = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(
    queue="upkeep", queueing_lock="elsewhere", lock="elsewhere", task_middleware=[renew_connection]
)
def rule_elsewhere(timestamp: int) -> None:
    """Disqualify what is broken elsewhere, where the phase requires otherwise."""
    for broken in to_disqualify():
        note = broken.reason[:LONGEST_NOTE]
        try:
            disqualify(broken.submission_id, timezone.now(), note=note, by=BY_RULE)
        except Refused as refused:  # it was taken out, or runs again, since it was looked for
            LOG.info("Submission %s stays as it is: %s", broken.submission_id, refused)
