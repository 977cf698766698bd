"""The task that buys places: each recruitment's turn, once a minute."""

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.comparisons.models import Recruitment
from ratings.jobs.tasks import renew_connection
from ratings.recruiters.prolific_calls import Prolific
from ratings.recruiters.recruiting_turns import take_turn

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
# No lock: each recruitment has its own, which goes with a worker that is killed.
@app.task(queue="upkeep", queueing_lock="recruit", task_middleware=[renew_connection])
def recruit(timestamp: int) -> None:
    """Do what is ordered of recruiters, look at them, and order what follows."""
    if not settings.PROLIFIC_TOKEN:
        return
    platform = Prolific(settings.PROLIFIC_URL, settings.PROLIFIC_TOKEN)
    for pk in Recruitment.objects.order_by("pk").values_list("pk", flat=True):
        try:
            take_turn(pk, platform, timezone.now)
        except Exception:  # one study's trouble must not stop the others' recruiting
            logger.exception("Recruitment %s could not be brought forward.", pk)
