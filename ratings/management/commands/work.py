"""`manage.py work`: a worker, which does what the site puts into its queues."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.jobs.queues import QUEUES
from ratings.jobs.working import work


class Command(BaseCommand):
    """Works until it is told to stop; while the database is away it waits."""

    help = "Take jobs until SIGTERM or Ctrl-C; the job under way is ended first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the queues."""
        words = f"names of queues, set apart by commas; by default all: {', '.join(QUEUES)}"
        parser.add_argument("-q", "--queues", default=",".join(QUEUES), help=words)

    def handle(self, *args: Any, queues: str, **options: Any) -> None:
        """Raise CommandError for a queue that there is not: nobody would work on what is meant."""
        wanted = queues.split(",")
        if unknown := sorted(set(wanted) - set(QUEUES)):
            raise CommandError(
                f"{', '.join(unknown)}: no such queue. There are: {', '.join(QUEUES)}."
            )
        work(wanted)
