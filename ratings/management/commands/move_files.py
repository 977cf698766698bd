"""`manage.py move_files`: copies all stored files from the site's store to another one."""

import shlex
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ratings.files_place import FilesPlace, read_place
from ratings.management.aligned import aligned
from ratings.management.commands.files import SHELVES
from ratings.storage.moving import Moved, foresee, move
from ratings.storage.root import bucket, root
from ratings.storage.site_store import open_store, the_store
from ratings.storage.store import Store, StoreAway

COLUMNS = ("kind", "files", "bytes", "there already")
EVERY_SECONDS = 5.0
NEXT = (
    "All is there and was read back. What comes from now on is not: stop the site, run this again, "
    "and start everything with RATINGS_FILES_URL={url}"
)


class Command(BaseCommand):
    """Copies and compares; neither the site's store nor its settings change."""

    help = "Copy all stored files to a folder or a bucket; again goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to."""
        parser.add_argument("--to", required=True, metavar="URL", help="as RATINGS_FILES_URL")
        parser.add_argument("--dry-run", action="store_true", help="copy nothing, only count")

    def handle(self, *args: Any, to: str, dry_run: bool, **options: Any) -> None:
        """Raise CommandError where a store is away, or files are not what they should be."""
        target = open_store(_place(to))
        source = the_store()
        try:
            foreseen = {kind: foresee(shelf, source, target) for kind, shelf in SHELVES.items()}
            self.stdout.write("\n".join(aligned([COLUMNS, *map(_cells, foreseen.items())], 0)))
            if dry_run:
                return
            moved = self._move(source, target, foreseen)
        except (StoreAway, OSError) as error:
            raise CommandError(f"{error} What is there stays; run it again.") from error
        damaged = [place for one in moved for place in one.damaged]
        if damaged:
            raise CommandError(
                "\n".join(["Not what their names say; copy them back from a backup:", *damaged])
            )
        self.stdout.write(NEXT.format(url=shlex.quote(to)))

    def _move(self, source: Store, target: Store, foreseen: dict[str, Moved]) -> list[Moved]:
        files = sum(one.files for one in foreseen.values())
        size_bytes = sum(one.size_bytes for one in foreseen.values())
        done_files = done_bytes = 0
        said_at = time.monotonic()

        def told(more_bytes: int) -> None:
            nonlocal done_files, done_bytes, said_at
            done_files, done_bytes = done_files + 1, done_bytes + more_bytes
            if time.monotonic() - said_at >= EVERY_SECONDS:
                said_at = time.monotonic()
                self.stdout.write(
                    f"{done_files:,} of {files:,} files, {done_bytes:,} of {size_bytes:,} bytes"
                )

        moved = [move(shelf, source, target, told) for shelf in SHELVES.values()]
        there = sum(one.there for one in moved)
        copied = sum(one.files - one.there - len(one.damaged) for one in moved)
        self.stdout.write(f"Copied {copied:,} files; {there:,} were there.")
        return moved


def _place(url: str) -> FilesPlace:
    try:
        place = read_place(url, settings.BUCKET_KEYS)
    except ValueError as error:
        raise CommandError(f"--to {error}") from error
    if place == (bucket() or root()):
        raise CommandError(f"The site's files lie at {place} already.")
    return place


def _cells(line: tuple[str, Moved]) -> list[str]:
    kind, moved = line
    return [kind, f"{moved.files:,}", f"{moved.size_bytes:,}", f"{moved.there:,}"]
