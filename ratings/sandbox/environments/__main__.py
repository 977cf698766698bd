"""Make a packaged environment for this machine's workers: `python -m ratings.sandbox.environments`.

It reads the same settings as workers do, to know where.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ratings.environment import WrongEnvironment, read_environment
from ratings.sandbox.environments.making import make
from ratings.sandbox.environments.open_folders import usual_folder
from ratings.sandbox.environments.recipes import RECIPES
from ratings.sandbox.sandbox_errors import SandboxUnavailable


def main() -> None:
    """Say what will be downloaded, then make it; what is there already stays."""
    parser = argparse.ArgumentParser(
        prog="python -m ratings.sandbox.environments",
        description="Make a packaged environment of decoders, once for all workers of a machine.",
    )
    names = [slug for slug, recipe in RECIPES.items() if recipe.download]
    parser.add_argument("name", choices=names, help="the environment")
    name, begun = parser.parse_args().name, time.monotonic()
    try:
        environment = make(name, environments_folder(os.environ), partial(print, flush=True))
    except (SandboxUnavailable, WrongEnvironment) as error:
        sys.exit(str(error))
    print(f"{environment.tree} is there, after {time.monotonic() - begun:.0f} s.")


def environments_folder(variables: Mapping[str, str]) -> Path:
    """Return where workers with these variables keep their environments."""
    site = read_environment(variables)
    data = site.data_dir or Path("var").resolve()
    return site.sandbox_dir or usual_folder(data / "sandbox")


if __name__ == "__main__":
    main()
