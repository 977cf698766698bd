"""What decoders find beside their files: made once and whole, and found by its own Python alone."""

import hashlib
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ratings.sandbox.environments import making, trees
from ratings.sandbox.environments.making import available, environment_in, made, make
from ratings.sandbox.environments.recipes import MODULES, RECIPES, Recipe, contents
from ratings.sandbox.environments.trees import MINOR, DecoderEnvironment
from ratings.sandbox.metering.meters import Watching
from ratings.sandbox.run_limits import GIB, MIB
from ratings.sandbox.sandbox_errors import EnvironmentAbsent, SandboxUnavailable
from ratings.sandbox.sandboxes import BubblewrapSandbox, ContainerSandbox, MeteredSandbox
from ratings.sandbox.self_test import open_sandbox, require_devices, self_test
from tests.sandbox.builders import SMALL, run_plain
from tests.sandbox.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
ROOMY = replace(SMALL, cpu_seconds=60, memory_bytes=GIB, processes=64, log_bytes=MIB)
DEVICE = "/dev/kmsg"
NOT_TAKEN_ALONG = shutil.ignore_patterns(
    "site-packages", "test", "tests", "idlelib", "lib2to3", "config-*", "ensurepip", "tkinter",
    "__pycache__", "pydoc_data",
)  # fmt: skip


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that every user can enter."""
    with TemporaryDirectory(prefix="ratings-environments-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_only_what_is_meant_for_all_programs_is_among_the_variables(run: Run) -> None:
    told = run("#!/bin/sh\nenv").log.decode().splitlines()
    names = {line.partition("=")[0] for line in told}
    assert {name for name in names if name.startswith(("PYTHON", "LD_"))} == {
        "PYTHONDONTWRITEBYTECODE"
    }
    assert {"HOME=/tmp", "USER=decoder", "OMP_NUM_THREADS=2", "RAYON_NUM_THREADS=2"} < set(told)


@pytest.mark.parametrize("first_line", ["/usr/bin/env python3", "/usr/bin/python3"])
def test_its_python_finds_its_packages_by_itself(run: Run, first_line: str) -> None:
    program = f"#!{first_line}\nimport sys, numpy\nprint(sys.prefix, numpy.__file__)\n"
    said = run(program, limits=ROOMY).log.decode().split()
    assert said == [
        "/opt/decoding",
        f"/opt/decoding/lib/{MINOR}/site-packages/numpy/__init__.py",
    ]


def other_pythons() -> list[Path]:
    """Return the prefixes of this Python and of one of another minor version, if one is here."""
    own = Path(sys.base_prefix)
    beside = sorted(own.parent.glob("3.*")) if own.name.startswith("3.") else []
    return [own, *(path for path in beside if path.name.split(".")[1] != own.name.split(".")[1])][
        :2
    ]


@pytest.mark.parametrize("prefix", other_pythons(), ids=lambda prefix: prefix.name)
def test_a_python_that_a_team_brings_finds_its_own_packages(
    environment: DecoderEnvironment, tmp_path: Path, prefix: Path
) -> None:
    decoder = bring_python(tmp_path / "decoder", prefix)
    (tmp_path / "outputs").mkdir()
    limits = replace(ROOMY, files=9999)
    result = BubblewrapSandbox(environment).run(decoder, {}, tmp_path / "outputs", limits)
    minor = next((decoder / "env" / "bin").iterdir()).name
    own = f"/work/env/lib/{minor}/site-packages/numpy/__init__.py"
    assert result.log.decode() == f"{minor} its own {own}\n", result


def bring_python(folder: Path, prefix: Path) -> Path:
    """Lay a decoder that carries a whole Python, and a numpy for it, into a folder."""
    program = next((prefix / "bin").glob("python3.[0-9]*[0-9]"))
    library = folder / "env" / "lib"
    shutil.copytree(prefix / "lib" / program.name, library / program.name, ignore=NOT_TAKEN_ALONG)
    for shared in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy2(shared, library / shared.name)
    (folder / "env" / "bin").mkdir()
    shutil.copy2(program, folder / "env" / "bin" / program.name)
    own = library / program.name / "site-packages" / "numpy"
    own.mkdir(parents=True)
    (own / "__init__.py").write_text("__version__ = 'its own'\n")
    says = "import sys, numpy; print('python%d.%d' % sys.version_info[:2], numpy.__version__, "
    (folder / "decode").write_text(
        "#!/bin/sh\nexport LD_LIBRARY_PATH=$PWD/env/lib\n"
        f'exec env/bin/{program.name} -c "{says}numpy.__file__)"\n'
    )
    (folder / "decode").chmod(0o755)
    return folder


def test_its_python_stands_for_the_systems_wherever_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on machines whose /usr/bin/python3 leads to /etc/alternatives, and out of that again."""
    link, tree = tmp_path / "python3", DecoderEnvironment(tmp_path / "tree")
    monkeypatch.setattr(trees, "SYSTEMS_PYTHON", link)
    link.symlink_to(shell := Path("/usr/bin/sh"))
    stand_in = ["--ro-bind", str(tree.tree / trees.STAND_IN)]
    assert list(tree.mounts())[-3:] == [*stand_in, str(shell.resolve())]
    link.unlink()
    link.symlink_to(tmp_path / "local")
    (tmp_path / "local").touch()  # decoders don't see this one
    assert stand_in[1] not in tree.mounts()


def test_no_network_is_said_at_once(run: Run) -> None:
    program = """#!/usr/bin/env python3
import socket, time, urllib.request
begun = time.monotonic()
for reach in (
    lambda: socket.getaddrinfo("example.org", 443),
    lambda: socket.create_connection(("192.0.2.1", 80)),
    lambda: urllib.request.urlopen("https://example.org/weights.pth"),
):
    try:
        reach()
    except OSError as error:
        print(error)
print(time.monotonic() - begun < 1 or "late")
"""
    log = run(program, limits=ROOMY).log.decode()
    assert log.count("Name or service not known") == 2 and "Address family not supported" in log
    assert log.endswith("True\n")


def test_libraries_keep_things_where_they_are_no_output(run: Run) -> None:
    program = """#!/bin/sh
for folder in "$HOME" "$TMPDIR" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" "$NUMBA_CACHE_DIR"; do
    touch "$folder/hostile-kept.png" || exit 1
done
"""
    result = run(program)
    assert result.succeeded and not result.outputs, result


def test_what_is_pinned_is_told() -> None:
    assert contents("python").keys() == {"python", *making.PACKAGES}
    assert contents("torch").items() > contents("python").items()
    assert {"torch", "constriction"} < contents("torch").keys()
    assert contents("sha256:" + "0" * 64) == {}
    for slug, recipe in RECIPES.items():
        told = recipe.requirements.read_text()
        assert told.count("==") <= told.count("--hash=sha256:"), slug
        assert set(MODULES) & contents(slug).keys()
    assert contents("torch")["torch"].endswith("+cpu")  # any other build is one for GPUs


def test_an_environment_that_is_not_made_is_named_with_the_mend(folder: Path) -> None:
    assert available(folder) == ("python",)
    with pytest.raises(EnvironmentAbsent, match=r"python -m ratings\.sandbox\.environments torch"):
        open_sandbox(folder, "torch")
    with pytest.raises(EnvironmentAbsent, match="'tensorflow' is no environment; name one of pyth"):
        open_sandbox(folder, "tensorflow")
    assert list(folder.iterdir()) == []


@dataclass(frozen=True)
class Small(Recipe):
    """A recipe of one package, which lies on disk."""

    file: Path = Path()

    @property
    def requirements(self) -> Path:
        return self.file


@pytest.fixture
def small(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    wheel = tmp_path / "tiny_codec-1.5-py3-none-any.whl"
    about = "tiny_codec-1.5.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_codec.py", "NAME = 'tiny'\n")
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-codec\nVersion: 1.5\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "small.txt").write_text(f"tiny-codec==1.5 --hash=sha256:{digest}\n")
    recipe = Small("small", "a tiny codec", "1 KB to download", tmp_path / "small.txt")
    monkeypatch.setitem(RECIPES, "small", recipe)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return recipe


def test_one_is_made_of_pins_and_hashes_and_told_before(
    small: Small, folder: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    made_now = make("small", folder, told.append)
    assert told == [
        f"Making small in {folder}: a tiny codec; 1 KB to download.",
        "It takes tiny-codec 1.5.",
    ]
    assert made("small", folder) == made_now == make("small", folder, told.append)
    assert len(told) == 2 and available(folder) == ("python", "small")
    sandbox = BubblewrapSandbox(made_now)
    program = "#!/usr/bin/env python3\nimport tiny_codec\nprint(tiny_codec.NAME)\n"
    assert run_plain(sandbox, tmp_path, program, limits=ROOMY).log == b"tiny\n"


def test_a_build_without_its_hash_is_refused_and_nothing_is_left(
    small: Small, folder: Path
) -> None:
    pinned = small.requirements.read_text()
    small.requirements.write_text(f"{pinned.partition('sha256:')[0]}sha256:{'0' * 64}\n")
    with pytest.raises(SandboxUnavailable, match="pip failed, as it says above"):
        make("small", folder, print)
    with pytest.raises(EnvironmentAbsent):
        made("small", folder)


BUILDER = """
import sys
from pathlib import Path
from ratings.sandbox.environments import making, trees
opened = making._open_to_all
def slow(tree):
    print("building", flush=True)
    sys.stdin.readline()
    opened(tree)
making._open_to_all = slow
print(making.environment_in(Path(sys.argv[1]), ()).tree, flush=True)
"""


def builder(folder: Path) -> "subprocess.Popen[str]":
    """Start a process that makes an environment, and waits for a line when it is almost there."""
    return subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_of_two_builders_one_builds_and_both_have_it(folder: Path) -> None:
    with builder(folder) as first, builder(folder) as second:
        for one in (first, second):  # either may be the one that builds
            assert one.stdin
            one.stdin.write("\n")
            one.stdin.flush()
        said = [one.communicate()[0].split() for one in (first, second)]
    assert sum(words.count("building") for words in said) == 1
    assert said[0][-1] == said[1][-1]
    assert Path(said[0][-1], "versions").is_file()


def test_what_a_killed_builder_left_is_no_environment(folder: Path) -> None:
    with builder(folder) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "building\n"
        killed.send_signal(signal.SIGKILL)
    assert not list(folder.glob("python-*")) and len(list(folder.glob(".python-*"))) == 1
    tree = environment_in(folder, ()).tree
    assert list(folder.glob("*python-*")) == [tree]
    assert (tree / "pyvenv.cfg").is_file()


@pytest.mark.parametrize("lane", ["bubblewrap", "container"])
def test_devices_are_handed_in_by_name_and_no_others(
    lane: str, environment: DecoderEnvironment, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """No machine that checks this has a GPU; a device that no sandbox has stands for it."""
    if lane == "bubblewrap":
        with_it: MeteredSandbox = BubblewrapSandbox(replace(environment, devices=(DEVICE,)))
        without: MeteredSandbox = BubblewrapSandbox(environment)
    else:
        engine = request.getfixturevalue("engine")
        with_it = ContainerSandbox(replace(engine, devices=(DEVICE,)))
        without = ContainerSandbox(engine)
    seen = f"#!/bin/sh\nls {DEVICE} && exit 7\n"
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    result = run_plain(with_it, tmp_path / "with", seen)
    assert result.termination.exit_code == 7 and result.environment["devices"] == DEVICE
    assert run_plain(without, tmp_path / "without", seen).termination.exit_code != 7
    self_test(with_it)  # raises where a probe gets through


def test_devices_that_are_not_there_or_can_t_be_limited_are_named(
    environment: DecoderEnvironment,
) -> None:
    with pytest.raises(EnvironmentAbsent, match="no /dev/no-gpu; name the devices that it has"):
        open_sandbox(environment.tree.parent, devices=("/dev/no-gpu",))
    with pytest.raises(EnvironmentAbsent, match="has no /etc/passwd"):
        open_sandbox(environment.tree.parent, devices=("/etc/passwd",))
    with pytest.raises(SandboxUnavailable, match="only where control groups limit memory"):
        require_devices(Watching(), (DEVICE,))
