"""What is wrong with studies: more answers that don't count than usual, and none at all."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from ratings.comparisons.judgments.drop_reasons import WORDS, DropReason
from ratings.comparisons.judgments.drop_streams import DropStream, Watched, drop_streams
from ratings.comparisons.models import Recruitment, Study
from ratings.comparisons.raters.taking_raters import takes_raters
from ratings.health.alarms import STUDIES, FoundAlarm
from ratings.health.person_alarms import full_pilot, recruiter_alarms
from ratings.psychometrics.raters.share_jump import Jump, find_jump
from ratings.psychometrics.raters.silence import Silence, find_silence
from ratings.psychometrics.rounding import per_cent

logger = logging.getLogger(__name__)


def study_alarms(now: datetime) -> list[FoundAlarm]:
    """Return what is wrong with open studies of challenges that are public, and with recruiters."""
    found: list[FoundAlarm] = []
    watched = Q(is_open=True, phase__challenge__draft=False) | Exists(
        Recruitment.objects.filter(study=OuterRef("pk"))
    )
    for study in Study.objects.filter(watched).select_related("phase__challenge"):
        try:
            found += alarms_of(study, now)
        except Exception:  # one study's trouble must not keep the others from being watched
            logger.exception("The study %s could not be watched.", study.slug)
    return found


def alarms_of(study: Study, now: datetime) -> Iterator[FoundAlarm]:
    """Yield what is wrong with a study, and where it waits for a person."""
    yield from recruiter_alarms(study)
    if not study.is_open or study.phase.challenge.draft:
        return
    yield from full_pilot(study, now)
    streams = drop_streams(study, now)
    for watched, stream in streams.items():
        if jump := find_jump(stream.rater, stream.dropped):
            yield _dropped(study, watched, stream, jump)
    answers = streams.get(DropReason.UNDONE)  # of all answers to comparisons
    quiet = answers and find_silence(answers.rater, answers.at, now.timestamp())
    if quiet and takes_raters(study, now):
        yield _silent(study, quiet, now)


def _dropped(study: Study, watched: Watched, stream: DropStream, jump: Jump) -> FoundAlarm:
    words = WORDS[watched]
    since = datetime.fromtimestamp(stream.at[jump.first], UTC)
    answers = len(stream.at) - jump.first
    return FoundAlarm(
        key=f"{STUDIES}{study.slug}/{watched}",
        title=(
            f"{study.name}: {words.title.lower()}: {per_cent(jump.share)}% of the last {answers:,} "
            f"{words.of}, of {jump.raters} raters; usual is at most {per_cent(jump.usual)}%."
        ),
        means=words.means,
        mend=words.mend,
        since=since,
        challenge=study.phase.challenge_id,
        path=reverse("web:desk-drops", args=[study.slug]),
    )


def _silent(study: Study, quiet: Silence, now: datetime) -> FoundAlarm:
    hours = quiet.seconds / 3600
    return FoundAlarm(
        key=f"{STUDIES}{study.slug}/silent",
        title=f"{study.name}: nobody has judged for {hours:,.0f} h, and the study takes raters.",
        means=(
            f"About {quiet.usual_raters:,.0f} raters judged in as many hours before, at this time "
            "of the day."
        ),
        mend=(
            "Open the raters' address as they do; look at the recruiting platform, if it still "
            "sends people. Close or pause the study if it needs no more."
        ),
        since=now - timedelta(seconds=quiet.seconds),
        challenge=study.phase.challenge_id,
        path=reverse("web:desk-study", args=[study.slug]),
    )
