"""The tasks that keep studies going: rankings, screening, and trials made ready."""

import logging

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.comparisons.judgments.screening import screen
from ratings.comparisons.judgments.session_endings import end_absent
from ratings.comparisons.models import Study
from ratings.comparisons.trials import ready_queue
from ratings.jobs.tasks import renew_connection
from ratings.psychometrics.design.floor import NO_FLOOR
from ratings.psychometrics.design.pairing import Policy
from ratings.ranking.evidence.rater_reports import report_if_due
from ratings.ranking.fits.early_closing import stop_if_met
from ratings.ranking.fits.ranking_turns import turn
from ratings.ranking.fits.refitting import live_studies, refit
from ratings.ranking.fits.remaining_judgments import study_floor
from ratings.ranking.fits.variants import refit_variants
from ratings.ranking.frozen.frozen_rankings import freeze_due
from ratings.ranking.news import is_judged

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * * */3")
@app.task(queue="ranking", queueing_lock="refit", lock="refit", task_middleware=[renew_connection])
def refit_rankings(timestamp: int) -> None:
    """Refit the live studies with judgments their latest ranking is not of; close those done."""
    _refit(live_studies(timezone.now()))


@app.periodic(cron="* * * * *")
@app.task(
    queue="ranking", queueing_lock="refit quiet", lock="refit", task_middleware=[renew_connection]
)
def refit_quiet_rankings(timestamp: int) -> None:
    """Do the same for all other studies: now and then an answer is late, or a rater decided on."""
    _refit(Study.objects.exclude(pk__in=live_studies(timezone.now())))


def _refit(studies: QuerySet[Study]) -> None:
    for study in studies.filter(is_judged()):
        try:
            with turn(study, wait=False) as is_mine:
                if is_mine:
                    refit(study, timezone.now())
                    stop_if_met(study, timezone.now())
                    refit_variants(study, timezone.now())
                    freeze_due(study, timezone.now())
        except Exception:  # one study's trouble must not stop the others' rankings
            logger.exception("The ranking of study %s could not be fitted.", study.slug)


@app.periodic(cron="* * * * * */30")
@app.task(
    queue="ranking", queueing_lock="screen", lock="screen", task_middleware=[renew_connection]
)
def screen_raters(timestamp: int) -> None:
    """Let each study's rules look at the raters who answered checks, and at those who stay away."""
    for study in Study.objects.all():
        try:
            screen(study, timezone.now())
            end_absent(study, timezone.now())
        except Exception:  # one study's trouble must not stop the others' screening
            logger.exception("The raters of study %s could not be screened.", study.slug)


@app.periodic(cron="* * * * * */5")
@app.task(
    queue="ranking", queueing_lock="report", lock="report", task_middleware=[renew_connection]
)
def report_raters(timestamp: int) -> None:
    """Report on the raters of studies where something happened."""
    for study in Study.objects.all():
        try:
            report_if_due(study, timezone.now())
        except Exception:  # one study's trouble must not stop the others' reports
            logger.exception("The raters of study %s could not be reported on.", study.slug)


@app.periodic(cron="* * * * * */3")
@app.task(queue="pairing", queueing_lock="pair", lock="pair", task_middleware=[renew_connection])
def plan_pairs(timestamp: int) -> None:
    """Keep trials ready for the raters of every open study whose policy looks at judgments."""
    for study in Study.objects.filter(is_open=True):
        try:
            floor = study_floor(study) if study.pairing == Policy.ACTIVE else NO_FLOOR
            ready_queue.top_up(study, timezone.now(), np.random.default_rng(), floor)
        except Exception:  # one study's trouble must not stop the others' pairing
            logger.exception("The pairs of study %s could not be planned.", study.slug)
