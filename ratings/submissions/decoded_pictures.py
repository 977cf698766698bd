"""The samples of stored pictures that decoders made, or that teams sent as decoded."""

from ratings.imaging.pixels import Rgb, decode_checked, read_header
from ratings.storage import content_store


def load_decoded(sha256: str) -> Rgb:
    """Decode a stored PNG that was checked when it came in: uint8 of shape (height, width, 3).

    Raises FileNotFoundError.
    """
    content = content_store.load(sha256)
    return decode_checked(content, read_header(content))
