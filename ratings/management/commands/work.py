"""`manage.py work`: a worker, which does what the site puts into its queues."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.health.connections import OF_A_WORKER, crowding
from ratings.health.readiness import Unfit, require_fitness
from ratings.jobs.queues import QUEUES
from ratings.jobs.vital_signs import VitalSigns
from ratings.jobs.working import work


class Command(BaseCommand):
    """Works until it is told to stop; while the database is away it waits.

    It ends where it would do harm: with a wrong clock, or with other files than the site's.
    """

    help = "Take jobs until SIGTERM or Ctrl-C; the job under way is ended first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the queues."""
        words = f"names of queues, set apart by commas; by default all: {', '.join(QUEUES)}"
        parser.add_argument("-q", "--queues", default=",".join(QUEUES), help=words)
        words = "a file that is written every 5 s while the worker lives, with its state"
        parser.add_argument("--alive", type=Path, metavar="FILE", help=words)

    def handle(self, *args: Any, queues: str, alive: Path | None, **options: Any) -> None:
        """Raise CommandError for a queue that there is not: nobody would work on what is meant.

        Also where this machine is unfit to work.
        """
        wanted = queues.split(",")
        if unknown := sorted(set(wanted) - set(QUEUES)):
            raise CommandError(
                f"{', '.join(unknown)}: no such queue. There are: {', '.join(QUEUES)}."
            )
        if words := crowding(OF_A_WORKER):
            self.stderr.write(words)
        try:
            work(wanted, require_fitness, VitalSigns(alive))
        except Unfit as unfit:
            raise CommandError(str(unfit)) from unfit
