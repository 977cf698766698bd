"""What a decoder finds besides its own files: the system's programs, and a Python with packages."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ratings.sandbox.refusals import SandboxUnavailable

SYSTEM = Path("/usr")
SYSTEM_FOLDERS = ("bin", "lib", "lib32", "lib64", "libexec", "share")
ETC = ("alternatives", "ld.so.cache", "localtime")
PACKAGES = ("numpy", "scipy", "pillow")
INSIDE = Path("/opt/decoding")  # where the tree stands inside
NOT_NEEDED = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "ensurepip", "lib2to3", "pydoc_data", "config-*", "*.a",
)  # fmt: skip


@dataclass(frozen=True)
class Environment:
    """A tree made by `build_environment`: `python/` if not the system's own, and `packages/`."""

    tree: Path

    @property
    def has_python(self) -> bool:
        return (self.tree / "python").is_dir()

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that a decoder is started with."""
        python = f"{INSIDE}/python/bin:" if self.has_python else ""
        return {
            "PATH": f"{python}/usr/bin:/bin",
            "HOME": "/tmp",
            "TMPDIR": "/tmp",
            "LANG": "C.UTF-8",
            "PYTHONPATH": f"{INSIDE}/packages",
            "PYTHONDONTWRITEBYTECODE": "1",
        } | ({"LD_LIBRARY_PATH": f"{INSIDE}/python/lib"} if python else {})

    def mounts(self) -> Iterator[str]:
        """Yield bubblewrap's arguments for a read-only root of nothing but this."""
        for name in SYSTEM_FOLDERS:
            if (SYSTEM / name).is_dir():
                yield from ("--ro-bind", f"{SYSTEM / name}", f"/usr/{name}")
                if Path("/", name).is_symlink():
                    yield from ("--symlink", f"usr/{name}", f"/{name}")
        for name in ETC:
            yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
        yield from ("--ro-bind", str(self.tree), str(INSIDE))

    def description(self) -> dict[str, str]:
        """Return what a result may depend on: system, kernel, Python and its packages."""
        versions = (self.tree / "versions").read_text().splitlines()
        release = platform.freedesktop_os_release()
        return {
            "system": release.get("PRETTY_NAME", "unknown"),
            "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
            **dict(line.split("=", 1) for line in versions),
        }


def build_environment(tree: Path, packages: tuple[str, ...] = PACKAGES) -> Environment:
    """Copy this interpreter, if it is not the system's, and packages of its own into a new folder.

    The folder must be one that every user can reach. Raises SandboxUnavailable naming a package
    that is not installed.
    """
    tree.mkdir(parents=True, mode=0o755)
    prefix = Path(sys.base_prefix)
    if not prefix.is_relative_to(SYSTEM) or prefix.is_relative_to(SYSTEM / "local"):
        _copy_python(prefix, tree / "python")
    (tree / "packages").mkdir()
    versions = [f"python={platform.python_version()}"]
    for name in packages:
        versions.append(f"{name}={_copy_package(name, tree / 'packages')}")
    (tree / "versions").write_text("\n".join(versions) + "\n")
    return Environment(tree)


def _copy_python(prefix: Path, target: Path) -> None:
    minor = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (target / "bin").mkdir(parents=True)
    (target / "lib").mkdir()
    shutil.copy2(prefix / "bin" / minor, target / "bin")
    for name in ("python3", "python"):
        (target / "bin" / name).symlink_to(minor)
    for library in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy2(library, target / "lib", follow_symlinks=False)
    library = target / "lib" / minor
    shutil.copytree(
        prefix / "lib" / minor, library, ignore=NOT_NEEDED, copy_function=_place, symlinks=True
    )


def _copy_package(name: str, target: Path) -> str:
    """Copy what a wheel installed, its tests left out, and return its version."""
    try:
        package = distribution(name)
    except PackageNotFoundError as error:
        raise SandboxUnavailable(
            f"{name} is not installed here, and decoders need it; install requirements/runtime.txt."
        ) from error
    for path in package.files or ():
        if ".." not in path.parts and "tests" not in path.parts:
            copy = target / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            _place(os.fspath(path.locate()), os.fspath(copy))
    return package.version


def _place(source: str, target: str) -> None:
    """Put a file there without using room twice where the file system allows that."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
