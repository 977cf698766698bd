"""`manage.py export_study STUDY DIR`: everything needed to check a published ranking."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.management.lookup import find_by_slug
from ratings.models import Study
from ratings.ranking.bundles.checked_bundle import OtherScores, write_checked_bundle


class Command(BaseCommand):
    """Writes the replication bundle of one study."""

    help = "Write judgments, rankings, figures and digests of a study into a new directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study's slug and the directory."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("directory", type=Path, help="a directory that is empty or not there")

    def handle(self, *args: Any, study: str, directory: Path, **options: Any) -> None:
        """Write the files; refuse a directory that holds anything."""
        row = find_by_slug(Study, study)
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise CommandError(f"{directory} is not an empty directory: name a new one.")
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{directory} can't be made: {error.strerror}.") from error
        try:
            checked = write_checked_bundle(row, directory)
        except OtherScores as error:
            raise CommandError(str(error)) from error
        count = sum(path.is_file() for path in directory.rglob("*"))
        self.stdout.write(f"Wrote {count} files to {directory}.")
        if checked:
            self.stdout.write(checked)
