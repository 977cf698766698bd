# SPDX-License-Identifier: Apache-2.0
"""What a decoder finds at home, contained or not.

bubblewrap (https://github.com/containers/bubblewrap) contains it where it is installed and works:
no network, a system that is read-only, no file of yours but its own and Python's.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy
import PIL

from ratings.sandbox.containment.advice import advice
from ratings.sandbox.environments.variables import variables as servers_variables
from ratings.sandbox.run_limits import Limits

SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64")
SERVERS_FOLDERS = tuple(
    f"{folder}/{name}"
    for folder in ("", "/usr")
    for name in ("bin", "lib", "lib32", "lib64", "libexec", "share")
)
ETC = ("alternatives", "group", "hosts", "ld.so.cache", "localtime", "nsswitch.conf", "passwd")
CORES = 1


class Uncontained(Exception):
    """Why nothing can be contained here."""


def containment(work: Path) -> list[str]:
    """Return the words that contain the command after them. Raises Uncontained."""
    bubblewrap = shutil.which("bwrap")
    if not bubblewrap:
        raise Uncontained("bubblewrap is not installed")
    words = [bubblewrap, *_namespaces(), *_root(work)]
    tried = subprocess.run([*words, "/bin/true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        said = tried.stderr.strip() or f"exit code {tried.returncode}"
        cure = advice(said)
        why = f"bubblewrap does not work here ({said}). {cure[0].upper()}{cure[1:]}"
        raise Uncontained(why)
    return words


def _namespaces() -> Iterator[str]:
    yield from ("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000")
    yield from ("--hostname", "decoding", "--cap-drop", "ALL", "--new-session")
    yield from ("--die-with-parent", "--as-pid-1")


def _root(work: Path) -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev")
    for folder in ("/tmp", "/dev/shm"):
        yield from ("--size", str(Limits.scratch_bytes), "--tmpfs", folder)
    for path in (Path("/", name) for name in SYSTEM_FOLDERS):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for folder in _python_folders():
        yield from ("--ro-bind", folder, folder)
    yield from ("--bind", str(work), str(work), "--chdir", str(work))
    yield from ("--remount-ro", "/", "--remount-ro", "/dev")


def _python_folders() -> list[str]:
    """Return where this Python lives outside of /usr, outer folders first."""
    folders = {
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path(sys.executable).resolve().parent.parent,
    }
    folders |= {path.resolve() for path in folders} | set(_package_folders())
    return sorted(str(path) for path in folders if not path.is_relative_to("/usr") and path.name)


def _package_folders() -> list[Path]:
    """Return where numpy and Pillow lie, if not with this Python, such as in your home."""
    folders = {Path(str(package.__file__)).parent.parent for package in (numpy, PIL)}
    return sorted(folder for folder in folders if not folder.is_relative_to(sys.prefix))


def variables() -> dict[str, str]:
    """Return the variables that the decoder is started with: the server's, with this Python."""
    return {
        **servers_variables(CORES),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": ":".join(map(str, _package_folders())),
    }


def finds(program: str) -> bool:
    """Tell whether a program is there, for the server's decoders too as far as is known here."""
    if "/" not in program:
        return shutil.which(program, path=variables()["PATH"]) is not None
    path = Path(os.path.normpath(program))
    servers = any(path.is_relative_to(folder) for folder in SERVERS_FOLDERS)
    return servers and path.is_file() and os.access(path, os.X_OK)
