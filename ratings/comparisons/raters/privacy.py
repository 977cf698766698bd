"""What is kept about a rater: shown in full, and erased as far as it could lead to a person.

Judgments and counters stay, so that what was published can still be checked: they hold a random
identifier and how pictures were judged. What leads from there to a person or a device goes.
"""

from dataclasses import dataclass
from string import hexdigits
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Value

from ratings.comparisons.judgment_facts import DEVICE_NAMES
from ratings.comparisons.locking import lock_rater, lock_study, locking
from ratings.comparisons.models import (
    Comment,
    Invitation,
    Judgment,
    Rater,
    Recruit,
    RecruiterAct,
    Recruitment,
    Study,
    TrialFlag,
)
from ratings.comparisons.questionnaire.stored_answers import erase_answers
from ratings.comparisons.raters.rater_groups import keep_group
from ratings.comparisons.trials.completion_codes import find_by_code

# Of an identifier: what pages show of it, and all.
LEAST_DIGITS, ALL_DIGITS = 8, 32


@dataclass(frozen=True)
class Erased:
    """How much was erased: links to a platform's person and an invitation, visits, answers.

    `texts` are the rater's own words: a comment, and what they wrote to flags.
    `answers` are those to trials, `questions` those to the questionnaire.
    """

    recruits: int
    invitations: int
    visits: int
    answers: int
    texts: int = 0
    questions: int = 0


def find_rater(study: Study, name: str) -> Rater | None:
    """Return the rater whom a person can name, or None.

    That is by identifier or its first digits as pages show it, personal completion code, or name at
    the platform that sent them; of several sessions the newest.
    """
    raters = Rater.objects.filter(study=study).select_related("study")
    sent = raters.filter(recruit__participant=name).order_by("-recruit__session_number").first()
    return sent or _identified(raters, name) or find_by_code(study, name)


def _identified(raters: models.QuerySet[Rater], name: str) -> Rater | None:
    """Return the rater whose identifier is this or, of one rater alone, begins so."""
    digits = name.replace("-", "").lower()
    if not LEAST_DIGITS <= len(digits) <= ALL_DIGITS or set(digits) - set(hexdigits):
        return None
    first, last = UUID(digits.ljust(ALL_DIGITS, "0")), UUID(digits.ljust(ALL_DIGITS, "f"))
    found = list(raters.filter(pk__range=(first, last))[:2])
    return found[0] if len(found) == 1 else None


def rater_data(rater: Rater) -> dict[str, Any]:
    """Return all that the database holds about a rater, by table and column."""
    trials = rater.trials.order_by("training_attempt", "number").select_related("flag")
    trials = trials.prefetch_related("judgments")
    return {
        "rater": _columns(rater),
        "recruit": _columns(Recruit.objects.filter(rater=rater).first()),
        "recruiter_acts": [_columns(act) for act in rater.recruiter_acts.order_by("pk")],
        "invitation": _columns(rater.invitation),
        "visits": [_columns(visit) for visit in rater.visits.order_by("number")],
        "decisions": [_columns(decision) for decision in rater.decisions.order_by("pk")],
        "trials": [
            {
                **(_columns(trial) or {}),
                "judgments": [_columns(judgment) for judgment in trial.judgments.all()],
                "flag": _columns(getattr(trial, "flag", None)),
            }
            for trial in trials
        ],
        "comment": _columns(getattr(rater, "comment", None)),
        "questionnaire": [_columns(one) for one in rater.question_answers.order_by("pk")],
        "counts": [_columns(count) for count in rater.counts.order_by("pk")],
        # What the study's report says of them; `ranking` keeps it, and it points here.
        "report": _columns(getattr(rater, "reported", None)),
    }


def _columns(row: models.Model | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}


def erase_rater(rater: Rater, *, unpaid: bool = False) -> Erased:
    """Erase what leads from a rater to a person or a device; harmless to repeat.

    A place that the rater took of an invitation stays taken. Of whom is `unpaid` the platform's
    names stay.
    """
    with locking():
        rater = lock_rater(rater.pk)
        # Nobody is admitted meanwhile, who could take the place.
        lock_study(rater.study_id)
        keep_group(rater)
        Rater.objects.filter(pk=rater.pk).update(kinds={}, own_team=None)
        recruits = 0
        if not unpaid:
            _erase_acts(rater)
            recruits, _ = Recruit.objects.filter(rater=rater).delete()
        known = rater.visits.exclude(browser="", facts={})
        return Erased(
            recruits=recruits,
            invitations=_leave_invitation(rater),
            visits=known.update(browser="", facts={}),
            answers=_erase_facts(rater),
            texts=_erase_words(rater),
            questions=erase_answers(rater),
        )


def _erase_acts(rater: Rater) -> None:
    """Leave of what was paid to somebody the amount alone; what is still to be done needs a name.

    The platform's own record says whether they were paid; acts on the way are erased as they end.
    """
    ended = rater.recruiter_acts.exclude(state__in=RecruiterAct.OPEN)
    ended.update(submission="", words="", kept={}, rater=None)
    for row in Recruitment.objects.select_for_update().filter(study=rater.study_id):
        row.waiting = [one for one in row.waiting if one["rater"] != str(rater.pk)]
        row.save(update_fields=["waiting"])


def _leave_invitation(rater: Rater) -> int:
    invitation = Invitation.objects.filter(raters=rater)
    # Made for this person alone, its label may be a name.
    invitation.filter(most_raters=1).update(label="")
    invitation.filter(most_raters__gt=0).update(most_raters=F("most_raters") - 1)
    return Rater.objects.filter(pk=rater.pk).exclude(invitation=None).update(invitation=None)


def _erase_words(rater: Rater) -> int:
    comments, _ = Comment.objects.filter(rater=rater).delete()
    return comments + TrialFlag.objects.filter(trial__rater=rater).exclude(text="").update(text="")


def _erase_facts(rater: Rater) -> int:
    told = Judgment.objects.filter(trial__rater=rater, display__has_any_keys=DEVICE_NAMES)
    names = Value(list(DEVICE_NAMES), ArrayField(models.TextField()))
    without = Func("display", names, template="(%(expressions)s)", arg_joiner=" - ")
    return told.update(display=without)
