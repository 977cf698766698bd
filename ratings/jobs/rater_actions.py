"""Erasing what leads to a rater, and a rater's withdrawal, with all that was made of them."""

from datetime import datetime

from django.db import transaction

from ratings.challenge.access.audit_log import record, require_note
from ratings.challenge.models import AuditEntry
from ratings.comparisons.models import Rater
from ratings.comparisons.raters.privacy import Erased, erase_rater
from ratings.comparisons.voices.withdrawal import withdraw
from ratings.ranking.bundles.stored_bundles import revoke
from ratings.ranking.frozen.frozen_rankings import shown_to_all
from ratings.ranking.models import FrozenRanking, ReportedRater
from ratings.ranking.release.public_releases import note_erased, published

WITHDREW = "A rater withdrew: their own answers are deleted."


def erase(rater: Rater, at: datetime) -> tuple[Erased, int]:
    """Erase what leads from a rater to a person or a device, in the study's bundles too.

    Return what was erased, and how many bundles were taken back: they can be made again. Public
    releases, which lead to nobody, stay until an organizer withdraws them; the desk says so.
    """
    with transaction.atomic():
        erased = erase_rater(rater)
        note_erased(rater.study, at)
        return erased, revoke(rater.study.bundles.all(), at)


def erase_on_record(rater: Rater, note: str, by: str, at: datetime) -> None:
    """Erase it as an organizer, with a reason that stays. Raises Refused, code "note"."""
    note = require_note(note)
    with transaction.atomic():
        erase(rater, at)
        study = rater.study
        subject = f"{study.name}: rater {rater.pk.hex[:8]}"
        challenge = study.phase.challenge
        record(challenge, AuditEntry.Kind.RATER, by, at, subject=subject, note=note)


def withdraw_rater(rater: Rater, at: datetime) -> bool:
    """Delete a rater's answers because they ask for it; tell whether it is done now, not before.

    Answers that a published ranking or release may count stay on record as taken back, so that it
    can be checked. The record says that somebody withdrew, and not who.
    """
    with transaction.atomic():
        study = rater.study
        if not withdraw(rater, at, keep=_is_published(rater, at)):
            return False
        ReportedRater.objects.filter(rater=rater).delete()
        note_erased(study, at)
        revoke(study.bundles.all(), at)
        challenge, kind = study.phase.challenge, AuditEntry.Kind.RATER
        record(challenge, kind, "a rater", at, subject=study.name, note=WITHDREW)
    return True


def _is_published(rater: Rater, at: datetime) -> bool:
    """Tell whether a ranking or release that everybody has may count answers of the rater."""
    study = rater.study
    since = FrozenRanking.objects.filter(study=study.slug, computed_at__gte=rater.consented_at)
    return published(study).filter(ended_at__gte=rater.consented_at).exists() or any(
        shown_to_all(frozen, at) for frozen in since.select_related("phase__challenge")
    )
