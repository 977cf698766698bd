"""`manage.py dump_challenge CHALLENGE`: a challenge as the definition file that gives it back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ratings.comparisons.study.definition_history import whole_toml
from ratings.management.lookup import find_by_slug
from ratings.models import Challenge


class Command(BaseCommand):
    """Prints the definition, studies included."""

    help = "Print a challenge as a definition file; load_challenge takes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the challenge's slug."""
        parser.add_argument("challenge", help="the challenge's slug")

    def handle(self, *args: Any, challenge: str, **options: Any) -> None:
        """Print TOML; folders of originals are called like their data sets."""
        self.stdout.write(whole_toml(find_by_slug(Challenge, challenge)), ending="")
