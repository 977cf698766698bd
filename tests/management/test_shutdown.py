"""Whatever ends the site, and whenever: it ends, says one line, and leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from tests.management.sites import ROOT, free_port, pids_that_name, processes_that_name, start
from tests.waiting import PATIENCE_SECONDS, eventually

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How far sites get is told by the processor's time that all their parts have used, not by the
# clock: on a machine with other work to do they get as far. Before the least of it Python itself is
# not up, and says of Ctrl-C what it wants; with the most of it all parts are started.
LEAST_CPU_SECONDS, MOST_CPU_SECONDS = 0.3, 7.5
LAST_LINES = ("Stopping.", "Interrupted.")


@dataclass(frozen=True)
class Blow:
    """What ends one site: when, which signal, whether as a terminal sends it, and how often."""

    after_cpu_seconds: float
    signal: signal.Signals
    to_group: bool
    times: int

    def fall(self, process: subprocess.Popen[str]) -> None:
        for _ in range(self.times):
            send = os.killpg if self.to_group else os.kill
            send(process.pid, self.signal)
            time.sleep(0.05)


def blows() -> list[Blow]:
    """Each kind once, and each a little later than the one before; most fall while a site starts.

    What these tests ignore themselves, as SIGHUP under nohup, their sites ignore too.
    """
    signals = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    kinds = list(product(signals, (True, False), (1, 2)))
    random.Random(5).shuffle(kinds)
    range_cpu_seconds = MOST_CPU_SECONDS - LEAST_CPU_SECONDS
    return [
        Blow(LEAST_CPU_SECONDS + range_cpu_seconds * (number / (len(kinds) - 1)) ** 2, *kind)
        for number, kind in enumerate(kinds)
    ]


def faults(blow: Blow, data_dir: Path) -> list[str]:
    """Let a site start and end; return what is wrong with how it ended."""
    command = [sys.executable, "manage.py", "serve"]
    mark = f"RATINGS_DATA_DIR={data_dir}\0"
    with start(command, ROOT, data_dir, PORT=str(free_port())) as process:
        eventually(
            lambda: process.poll() is not None or cpu_seconds(mark) >= blow.after_cpu_seconds
        )
        may_be_silent = False
        if process.poll() is None:
            may_be_silent = not catches(process.pid, blow.signal)
            blow.fall(process)
        try:
            printed = process.communicate(timeout=PATIENCE_SECONDS)[0]
        except subprocess.TimeoutExpired:
            left = processes_that_name(mark)
            process.kill()
            return ["It did not end.", *left]
    problems = processes_that_name(mark)
    lines = [line for line in printed.splitlines() if line and not line.startswith("Demo entry")]
    is_silent = not lines and may_be_silent
    if "Traceback" in printed or not (is_silent or says_its_end(lines)):
        problems.append(printed)
    return problems


def cpu_seconds(mark: str) -> float:
    """Return how long a site's processes have used processors, with those that have ended."""
    return sum(map(used_seconds, pids_that_name(mark)))


def used_seconds(pid: int) -> float:
    """Return how long a process, and those of its children that have ended, used processors."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has ended just now: its parent has its time
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process heeds a signal; before that it ends like any program."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def says_its_end(lines: list[str]) -> bool:
    """Tell whether one line, the last, says that the site ends."""
    said = [line for line in lines if line in LAST_LINES]
    return len(said) == 1 and said == lines[-1:]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at /proc")
def test_it_ends_whatever_arrives_and_when() -> None:
    """Each site goes on with what the one before has left, be it half a database."""
    with tempfile.TemporaryDirectory(prefix="ratings-ending-") as folder:
        Path(folder).chmod(0o755)
        ended = [(blow, faults(blow, Path(folder) / "var")) for blow in blows()]
    assert not [run for run in ended if run[1]]
