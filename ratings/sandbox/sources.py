"""The sources of environments: packaged ones by their names, images by their digests."""

import re

from ratings.sandbox.environments.recipes import RECIPES, USUAL

IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,150}@sha256:[0-9a-f]{64}")


def is_source(text: str) -> bool:
    """Tell whether a text names an environment that there may be."""
    return text in RECIPES or is_image(text)


def is_image(source: str) -> bool:
    """Tell whether a source is an image."""
    return IMAGE.fullmatch(source) is not None


def image_of(source: str, site_image: str) -> str:
    """Return the image that is a whole environment; "" for one that is packaged.

    A site's own image stands for the usual one.
    """
    if is_image(source):
        return source
    return site_image if source == USUAL else ""


def how_to_have(source: str) -> str:
    """Return the command by which a machine gets an environment."""
    if is_image(source):
        return f"podman pull {source}"
    return f"python -m ratings.sandbox.environments {source}"
