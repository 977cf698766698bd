"""`manage.py add_worker NAME`: a token for a worker that runs decoders over HTTPS alone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ratings.challenge.refusals import Refused
from ratings.submissions.runs.workers import add_worker


class Command(BaseCommand):
    """Prints the token, this once; the desk revokes it."""

    help = "Make a token for a worker elsewhere (python -m ratings.remote), and print it once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name that the desk lists it by."""
        parser.add_argument("name", help="what the desk calls it, such as its machine's name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        """Print the token. Raises CommandError for a name that can't be used."""
        try:
            self.stdout.write(add_worker(name, "manage.py add_worker", timezone.now()))
        except Refused as refused:
            raise CommandError(str(refused)) from refused
