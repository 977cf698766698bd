"""Public releases by version: asked for, made and scanned, published or refused, withdrawn.

What is found by the scan, or fails, publishes nothing. The file of a published version never
changes; a withdrawn version's row stays, and its file goes.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.db.models import Max, QuerySet

from ratings.anonymity.pseudonyms import new_secret
from ratings.challenge.access.audit_log import record, require_note
from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.ranking.bundles.checked_bundle import OtherScores, write_checked_bundle
from ratings.ranking.bundles.packed_folder import pack
from ratings.ranking.models import PublicRelease
from ratings.ranking.release.release_conditions import (
    ReleaseContents,
    all_boards_open,
    choice_problems,
    hindrances,
    room_problem,
    withheld_because,
)
from ratings.ranking.release.release_facts import ReleaseFacts, folder_name
from ratings.ranking.release.release_folder import (
    file_list,
    scan_for,
    scan_release,
    write_release,
)
from ratings.ranking.release.release_readme import commands
from ratings.storage import deletion
from ratings.storage.content_store import received
from ratings.storage.scratch import INCOMING, scratch

State = PublicRelease.State
FAILED = "The server could not make it; its log says why. Ask for it again."
# So many places of what the scan found are kept; the number of all is in `counts`.
MOST_FINDINGS = 100
_log = logging.getLogger(__name__)


def ask_for_release(
    study: Study, choice: ReleaseContents, by: str, at: datetime, against: Sequence[str] = ()
) -> tuple[PublicRelease, bool]:
    """Return the study's release that is under way, and whether it is a new one, on record.

    `against` is what stands against it beside `hindrances`. Raises Refused, code "release", with
    all of it.
    """
    problems = [*hindrances(study, at), *against, *choice_problems(choice, study, at)]
    if problems:
        raise Refused("release", *problems)
    with transaction.atomic():
        release, is_new = PublicRelease.objects.get_or_create(
            study=study,
            state__in=PublicRelease.UNDER_WAY,
            defaults={
                "number": _last_number(study) + 1,
                "secret": new_secret(),
                "license": study.phase.challenge.license,
                "pictures": sorted(set(choice.pictures)),
                "whole_pictures": sorted(set(choice.whole_pictures)),
                "public_labels": sorted(set(choice.labels)),
                "by": by,
                "asked_at": at,
            },
        )
        if is_new:
            _record(release, AuditEntry.Kind.PUBLISH, by, at)
            for label in release.public_labels:
                record(study.phase.challenge, AuditEntry.Kind.LABEL, by, at, subject=label)
    return release, is_new


def make_release(release_id: int, clock: Callable[[], datetime]) -> None:
    """Make a release that was asked for, scan it, and publish it where nothing is found.

    It can be done again from the start, as after its worker was killed.
    """
    release = _under_way(release_id).select_related("study__phase__challenge").first()
    if release is None:
        return
    try:
        if room := room_problem(release.study, release.whole_pictures):
            _end(release, clock(), state=State.FAILED, problem=room)
        else:
            _make(release, clock)
    except OtherScores as error:
        _end(release, clock(), state=State.FAILED, problem=str(error))
    except Exception:
        _log.exception("Release %s of study %s can't be made.", release.pk, release.study.slug)
        _end(release, clock(), state=State.FAILED, problem=FAILED)


def withdraw_release(release: PublicRelease, note: str, by: str, at: datetime) -> None:
    """Withdraw a published release, with a reason that stays on record; again changes nothing.

    Raises Refused: code "note" without a reason, "release" for one that is not published.
    """
    note = require_note(note)
    with transaction.atomic():
        row = PublicRelease.objects.select_for_update(of=["self"]).get(pk=release.pk)
        if row.state == State.WITHDRAWN:
            return
        if row.state != State.PUBLISHED:
            raise Refused("release", "It is not published, so there is nothing to withdraw.")
        held, row.state, row.withdrawn_at, row.sha256 = row.sha256, State.WITHDRAWN, at, ""
        row.save()
        deletion.discard([held], at)
        _record(row, AuditEntry.Kind.UNPUBLISH, by, at, note)


def note_erased(study: Study, at: datetime) -> None:
    """Note that published releases were made of data that were erased since."""
    releases = study.public_releases.filter(state=State.PUBLISHED, outdated_at=None)
    releases.update(outdated_at=at)


def published(study: Study) -> QuerySet[PublicRelease]:
    """Return the study's published and withdrawn releases, the newest first."""
    return study.public_releases.filter(state__in=[State.PUBLISHED, State.WITHDRAWN]).order_by(
        "-number"
    )


def served(study: Study, at: datetime) -> QuerySet[PublicRelease]:
    """Return those of `published` that everybody may see at an instant."""
    is_shown = all_boards_open(study, at) and not withheld_because(study, at)
    return published(study).filter(ended_at__lte=at) if is_shown else PublicRelease.objects.none()


def _last_number(study: Study) -> int:
    last: int | None = published(study).aggregate(last=Max("number"))["last"]
    return last or 0


def _make(release: PublicRelease, clock: Callable[[], datetime]) -> None:
    with TemporaryDirectory(dir=scratch(INCOMING)) as temporary:
        folder = Path(temporary, folder_name(release))
        facts = _written(release, folder)
        _under_way(release.pk).update(state=State.SCANNING)
        scan = scan_for(release)
        findings = scan_release(folder, scan)
        counts = {
            **facts.numbers(),
            "searched": scan.searched,
            "passed_over": scan.passed_over,
            "found": len(findings),
        }
        if findings:
            kept = [finding.as_json() for finding in findings[:MOST_FINDINGS]]
            _end(release, clock(), state=State.REFUSED, findings=kept, counts=counts)
        else:
            _publish(release, folder, clock, counts=counts, commands=commands(facts))


def _written(release: PublicRelease, folder: Path) -> ReleaseFacts:
    """Write a release's files, its rankings checked; return what is known of it."""
    folder.mkdir()
    _under_way(release.pk).update(state=State.WRITING)
    facts: list[ReleaseFacts] = []

    def write(study: Study, directory: Path) -> None:
        for leftover in sorted(directory.rglob("*"), reverse=True):  # of an attempt before
            leftover.rmdir() if leftover.is_dir() else leftover.unlink()
        facts.append(write_release(release, directory))

    words = write_checked_bundle(release.study, folder, write)
    _under_way(release.pk).update(check_words=words)
    return facts[-1]


def _publish(
    release: PublicRelease, folder: Path, clock: Callable[[], datetime], **told: object
) -> None:
    archive = folder.with_suffix(".zip")
    pack(folder, archive)
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    incoming = received(archive, archive.stat().st_size, digest)
    with transaction.atomic():
        deletion.keep(incoming)
        _end(
            release,
            clock(),
            state=State.PUBLISHED,
            **told,
            files=file_list(folder),
            size_bytes=incoming.size_bytes,
            sha256=digest,
        )


def _under_way(release_id: int) -> QuerySet[PublicRelease]:
    return PublicRelease.objects.filter(pk=release_id, state__in=PublicRelease.UNDER_WAY)


def _end(release: PublicRelease, at: datetime, **fields: object) -> None:
    """Note how it ended, and forget what its names were made with."""
    _under_way(release.pk).update(ended_at=at, secret="", **fields)


def _record(
    release: PublicRelease, kind: AuditEntry.Kind, by: str, at: datetime, note: str = ""
) -> None:
    study = release.study
    # One that is asked for may leave its number to the next.
    is_version = kind is AuditEntry.Kind.UNPUBLISH
    subject = f"{study.name}: version {release.number}" if is_version else study.name
    record(study.phase.challenge, kind, by, at, subject=subject, note=note)
