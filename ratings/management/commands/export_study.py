"""`manage.py export_study STUDY DIR`: everything needed to check a published ranking."""

import hashlib
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ratings.fidelity.board import psnr_board
from ratings.management.lookup import find
from ratings.models import Study
from ratings.ranking.board import HumanBoard, human_board
from ratings.ranking.export import judgments_csv, psnr_csv, ranking_csv, ranking_document
from ratings.ranking.fitting import refit

README = """Study {name}

judgments.csv  every judgment; a rater is a random identifier{simulated}
ranking.csv    the human ranking, with 95 % intervals
ranking.json   the same, with the settings, the input's digest and the software's version
psnr.csv       the PSNR board of the same phase
SHA256SUMS     digests of these files

To fit the ranking again:  python manage.py rank judgments.csv --json
"""


class Command(BaseCommand):
    """Writes the replication bundle of one study."""

    help = "Write judgments, rankings and digests of a study into a new directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the study's slug and the directory."""
        parser.add_argument("study", help="the study's slug")
        parser.add_argument("directory", type=Path, help="a directory that is empty or not there")

    def handle(self, *args: Any, study: str, directory: Path, **options: Any) -> None:  # noqa: ANN401
        """Write the files; refuse a directory that holds anything."""
        row = find(Study, study)
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise CommandError(f"{directory} is not an empty directory: name a new one.")
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{directory} can't be made: {error.strerror}.") from error
        refit(row, timezone.now())
        _write(row, human_board(row), directory)
        self.stdout.write(f"Wrote {len(list(directory.iterdir()))} files to {directory}.")


def _write(study: Study, board: HumanBoard, directory: Path) -> None:
    with (directory / "judgments.csv").open("w", newline="") as file:
        file.writelines(judgments_csv(study))
    document = json.dumps(ranking_document(board), indent=1, allow_nan=False)
    simulated = "; some raters are SIMULATED (column simulated)" if board.simulated else ""
    texts = {
        "ranking.csv": ranking_csv(board),
        "ranking.json": document + "\n",
        "psnr.csv": psnr_csv(psnr_board(study.phase)),
        "README": README.format(name=study.name, simulated=simulated),
    }
    for name, text in texts.items():
        (directory / name).write_text(text, newline="")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(directory.iterdir())
    ]
    (directory / "SHA256SUMS").write_text("".join(sums))
