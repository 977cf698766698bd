"""0040 on a site with an audit log: what was found by the end of a text has a key now."""

import uuid
from collections.abc import Iterator

from django.db import connection

from ratings.challenge.models import AuditEntry
from ratings.submissions.submission_audit import audit_entries_about, record_about
from tests.builders import NOW, build_phase, build_submission

LOST = f"Main: a method ({uuid.uuid4()})"


def subjects(entries: list[AuditEntry]) -> list[str]:
    with connection.cursor() as cursor:
        wanted = [entry.pk for entry in entries]
        cursor.execute("SELECT subject FROM ratings_act WHERE id = ANY(%s) ORDER BY id", [wanted])
        return [str(subject) for (subject,) in cursor.fetchall()]


def audit_entries() -> Iterator[None]:
    """Look at 0033 whether texts name submissions, and later whether keys do."""
    first = build_submission(build_phase(name="Main"), method="old (1)")
    second = build_submission(build_phase(name="M" * 200), method="m" * 100)
    entries = [
        record_about(one, AuditEntry.Kind.STOP, "ann", NOW, "why") for one in (first, second)
    ]
    unknown = AuditEntry.objects.create(
        challenge=first.phase.challenge, kind=AuditEntry.Kind.RUN, subject=LOST, by="ann", at=NOW
    )
    other = AuditEntry.objects.create(
        challenge=first.phase.challenge,
        kind=AuditEntry.Kind.FACTSHEET,
        subject=f"named so ({first.pk})",
        by="ann",
        at=NOW,
    )
    yield
    texts = subjects(entries)
    assert texts[0] == f"Main: old (1) ({first.pk})"
    assert texts[1].endswith(f" ({second.pk})")
    yield
    about = AuditEntry.objects.filter(pk__in=[one.pk for one in (*entries, unknown, other)])
    assert list(about.order_by("pk").values_list("pk", "about__submission", "subject")) == [
        (entries[0].pk, first.pk, "Main: old (1)"),
        (entries[1].pk, second.pk, "M" * 200 + ": " + "m" * 59),
        (unknown.pk, None, LOST),
        (other.pk, None, f"named so ({first.pk})"),
    ]
    assert list(audit_entries_about(first)) == entries[:1]
