"""`manage.py psnr ORIGINALS DECODED`: pooled and per-picture PSNR of two folders, no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.imaging.folders import FoldersRefused, pooled, score_folders


class Command(BaseCommand):
    """Translates arguments to `score_folders` and scores to lines or JSON."""

    help = "Print PSNR (dB) and MSE of decoded PNG files against originals of the same names."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("originals", type=Path, help="folder of original PNG files")
        parser.add_argument("decoded", type=Path, help="folder of decoded PNG files")
        parser.add_argument("--bitstreams", type=Path, help="folder of compressed files, for bpp")
        parser.add_argument("--ms-ssim", action="store_true", help="measure MS-SSIM too")
        parser.add_argument(
            "--json", action="store_true", help="JSON; psnr_db is null if identical"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            scores = score_folders(
                options["originals"],
                options["decoded"],
                options["bitstreams"],
                similarity=options["ms_ssim"],
            )
        except FoldersRefused as refused:
            raise CommandError(str(refused)) from refused
        everything = pooled(scores)
        if options["json"]:
            report = {"pooled": everything.as_json(), "images": [s.as_json() for s in scores]}
            self.stdout.write(json.dumps(report, indent=2, allow_nan=False))
        else:
            for score in [*scores, everything]:
                self.stdout.write(str(score))
