"""`manage.py export_study STUDY DIR`: everything needed to check a published ranking."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from ratings.database.snapshot import snapshot
from ratings.management.lookup import find
from ratings.models import Study
from ratings.ranking.bundle import write_bundle
from ratings.ranking.fitting import refit
from ratings.ranking.variants import fit_variants

ATTEMPTS = 10


class Command(BaseCommand):
    """Writes the replication bundle of one study."""

    help = "Write judgments, rankings, figures and digests of a study into a new directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study's slug and the directory."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("directory", type=Path, help="a directory that is empty or not there")

    def handle(self, *args: Any, study: str, directory: Path, **options: Any) -> None:  # noqa: ANN401
        """Write the files; refuse a directory that holds anything."""
        row = find(Study, study)
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise CommandError(f"{directory} is not an empty directory: name a new one.")
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{directory} can't be made: {error.strerror}.") from error
        _write(row, directory)
        count = sum(path.is_file() for path in directory.rglob("*"))
        self.stdout.write(f"Wrote {count} files to {directory}.")


def _write(study: Study, directory: Path) -> None:
    """Write judgments and the rankings of these very judgments, however many come meanwhile."""
    for attempt in range(ATTEMPTS):
        try:
            with snapshot():
                now = timezone.now()
                if refit(study, now):
                    fit_variants(study, now)
                write_bundle(study, directory)
        except (IntegrityError, OperationalError):  # the site's worker stored the same ranking
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return
