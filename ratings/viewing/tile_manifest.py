"""What a viewer needs to know of a picture: its levels, and where the tiles of each version are."""

from datetime import datetime
from typing import Any

from ratings.challenge.models import Original, Phase
from ratings.comparisons.study.presentation import identities_open
from ratings.imaging.tile_pyramid import TILE_SIDE, levels, tile_number
from ratings.storage.shelves import TILES
from ratings.viewing.models import PreparedPicture

ORIGINAL = "original"


def manifest(original: Original) -> dict[str, Any]:
    """Return a picture's size and levels as JSON: sizes in pixels, `shrink` in pixels each way."""
    found = levels(original.width, original.height)
    return {
        "width": original.width,
        "height": original.height,
        "tile_side": TILE_SIDE,
        "levels": [
            {"shrink": level.shrink, "width": level.width, "height": level.height}
            for level in found
        ],
    }


def tile_addresses(phase: Phase, original: Original) -> dict[str, str]:
    """Return the random addresses of a picture's tiles, by version: "original" or a submission."""
    rows = PreparedPicture.objects.filter(phase=phase, original=original)
    keys = rows.values_list("decoded__submission", "address")
    return {str(submission or ORIGINAL): address for submission, address in keys}


def read_tile(address: str, place: tuple[int, int, int], now: datetime) -> bytes | None:
    """Return the WebP of one tile, at level, column and row; None where there is none to see."""
    rows = PreparedPicture.objects.select_related("phase__challenge", "original")
    row = rows.filter(address=address).first()
    if row is None or not identities_open(row.phase, now):
        return None
    try:
        number = tile_number((row.original.width, row.original.height), *place)
        tile = range(row.ends[number - 1] if number else 0, row.ends[number])
        return b"".join(TILES.pieces(address, tile))
    except (ValueError, FileNotFoundError):
        return None
