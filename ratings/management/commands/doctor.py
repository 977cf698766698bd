"""`manage.py doctor`: whether the site is well, and the mend of what is not."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.health.checkups import WRONG, examine


class Command(BaseCommand):
    """Looks at all that a site needs, from this machine and as this user; changes nothing."""

    help = "Check database, files, clock, workers, sandbox, mail and settings; say the mends."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", help="a list of findings for programs")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        """Print a line for each check. Raises CommandError where something is wrong."""
        findings = []
        for finding in examine():
            findings.append(finding)
            if not json:
                self.stdout.write(f"{finding.state:6}{finding.about}: {finding.words}")
        if json:
            self.stdout.write(_as_json([asdict(finding) for finding in findings]))
        wrong = [finding.about for finding in findings if finding.state == WRONG]
        if wrong:
            raise CommandError(f"To be mended: {', '.join(wrong)}.")


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2)
