"""`manage.py rater_data STUDY RATER [--erase]`: all that is kept about a rater, or its erasure."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from ratings.comparisons.raters.privacy import Erased, find_rater, rater_data
from ratings.jobs.rater_actions import erase
from ratings.management.lookup import find_by_slug
from ratings.models import Study


class Command(BaseCommand):
    """Prints what is kept about one rater as JSON, or erases what leads to a person."""

    help = "Print all that is kept about a rater as JSON, or erase what leads to a person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study's slug and what the rater can name."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument(
            "rater", help="identifier, completion code, or name at the recruiting platform"
        )
        parser.add_argument("--erase", action="store_true", help="erase; judgments stay")

    def handle(self, *args: Any, study: str, rater: str, **options: Any) -> None:
        """Print or erase. Raises CommandError where there is no such rater."""
        rater_row = find_rater(find_by_slug(Study, study), rater)
        if rater_row is None:
            raise CommandError(
                f"Study {study} has no rater {rater!r}: give an identifier, a completion code, or "
                "a participant's name at the platform that sent them."
            )
        if options["erase"]:
            self.stdout.write(_said(*erase(rater_row, timezone.now())))
        else:
            self.stdout.write(json.dumps(rater_data(rater_row), cls=DjangoJSONEncoder, indent=2))


def _said(erased: Erased, bundles: int) -> str:
    return (
        f"Erased: links to a platform's participant: {erased.recruits}, to an invitation: "
        f"{erased.invitations}; browser and screen of {erased.visits} visits and {erased.answers} "
        f"answers; comments and words to flags: {erased.texts}; answers to the questionnaire: "
        f"{erased.questions}. "
        f"Bundles of the study taken back: {bundles}. "
        "Judgments and rankings stay as they were."
    )
