"""An image of a small system with Python, made of this machine's files: no registry is asked."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ratings.sandbox.environments.trees import DecoderEnvironment

TOOLS = (
    "bash dash env cat ls tar sleep true touch mkdir chmod kill setsid head seq "
    "prlimit ln mkfifo rm cp mv dd id nohup yes truncate ldd nc ping mount su wc stty "
    "cut mknod"
)
# What packages for Python are linked to, beside what the tools are.
LIBRARIES = "libstdc++.so.6 libgcc_s.so.1 libm.so.6 librt.so.1 libpthread.so.0 libdl.so.2"
FOLDERS = ("bin", "usr/bin", "proc", "sys", "dev", "run", "etc", "opt")
OPEN_FOLDERS = ("tmp", "work")
PYTHON = "/opt/decoding/python"
STORAGE = """[storage]
driver = "{driver}"
runroot = "{folder}/run"
graphroot = "{folder}/images"
"""


@contextmanager
def storage(folder: Path) -> Iterator[None]:
    """Let podman keep all in a folder of its own, and use an engine that is there."""
    (folder / "storage.conf").write_text(STORAGE.format(driver="overlay", folder=folder))
    runtime = next(name for name in ("runc", "crun") if shutil.which(name))
    (folder / "containers.conf").write_text(f'[engine]\nruntime = "{runtime}"\n')
    given = {
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        "CONTAINERS_CONF": str(folder / "containers.conf"),
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        podman("rmi", "--all", "--force")
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def podman(*words: str) -> str:
    done = subprocess.run(["podman", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def build_image(folder: Path, environment: DecoderEnvironment) -> str:
    """Import an image with a shell, a few tools and the environment's Python; return its digest."""
    archive = folder / "system.tar"
    with tarfile.open(archive, "w", dereference=False) as tar:
        for name in (*FOLDERS, *OPEN_FOLDERS):
            made = tarfile.TarInfo(name)
            made.type, made.mode = tarfile.DIRTYPE, 0o1777 if name in OPEN_FOLDERS else 0o755
            tar.addfile(made)
        programs = [Path(found) for name in TOOLS.split() if (found := shutil.which(name))]
        for program in programs:
            tar.add(program.resolve(), f"bin/{program.name}")
        for name, target in (("bin/sh", "dash"), ("usr/bin/env", "../../bin/env")):
            made = tarfile.TarInfo(name)
            made.type, made.linkname = tarfile.SYMTYPE, target
            tar.addfile(made)
        tree = environment.tree / "python"
        for library in _libraries([*programs, *tree.rglob("*.so*"), *tree.glob("bin/python3")]):
            tar.add(library.resolve(), str(library).lstrip("/"))
        tar.add(tree, PYTHON.lstrip("/"))
    variables = (f"PATH={PYTHON}/bin:/usr/bin:/bin",)
    changes = (word for variable in variables for word in ("--change", f"ENV {variable}"))
    named = podman("import", *changes, str(archive), "decoding")
    archive.unlink()
    return f"sha256:{named.rpartition('sha256:')[2]}"


def _libraries(programs: list[Path]) -> set[Path]:
    """Return the shared libraries that programs are linked to, as ldd finds them."""
    files = [str(path) for path in programs if path.is_file()]
    listed = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    libraries = {
        Path(word) for line in listed.splitlines() for word in line.split() if word[0] == "/"
    }
    libraries |= {path for name in LIBRARIES.split() for path in Path("/lib").glob(f"*/{name}")}
    return {path for path in libraries if path.is_file() and "python" not in str(path)}


def missing_here() -> str:
    """Return "" where podman can be tried, else what is missing."""
    missing = [name for name in ("podman", "setpriv", "ldd") if not shutil.which(name)]
    if not any(map(shutil.which, ("runc", "crun"))):
        missing.append("runc")
    if os.geteuid() != 0:
        missing.append("root's rights")
    return ", ".join(missing)


def complaint(image: str) -> str:
    """Return what podman says against running anything at all; "" where it runs."""
    limits = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
    command = ["podman", "run", "--rm", "--network", "none", *limits, image, "true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""
