"""`manage.py rater_data STUDY RATER [--erase]`: all that is kept about a rater, or its erasure."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from ratings.comparisons.privacy import Erased, erase, find_rater, kept
from ratings.management.lookup import find
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

    def handle(self, *args: Any, study: str, rater: str, **options: Any) -> None:  # noqa: ANN401
        """Print or erase. Raises CommandError where there is no such rater."""
        found = find_rater(find(Study, study), rater)
        if found is None:
            raise CommandError(
                f"Study {study} has no rater {rater!r}: give an identifier, a completion code, or "
                "a participant's name at the platform that sent them."
            )
        if options["erase"]:
            self.stdout.write(_said(erase(found)))
        else:
            self.stdout.write(json.dumps(kept(found), cls=DjangoJSONEncoder, indent=2))


def _said(erased: Erased) -> str:
    return (
        f"Erased: links to a platform's participant: {erased.recruits}, to an invitation: "
        f"{erased.invitations}; browser and screen of {erased.visits} visits and {erased.answers} "
        "answers. Judgments and rankings stay as they were."
    )
