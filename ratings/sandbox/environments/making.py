# SPDX-License-Identifier: Apache-2.0
"""Making environments: once, in a folder of their own, for all workers of a machine."""

import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from ratings.sandbox.environments.open_folders import open_folder
from ratings.sandbox.environments.python_copies import (
    copy_package,
    copy_python,
    installed_version,
)
from ratings.sandbox.environments.recipes import RECIPES, USUAL, Recipe, contents
from ratings.sandbox.environments.trees import (
    INSIDE,
    MINOR,
    PYTHONS,
    STAND_IN,
    DecoderEnvironment,
)
from ratings.sandbox.sandbox_errors import EnvironmentAbsent, SandboxUnavailable

PACKAGES = ("numpy", "scipy", "pillow")
LAYOUT = "1"  # of trees: another one makes them anew
VENV = f"home = {INSIDE}/python/bin\ninclude-system-site-packages = false\n"
START_OURS = f'#!/bin/sh\nexec {INSIDE}/bin/python3 "$@"\n'
INSTALL = ("install", "--no-deps", "--only-binary", ":all:", "--require-hashes")

Say = Callable[[str], object]


def environment_in(folder: Path, packages: tuple[str, ...] = PACKAGES) -> DecoderEnvironment:
    """Return the environment of this Python and its packages, made in `folder` when it is new.

    Raises SandboxUnavailable where a package is missing, or where other users can't enter `folder`.
    """
    open_folder(folder)
    versions = {"python": platform.python_version()}
    versions |= {name: installed_version(name) for name in packages}

    def fill(site: Path) -> None:
        for name in packages:
            copy_package(name, site)

    return _made_once(folder, USUAL, versions, fill, lambda words: None)


def make(slug: str, folder: Path, say: Say) -> DecoderEnvironment:
    """Make a packaged environment of what pip fetches, unless `folder` has it.

    `say` is told what will be downloaded before it is. Raises SandboxUnavailable.
    """
    recipe = RECIPES[slug]
    open_folder(folder)

    def fill(site: Path) -> None:
        room = recipe.download or "about 60 MB to download"
        say(f"Making {slug} in {folder}: {recipe.words}; {room}.")
        pins = (f"{name} {version}" for name, version in recipe.pins().items())
        say(f"It takes {', '.join(pins)}.")
        _install(recipe, site)

    return _made_once(folder, slug, contents(slug), fill, say)


def made(slug: str, folder: Path) -> DecoderEnvironment:
    """Return a packaged environment that `make` has made. Raises EnvironmentAbsent."""
    tree = _tree(folder, slug, contents(slug))
    if not tree.exists():
        raise EnvironmentAbsent(
            f"The environment {slug!r} is not in {folder}; make it by "
            f"python -m ratings.sandbox.environments {slug}, for each machine of workers."
        )
    return DecoderEnvironment(tree)


def available(folder: Path) -> tuple[str, ...]:
    """Return the packaged environments that this machine has, or makes by itself."""
    return tuple(
        slug
        for slug, recipe in RECIPES.items()
        if not recipe.download or _tree(folder, slug, contents(slug)).exists()
    )


def _tree(folder: Path, slug: str, versions: Mapping[str, str]) -> Path:
    digest = hashlib.sha256("\n".join([LAYOUT, *sorted(_lines(versions))]).encode()).hexdigest()
    return folder / f"{slug}-{versions['python']}-{digest[:12]}"


def _lines(versions: Mapping[str, str]) -> list[str]:
    return [f"{name}={version}" for name, version in versions.items()]


def _made_once(
    folder: Path, slug: str, versions: Mapping[str, str], fill: Callable[[Path], None], say: Say
) -> DecoderEnvironment:
    """Return a tree of that name; whole or not at all, and by one process alone."""
    tree = _tree(folder, slug, versions)
    if not tree.exists():
        with _alone(folder / f".{slug}.lock", say):
            for left in folder.glob(f".{slug}-*"):  # of a process that was killed
                shutil.rmtree(left)
            if not tree.exists():
                built = Path(mkdtemp(dir=folder, prefix=f".{slug}-"))
                _build(built, versions, fill)
                built.rename(tree)
    return DecoderEnvironment(tree)


@contextmanager
def _alone(lock: Path, say: Say) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process makes it; waiting for that.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(tree: Path, versions: Mapping[str, str], fill: Callable[[Path], None]) -> None:
    copy_python(tree / "python")
    site = tree / "lib" / MINOR / "site-packages"
    site.mkdir(parents=True)
    fill(site)
    (tree / "bin").mkdir()
    for name in PYTHONS:
        (tree / "bin" / name).symlink_to(f"../python/bin/{name}")
    (tree / "pyvenv.cfg").write_text(f"{VENV}version = {versions['python']}\n")
    (tree / STAND_IN).write_text(START_OURS)
    (tree / STAND_IN).chmod(0o755)
    (tree / "versions").write_text("".join(f"{line}\n" for line in _lines(versions)))
    _open_to_all(tree)


def _open_to_all(tree: Path) -> None:
    """Let every user read it, whatever the umask was."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            wanted = mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444)
            if mode != wanted:
                path.chmod(wanted)


def _install(recipe: Recipe, site: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    asked = [*pip, *INSTALL, "--target", str(site), "--requirement", str(recipe.requirements)]
    if subprocess.run(asked, check=False).returncode:
        raise SandboxUnavailable(
            f"The environment {recipe.slug!r} was not made: pip failed, as it says above. Where it "
            "finds no build of PyTorch for CPUs (+cpu), name an index that has them in "
            "PIP_EXTRA_INDEX_URL; PyTorch's page of installation gives its address."
        )
