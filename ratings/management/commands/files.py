"""`manage.py files`: what is stored, and why; frees what has had its time."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ratings.challenge.pictures import staged_files
from ratings.comparisons.study import cropping
from ratings.comparisons.study.crop_mending import make_lacking
from ratings.jobs.upkeep import free_expired
from ratings.management.aligned import aligned
from ratings.models import Phase, Study, Submission
from ratings.storage.deletion import GRACE, FileCount, Survey, delete_due, note_leftovers, survey
from ratings.storage.references import namers
from ratings.storage.shelves import CONTENT, CROPS, PREVIEWS, TILES, Shelf
from ratings.submissions.retention.freeing import ask_again, expired, freed_bytes
from ratings.submissions.retention.stored_bytes import held_by_teams

SHELVES: Mapping[str, Shelf] = {
    "uploads": CONTENT,
    "crops": CROPS,
    "previews": PREVIEWS,
    "tiles": TILES,
}
KIND_COLUMNS = ("kind", "files", "bytes", "unneeded", "bytes", "due", "bytes", "missing")
TEAM_COLUMNS = ("phase and team", "open", "failed, superseded", "kept", "bytes")
MEND = (
    "Copy them back from a backup. Pictures of data sets are stored again when the definition is "
    "loaded again with them."
)


class Command(BaseCommand):
    """Does at once what a site's jobs do every hour, and reports what there is."""

    help = "Report stored files by kind, phase and team; free what nothing needs any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how much is to be done."""
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only report")
        parser.add_argument(
            "--now",
            action="store_true",
            help="delete at once what would go within a day; downloads under way may break",
        )

    def handle(self, *args: Any, dry_run: bool, now: bool, **options: Any) -> None:
        """Raise CommandError where rows are left without their files."""
        at = timezone.now()
        until = at + GRACE if now else at
        done = [] if dry_run else list(_act(at, until))
        surveys = {kind: survey(shelf, until) for kind, shelf in SHELVES.items()}
        if dry_run:
            done = list(_foresee(at, surveys))
        kinds = [_kind_cells(kind, shelf_survey) for kind, shelf_survey in surveys.items()]
        lines = aligned([KIND_COLUMNS, *kinds], 0)
        if teams := list(_team_cells()):
            lines += ["", *aligned([TEAM_COLUMNS, *teams], 0)]
        self.stdout.write("\n".join([*lines, "", *done]))
        gone = list(_gone(surveys, crops=not dry_run))
        if gone:
            raise CommandError("\n".join(["Rows without their files:", *gone, MEND]))


def _act(at: datetime, until: datetime) -> Iterator[str]:
    """Free, delete and make again; yield a line about each."""
    yield f"Freed {_count(free_expired(at), 'submission')}; their files go within a day."
    yield f"Deleted {_count(staged_files.delete_expired(at), 'staged picture')}."
    note_leftovers(at)
    yield f"Deleted {_count(delete_due(until), 'file')}."
    asked = ask_again(survey(CONTENT, at).missing)
    yield f"Open submissions ask again for {asked} files that are gone."
    made = sum(map(_make_lost_crops, Study.objects.order_by("pk")))
    yield f"Made {made} crops again whose files were gone."


def _foresee(at: datetime, surveys: Mapping[str, Survey]) -> Iterator[str]:
    would_free = FileCount()
    for submission in Submission.objects.filter(pk__in=expired(at)):
        would_free.add(freed_bytes(submission))
    would_delete = FileCount(
        sum(shelf_survey.due.files for shelf_survey in surveys.values()),
        sum(shelf_survey.due.size_bytes for shelf_survey in surveys.values()),
    )
    yield f"Would free {_count(would_free, 'submission')}."
    yield f"Would delete {_count(staged_files.count_expired(at), 'staged picture')}."
    yield f"Would delete {_count(would_delete, 'file')} now."
    yield f"Would make {len(surveys['crops'].missing)} crops again whose files are gone."


def _make_lost_crops(study: Study) -> int:
    """Make the study's crops again whose files are gone; return how many were made."""
    lost = cropping.lost(study)
    if lost:
        make_lacking(study, [])
    return len(lost) - len(cropping.lost(study)) if lost else 0


def _count(count: FileCount, noun: str) -> str:
    return f"{count.files:,} {noun}{'' if count.files == 1 else 's'} of {count.size_bytes:,} bytes"


def _kind_cells(kind: str, shelf_survey: Survey) -> list[str]:
    counts = (shelf_survey.held, shelf_survey.unneeded, shelf_survey.due)
    numbers = [n for count in counts for n in (count.files, count.size_bytes)]
    return [kind, *(f"{number:,}" for number in [*numbers, len(shelf_survey.missing)])]


def _team_cells() -> Iterator[list[str]]:
    for phase in Phase.objects.select_related("challenge").order_by("challenge", "position"):
        for held in held_by_teams(phase):
            name = f"{phase.challenge.slug}/{phase.slug}: {held.team}"
            numbers = (held.open, held.ended, held.kept, held.size_bytes)
            yield [name, *(f"{number:,}" for number in numbers)]


def _gone(surveys: Mapping[str, Survey], *, crops: bool) -> Iterator[str]:
    """Yield a line about each file that is gone; crops where they could not be made again."""
    for kind in ["uploads", "crops"] if crops else ["uploads"]:
        shelf = SHELVES[kind]
        for name in surveys[kind].missing:
            yield f"{shelf.place(name)}: {', '.join(namers(shelf, name))}"
