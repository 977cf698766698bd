"""`manage.py rebuild_counts [STUDY...]`: check the counter tables against the judgments."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.management.lookup import find_by_slug
from ratings.models import Study


class Command(BaseCommand):
    """Counts studies' judgments again and reports, or repairs, every counter that differs."""

    help = "Count the judgments of studies again; report every counter that differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the studies' slugs."""
        parser.add_argument("study", nargs="*", help="a study's slug; by default all studies")
        parser.add_argument("--repair", action="store_true", help="set the counters right")

    def handle(self, *args: Any, study: list[str], repair: bool, **options: Any) -> None:
        """Raise CommandError when counters differ and are not repaired."""
        studies = [find_by_slug(Study, slug) for slug in study] or Study.objects.order_by("slug")
        differences = [it for one in studies for it in rebuild_counts(one, repair=repair)]
        for difference in differences:
            key = ", ".join(f"{name} {value}" for name, value in difference.key.items())
            name = difference.model.__name__
            self.stdout.write(
                f"{name} of {key}: {difference.counted} counted, {difference.judged} judged"
            )
        if differences and not repair:
            raise CommandError(f"{len(differences)} counters differ; --repair sets them right.")
        done = f"{len(differences)} counters set right." if differences else "All counters agree."
        self.stdout.write(done)
