"""Sessions that a study's rule ends before their last trial: hopeless checks, or a long absence.

What was answered stays, and what comes later is stored as ever; the decision is on record, and an
organizer who decides that the rater is used lets them go on.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Exists, Max, OuterRef

from ratings.comparisons.ending_rules import Away
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Decision, Judgment, Rater, Study, Trial
from ratings.comparisons.trials.completion_codes import OVER
from ratings.comparisons.trials.rater_session import RaterSession, read_session
from ratings.comparisons.trials.scheduling import issue_next
from ratings.comparisons.trials.session_progress import (
    SessionProgress,
    progress_of_rater,
    progress_of_raters,
)
from ratings.comparisons.trials.trial_history import IssuedTrial
from ratings.psychometrics.raters.early_end import (
    HONEST_DROP,
    HONEST_MISS,
    Hopeless,
    hopeless,
)

Ending, State, Kind = Rater.Ending, Rater.State, Trial.Kind
_WHAT = {
    "golden": ("golden trials missed", HONEST_MISS),
    "dropped": ("answers dropped as too fast or without a look", HONEST_DROP),
}


def next_trials(
    session: RaterSession, count: int, now: datetime, rng: np.random.Generator
) -> tuple[RaterSession, list[IssuedTrial]]:
    """Return what `issue_next` does, after the study's rules looked whether the session ends."""
    end_if_due(session.rater, now)
    end_if_hopeless(session, now)
    return issue_next(session, count, now, rng)


def issue_watched(rater: Rater, count: int, now: datetime, rng: np.random.Generator) -> list[Trial]:
    """Return trials for a rater as the API issues them: see `next_trials`."""
    session = read_session(rater.pk, rater.study.slug)
    if session is None:
        raise Rater.DoesNotExist
    session, trials = next_trials(session, count, now, rng)
    return [trial.as_trial(session.rater) for trial in trials]


def end_if_hopeless(session: RaterSession, now: datetime) -> Decision | None:
    """End a session whose checks are hopeless at the study's level; its judgments are not used.

    Nothing is done where an organizer decided about the rater. Safe in two windows at once.
    """
    rater, level = session.rater, session.rater.study.protocol.hopeless
    if level is None or rater.ending or rater.state != State.USED or rater.finished_at:
        return None
    answered = [t for t in session.trials if t.choice is not None and not t.training_attempt]
    found = hopeless(
        level,
        [trial.missed for trial in answered if trial.kind == Kind.GOLDEN],
        [trial.dropped for trial in answered],
    )
    if found is None:
        return None
    return decide(
        rater,
        State.NOT_USED,
        _reason(found),
        now=now,
        rule=hopeless_rule(level),
        figures=asdict(found) | {"answers": len(answered)},
        ending=Ending.HOPELESS,
    )


def hopeless_rule(level: float) -> str:
    """Return the rule about hopeless checks in words."""
    return (
        f"early end: checks that an honest rater has with a chance of at most {100 * level:g} %, "
        "over all looks"
    )


def _reason(found: Hopeless) -> str:
    what, honest = _WHAT[found.what]
    return (
        f"{found.missed} of the first {found.looked} {what}: the session ended. "
        f"Honest raters have up to {100 * honest:g} % of them; {found.bound} were enough to end it."
    )


def end_if_due(rater: Rater, now: datetime) -> Decision | None:
    """End the session of a rater who gave no answer for longer than the study allows."""
    since = _away_since(rater.study, now)
    if since is None or rater.ending or rater.finished_at or rater.screened_out_at:
        return None
    judgments = Judgment.objects.filter(trial__rater=rater.pk)
    last = judgments.aggregate(last=Max("judged_at"))["last"] or rater.consented_at
    if last >= since or _was_held(rater.study, since) or _is_over(progress_of_rater(rater)):
        return None
    return _end_away(rater, now)


def end_absent(study: Study, now: datetime) -> list[Decision]:
    """End the sessions of all raters of a study who gave no answer for longer than it allows."""
    since = _away_since(study, now)
    if since is None or _was_held(study, since):
        return []
    lately = Judgment.objects.filter(trial__rater=OuterRef("pk"), judged_at__gte=since)
    raters = study.raters.filter(
        ~Exists(lately),
        consented_at__lt=since,
        ending="",
        finished_at=None,
        screened_out_at=None,
    ).select_related("study")
    progress = progress_of_raters(study, raters)
    absent = [rater for rater in raters if not _is_over(progress[rater.pk])]
    made = [_end_away(rater, now) for rater in absent]
    return [decision for decision in made if decision]


def _is_over(progress: SessionProgress) -> bool:
    """Tell whether there is nothing to go on with, whether the rater's page has asked or not.

    Whose session is over has the code of that end, and keeps it.
    """
    return progress.state in OVER or 0 < progress.total <= progress.judged


def _away_since(study: Study, now: datetime) -> datetime | None:
    """Return since when whoever is away has given no answer; None where nobody can be away.

    Nobody is while the study is paused or closed: it takes no answers to new trials then.
    """
    limit = _limit(study)
    return now - limit if limit and study.is_open and not study.paused_at else None


def _was_held(study: Study, since: datetime) -> bool:
    """Tell whether an organizer held the study so lately that everybody may still come back."""
    return study.holds.filter(ended_at__gte=since).exists()


def _limit(study: Study) -> timedelta | None:
    endings = study.protocol.endings
    minutes = endings.away_minutes if endings else None
    return timedelta(minutes=minutes) if minutes else None


def _end_away(rater: Rater, now: datetime) -> Decision | None:
    endings = rater.study.protocol.endings
    if endings is None or endings.away_minutes is None:
        return None
    is_used = endings.away is not Away.NOT_USED and rater.state == State.USED
    left_out = rater.state if rater.state != State.USED else State.NOT_USED
    return decide(
        rater,
        State.USED if is_used else left_out,
        f"No answer for more than {endings.away_minutes} minutes: the session ended.",
        now=now,
        rule=f"resume limit of {endings.away_minutes} minutes",
        ending=Ending.AWAY,
    )
