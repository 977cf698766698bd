"""Hosts: network namespaces on one bridge, whose services are started again as a supervisor does.

All of it lives in namespaces of the caller's own (`alone`), and ends with them.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

BRIDGE = "fleet0"
NETWORK = "10.77"
CROWD_ADDRESSES = [f"{NETWORK}.1.{number}" for number in range(1, 51)]
RESTART_SECONDS = 1.0  # as in the units of deploy/systemd
ALONE = "RATINGS_FLEET_ALONE"


def alone(module: str, arguments: Sequence[str]) -> None:
    """Go on in namespaces of our own for networks, mounts and processes, as a module's process."""
    if os.environ.get(ALONE):
        return
    if os.geteuid() != 0:
        sys.exit("A fleet needs root, for namespaces, mounts and the cables between them.")
    own = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    os.environ[ALONE] = "1"
    os.execvp(own[0], [*own, sys.executable, "-m", module, *arguments])


def run(*words: str | Path) -> str:
    """Run a program to its end; return what it prints. Raises CalledProcessError."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def lay_bridge() -> None:
    """Make the bridge, on which the crowd has its addresses."""
    Path("/run/netns").mkdir(parents=True, exist_ok=True)
    for ours in ("/run/netns", "/dev/shm"):  # faketime leaves its memory behind when it is killed
        run("mount", "-t", "tmpfs", "none", ours)
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    for address in CROWD_ADDRESSES:
        run("ip", "address", "add", f"{address}/16", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")


@dataclass
class Service:
    """One program of a host, begun again whenever it ends.

    `prefix` goes before its command; `alive` is a file by which it says that it lives.
    """

    host: "Host"
    command: list[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    alive: Path | None = None
    prefix: list[str] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None
    refusals: int = 0  # how often it has ended by itself with exit code 1

    async def keep(self) -> None:
        """Run it until cancelled."""
        while True:
            inside = ["nsenter", f"--net=/run/netns/{self.host.name}", "--", *self.prefix]
            with self.log.open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    *inside,
                    *self.command,
                    cwd=self.folder,
                    env=self.environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self.refusals += await self.process.wait() == 1
            if self.alive:
                self.alive.unlink(missing_ok=True)  # one that was killed leaves it
            await asyncio.sleep(RESTART_SECONDS)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.process and self.process.returncode is None:
            self.process.send_signal(number)


@dataclass
class Host:
    """A machine of the fleet."""

    name: str
    number: int
    services: list[Service] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Its address on the bridge."""
        return f"{NETWORK}.0.{self.number}"

    def plug_in(self) -> None:
        """Make it, and a cable to the bridge."""
        run("ip", "netns", "add", self.name)
        run(*f"ip link add {self.name} type veth peer name eth0 netns {self.name}".split())
        run("ip", "link", "set", self.name, "master", BRIDGE, "up")
        inside = ["ip", "-n", self.name]
        run(*inside, "address", "add", f"{self.address}/16", "dev", "eth0")
        for device in ("lo", "eth0"):
            run(*inside, "link", "set", device, "up")

    def cut(self) -> None:
        """Take the cable out: nothing arrives, and nobody is told."""
        run("ip", "link", "set", self.name, "down")

    def mend(self) -> None:
        """Put the cable in again."""
        run("ip", "link", "set", self.name, "up")

    def kill(self) -> None:
        """End all of its processes at once, as a power cut does."""
        for pid in run("ip", "netns", "pids", self.name).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
