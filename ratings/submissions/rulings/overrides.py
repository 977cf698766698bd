"""What organizers may do where the rules of submitting say no; each act goes on record."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ratings.challenge.access.audit_log import record, require_note
from ratings.challenge.calendar import phase_state
from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.submissions.intake.ingest import new_submission
from ratings.submissions.models import RegisteredDecoder, Submission
from ratings.submissions.submission_audit import record_about
from ratings.submissions.submission_locks import lock

SHA256 = re.compile(r"[0-9a-f]{64}")


def begin_late(
    phase: Phase,
    team: Team,
    method: str,
    at: datetime,
    *,
    note: str,
    by: str,
    environment: str = "",
) -> Submission:
    """Open a submission after the deadline.

    Raises Refused, code "note" or "phase-not-open", or as `new_submission` does.
    """
    with transaction.atomic():
        submission = new_submission(phase, team, method, at, by=by, environment=environment)
        submission.save(force_insert=True)
        return admit_late(submission.pk, at, note=note, by=by)


def admit_late(submission_id: UUID, at: datetime, *, note: str, by: str) -> Submission:
    """Let an open submission be filled and closed though its phase is over.

    Raises Refused, code "note", "submitted" when it is closed, or "phase-not-open" when there is
    no deadline to be late for.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = lock(submission_id)
        if submission.state != Submission.State.OPEN:
            raise Refused("submitted", f"This submission is {submission.state} already.")
        if phase_state(submission.phase, at) != "closed":
            raise Refused(
                "phase-not-open",
                f"The phase {submission.phase.slug!r} is not over: nothing is late.",
            )
        submission.late_note = note
        submission.save(update_fields=["late_note"])
        record_about(submission, AuditEntry.Kind.LATE, by, at, note)
    return submission


def register_decoder(
    phase: Phase, team: Team, sha256: str, at: datetime, *, note: str, by: str
) -> RegisteredDecoder:
    """Let the team use the decoder of this SHA-256 in the phase; again changes nothing.

    Raises Refused, code "note", or "decoder" for what is no digest, or a phase that registers none.
    """
    note = require_note(note)
    if not SHA256.fullmatch(sha256):
        raise Refused("decoder", f"{sha256!r} is no SHA-256: 64 digits from 0 to 9 and a to f.")
    if phase.decoder_rule != Phase.DecoderRule.REGISTERED:
        raise Refused("decoder", f"{phase.name} takes any decoder; there is nothing to register.")
    with transaction.atomic():
        registered, made = RegisteredDecoder.objects.get_or_create(
            phase=phase, team=team, sha256=sha256
        )
        if made:
            subject = f"{phase.name}: {sha256}"
            record(
                phase.challenge,
                AuditEntry.Kind.DECODER,
                by,
                at,
                team=team,
                subject=subject,
                note=note,
            )
    return registered
