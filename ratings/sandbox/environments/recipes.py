# SPDX-License-Identifier: Apache-2.0
"""What the packaged environments hold."""

import operator
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

USUAL = "python"  # what each phase has where its definition names none
PIN = re.compile(
    r"^([\w.-]+)==([^\s;\\]+)(?: ; python_full_version (<|>=) '(\d+)\.(\d+)')?", re.MULTILINE
)
# What the packages that an environment is made for are imported by.
MODULES = {
    "numpy": "numpy", "scipy": "scipy", "pillow": "PIL", "torch": "torch",
    "constriction": "constriction",
}  # fmt: skip
COMPARED = {"<": operator.lt, ">=": operator.ge}


@dataclass(frozen=True)
class Recipe:
    """A packaged environment: how it is called, and what it takes to make it."""

    slug: str
    words: str
    download: str = ""  # and room; "" where it is copied from what the site itself is made of

    @property
    def requirements(self) -> Path:
        """The file of its packages: versions, with the hashes of the builds that will do."""
        return Path(__file__).with_name(f"{self.slug}.txt")

    def pins(self) -> dict[str, str]:
        """Return the version of each package by name, for the Python that asks."""
        return dict(_pins(self.requirements))


RECIPES: Mapping[str, Recipe] = {
    recipe.slug: recipe
    for recipe in (
        Recipe(USUAL, "numpy, scipy and Pillow"),
        Recipe(
            "torch",
            "PyTorch for CPUs, constriction, numpy, scipy and Pillow",
            "about 270 MB to download, 1.1 GB on disk",
        ),
    )
}


def contents(source: str) -> dict[str, str]:
    """Return what a packaged environment holds: the versions of Python and packages, by name.

    Nothing is known here of what an image holds.
    """
    if source not in RECIPES:
        return {}
    return {"python": platform.python_version()} | RECIPES[source].pins()


@lru_cache
def _pins(requirements: Path) -> tuple[tuple[str, str], ...]:
    found = PIN.findall(requirements.read_text())
    return tuple(
        (name, version)
        for name, version, compares, *bound in found
        if not compares or COMPARED[compares](sys.version_info[:2], tuple(map(int, bound)))
    )
