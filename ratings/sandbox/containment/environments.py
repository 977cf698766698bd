# SPDX-License-Identifier: Apache-2.0
"""What a decoder finds besides its own files: the system's programs, and a Python with packages."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.worlds import USUAL, World

SYSTEM = Path("/usr")
SYSTEM_FOLDERS = ("bin", "lib", "lib32", "lib64", "libexec", "share")
ETC = ("alternatives", "ld.so.cache", "localtime")
PACKAGES = ("numpy", "scipy", "pillow")
INSIDE = Path("/opt/decoding")  # where the tree stands inside
APART = Path("/var/lib/ratings-sandbox")  # of sites in root's own folders
PROGRAMS = ("/usr/bin", "/bin")
PYTHONS = ("python3", "python")
READABLE, EXECUTABLE = 0o444, 0o111
MOST_LINKS = 40  # one after the other, as Linux has it
VARIABLES = {"HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
NOT_NEEDED = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "ensurepip", "lib2to3", "pydoc_data", "config-*", "*.a",
)  # fmt: skip


def variables(cores: float, world: World = USUAL) -> dict[str, str]:
    """Return the variables of every decoder that may use so many cores, wherever it runs."""
    return VARIABLES | world.variables(cores)


@dataclass(frozen=True)
class DecoderEnvironment:
    """A tree made by `environment_in`: `python/` if not the system's own, and `packages/`."""

    tree: Path

    @property
    def has_python(self) -> bool:
        """Whether it brings a Python, since the system's is another one."""
        return (self.tree / "python").is_dir()

    def variables(self, cores: float, world: World = USUAL) -> dict[str, str]:
        """Return the variables that a decoder is started with."""
        python = f"{INSIDE}/python/bin:" if self.has_python else ""
        return {
            **variables(cores, world),
            "PATH": python + ":".join(PROGRAMS),
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

    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of its packages, by name."""
        lines = (self.tree / "versions").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def description(self) -> dict[str, str]:
        """Return what a result may depend on: system, kernel, Python and its packages."""
        release = platform.freedesktop_os_release()
        return {
            "system": release.get("PRETTY_NAME", "unknown"),
            "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
            **self.versions(),
        }


def environment_in(folder: Path, packages: tuple[str, ...] = PACKAGES) -> DecoderEnvironment:
    """Return the environment of this Python and its packages, made in `folder` when it is new.

    Raises SandboxUnavailable where a package is missing, or where other users can't enter `folder`.
    """
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # whatever the umask is
    _require_reachable(folder)
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    tree = folder / "-".join(f"{name}{version}" for name, version in versions.items())
    if not tree.exists():
        with TemporaryDirectory(dir=folder) as scratch:
            built = Path(scratch, "tree")
            _build(built, versions)
            with suppress(OSError):  # another process was faster
                built.rename(tree)
    return DecoderEnvironment(tree)


def usual_folder(wanted: Path) -> Path:
    """Return `wanted`, or a folder apart where decoders of a root process couldn't get there.

    What lies in it is named by its versions, so that any number of sites may share it.
    """
    return APART if _closed(wanted) else wanted


def _require_reachable(folder: Path) -> None:
    if closed := _closed(folder):
        raise SandboxUnavailable(
            f"{folder} can't hold what decoders need, because {closed} is closed to other users; "
            "choose another folder."
        )


def _closed(folder: Path) -> Path | None:
    """Return what keeps others, who run what a root process starts, out of a folder; or None."""
    there = [path for path in (folder.resolve(), *folder.resolve().parents) if path.exists()]
    closed = (path for path in there if not path.stat().st_mode & 0o001)
    return next(closed, None) if os.geteuid() == 0 else None


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
    tree.mkdir()
    if not has_systems_python():
        _copy_python(Path(sys.base_prefix), tree / "python")
    (tree / "packages").mkdir()
    for name in versions.keys() - {"python"}:
        _copy_package(name, tree / "packages")
    for folder in (tree, *(path for path in tree.rglob("*") if path.is_dir())):
        folder.chmod(0o755)  # whatever the umask was
    lines = (f"{name}={version}\n" for name, version in versions.items())
    (tree / "versions").write_text("".join(lines))


def has_systems_python() -> bool:
    """Tell whether decoders find this very Python among the system's programs."""
    prefix = Path(sys.base_prefix)
    return prefix.is_relative_to(SYSTEM) and not prefix.is_relative_to(SYSTEM / "local")


def finds(program: str) -> bool:
    """Tell whether decoders find a program, by its path or its name, on this machine."""
    if "/" not in program:
        own = [] if has_systems_python() else [f"{INSIDE}/python/bin"]
        return any(finds(f"{folder}/{program}") for folder in (*own, *PROGRAMS))
    path = Path(os.path.normpath(f"/{program.lstrip('/')}"))
    if path.is_relative_to(INSIDE):
        names = () if has_systems_python() else (_minor(), *PYTHONS)
        return path in {INSIDE / "python/bin" / name for name in names}
    try:
        return _leads_to_program(path)
    except (OSError, RuntimeError):  # a name that is too long, links that lead in a circle
        return False


def _leads_to_program(path: Path) -> bool:
    """Follow links as far as they lead over what is mounted."""
    for _ in range(MOST_LINKS):
        if not _is_mounted(path):
            return False
        path = path.parent.resolve() / path.name
        if not path.is_symlink():
            # For any user: programs run as one who owns nothing.
            return _is_mounted(path) and path.is_file() and bool(path.stat().st_mode & 0o001)
        path = Path(os.path.normpath(path.parent / path.readlink()))
    return False


def _is_mounted(path: Path) -> bool:
    """Tell whether `Environment.mounts` shows this path of the machine."""
    _, top, *below = path.parts if path.name else ("/", "")
    if top in ("usr", "etc"):
        return bool(below) and below[0] in (SYSTEM_FOLDERS if top == "usr" else ETC)
    return top in SYSTEM_FOLDERS and Path("/", top).is_symlink()


def _copy_python(prefix: Path, target: Path) -> None:
    minor = _minor()
    (target / "bin").mkdir(parents=True)
    (target / "lib").mkdir()
    _place(str(prefix / "bin" / minor), str(target / "bin" / minor))
    for name in PYTHONS:
        (target / "bin" / name).symlink_to(minor)
    for library in (prefix / "lib").glob("libpython3*.so*"):
        _place(str(library), str(target / "lib" / library.name))
    library = target / "lib" / minor
    shutil.copytree(
        prefix / "lib" / minor, library, ignore=NOT_NEEDED, copy_function=_place, symlinks=True
    )


def _minor() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def _copy_package(name: str, target: Path) -> None:
    """Copy what a wheel installed, its tests left out."""
    for path in distribution(name).files or ():
        if ".." not in path.parts and "tests" not in path.parts:
            copy = target / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            _place(os.fspath(path.locate()), os.fspath(copy))


def _place(source: str, target: str) -> None:
    """Put a file there, for all to read; without using room twice where that can be."""
    mode = os.lstat(source).st_mode
    open_mode = mode | READABLE | (EXECUTABLE if mode & 0o100 else 0)
    if mode == open_mode:
        with suppress(OSError):
            os.link(source, target, follow_symlinks=False)
            return
    shutil.copy2(source, target, follow_symlinks=False)
    if mode != open_mode:  # it was installed under a strict umask
        Path(target).chmod(stat.S_IMODE(open_mode))
