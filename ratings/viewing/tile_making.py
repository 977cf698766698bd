"""Making the tiles of a picture, one file for each method and one for the original."""

import logging
from collections.abc import Callable
from datetime import datetime

from ratings.challenge.models import Original, Phase
from ratings.challenge.pictures.originals import load_original
from ratings.comparisons.study.presentation import identities_open
from ratings.imaging.pixels import Rgb
from ratings.imaging.tile_pyramid import encode_tiles
from ratings.storage.shelves import TILES
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.models import DecodedImage
from ratings.viewing.models import PreparedPicture
from ratings.viewing.shown_methods import shown_submissions

_log = logging.getLogger(__name__)


def prepare_picture(phase: Phase, original: Original, clock: Callable[[], datetime]) -> None:
    """Make the tiles that a picture of the phase lacks, as long as everyone may see it.

    What is there stays, so that it can be done again from where it was cut off.
    """
    images = DecodedImage.objects.filter(
        original=original, submission__in=shown_submissions(phase)
    ).order_by("pk")
    there = set(
        PreparedPicture.objects.filter(phase=phase, original=original).values_list(
            "decoded", flat=True
        )
    )
    for image in (None, *images):
        if not identities_open(phase, clock()):
            return
        if (image.pk if image else None) not in there:
            try:
                rgb = load_decoded(image.sha256) if image else load_original(original)
            except FileNotFoundError:
                _log.exception("There is no file of %s of %s.", image or original, phase)
                continue
            _prepare(phase, original, image, rgb)


def _prepare(phase: Phase, original: Original, decoded: DecodedImage | None, rgb: Rgb) -> None:
    tiles = list(encode_tiles(rgb))
    ends = [0]
    for tile in tiles:
        ends.append(ends[-1] + len(tile))
    made = PreparedPicture(
        phase=phase, original=original, decoded=decoded, ends=ends[1:], size_bytes=ends[-1]
    )
    TILES.write(made.address, b"".join(tiles))
    # Another worker may have been as fast: then this file has no row, and goes.
    PreparedPicture.objects.bulk_create([made], ignore_conflicts=True)
