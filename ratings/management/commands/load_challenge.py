"""`manage.py load_challenge FILE.toml`: create or update a challenge from its definition file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ratings.challenge.keys.scene_keys import read_scenes, scene_notes
from ratings.challenge.keys.toml_text import decoded
from ratings.challenge.refusals import Refused
from ratings.comparisons.study.whole_definition import Loaded, load_whole
from ratings.jobs.tasks import queue_preparing


class Command(BaseCommand):
    """Reads the file, checks all of it, and loads it whole or not at all."""

    help = "Create or update a challenge from its definition file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the folder of its originals."""
        parser.add_argument("file", type=Path, help="the definition, a TOML file")
        parser.add_argument(
            "--originals",
            type=Path,
            metavar="DIR",
            help="where the folders of originals lie; by default beside the file",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="check all of it and say what would change; change nothing",
        )

    def handle(
        self,
        *args: Any,
        file: Path,
        originals: Path | None,
        dry_run: bool = False,
        **options: Any,
    ) -> None:
        """Load the definition, or say everything that is wrong with it."""
        file, folder = Path(file), originals and Path(originals)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error}") from error
        try:
            with transaction.atomic():
                loaded = load_whole(decoded(data), folder or file.parent, dry_run=dry_run)
                if not dry_run:
                    queue_preparing(loaded.studies)
        except Refused as refused:
            raise CommandError(
                "\n".join([f"{file} was not loaded:", *refused.problems])
            ) from refused
        self.stdout.write("\n".join(_said(loaded, dry_run=dry_run)))


def _said(loaded: Loaded, *, dry_run: bool) -> list[str]:
    slug = loaded.challenge.slug
    if dry_run and loaded.is_new:
        return [f"{slug} would be a new challenge. Nothing was loaded."]
    if dry_run:
        head = f"Loading {slug} would change:" if loaded.changes else f"{slug} would stay as it is."
        return [head, *loaded.changes, "Nothing was loaded."]
    if loaded.is_new:
        return [_counted(loaded), *_notes(loaded)]
    return [
        _counted(loaded),
        *(["Changed:", *loaded.changes] if loaded.changes else ["Nothing changed."]),
        *_notes(loaded),
    ]


def _notes(loaded: Loaded) -> list[str]:
    """Say which scenes name pictures that are not there."""
    return [
        f"Note: [[dataset]] {dataset.slug}: {note}"
        for dataset in loaded.challenge.datasets.all()
        if dataset.scenes
        for note in scene_notes(
            dataset.originals.values_list("name", flat=True), read_scenes(dataset.scenes)
        )
    ]


def _counted(loaded: Loaded) -> str:
    challenge = loaded.challenge
    pictures = sum(dataset.originals.count() for dataset in challenge.datasets.all())
    return (
        f"Loaded {challenge.slug}: {challenge.phases.count()} phases, "
        f"{challenge.datasets.count()} data sets, {pictures} pictures, "
        f"{len(loaded.studies)} studies."
    )
