# SPDX-License-Identifier: Apache-2.0
"""A made environment: a folder that stands read-only where decoders run.

It is a virtual environment (PEP 405) with a Python of its own, so that this Python, and no other,
finds the packages in it: `pyvenv.cfg`, `bin/`, `lib/`, and the whole Python below `python/`.
"""

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ratings.sandbox.environments.variables import variables
from ratings.sandbox.worlds import USUAL as USUAL_WORLD
from ratings.sandbox.worlds import World

SYSTEM = Path("/usr")
SYSTEM_FOLDERS = ("bin", "lib", "lib32", "lib64", "libexec", "share")
ETC = ("alternatives", "ld.so.cache", "localtime")
INSIDE = Path("/opt/decoding")  # where the tree stands inside
PROGRAMS = ("/usr/bin", "/bin")
# Scripts that name this one mean the environment's: it starts that in its place.
SYSTEMS_PYTHON, STAND_IN = Path("/usr/bin/python3"), "python3-of-the-system"
MINOR = f"python{sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = (MINOR, "python3", "python")


def devices_fact(devices: Sequence[str]) -> dict[str, str]:
    """Return what is said of devices that are handed in, if any."""
    return {"devices": " ".join(devices)} if devices else {}


@dataclass(frozen=True)
class DecoderEnvironment:
    """A tree that `making` has made, and devices of this machine that are handed in."""

    tree: Path
    devices: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The name of the packaged environment."""
        return self.tree.name.partition("-")[0]

    def variables(self, cores: float, world: World = USUAL_WORLD) -> dict[str, str]:
        """Return the variables that a decoder is started with."""
        return variables(cores, world) | {"PATH": ":".join((f"{INSIDE}/bin", *PROGRAMS))}

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
        # The file itself: bubblewrap mounts nothing over a link that begins with a slash.
        python = SYSTEMS_PYTHON.resolve()
        if python.is_file() and any(python.is_relative_to(SYSTEM / n) for n in SYSTEM_FOLDERS):
            yield from ("--ro-bind", str(self.tree / STAND_IN), str(python))

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
            **devices_fact(self.devices),
        }
