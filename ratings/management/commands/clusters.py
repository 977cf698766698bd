"""`manage.py clusters`: the embedded Postgres where it lies apart; removing what is left over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from ratings.database import apart
from ratings.database.cluster_errors import ClusterError


class Command(BaseCommand):
    """Lists clusters and copies of programs, and removes those that nothing needs any more."""

    help = f"List what of the embedded Postgres lies in {apart.ROOM}; remove what is left over."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to remove."""
        words = "remove databases whose data directory is gone, and programs that nothing runs"
        parser.add_argument("--remove", action="store_true", help=words)

    def handle(self, *args: Any, remove: bool, **options: Any) -> None:
        """Raise CommandError where a server does not stop."""
        for cluster in apart.kept():
            size = filesizeformat(cluster.size_bytes)
            if cluster.is_left_over and remove:
                _remove(cluster)
            said = ("removed: " if remove else "left over: ") if cluster.is_left_over else ""
            self.stdout.write(f"{cluster.path}  {said}{cluster.words} ({size})")
        if not remove and any(cluster.is_left_over for cluster in apart.kept()):
            self.stdout.write("Remove what is left over with --remove.")


def _remove(left_over: apart.Kept) -> None:
    try:
        apart.remove(left_over)
    except ClusterError as error:
        raise CommandError(str(error)) from error
