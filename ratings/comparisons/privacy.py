"""What is kept about a rater: shown in full, and erased as far as it could lead to a person.

Judgments and counters stay, so that what was published can still be checked: they hold a random
identifier and how pictures were judged. What leads from there to a person or a device goes.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import F

from ratings.comparisons.codes import find_by_code
from ratings.comparisons.models import Invitation, Rater, Recruit, Study

# Facts of a judgment by which a device could be known again; none of them decides what counts.
DEVICE_FACTS = (
    *("device_pixel_ratio", "zoom", "window_width", "window_height"),
    *("screen_width", "screen_height", "shown_at", "answered_at"),
)
_ERASE_FACTS = """
UPDATE ratings_judgment j SET display = j.display - %(facts)s::text[]
FROM ratings_trial t
WHERE t.id = j.trial_id AND t.rater_id = %(rater)s AND j.display ?| %(facts)s::text[]
"""


@dataclass(frozen=True)
class Erased:
    """How much was erased: links to a platform's person and an invitation, visits, answers."""

    recruits: int
    invitations: int
    visits: int
    answers: int


def find_rater(study: Study, name: str) -> Rater | None:
    """Return the rater whom a person can name, or None.

    That is by identifier, personal completion code, or name at the platform that sent them; of
    several sessions the newest.
    """
    raters = Rater.objects.filter(study=study).select_related("study")
    sent = raters.filter(recruit__participant=name).order_by("-recruit__turn").first()
    return sent or _identified(raters, name) or find_by_code(study, name)


def _identified(raters: models.QuerySet[Rater], name: str) -> Rater | None:
    try:
        return raters.filter(pk=UUID(name)).first()
    except ValueError:
        return None


def kept(rater: Rater) -> dict[str, Any]:
    """Return all that the database holds about a rater, by table and column."""
    trials = rater.trials.order_by("training_attempt", "number").prefetch_related("judgments")
    return {
        "rater": _columns(rater),
        "recruit": _columns(Recruit.objects.filter(rater=rater).first()),
        "invitation": _columns(rater.invitation),
        "visits": [_columns(visit) for visit in rater.visits.order_by("number")],
        "decisions": [_columns(one) for one in rater.decisions.order_by("pk")],
        "trials": [
            {
                **(_columns(trial) or {}),
                "judgments": [_columns(one) for one in trial.judgments.all()],
            }
            for trial in trials
        ],
        "counts": [_columns(count) for count in rater.counts.order_by("pk")],
    }


def _columns(row: models.Model | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}


def erase(rater: Rater) -> Erased:
    """Erase what leads from a rater to a person or a device; harmless to repeat.

    A place that the rater took of an invitation stays taken.
    """
    with transaction.atomic():
        rater = Rater.objects.select_for_update(no_key=True).get(pk=rater.pk)
        # Nobody is admitted meanwhile, who could take the place.
        Study.objects.select_for_update(no_key=True).get(pk=rater.study_id)
        recruits, _ = Recruit.objects.filter(rater=rater).delete()
        known = rater.visits.exclude(browser="", facts={})
        return Erased(
            recruits=recruits,
            invitations=_leave_invitation(rater),
            visits=known.update(browser="", facts={}),
            answers=_erase_facts(rater),
        )


def _leave_invitation(rater: Rater) -> int:
    invitation = Invitation.objects.filter(raters=rater)
    # Made for this person alone, its label may be a name.
    invitation.filter(most_raters=1).update(label="")
    invitation.filter(most_raters__gt=0).update(most_raters=F("most_raters") - 1)
    return Rater.objects.filter(pk=rater.pk).exclude(invitation=None).update(invitation=None)


def _erase_facts(rater: Rater) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ERASE_FACTS, {"facts": list(DEVICE_FACTS), "rater": rater.pk})
        return int(cursor.rowcount)
