"""What a decoder finds besides its own files: the system's programs, and a Python with packages."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.sandbox.refusals import SandboxUnavailable

SYSTEM = Path("/usr")
SYSTEM_FOLDERS = ("bin", "lib", "lib32", "lib64", "libexec", "share")
ETC = ("alternatives", "ld.so.cache", "localtime")
PACKAGES = ("numpy", "scipy", "pillow")
INSIDE = Path("/opt/decoding")  # where the tree stands inside
# Of every decoder, wherever it runs.
VARIABLES = {"HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
NOT_NEEDED = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "ensurepip", "lib2to3", "pydoc_data", "config-*", "*.a",
)  # fmt: skip


@dataclass(frozen=True)
class Environment:
    """A tree made by `environment_in`: `python/` if not the system's own, and `packages/`."""

    tree: Path

    @property
    def has_python(self) -> bool:
        return (self.tree / "python").is_dir()

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that a decoder is started with."""
        python = f"{INSIDE}/python/bin:" if self.has_python else ""
        return {
            **VARIABLES,
            "PATH": f"{python}/usr/bin:/bin",
            "PYTHONPATH": f"{INSIDE}/packages",
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


def environment_in(folder: Path, packages: tuple[str, ...] = PACKAGES) -> Environment:
    """Return the environment of this Python and its packages, made in `folder` when it is new.

    Raises SandboxUnavailable where a package is missing, or where other users can't enter `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _require_reachable(folder)
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    tree = folder / "-".join(f"{name}{version}" for name, version in versions.items())
    if not tree.exists():
        with TemporaryDirectory(dir=folder) as scratch:
            built = Path(scratch, "tree")
            _build(built, versions)
            with suppress(OSError):  # another process was faster
                built.rename(tree)
    return Environment(tree)


def _require_reachable(folder: Path) -> None:
    """Programs run as another user when a root process starts them."""
    for path in (folder.resolve(), *folder.resolve().parents):
        if os.geteuid() == 0 and not path.stat().st_mode & 0o001:
            raise SandboxUnavailable(
                f"{folder} can't hold what decoders need, because {path} is closed to other users; "
                "choose another folder."
            )


def _version(package: str) -> str:
    try:
        return distribution(package).version
    except PackageNotFoundError as error:
        raise SandboxUnavailable(
            f"{package} is not installed here, and decoders need it; install "
            "requirements/runtime.txt."
        ) from error


def _build(tree: Path, versions: dict[str, str]) -> None:
    """Copy this interpreter, if it is not the system's, and the packages named beside it."""
    tree.mkdir(mode=0o755)
    prefix = Path(sys.base_prefix)
    if not prefix.is_relative_to(SYSTEM) or prefix.is_relative_to(SYSTEM / "local"):
        _copy_python(prefix, tree / "python")
    (tree / "packages").mkdir()
    for name in versions.keys() - {"python"}:
        _copy_package(name, tree / "packages")
    for folder in (path for path in tree.rglob("*") if path.is_dir()):
        folder.chmod(0o755)  # whatever the umask was
    lines = (f"{name}={version}\n" for name, version in versions.items())
    (tree / "versions").write_text("".join(lines))


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


def _copy_package(name: str, target: Path) -> None:
    """Copy what a wheel installed, its tests left out."""
    for path in distribution(name).files or ():
        if ".." not in path.parts and "tests" not in path.parts:
            copy = target / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            _place(os.fspath(path.locate()), os.fspath(copy))


def _place(source: str, target: str) -> None:
    """Put a file there without using room twice where the file system allows that."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
