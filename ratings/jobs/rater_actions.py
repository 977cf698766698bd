"""Erasing what leads to a rater, with all that was made of it."""

from datetime import datetime

from django.db import transaction

from ratings.challenge.access.audit_log import record, require_note
from ratings.challenge.models import AuditEntry
from ratings.comparisons.models import Rater
from ratings.comparisons.raters.privacy import Erased, erase_rater
from ratings.ranking.bundles.stored_bundles import revoke
from ratings.ranking.release.public_releases import note_erased


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
