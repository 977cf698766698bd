"""`manage.py dump_challenge CHALLENGE`: a challenge as the definition file that gives it back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ratings.challenge.loading import dump
from ratings.comparisons.definition import dump_study
from ratings.management.lookup import find
from ratings.models import Challenge, Study


class Command(BaseCommand):
    """Prints the definition, studies included."""

    help = "Print a challenge as a definition file; load_challenge takes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the challenge's slug."""
        parser.add_argument("challenge", help="the challenge's slug")

    def handle(self, *args: Any, challenge: str, **options: Any) -> None:  # noqa: ANN401
        """Print TOML; folders of originals are called like their data sets."""
        found = find(Challenge, challenge)
        studies = Study.objects.filter(phase__challenge=found).order_by("pk")
        self.stdout.write(dump(found, [dump_study(study) for study in studies]), ending="")
