"""`manage.py load_challenge FILE.toml`: create or update a challenge from its definition file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ratings.challenge.definition import parse
from ratings.challenge.loading import load_definition
from ratings.challenge.refusals import Refused
from ratings.comparisons.definition import load_studies
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

    def handle(
        self,
        *args: Any,  # noqa: ANN401
        file: Path,
        originals: Path | None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Load the definition, or say everything that is wrong with it."""
        file, folder = Path(file), originals and Path(originals)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} can't be read: {error}") from error
        try:
            with transaction.atomic():
                challenge = load_definition(text, folder or file.parent)
                studies = load_studies(challenge, parse(text).studies)
                queue_preparing(studies)
        except Refused as refused:
            raise CommandError(
                "\n".join([f"{file} was not loaded:", *refused.problems])
            ) from refused
        pictures = sum(dataset.originals.count() for dataset in challenge.datasets.all())
        self.stdout.write(
            f"Loaded {challenge.slug}: {challenge.phases.count()} phases, "
            f"{challenge.datasets.count()} data sets, {pictures} pictures, {len(studies)} studies."
        )
