"""The sources of environments: packaged ones by their names, images by their digests."""

import re

PYTHON = "python"
PACKAGED = (PYTHON, "torch")
IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,150}@sha256:[0-9a-f]{64}")


def is_source(text: str) -> bool:
    """Tell whether a text names an environment that there may be."""
    return text in PACKAGED or is_image(text)


def is_image(source: str) -> bool:
    """Tell whether a source is an image."""
    return IMAGE.fullmatch(source) is not None


def image_of(source: str, site_image: str) -> str:
    """Return the image that decoders of a source run in; "" for none.

    A site's own image stands for "python".
    """
    if is_image(source):
        return source
    return site_image if source == PYTHON else ""
