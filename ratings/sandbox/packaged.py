"""Packaged environments, as far as the floors above need to know them."""

from pathlib import Path

from ratings.sandbox.sources import PYTHON


def available(folder: Path, *, image: str = "") -> tuple[str, ...]:
    """Return the packaged sources that this machine can run."""
    return (PYTHON,)


def contents(source: str) -> dict[str, str]:
    """Return what a packaged environment holds: versions by name."""
    return {}


def mend_of(source: str) -> str:
    """Say how an environment is made."""
    return f"make {source}"
