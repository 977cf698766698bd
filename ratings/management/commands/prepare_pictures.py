"""`manage.py prepare_pictures FOLDER OUT`: pictures as cameras make them, fit to be loaded."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.imaging.picture_plans import FitNames, PicturePlan
from ratings.imaging.pixels import PictureRefused
from ratings.imaging.preparing import prepare


class Command(BaseCommand):
    """Goes through a folder picture by picture and says what is done to each."""

    help = (
        "Write the pictures of a folder as PNGs that load_challenge takes: renamed, rounded to "
        "8 bits, in sRGB, upright. The folder stays as it is; each change is said."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two folders."""
        parser.add_argument("folder", type=Path, help="the pictures as they are")
        parser.add_argument("out", type=Path, help="a new or empty folder for the PNGs")

    def handle(self, *args: Any, folder: Path, out: Path, **options: Any) -> None:
        """Write all that can be prepared; end with 1 where something could not be."""
        folder, out = Path(folder), Path(out)
        paths = _pictures(folder)
        _make(out)
        names = FitNames(path.name for path in paths)
        written = 0
        for path in paths:
            try:
                prepared = prepare(path.read_bytes())
            except (PictureRefused, OSError) as error:
                why = error.strerror if isinstance(error, OSError) else error
                plan = PicturePlan(problem=str(why))
            else:
                plan = names.plan(path.name, prepared.changes)
                (out / plan.name).write_bytes(prepared.png)
                written += 1
            self.stdout.write(f"{path.name}: {plan}")
        said = f"{written} of {len(paths)} pictures are in {out}."
        if written < len(paths):
            raise CommandError(f"{said} Mend what was refused, and prepare the folder again.")
        self.stdout.write(said)


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise CommandError(f"There is no folder {folder}.")
    paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if not paths:
        raise CommandError(f"There is nothing in {folder}.")
    return sorted(paths)


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{out} can't be made: {error.strerror}.") from error
    if any(out.iterdir()):
        raise CommandError(f"{out} is not empty; name a new folder.")
